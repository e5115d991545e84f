"""Reads topic.toml: the title, patterns and facts of a topic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.core.text.languages import known_codes
from pipeline.core.toml_reader import Table
from pipeline.core.topics.read_concepts import Folder, is_name, uses
from pipeline.core.topics.read_verifier import names_in, read_slots, read_verifier
from pipeline.core.topics.roles import ROLES
from pipeline.core.topics.rules import (
    MOST_CONCEPTS,
    WHERE,
    WITHIN,
    FactRules,
    Pattern,
    TopicRule,
)
from pipeline.core.wording import Text
from pipeline.records import OUTCOMES

_KEYS = (
    "id", "version", "title", "description", "links", "threshold", "concepts", "patterns", "slots", "verifier", "facts",
    "outcomes",
)  # fmt: skip
_PATTERN_KEYS = ("name", "all", "weight", "within", "where", "ordered", "times", "every", "unless", "unless_anywhere")


def read_topic(folder: Folder) -> TopicRule:
    """The topic of a folder whose concepts are known. Faults go to the folder's list."""
    main = folder.main
    main.only(*_KEYS)
    if main.values.get("id") != folder.name or not is_name(folder.name):
        hint = Text('id = "{}", the name of the folder; small letters, digits and hyphens', folder.name)
        main.fault("id", Text("is {!r}", main.values.get("id")), hint)
    if "version" not in main:
        main.missing("version", "version = 1; raise it when the meaning of the topic changes")
    patterns = tuple(_pattern(folder, table) for table in main.tables("patterns", required=True))
    _check_used(folder)
    slots = read_slots(folder, patterns)
    return TopicRule(
        id=folder.name,
        version=main.integer("version", 1, 1),
        title=_texts(main, "title", required=True),
        description=_texts(main, "description"),
        links=_texts(main, "links", languages=False),
        threshold=_threshold(main, patterns),
        patterns=patterns,
        examples=folder.read_examples(),
        facts=_facts(folder),
        slots=slots,
        verifier=read_verifier(folder, slots, patterns),
    )


def _texts(main: Table, name: str, *, required: bool = False, languages: bool = True) -> Mapping[str, str]:
    table = main.table(name)
    if required and "en" not in table:
        table.missing("en", Text('every topic has an English {}: en = "…"', name))
    for key in table:
        if languages and key not in known_codes():
            table.fault(key, Text("{!r} is not a language code", key), "ISO 639-1, such as es, en, pt")
    return {key: text for key in table if (text := table.text(key, required=True))}


def _threshold(main: Table, patterns: tuple[Pattern, ...]) -> float:
    threshold = main.number("threshold", 0.0, 0.0, 1.0)
    best = sum(pattern.weight for pattern in patterns if pattern.weight > 0)
    if threshold <= 0:
        main.fault("threshold", "must be above 0 and at most 1", "threshold = 0.5")
    elif patterns and best < threshold - 1e-9:
        hint = Text("all patterns together add up to {:g}: lower it, or raise their weights", best)
        main.fault("threshold", Text("{:g} cannot be reached", threshold), hint)
    return threshold


def _check_used(folder: Folder) -> None:
    """Add a fault for each concept of this topic that no pattern, role or other concept uses."""
    used = uses(folder.languages.values())
    for key in ("patterns", "outcomes", "facts", "slots", "verifier"):
        texts = _all_texts(folder.main.values.get(key))
        used.update(name for text in texts for name in names_in(text))
    for name in folder.concepts:
        if name not in used:
            hint = Text("use it, or remove it")
            folder.declared.fault(name, "is used by no pattern and no other concept", hint)


def _all_texts(value: object) -> Iterator[str]:
    """Every string in a value of TOML."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | Mapping):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _all_texts(inner)


def _facts(folder: Folder) -> FactRules | None:
    """The [facts] and [[outcomes]] of the topic, if it has any."""
    table = folder.main.table("facts")
    table.only(*ROLES, "own_forces")
    roles = {role: key for role in table if role != "own_forces" and (key := _key(folder, table, role))}
    outcomes = []
    for outcome in folder.main.tables("outcomes"):
        name = outcome.choice("outcome", OUTCOMES, None)
        if "outcome" not in outcome:
            outcome.missing("outcome", Text("one of {}", ", ".join(OUTCOMES)))
        outcomes.append((name or "", _pattern(folder, outcome, "outcome")))
    own_forces = table.number("own_forces", 0.0, -1.0, 0.0)
    return FactRules(roles, tuple(outcomes), own_forces) if roles or outcomes else None


def _key(folder: Folder, table: Table, role: str) -> str | None:
    """The key of the concept that plays `role`."""
    name = table.text(role)
    if name is not None and name not in folder.known:
        table.fault(role, Text("there is no concept {!r}", name), Text("known: {}", ", ".join(sorted(folder.known))))
    return folder.known.get(name or "")


def _pattern(folder: Folder, table: Table, *more_keys: str) -> Pattern:
    table.only(*_PATTERN_KEYS, *more_keys)
    concepts = _names(folder, table, "all")
    named = table.values.get("all", [])
    if isinstance(named, list) and not 1 <= len(named) <= MOST_CONCEPTS:
        table.fault("all", Text("names {} concepts", len(named)), Text("name 1 to {}", MOST_CONCEPTS))
    weight = table.number("weight", 0.0, -1.0, 1.0)
    if not weight:
        table.fault("weight", "is missing or 0", "above 0 up to 1, or below 0 to subtract")
    within = _within(table)
    times = table.integer("times", 1, 1)
    every = table.integer("every", None, 2, 1000)
    for key, value in (("times", times > 1), ("every", every)):
        if value and within == "document":
            table.fault(key, 'is not possible with within = "document"', "remove one of the two")
    return Pattern(
        name=table.text("name") or table.label,
        all=concepts,
        weight=weight,
        within=within,
        where=table.choice("where", WHERE, "anywhere"),
        ordered=table.boolean("ordered", False),
        times=times,
        every=every,
        unless=_names(folder, table, "unless"),
        unless_anywhere=_names(folder, table, "unless_anywhere"),
    )


def _within(table: Table) -> str | int:
    within = table.values.get("within", "sentence")
    number = isinstance(within, int) and not isinstance(within, bool) and 2 <= within <= 100
    if number or (isinstance(within, str) and within in WITHIN):
        found: str | int = within
        return found
    hint = Text('"sentence", "document", or a number of words from 2 to 100; for the title use where = "headline"')
    table.fault("within", Text("{!r} is not a distance", within), hint)
    return "sentence"


def _names(folder: Folder, table: Table, key: str) -> tuple[str, ...]:
    """Keys of the concepts that the list `key` names."""
    found = []
    for number, name in enumerate(table.texts(key)):
        if name in folder.known:
            found.append(folder.known[name])
        else:
            hint = Text("known: {}", ", ".join(sorted(folder.known)))
            table.fault(key, Text("there is no concept {!r}", name), hint, item=number)
    return tuple(found)
