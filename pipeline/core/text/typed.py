"""Turns what is typed in a query into the tokens to look for: a word or phrase, and what else it may be written as.

The same functions read texts (field_words.py), so that both agree on what belongs together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple
from unicodedata import category, normalize

from pipeline.core.text.chunks import chunks
from pipeline.core.text.field_words import read_line
from pipeline.core.text.folding import fold
from pipeline.core.text.variants import Found, Kind
from pipeline.core.text.words import words

#: Ways to write something: each is a sequence of tokens side by side.
Alternatives = tuple[tuple[str, ...], ...]

MOST = 16  # alternatives of one term; beyond, only what is typed

#: Symbols that are not missed when they are left out.
_SILENT = frozenset("`´^¨™®©℠№°§¶†‡…•◦▪●★☆✓✔↑↓←→")
_SOUND = frozenset("%&@#*")
_ADDRESS = re.compile(r"://|^www\.|\w@\w")  # in which symbols only separate
_TAGGED = 6  # words of the longest hashtag


def alternatives(text: str) -> Alternatives:
    """What one typed term may be written as; () if there is nothing to search for in it.

    `cease-fire` is ceasefire or cease, fire; `3.500` is 3500; `U.S.` is =us.
    """
    parts = phrase_parts(text)
    count = 1
    for part in parts:
        count *= len(part)
    if count > MOST:
        parts = tuple(part[-1:] for part in parts)
    return tuple(sum(chosen, ()) for chosen in product(*parts)) if parts else ()


def phrase_parts(text: str, loose: bool = False) -> tuple[Alternatives, ...]:
    """The alternatives of each part of a typed phrase, in order.

    Letters and digits side by side are one part (Su 27 is also Su27), unless the phrase is `loose`, so that other words
    may come between them.
    """
    base: list[str] = []
    found = read_line(" ".join(text.split()), base)
    written = words(text)
    parts: list[Alternatives] = []
    at = 0
    while at < len(written):
        if not written[at]:
            at += 1
            continue
        last, ways = (
            _part(at, written, found)
            or (_pair(at, written, found) if not loose else None)
            or _Way(at, ((written[at],),))
        )
        parts.append(ways)
        at = last + 1
    return tuple(parts)


def capitals(text: str) -> Alternatives:
    """What is looked for in capitals only: `US` is =us. () if it is not one word with two letters or more."""
    joined = "".join(words(text))
    return (("=" + joined,),) if len(joined) > 1 and len(text.split()) == 1 and any(map(str.isalpha, joined)) else ()


def tag(text: str) -> str | None:
    """The hashtag of the words of a phrase: `tropas fuera` is #tropasfuera. None if there are too many or too few."""
    found = words(text)
    return "#" + "".join(found) if 1 < len(found) <= _TAGGED and all(map(str.isalnum, found)) else None


def lost(text: str) -> list[tuple[int, str]]:
    """The symbols of a typed term or phrase that mean something and are part of no token, with their places."""
    kept, missed = set[int](), []
    for match in re.finditer(r"\S+", text):
        kept.update(match.start() + place for place in chunks[match[0]].kept)
        if _ADDRESS.search(match[0]):
            kept.update(range(*match.span()))
    alone = {match.start(): match[0] for match in re.finditer(r"(?<!\S)\S(?!\S)", text)}
    for place, char in enumerate(text):
        sounds = (char in _SOUND or category(char)[0] == "S") and char not in _SILENT
        if sounds and place not in kept and not (place in alone and _means(text, place)):
            missed.append((place, char))
    return missed


def _means(text: str, place: int) -> bool:
    """Whether a symbol between spaces is part of a token: X & Y, 500 €."""
    sign = fold(text[place])
    base: list[str] = []
    return any(one.kind is Kind.SYMBOL and sign in one.token for one in read_line(text, base))


def number_run(typed: Sequence[str]) -> int:
    """How many of the first of these typed words make one number (3 500 000); 0 if not even two do."""
    base: list[str] = []
    end = 0
    for one in read_line(" ".join(typed[:8]), base):
        if one.kind is Kind.NUMBER and one.first == 0 and one.last > 0:
            end = max(end, one.last + 1)
    return end if all(len(words(word)) == 1 for word in typed[:end]) else 0


def pasted(text: str) -> str:
    """`text` without invisible characters, with ordinary spaces and composed letters: as it is displayed."""
    text = normalize("NFC", text)
    return "".join(char for char in map(_displayed, text) if char)


def _displayed(char: str) -> str:
    kind = category(char)
    if kind == "Zs":
        return " "
    if kind == "Cf" and char not in "\u200c\u200d":
        return ""
    return chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char


class _Way(NamedTuple):
    last: int
    ways: Alternatives


def _part(at: int, written: Sequence[str], found: Sequence[Found]) -> _Way | None:
    """What starts at word `at` and is more than a word, the longest first."""
    here = sorted((one for one in found if one.first == at), key=lambda one: (_ORDER.index(one.kind), -one.last))
    for one in here:
        apart = tuple(written[at : one.last + 1])
        match one.kind:
            case Kind.SYMBOL:
                return _Way(one.last, ((_longest(here, one),),))
            case Kind.NUMBER:
                return _Way(one.last, ((_longest(here, one),),))
            case Kind.ACRONYM:
                return _Way(one.last, (("=" + "".join(apart),),))
            case Kind.PLURAL:
                return _Way(one.last, (("=" + "".join(apart),), apart, ("".join(apart),)))
            case Kind.TAG:
                parts = tuple(part.token for part in found if part.kind is Kind.PART and part.first == at)
                return _Way(one.last, _distinct(("".join(apart),), parts or apart))
            case Kind.JOINED:
                return _Way(one.last, ((one.token,), apart))
            case Kind.OWNER:
                return _Way(one.last, (apart,))
            case Kind.PART:
                parts = tuple(part.token for part in here if part.kind is Kind.PART)
                return _Way(at, ((written[at],), parts))
    return None


def _longest(here: Sequence[Found], one: Found) -> str:
    """Of the tokens of one kind for the same words the longest, which says the most: $3.5bn."""
    return max((other.token for other in here if other.kind is one.kind and other.last == one.last), key=len)


def _distinct(*ways: tuple[str, ...]) -> Alternatives:
    return tuple(dict.fromkeys(ways))


def _pair(at: int, written: Sequence[str], found: Sequence[Found]) -> _Way | None:
    """Letters and digits side by side: Su 27, 10 km."""
    one, other = written[at], written[at + 1] if at + 1 < len(written) else ""
    if any(part.first == at + 1 and part.kind is not Kind.CAPITALS for part in found):
        return None
    if (one.isalpha() and other.isdigit()) or (one.isdigit() and other.isalpha() and len(other) <= _UNIT):
        return _Way(at + 1, ((one + other,), (one, other)))
    return None


_UNIT = 3  # letters of a unit after a number

#: Which of several meanings counts.
_ORDER = (
    Kind.SYMBOL, Kind.NUMBER, Kind.ACRONYM, Kind.PLURAL, Kind.TAG, Kind.JOINED, Kind.OWNER, Kind.PART, Kind.CAPITALS,
)  # fmt: skip
