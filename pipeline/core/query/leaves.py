"""Builds the leaves of a query tree from text: words, phrases, prefixes, values and ranges.

`column` counts from 1. Every function raises QueryError.
"""

from __future__ import annotations

import re
from datetime import datetime

from pipeline.core.documents.fields import DATE_FIELDS, KEYWORD_FIELDS, NUMBER_FIELDS, TEXT_FIELDS
from pipeline.core.query.range_ends import date_bounds, number_bounds
from pipeline.core.query.scan import QueryError
from pipeline.core.query.tree import Equal, Phrase, Prefix, Range, Word, phrase
from pipeline.core.text.words import LONGEST_WORD, tokenize, words

RANGE_FIELDS = DATE_FIELDS + NUMBER_FIELDS
PHRASE = 64  # words in one phrase

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

Leaf = Word | Phrase | Prefix | Equal | Range


def unescaped(text: str) -> str:
    """`text` without the backslashes that quote a character."""
    return _ESCAPE.sub(r"\1", text)


def term(raw: str, column: int, field: str | None, now: datetime | None) -> Leaf:
    """One word as written, with or without a wildcard."""
    bare = _ESCAPE.sub("", raw)
    if "*" in bare or "?" in bare:
        return _prefix(raw, column, field)
    return value(unescaped(raw), column, field, 0, now)


def value(text: str, column: int, field: str | None, slop: int, now: datetime | None) -> Leaf:
    """What `text` means under `field`: a keyword, a moment or number, or words."""
    if field in KEYWORD_FIELDS:
        if not text.strip():
            raise QueryError(f"{field}: the value is empty", column)
        return Equal(field, text.strip())
    if field in RANGE_FIELDS:
        return bounded(field, column, text, text, True, True, now)
    return _words(tuple(words(text)), column, field, slop)


def bounded(
    field: str | None, column: int, low: str | None, high: str | None, include_low: bool, include_high: bool,
    now: datetime | None,
) -> Range:  # fmt: skip
    """A range on `field`; an end of None is open."""
    if field is None or field not in RANGE_FIELDS:
        raise QueryError("ranges are for " + ", ".join(RANGE_FIELDS), column, "published:>=2026-01")
    if low is None and high is None:
        raise QueryError("the range has no ends", column)
    try:
        if field in NUMBER_FIELDS:
            return Range(field, *number_bounds(low, high, include_low, include_high))
        return Range(field, *date_bounds(low, high, include_low, include_high, now))
    except ValueError as error:
        raise QueryError(f"{field}: {error}", column) from None


def _prefix(raw: str, column: int, field: str | None) -> Word | Phrase | Prefix:
    if field is not None and field not in TEXT_FIELDS:
        raise QueryError(f"* cannot be used with {field}", column, "name the whole value, or several with OR")
    stem = unescaped(raw[:-1])
    tokens = tokenize(stem)
    if raw.count("*") != 1 or not raw.endswith("*") or "?" in raw:
        raise QueryError(
            "* is allowed only at the end of a word, and ? is not supported", column, "quote it to search for the words"
        )
    if not tokens:
        raise QueryError("* alone matches everything", column, "write how the word starts")
    if tokens[-1].end != len(stem):
        raise QueryError("* must follow a letter or digit", column)
    folded = tuple(token.word for token in tokens)
    if tokenize(stem + "a")[-1].start != tokens[-1].start:  # 国会*: each character is a word, so no word goes on
        return _words(folded, column, field, 0)
    if len(folded) > 1:
        raise QueryError("* cannot follow several words", column, f'"{" ".join(folded[:-1])}" AND {folded[-1]}*')
    if len(folded[0]) < 2:
        raise QueryError("* needs at least two letters before it", column)
    return Prefix(folded[0], field)


def _words(folded: tuple[str, ...], column: int, field: str | None, slop: int) -> Word | Phrase:
    if not folded:
        raise QueryError("there are no letters or digits in this", column, "it can never match")
    if "" in folded:
        raise QueryError(f"a word of more than {LONGEST_WORD} characters", column, "it can never match")
    if len(folded) > PHRASE:
        raise QueryError(f"a phrase of {len(folded)} words, at most {PHRASE} are allowed", column)
    return Word(folded[0], field) if len(folded) == 1 else phrase(folded, slop, field)
