"""Finds the host, which admits the forces, and the senders, whose forces they are, by weighing every country named.

country_evidence.py has what speaks for a country. The most probable host is one; the senders are all others that are
probable enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.core.facts.candidates import Candidate, scale
from pipeline.core.facts.country_evidence import Evidence, evidence_of_countries
from pipeline.core.facts.country_roles import BODIES, BODY, NAMED, SUBJECT, CountryRole
from pipeline.core.facts.scene import Scene
from pipeline.records import Stated


class Parties(NamedTuple):
    """Host and senders."""

    host: Stated | None
    senders: tuple[Stated, ...]


class Known(NamedTuple):
    """What is known of the countries in one of several events. `host`: if it is certain. `others`: countries that only
    the other events have. `senders`: by the roles in its sentences, or else those of all others."""

    host: str | None = None
    others: frozenset[str] = frozenset()
    senders: frozenset[str] = frozenset()


UNKNOWN = Known()


def find_parties(scene: Scene, mentioned: Sequence[CountryRole], known: Known = UNKNOWN) -> Parties:
    """Host and senders as ISO 3166-1 alpha-2 codes; never the same country."""
    evidence = evidence_of_countries(scene, mentioned)
    hosts = [one for one in host_candidates(scene, mentioned, evidence) if one.value not in known.others]
    best = next((one for one in hosts if one.value == known.host), None) or scale("host").best(hosts)
    host = _host(scene, mentioned, best.value) if best else None
    every = sender_candidates(mentioned, evidence, best.value if best else None)
    every = [one for one in every if one.value not in known.others]
    sending = scale("senders").accepted(every) or [one for one in every if one.value in known.senders]
    return Parties(host, tuple(_named(scene, mentioned, one.value, "senders") for one in sending))


def host_candidates(
    scene: Scene, mentioned: Sequence[CountryRole], evidence: Evidence
) -> list[Candidate[str]]:  # fmt: skip
    """Every country that may be the host; one that is not named only if a state body is."""
    named, deciding = {one.country for one in mentioned}, any(scene.spans(role) for role in BODIES)
    return [scale("host").weigh(it, 0, names) for it, names in evidence.items() if it in named or deciding]


def sender_candidates(
    mentioned: Sequence[CountryRole], evidence: Evidence, host: str | None
) -> list[Candidate[str]]:  # fmt: skip
    """Every country that is named and not the host, in the order of the text."""
    named = dict.fromkeys(one.country for one in mentioned if one.country != host)
    return [scale("senders").weigh(country, 0, evidence[country]) for country in named]


def acting_elsewhere(mentioned: Sequence[CountryRole], parties: Parties) -> frozenset[int]:
    """The sentences in which a body or a subject is of another country, and the host is not named."""
    if parties.host is None:
        return frozenset()
    senders = {str(sender.value) for sender in parties.senders}
    acting = {
        one.sentence for one in mentioned if one.kind == BODY or (one.kind == SUBJECT and one.country not in senders)
    }
    return frozenset(acting - {one.sentence for one in mentioned if one.country == parties.host.value})


def _host(scene: Scene, mentioned: Sequence[CountryRole], country: str) -> Stated | None:
    """The host with the words that show it; one that is not named by the first words for its state bodies."""
    if any(one.country == country for one in mentioned):
        return _named(scene, mentioned, country, "host")
    spans = sorted(span for role in BODIES for span in scene.spans(role))
    return scene.stated(country, *spans[0], implied=True) if spans else None


def _named(scene: Scene, mentioned: Sequence[CountryRole], country: str, field: str) -> Stated:
    """A country with the mention that shows it best: of the host its state body, or else the one whose role weighs most
    for the field; of equals, the first."""
    weights = scale(field).weights
    own = [one for one in mentioned if one.country == country]
    best = max(own, key=lambda one: (field == "host" and one.kind == BODY, weights[f"{one.kind or NAMED}-lead"]))
    return scene.stated(country, best.first, best.last, implied=best.city or best.body)
