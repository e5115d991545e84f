"""Makes the index templates of Elasticsearch: how text is split into words, and the type of every field.

A `Leaf` is one mapped field. Those of documents come from `FIELDS` and the short tables here, those of alerts from
core/alerts/ecs.py. docs/fields.md is generated from both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pipeline.core.documents.analysis import settings
from pipeline.core.documents.fields import DATE_FIELDS, FIELDS, KEYWORD_FIELDS, NUMBER_FIELDS, TEXT_FIELDS, Kind
from pipeline.core.text.positions import GAP

#: Characters kept of a keyword that people see, and of one that queries compare. Elasticsearch counts UTF-16 units
#: (`ignore_above`, twice these) and refuses a document with a term of more than 32,766 bytes.
SHOWN, COMPARED = 512, 4_000
_SHOWN_UNITS, _COMPARED_UNITS = 1024, 8191

URL = "url.full"  # kept as long as what queries compare

_TYPES = {Kind.TEXT: "text", Kind.KEYWORD: "keyword", Kind.DATE: "date", Kind.NUMBER: "long", Kind.FLAG: "boolean"}

#: Languages that Elasticsearch has an analyzer for: their text is indexed once more, by the stems of its words.
STEMMED = {
    "ar": "arabic", "bg": "bulgarian", "bn": "bengali", "ca": "catalan", "ckb": "sorani", "cs": "czech", "da": "danish",
    "de": "german", "el": "greek", "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian",
    "fi": "finnish", "fr": "french", "ga": "irish", "gl": "galician", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "ja": "cjk", "ko": "cjk", "lt": "lithuanian",
    "lv": "latvian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "th": "thai", "tr": "turkish", "zh": "cjk",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leaf:
    """One mapped field: its dotted name, its type, further parameters of its mapping, and a description."""

    name: str
    type: str
    about: str
    options: dict[str, Any] = field(default_factory=dict)


def leaf(name: str, kind: Kind, about: str) -> Leaf:
    """A field that people see."""
    options: dict[str, Any] = {}
    if kind is Kind.TEXT:
        options = {"analyzer": "words"}
    elif kind is Kind.KEYWORD:
        options = {"ignore_above": _COMPARED_UNITS if name == URL else _SHOWN_UNITS}
    if name == "news.title":
        options["fields"] = {"keyword": {"type": "keyword", "ignore_above": _SHOWN_UNITS}}
    return Leaf(name, _TYPES[kind], about, options)


def _leaves(*rows: tuple[str, Kind, str]) -> tuple[Leaf, ...]:
    return tuple(leaf(*row) for row in rows)


#: Fields of documents and alerts alike, besides those of FIELDS.
SHARED = (
    *_leaves(
        ("ecs.version", Kind.KEYWORD, "version of the Elastic Common Schema (ECS) that the field names follow"),
        ("event.kind", Kind.KEYWORD, "`event` for an article, `alert` for an alert"),
        ("event.module", Kind.KEYWORD, "`almenara`"),
        ("event.dataset", Kind.KEYWORD, "`almenara.documents` or `almenara.alerts`"),
    ),
    Leaf("message", "alias", "the headline: `news.title`", {"path": "news.title"}),
    Leaf("tags", "alias", "topics: `news.topics`", {"path": "news.topics"}),
    Leaf("record", "object", "the pipeline's own record, not searchable; that of a document without title and text",
         {"enabled": False}),
)  # fmt: skip

_OBJECTS = (
    *_leaves(
        ("news.places.name", Kind.KEYWORD, "names of the places in the text"),
        ("news.places.country", Kind.KEYWORD, "countries of these places"),
    ),
    Leaf("news.places.location", "geo_point", "coordinates of these places, for maps"),
    *_leaves(
        ("news.facts.topic", Kind.KEYWORD,
         "topic of the event; the other fields of `news.facts` hold the values of its [facts](facts.md)"),
        ("news.facts.outcome", Kind.KEYWORD, "authorised, proposed, debated, rejected, extended, revoked, past"),
        ("news.facts.host", Kind.KEYWORD, "country that admits the forces, ISO 3166-1 alpha-2"),
        ("news.facts.senders", Kind.KEYWORD, "countries whose forces are admitted"),
        ("news.facts.body", Kind.KEYWORD, "who decided or is to decide"),
        ("news.facts.mandate", Kind.KEYWORD, "organisation under whose mandate the forces are, as named in the text"),
        ("news.facts.instrument.kind", Kind.KEYWORD, "kind of legal act"),
        ("news.facts.instrument.number", Kind.KEYWORD, "number of the act"),
        ("news.facts.instrument.date", Kind.DATE, "date of the act"),
        ("news.facts.instrument.published", Kind.KEYWORD, "gazette that published the act"),
        ("news.facts.vote.for", Kind.NUMBER, "votes for"),
        ("news.facts.vote.against", Kind.NUMBER, "votes against"),
        ("news.facts.vote.abstain", Kind.NUMBER, "abstentions"),
        ("news.facts.period.start", Kind.DATE, "first day of the stay"),
        ("news.facts.period.end", Kind.DATE, "last day of the stay"),
        ("news.facts.armed", Kind.KEYWORD, "whether the forces are armed: yes or no"),
        ("news.facts.weapons", Kind.KEYWORD, "weapons, as named in the text"),
        ("news.facts.personnel.min", Kind.NUMBER, "minimum number of people"),
        ("news.facts.personnel.max", Kind.NUMBER, "maximum number of people"),
        ("news.facts.personnel.vague", Kind.KEYWORD, "number of people in words such as \"dozens\", without a number"),
        ("news.facts.personnel.unit", Kind.KEYWORD, "what the number counts, as named in the text"),
        ("news.facts.units", Kind.KEYWORD, "formations that are named"),
        ("news.facts.places", Kind.KEYWORD, "where the forces will be"),
        ("news.facts.purpose", Kind.KEYWORD, "why the forces come"),
    ),
)  # fmt: skip


def document_leaves() -> list[Leaf]:
    """Every field of an index of documents."""
    shown = [leaf(name, one.kind, one.about) for one in FIELDS for name in one.elastic]
    stems = [
        Leaf(f"news.stemmed.{language}", "text", "title and text, indexed by the stems of their words; not stored",
             {"analyzer": analyzer, "norms": False})
        for language, analyzer in STEMMED.items()
    ]  # fmt: skip
    return [*SHARED, *shown, *_OBJECTS, *stems, *_keys()]


def _keys() -> Iterable[Leaf]:
    """The fields that queries compare: `key.` and the name in the query language, for texts `words.` and `others.`

    They are not stored.
    """
    for name in TEXT_FIELDS:
        options: dict[str, Any] = {"analyzer": "positions", "position_increment_gap": GAP}
        yield Leaf(f"words.{name}", "text", f"`{name}` of the query language: its words by position", options)
        options = {"analyzer": "positions", "index_options": "docs", "norms": False}
        yield Leaf(f"others.{name}", "text", f"`{name}`: stems, and forms that stand for several words", options)
    for name in KEYWORD_FIELDS:
        # Only the id is sorted by.
        options = {"ignore_above": _COMPARED_UNITS} | ({} if name == "id" else {"doc_values": False})
        yield Leaf(f"key.{name}", "keyword", f"`{name}` of the query language, folded", options)
    for name in DATE_FIELDS:
        yield Leaf(f"key.{name}", "long", "microseconds since 1970, for exact ranges")
        if name != "first_seen":
            about = f"microseconds from `first_seen` to `{name}`, for ranges relative to `now`"
            yield Leaf(f"key.{name}_after", "long", about)
    for name in NUMBER_FIELDS:
        yield Leaf(f"key.{name}", "long", "for range queries")


def template(leaves: Iterable[Leaf], unstored: tuple[str, ...] = ()) -> dict[str, Any]:
    """Settings and mappings of an index of these fields; `unstored` are indexed but left out of `_source`."""
    mappings: dict[str, Any] = {
        "dynamic": False, "date_detection": False, "numeric_detection": False, "properties": _properties(leaves),
    }  # fmt: skip
    if unstored:
        mappings["_source"] = {"excludes": list(unstored)}
    return {"settings": {"index": _SETTINGS}, "mappings": mappings}


def document_template() -> dict[str, Any]:
    """Settings and mappings of an index of documents."""
    return template(document_leaves(), ("key", "words", "others", "news.stemmed"))


def _properties(leaves: Iterable[Leaf]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for one in leaves:
        *parents, name = one.name.split(".")
        properties = root
        for parent in parents:
            properties = properties.setdefault(parent, {"properties": {}})["properties"]
        properties[name] = {"type": one.type, **one.options}
    return root


_SETTINGS = {
    "refresh_interval": "1s",
    "translog.durability": "request",
    "mapping.total_fields.limit": 400,
    "query.default_field": ["news.title", "news.text"],
    "analysis": settings(),
}
