"""Reads labelled articles (docs/labels.md), and reports every fault at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

import msgspec

from pipeline.core.faults import Fault, Faults
from pipeline.core.toml_reader import Table, TomlFile, TomlReader
from pipeline.records import OUTCOMES


class _Labels(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Instrument(_Labels, frozen=True):
    kind: str | None = None
    number: str | None = None
    date: date | None = None


class Vote(_Labels, frozen=True, rename={"for_": "for"}):
    for_: int | None = None
    against: int | None = None
    abstain: int | None = None


class Period(_Labels, frozen=True):
    start: date | None = None
    end: date | None = None


class Personnel(_Labels, frozen=True):
    min: int | None = None
    max: int | None = None
    unit: str | None = None


class LabelledFacts(_Labels, frozen=True):
    """One event as the article states it; what is not stated is None or empty. Countries as ISO 3166-1 alpha-2."""

    outcome: str  # one of records.OUTCOMES
    host: str | None = None
    senders: tuple[str, ...] = ()
    body: str | None = None
    instrument: Instrument | None = None
    vote: Vote | None = None
    period: Period | None = None
    armed: str | None = None  # "yes" or "no"
    weapons: tuple[str, ...] = ()
    personnel: Personnel | None = None
    units: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    purpose: str | None = None


class LabelledArticle(_Labels, frozen=True):
    """An article with its correct topics and facts."""

    id: str
    language: str
    published: date
    title: str
    text: str
    topics: tuple[str, ...]
    note: str = ""
    facts: tuple[LabelledFacts, ...] = ()


def parse_labels(files: Iterable[TomlFile], topics: Collection[str]) -> tuple[LabelledArticle, ...]:
    """The articles of all files. `topics` are the ids of the topics that exist. Raises Faults with all of them."""
    faults: list[Fault] = []
    found: list[LabelledArticle] = []
    ids: set[str] = set()
    for file in files:
        root = TomlReader(file, faults).root
        root.only("article")
        for table in root.tables("article", required=True):
            article = _article(table, topics)
            if article.id in ids:
                table.fault("id", "another article has this id", "ids are unique in a set")
            ids.add(article.id)
            found.append(article)
    if faults:
        raise Faults(tuple(faults))
    return tuple(found)


def _article(table: Table, topics: Collection[str]) -> LabelledArticle:
    """The article of a table. What is missing or wrong is reported as a fault and left empty."""
    identity = table.text("id", required=True) or ""
    table.label = f'article "{identity}"' if identity else table.label
    table.only("id", "language", "published", "title", "text", "topics", "note", "facts")
    labelled = table.texts("topics")
    if "topics" not in table:
        table.missing("topics", "topics = [] for none")
    for number, topic in enumerate(labelled):
        if topic not in topics:
            table.fault("topics", f"no topic {topic!r}", item=number)
    title, text = table.text("title", required=True) or "", table.text("text", required=True) or ""
    return LabelledArticle(
        id=identity,
        language=table.text("language", required=True) or "",
        published=table.day("published", required=True) or date.min,
        title=title,
        text=text,
        topics=labelled,
        note=table.text("note") or "",
        facts=tuple(_facts(facts, f"{title}\n{text}") for facts in table.tables("facts")),
    )


def _facts(table: Table, article: str) -> LabelledFacts:
    """One event. The words of a body, a purpose, weapons, units and places must be in `article`."""
    table.only(*LabelledFacts.__struct_fields__)
    if "outcome" not in table:
        table.missing("outcome", "one of " + ", ".join(OUTCOMES))
    for key in ("body", "purpose", "weapons", "units", "places"):
        value = table.values.get(key, ())
        for words in (value,) if isinstance(value, str) else value if isinstance(value, list) else ():
            if isinstance(words, str) and words not in article:
                table.fault(key, f"the article does not contain {words!r}", "use the words of the article")
    return LabelledFacts(
        outcome=table.choice("outcome", OUTCOMES, ""),
        host=table.text("host"),
        senders=table.texts("senders"),
        body=table.text("body"),
        instrument=_instrument(table.table("instrument")) if "instrument" in table else None,
        vote=_vote(table.table("vote")) if "vote" in table else None,
        period=_period(table.table("period")) if "period" in table else None,
        armed=table.choice("armed", ("yes", "no"), None),
        weapons=table.texts("weapons"),
        personnel=_personnel(table.table("personnel")) if "personnel" in table else None,
        units=table.texts("units"),
        places=table.texts("places"),
        purpose=table.text("purpose"),
    )


def _instrument(table: Table) -> Instrument:
    table.only("kind", "number", "date")
    return Instrument(kind=table.text("kind"), number=table.text("number"), date=table.day("date"))


def _vote(table: Table) -> Vote:
    table.only("for", "against", "abstain")
    votes_for, against, abstain = (table.integer(key, None, 0) for key in ("for", "against", "abstain"))
    return Vote(for_=votes_for, against=against, abstain=abstain)


def _period(table: Table) -> Period:
    table.only("start", "end")
    return Period(start=table.day("start"), end=table.day("end"))


def _personnel(table: Table) -> Personnel:
    table.only("min", "max", "unit")
    return Personnel(min=table.integer("min", None, 0), max=table.integer("max", None, 0), unit=table.text("unit"))
