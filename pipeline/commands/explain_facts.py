"""Shows the facts of an article for `almenara explain`: their words, and what else they could have been."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.core.facts import FoundFacts
from pipeline.core.facts.candidates import Candidate, scale
from pipeline.core.facts.country_evidence import evidence_of_countries
from pipeline.core.facts.parties import host_candidates, sender_candidates
from pipeline.records import Article, Facts
from pipeline.reports.reasons import leaves
from pipeline.terminal.tables import shortened

QUOTE = 200  # characters of a sentence that are shown
_SHOWN = 3  # outcomes and contributions


def lines_of_facts(facts: Facts, article: Article) -> Iterator[str]:
    """A line for each fact: its value, and the words that state it if they are different."""
    for name, stated in leaves(facts):
        whole = article.title.value if stated.field == "title" else article.text
        words = whole[stated.start : stated.end]
        source = "" if words == str(stated.value) else f" by {words!r}" + (", implied" if stated.implied else "")
        yield f"  {name} = {stated.value}{source} in {stated.field}: {shortened(stated.sentence, QUOTE)}"


def lines_of_candidates(found: FoundFacts) -> Iterator[str]:
    """What the outcome, the host and the senders of the whole article could be, with their weights."""
    decision = found.scene.decision
    if decision and decision.likely:
        best = decision.likely[0]
        said = ", ".join(f"{one.outcome} {one.probability:g}" for one in decision.likely[:_SHOWN])
        strongest = sorted(best.contributions, key=lambda one: -abs(one[1]))[:_SHOWN]
        reasons = ", ".join(f"{name} ({weight:+.2f})" for name, weight in strongest)
        yield f"outcome, probability: {said}; most by {reasons}"
        if decision.outcome != best.outcome:
            yield f"outcome, by the patterns, because none is probable: {decision.outcome} {decision.weight:g}"
    evidence = evidence_of_countries(found.scene, found.mentioned)
    host = str(found.parties.host.value) if found.parties.host else None
    yield from _countries("host", host_candidates(found.scene, found.mentioned, evidence))
    yield from _countries("senders", sender_candidates(found.mentioned, evidence, host))


def _countries(field: str, candidates: Sequence[Candidate[str]]) -> Iterator[str]:
    ranked = sorted(candidates, key=lambda one: -one.score)[:_SHOWN]
    if ranked:
        weighed = ", ".join(f"{one.value} {one.score:.1f}" for one in ranked)
        yield f"{field}, weight: {weighed} (from {scale(field).enough:g})"
