"""Finds names and amounts with a symbol that means something: C++, Canal+, .NET, AT&T, @name, #tag, $500, 5%."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from unicodedata import category

from pipeline.core.text.variants import Found, Kind, Written

_AFTER = re.compile(r"[+#]{1,3}(?![\w+#])")

Symbols = tuple[list[Found], list[int]]  # tokens with a symbol, and the places of their symbols


def symbols(chunk: Written, numbers: Sequence[Found], hidden: set[int]) -> Iterator[Symbols]:
    """Names and amounts with a symbol: C++, .NET, AT&T, @name, #tag, $500, 5%."""
    ends = {one.last: one for one in reversed(numbers)}
    for n, (start, end) in enumerate(chunk.spans):
        if n in hidden and n not in ends:
            continue
        whole = ends.get(n) or Found(Kind.SYMBOL, chunk.words[n], n, n)
        start = chunk.spans[whole.first][0]
        yield from _before(chunk, whole, start - 1)
        if trailing := _AFTER.match(chunk.same, end):
            yield [Found(Kind.SYMBOL, whole.token + trailing[0], whole.first, n)], [*range(*trailing.span())]
        if whole.token[:1].isdigit():
            yield from amount(whole, chunk.same, start - 1, end)
    yield from _with_ampersand(chunk)


def _before(chunk: Written, whole: Found, place: int) -> Iterator[Symbols]:
    """A name with the symbol at `place` before it."""
    sign, last = chunk.same[place : place + 1] if place >= 0 else "", tagged(chunk, whole.last)
    name = chunk.joined(whole.first, last)
    if sign == "#":
        joined = [Found(Kind.JOINED, name, whole.first, last)] if last > whole.last else []
        yield [Found(Kind.TAG, "#" + name, whole.first, last), *joined], [place]
    elif sign == "@" and not chunk.same[:place][-1:].isalnum():
        yield [Found(Kind.SYMBOL, "@" + name, whole.first, last)], [place]
    elif sign == "." and whole.token[:1].isalpha() and not chunk.same[:place].strip("([\"'"):
        yield [Found(Kind.SYMBOL, "." + whole.token, whole.first, whole.last)], [place]


def amount(number: Found, same: str, before: int, after: int) -> Iterator[Symbols]:
    """A number with the currency or % that is at one of two places of `same`."""
    if same[after : after + 1] == "%":
        yield [Found(Kind.SYMBOL, number.token + "%", number.first, number.last)], [after]
    for place in (before, after):
        sign = same[place : place + 1] if place >= 0 else ""
        if sign and category(sign) == "Sc":
            yield [Found(Kind.SYMBOL, sign + number.token, number.first, number.last)], [place]


def _with_ampersand(chunk: Written) -> Iterator[Symbols]:
    if "&" not in chunk.same:
        return
    first = 0
    for n in range(len(chunk.words)):
        if n + 1 < len(chunk.words) and chunk.gap(n) == "&":
            continue
        if n > first:
            places = [chunk.spans[one][1] for one in range(first, n)]
            yield [Found(Kind.SYMBOL, "&".join(chunk.words[first : n + 1]), first, n)], places
        first = n + 1


def tagged(chunk: Written, n: int) -> int:
    """The last word of the hashtag that starts with word `n`: #tropas_fuera."""
    while n + 1 < len(chunk.words) and chunk.gap(n) == "_":
        n += 1
    return n
