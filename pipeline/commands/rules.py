"""`almenara rules …`: formats the topic rules, and shows redundant and missing terms."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.evaluate import read_labels
from pipeline.config.folder import rule_files, rules_of
from pipeline.core.faults import Fault, Faults
from pipeline.core.topics.format import CannotFormat, format_language_file
from pipeline.core.topics.rules import OTHER_FILES
from pipeline.core.topics.slot_stats import CountedSlot, count_slots
from pipeline.core.topics.stats import (
    Counted,
    Missing,
    Shadowed,
    Term,
    count,
    missing,
    never_found,
    shadowed,
    terms_of,
)
from pipeline.terminal.tables import print_table


def format_rules(
    config: Config = CONFIG,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit code 1 if a file would change.")] = False,
) -> None:
    """Put the language files of the topics into one layout.

    Concepts in alphabetical order, terms sorted and one per line. The other files are not changed.

    Example: almenara rules format --check
    """
    changed, faults = [], []
    for file in rule_files(config):
        if file.name.rpartition("/")[2] in OTHER_FILES:
            continue
        try:
            formatted = format_language_file(file.text)
        except CannotFormat as error:
            faults.append(Fault(file.name, "", str(error), "docs/topics.md has the form of a language file"))
            continue
        if formatted != file.text:
            changed.append(file.name)
            if not check:
                (config / file.name).write_text(formatted, encoding="utf-8")
    for name in changed:
        print(f"{'would change' if check else 'changed'} {name}")
    if faults:
        raise Faults(tuple(faults))
    if check and changed:
        raise typer.Exit(1)


def show_stats(
    labels: Annotated[
        list[Path] | None, typer.Option(help="Folder of labelled articles: also show terms that none contains.")
    ] = None,
    topic: Annotated[str | None, typer.Option(help="Only this folder of topics/.")] = None,
    language: Annotated[str | None, typer.Option(help="Only this language.")] = None,
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Count the terms of each topic; show redundant and missing ones.

    Lists what can fill each slot, concepts that lack a language, and terms that another term of the same concept
    covers; with --labels, terms that no labelled article contains. Prints only counts unless --topic, --language or
    --json is given.

    Example: almenara rules stats --topic sanctions --language es --labels tests/gate/development
    """
    files, ruleset = rule_files(config), rules_of(config)
    terms = terms_of(files, ruleset.rules)
    articles = [article for folder in labels or () for article in read_labels(folder, ruleset)]

    def wanted(found: Iterable[Any]) -> list[Any]:
        of_topic = (entry for entry in found if topic is None or entry.folder == topic)
        return [entry for entry in of_topic if language is None or language in _languages(entry)]

    unused = never_found(
        terms, ruleset.rules, ((article.language, article.title, article.text) for article in articles)
    )
    covered = [shadow for shadow in shadowed(terms) if wanted([shadow.term])]
    counted, lacking, unused = wanted(count(files)), wanted(missing(terms, ruleset.rules)), wanted(unused)
    slots = [slot for slot in count_slots(ruleset.rules) if topic in (None, slot.topic)]
    if as_json:
        data = _data(counted, lacking, covered, unused if labels else None)
        print(json.dumps(data | {"slots": [asdict(slot) for slot in slots]}, ensure_ascii=False))
        return
    _print_counts(counted, covered, lacking, unused if labels else None)
    _print_slots(slots, language)
    if topic or language:
        _print_details(lacking, covered, unused)


def _languages(found: Counted | Missing | Term) -> tuple[str, ...]:
    return found.languages if isinstance(found, Missing) else (found.language,)


def _data(
    counted: Sequence[Counted], lacking: Sequence[Missing], covered: Sequence[Shadowed], unused: Sequence[Term] | None
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "files": [asdict(file) for file in counted],
        "missing": [asdict(gap) for gap in lacking],
        "shadowed": [{**_term(shadow.term), "by": shadow.by} for shadow in covered],
    }
    return data if unused is None else data | {"never_found": [_term(term) for term in unused]}


def _term(term: Term) -> dict[str, Any]:
    return {
        "topic": term.folder, "language": term.language, "concept": term.concept, "term": term.written,
        "exception": term.exception,
    }  # fmt: skip


def _print_counts(
    counted: Sequence[Counted], covered: Sequence[Shadowed], lacking: Sequence[Missing], unused: Sequence[Term] | None
) -> None:
    """Print a table with one row per file."""
    shadows = Counter((shadow.term.folder, shadow.term.language) for shadow in covered)
    lacks = Counter((gap.folder, language) for gap in lacking for language in gap.languages)
    never = Counter((term.folder, term.language) for term in unused or ())
    names = ["topic", "language", "concepts", "missing", "terms", "exceptions", "examples", "shadowed"]
    rows = []
    for file in counted:
        place = (file.folder, file.language)
        numbers = [file.concepts, lacks[place], file.terms, file.exceptions, file.examples, shadows[place]]
        rows.append([*place, *map(str, numbers), *([str(never[place])] if unused is not None else [])])
    print_table([*names, *(["never found"] if unused is not None else [])], rows)


def _print_slots(slots: Sequence[CountedSlot], language: str | None) -> None:
    """Print a table with one row per slot: terms in the language, or in the one with fewest."""
    rows = []
    for slot in slots:
        spoken = {code: number for code, number in slot.terms.items() if code != "any"}
        fewest = min(spoken, key=lambda code: (spoken[code], code), default="any")
        code = language or fewest
        needed = "yes" if slot.required else "no"
        terms = f"{slot.terms.get(code, 0)} ({code})"
        rows.append([slot.topic, slot.slot, needed, str(len(slot.fillers)), terms, ", ".join(slot.lacking)])
    if rows:
        print()
        names = ["topic", "slot", "required", "fillers", "terms" if language else "fewest terms", "empty in"]
        print_table(names, rows)


def _print_details(lacking: Sequence[Missing], covered: Sequence[Shadowed], unused: Sequence[Term]) -> None:
    for gap in lacking:
        note = "  (has terms for any language)" if gap.has_any else ""
        print(f"missing: {gap.folder}: {gap.concept}: {', '.join(gap.languages)}{note}")
    for shadow in covered:
        term = shadow.term
        print(f"shadowed: {term.folder}/{term.language}.toml: {term.concept}: {term.written!r} by {shadow.by!r}")
    for term in unused:
        print(f"never found: {term.folder}/{term.language}.toml: {term.concept}: {term.written!r}")
