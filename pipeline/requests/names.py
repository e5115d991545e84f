"""Finds what people name: a rule, an outlet, a place; by name, id or the start of an id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.faults import did_you_mean
from pipeline.core.places.gazetteer import country_names, load_gazetteer
from pipeline.core.text.folding import fold
from pipeline.core.wording import Text
from pipeline.reports.fired import Ledger, by_prefix
from pipeline.requests.asking import Refused

MOST_NAMED = 20


def names_of(alerts: AlertSet) -> dict[str, str]:
    """Key of a rule -> its name."""
    return {rule.key: rule.name for rule in alerts.rules}


def severities_of(alerts: AlertSet) -> dict[str, str]:
    """Key of a rule -> its severity."""
    return {rule.key: rule.severity for rule in alerts.rules}


def rule_key(name: str, alerts: AlertSet, ledger: Ledger | None = None) -> str:
    """The key of the rule with this name or id, which may be gone from alerts.toml. Raises Refused."""
    folded = name.casefold()
    for rule in alerts.rules:
        if folded in (rule.name.casefold(), rule.id.casefold()):
            return rule.key
    fired_keys = {alert.rule for alert in ledger.alerts.values()} if ledger else set()
    for key in fired_keys:
        if folded == key.casefold():
            return key
    known = [rule.name for rule in alerts.rules]
    raise Refused(Text("there is no rule {!r}: {}", name, did_you_mean(name, known, _listed(known))))


def story_id(start: str, ledger: Ledger) -> str:
    """The story with this id, or the start of it; an id of an alert stands for its story. Raises Refused."""
    stories = {alert.story for alert in ledger.alerts.values() if alert.story}
    if found := by_prefix(start, stories):
        return only_one(start, found, "stories")
    if found := by_prefix(start, ledger.alerts):
        return ledger.alerts[only_one(start, found, "alerts")].story
    raise Refused(Text("no alert has the story {!r}: `almenara alerts fired --json` shows the ids of stories", start))


def only_one(start: str, found: Sequence[str], what: str) -> str:
    """The only id. Raises Refused if several begin the same way."""
    if len(found) > 1:
        raise Refused(Text("{} {} have ids that start with {!r}: write more of it", len(found), Text(what), start))
    return found[0]


def outlet(name: str, known: Iterable[str]) -> str:
    """The outlet with this name, as articles have it. Raises Refused."""
    by_folded = {one.casefold(): one for one in known}
    if name.casefold() not in by_folded:
        hint = did_you_mean(name, by_folded.values(), Text("`almenara feeds list` shows the outlets"))
        raise Refused(Text("there is no outlet {!r}: {}", name, hint))
    return by_folded[name.casefold()]


def place_name(name: str) -> str:
    """The code of a country, or the name of a city as documents have it. Raises Refused."""
    countries = country_names("en")
    if name.upper() in {country.code for country in countries.values()}:
        return name.upper()
    if (found := countries.get(fold(name))) and found.code:
        return found.code
    gazetteer = load_gazetteer()
    cities = gazetteer.names.get(fold(name))
    if cities:
        return gazetteer.cities[cities[0]].name
    hint = did_you_mean(fold(name), countries, Text("a code such as PE, a country or a city in English"))
    raise Refused(Text("there is no place {!r}: {}", name, hint))


def _listed(names: Collection[str]) -> str:
    return Text("rules: {}", ", ".join(list(names)[:MOST_NAMED])) if names else Text("alerts.toml has no rules")
