"""The fields of a document in tantivy, which stores only numbers of it; and how to open a directory.

A directory does not contain our tokenizer, without which searches would be wrong: always use `open_directory`.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import tantivy

from pipeline.backends.index_tantivy.store import Stored
from pipeline.core.documents.fields import (
    DATE_FIELDS,
    FACETS,
    KEYWORD_FIELDS,
    NUMBER_FIELDS,
    TEXT_FIELDS,
    keyword,
    micros,
    query_value,
    several_values,
)
from pipeline.core.query.verified import facets
from pipeline.core.text.positions import positions
from pipeline.core.text.words import TOKEN

_KEYWORD_LIMIT = 10_000  # characters; tantivy silently drops a term of more than 65,530 bytes

#: Raise it when the values of fields are computed differently.
_REVISION = 5

_TEXT, _KEYWORD = "words", "raw"


def analyzer() -> tantivy.TextAnalyzer:
    """The analyzer that cuts what core/text/positions.py wrote: it stands between spaces, folded already."""
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


@cache
def schema() -> tantivy.Schema:
    """The fields; of a text two (`other`). `num` and `change` are the store's numbers, `when` sorts by time.

    Dates are in microseconds.
    """
    builder = tantivy.SchemaBuilder()
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name=_TEXT)
        builder.add_text_field(other(name), tokenizer_name=_TEXT, index_option="basic")
    for name in KEYWORD_FIELDS:
        builder.add_text_field(name, tokenizer_name=_KEYWORD, index_option="basic")
    for name in FACETS:
        builder.add_text_field(f"facet_{name}", tokenizer_name=_KEYWORD, index_option="basic", fast=True)
    for name in ("num", "change", "when", *DATE_FIELDS, *NUMBER_FIELDS):
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


@cache
def schema_hash() -> str:
    """A hash of everything that determines what a directory contains; one with another hash is rebuilt."""
    parts = (_REVISION, TOKEN, TEXT_FIELDS, KEYWORD_FIELDS, DATE_FIELDS, NUMBER_FIELDS, tuple(FACETS))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:10]


def open_directory(path: Path, create: bool = False) -> tantivy.Index:
    """Open the tantivy index in `path`. Raises what tantivy raises: ValueError, or a panic if a file is damaged."""
    if create:
        path.mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(schema(), path=str(path))
    else:
        index = tantivy.Index.open(str(path))
    index.register_tokenizer(_TEXT, analyzer())
    index.config_reader("manual")
    return index


def entry(stored: Stored) -> tantivy.Document:
    """The document as tantivy indexes it."""
    document = stored.document
    made = tantivy.Document()
    for name in TEXT_FIELDS:
        written = positions(query_value(name, document), document.article.language or "", together=False)
        for block in written.blocks:
            made.add_text(name, block)
        if written.others:
            made.add_text(other(name), " ".join(written.others))
    for name in KEYWORD_FIELDS:
        for value in query_value(name, document):
            made.add_text(name, term(value))
    for name, shown in facets(document).items():
        for value in shown:
            made.add_text(f"facet_{name}", value[:_KEYWORD_LIMIT])
    for name, numbers in _numbers(stored).items():
        for number in numbers:
            made.add_integer(name, number)
    return made


def other(field: str) -> str:
    """The field with the tokens of `field` that are not its words themselves: variants and stems, without places."""
    return f"{field}_other"


def term(value: str) -> str:
    """A keyword as tantivy's dictionary has it."""
    return keyword(value)[:_KEYWORD_LIMIT]


def _numbers(stored: Stored) -> dict[str, list[int]]:
    """The integer fields. An unknown date has no entry, so no range contains it."""
    numbers = {name: list(several_values(query_value(name, stored.document))) for name in NUMBER_FIELDS}
    for name in DATE_FIELDS:
        numbers[name] = [micros(moment) for moment in several_values(query_value(name, stored.document))]
    sort = when(numbers["first_seen"][0], numbers["seq"][0])
    return {"num": [stored.num], "change": [stored.change], "when": [sort]} | numbers


def when(seen: int, seq: int) -> int:
    """Sort key of time: whole seconds of `seen` (microseconds), then `seq`, so that no two documents tie."""
    return (seen // 1_000_000 << 32) + (seq & 0xFFFFFFFF)
