"""Builds the leaves of a query tree from text: words, phrases, prefixes, values and ranges.

`column` counts from 1. Every function raises QueryError.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from pipeline.core.documents.fields import DATE_FIELDS, KEYWORD_FIELDS, NUMBER_FIELDS, TEXT_FIELDS
from pipeline.core.query.names import Part
from pipeline.core.query.range_ends import date_bounds, number_bounds
from pipeline.core.query.remarks import QueryError
from pipeline.core.query.spelling import part_of, parts_of
from pipeline.core.query.tree import Equal, Phrase, Prefix, Range, Stem, Word
from pipeline.core.text import typed
from pipeline.core.text.folding import fold
from pipeline.core.text.words import LONGEST_WORD, tokenize, written
from pipeline.core.wording import Text, words_of

RANGE_FIELDS = DATE_FIELDS + NUMBER_FIELDS
PHRASE = 64  # words in one phrase

_PLAIN = re.compile(rf"[A-Za-z]{{1,{LONGEST_WORD}}}")
_PLAIN_PREFIX = re.compile(rf"[A-Za-z]{{2,{LONGEST_WORD}}}\*")
_PLAIN_WORDS = re.compile(r"[A-Za-z]{2,20}(?: [A-Za-z]{2,20}){1,9}")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LISTED = Text("write AND or OR between words, or quote them")
#: What means nothing in a word without quotation marks -> what to write instead.
_NEVER = {
    ",": _LISTED,
    ";": _LISTED,
    "?": Text("write the forms with OR, or prefix*"),
    "^": Text("words have no weights"),
    "|": Text("write a OR b, with spaces"),
    "!": Text("write prefix*, or quote it"),
    "@": Text("quote it"),
    ":": Text("a field is written field:value without spaces; else quote it"),
}

Leaf = Word | Phrase | Prefix | Stem | Equal | Range


def unescaped(text: str) -> str:
    """`text` in NFC, as articles are, without the backslashes that quote a character."""
    if text.isascii() and "\\" not in text:
        return text
    return unicodedata.normalize("NFC", _ESCAPE.sub(r"\1", text))


def term(raw: str, column: int, field: str | None, now: datetime | None) -> Leaf:
    """One word as written, with or without a wildcard."""
    if _PLAIN.fullmatch(raw) and (field is None or field in TEXT_FIELDS):  # most words: ten times as fast
        return Word(raw.lower(), field)
    if _PLAIN_PREFIX.fullmatch(raw) and (field is None or field in TEXT_FIELDS):
        return Prefix(raw[:-1].lower(), field)
    bare = _ESCAPE.sub("", raw)
    if field is None or field in TEXT_FIELDS:
        if "*" in bare or "?" in bare or (bare.endswith("!") and len(bare) > 1):
            return _prefix(raw, column, field)
        _refuse(raw, column)
    elif "*" in bare or "?" in bare:
        raise QueryError(Text("* cannot be used with {}", field), column, "name the whole value, or several with OR")
    return value(unescaped(raw), column, field, 0, now)


def _refuse(raw: str, column: int) -> None:
    """Raises QueryError for a character of a word without quotation marks that would be lost."""
    if raw in ("~", "="):
        raise QueryError(Text("{} takes one word", raw), column, "=US" if raw == "=" else "~authorise")
    if "~" in _ESCAPE.sub("", raw):
        hint = Text("use prefix* or ~word, which finds every form of it")
        raise QueryError("misspelt words (~) cannot be searched", column, hint)
    for at, char in _unquoted(raw):
        if char in _NEVER and not (char == "," and raw[at - 1 : at].isdigit() and raw[at + 1 : at + 2].isdigit()):
            raise QueryError(Text("{} means nothing here", char), column + at, _NEVER[char])


def _unquoted(raw: str) -> list[tuple[int, str]]:
    """The characters of `raw` without a backslash before them, with their index."""
    found, at = [], 0
    while at < len(raw):
        if raw[at] == "\\":
            at += 2
            continue
        found.append((at, raw[at]))
        at += 1
    return found


def value(text: str, column: int, field: str | None, slop: int, now: datetime | None) -> Leaf:
    """What a word or the text of a phrase means under `field`: a keyword, a moment or number, or words."""
    if field in KEYWORD_FIELDS:
        text = text.strip()
        if not text:
            raise QueryError(Text("{}: the value is empty", field), column)
        return Equal(field, text)
    if field in RANGE_FIELDS:
        return bounded(field, column, text, text, True, True, now)
    if _PLAIN_WORDS.fullmatch(text):
        return _words(tuple(((word,),) for word in text.lower().split()), column, field, slop)
    _refuse_symbols(text, column)
    if "" in written(text):
        raise QueryError(Text("a word of more than {} characters", LONGEST_WORD), column, "it can never match")
    parts = parts_of(text, slop) if " " in text.strip() else part_of(text.strip())
    return _words(parts, column, field, slop)


def _refuse_symbols(text: str, column: int) -> None:
    lost = typed.lost(text)
    if not lost:
        return
    rest = "".join(" " if at in dict(lost) else char for at, char in enumerate(text)).split()
    if not any(char.isalnum() for word in rest for char in word):
        raise QueryError("there are no letters or digits in this", column, "it can never match")
    hint = Text("write {}", f'"{" ".join(rest)}"' if len(rest) > 1 else rest[0])
    raise QueryError(Text("{} cannot be searched, and would be lost", lost[0][1]), column, hint)


def capitals(raw: str, column: int, field: str | None) -> Word:
    """A word written all in capitals: =US."""
    text = unescaped(raw)
    if field is not None and field not in TEXT_FIELDS:
        raise QueryError(Text("= cannot be used with {}", field), column, Text("write {}", f"{field}:{text}"))
    found = typed.capitals(text)
    if not found:
        raise QueryError("= takes one word in capitals, of two letters or more", column, "=US")
    if text != text.upper() or text == text.lower():
        raise QueryError("= finds words written all in capitals", column, Text("write {}", f"={text.upper()}"))
    return Word(found[0][0], field)


def stem(raw: str, column: int, field: str | None) -> Stem:
    """Every form of a word: ~authorise."""
    text = unescaped(raw)
    text = text if "I" in text or "İ" in text else text.lower()
    if field is not None and field not in TEXT_FIELDS:
        raise QueryError(Text("~ cannot be used with {}", field), column, Text("write {}", f"{field}:{text}"))
    tokens = tokenize(text)
    if len(tokens) != 1 or tokens[0].end - tokens[0].start != len(text):
        raise QueryError("~ takes one word", column, "~authorise finds authorised, authorising …")
    return Stem(text, field)


def name_parts(text: str) -> tuple[Part, ...]:
    """The parts of a line of a list of names: a phrase, or =US. Raises ValueError with a message for people."""
    try:
        if "*" in text:
            raise QueryError("* means nothing in a list", 1, "write the forms, each in a line")
        found = capitals(text[1:], 1, None) if text.startswith("=") else value(text, 1, None, 0, None)
    except QueryError as error:
        hint = Text(" ({})", error.hint) if error.hint else ""
        raise ValueError(Text("{!r}: {}{}", text, error.message, hint)) from None
    assert isinstance(found, Word | Phrase)
    return (((found.word,),),) if isinstance(found, Word) else found.parts


def bounded(
    field: str | None, column: int, low: str | None, high: str | None, include_low: bool, include_high: bool,
    now: datetime | None,
) -> Range:  # fmt: skip
    """A range on `field`; an end of None is open."""
    if field is None or field not in RANGE_FIELDS:
        raise QueryError(Text("ranges are for {}", ", ".join(RANGE_FIELDS)), column, "published:>=2026-01")
    if low is None and high is None:
        raise QueryError("the range has no ends", column, Text("_exists_:{} finds those that have a value", field))
    try:
        if field in NUMBER_FIELDS:
            return Range(field, *number_bounds(low, high, include_low, include_high))
        return Range(field, *date_bounds(low, high, include_low, include_high, now))
    except ValueError as error:
        raise QueryError(Text("{}: {}", field, words_of(error)), column) from None


def _prefix(raw: str, column: int, field: str | None) -> Word | Phrase | Prefix:
    beginning = unescaped(raw[:-1])
    tokens = tokenize(beginning)
    bare = _ESCAPE.sub("", raw)
    if bare.count("*") + bare.count("?") + bare.count("!") != 1 or not raw.endswith(("*", "!")):
        raise QueryError(
            "* is allowed only at the end of a word, and ? is not supported", column, _instead(beginning, raw)
        )
    if not tokens:
        raise QueryError("* alone matches everything", column, "write how the word starts, or a PRE/2 b for a gap")
    if tokens[-1].end != len(beginning):
        raise QueryError("* must follow a letter or digit", column)
    _refuse_symbols(beginning, column)
    folded = tuple(token.word for token in tokens)
    if tokenize(beginning + "a")[-1].start != tokens[-1].start:  # 国会*: each character is a word, so no word goes on
        return _words(tuple(((word,),) for word in folded), column, field, 0)
    if len(folded) > 1:
        together = f"{beginning[: tokens[-1].start].rstrip('-')} PRE/1 {folded[-1]}*"
        raise QueryError("* cannot follow several words", column, Text("{}", together))
    if len(folded[0]) < 2:
        raise QueryError("* needs at least two letters before it", column)
    return Prefix(fold(beginning), field)


def _instead(beginning: str, raw: str) -> str:
    """The way to write a wildcard that is refused."""
    found = re.search(r"[*?!]", raw)
    start = raw[: found.start()] if found else beginning
    if len(start) >= 2 and start.isalpha():
        return Text("write {}, or the forms: (a OR b)", f"{start}*")
    return Text("write the forms: (a OR b)")


def _words(parts: tuple[Part, ...], column: int, field: str | None, slop: int) -> Word | Phrase:
    if not parts:
        raise QueryError("there are no letters or digits in this", column, "it can never match")
    if len(parts) > PHRASE:
        raise QueryError(Text("a phrase of {} words, at most {} are allowed", len(parts), PHRASE), column)
    if len(parts) == 1 and len(parts[0]) == 1 and len(parts[0][0]) == 1:
        return Word(parts[0][0][0], field)
    return Phrase(parts, slop, field)
