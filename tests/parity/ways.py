"""Other ways to write a word, as far as the texts and queries of the parity test have them, for the naive evaluator.

Written from docs/decisions/0035-variants.md alone: each way is one pattern, and the words before it are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.parity.splitting import fold, split

THOUSANDS = re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?:([.,])\d{3}(?:\1\d{3})*|(?: \d{3})+)(?![\w]|[.,]\d)")
INITIALS = re.compile(r"(?<![\w.])[^\W\d_](?:\.[^\W\d_])+\.?(?!\w)")
MIXED = re.compile(r"(?<![\w-])(?:[^\W\d_]+\d+|\d+[^\W\d_]+)(?![\w-])")
HYPHENED = re.compile(r"(?<![\w-])[^\W_]+(?:[-\u2010-\u2013][^\W_]+)+(?!\w)")
PLUS = re.compile(r"(?<!\w)\w+[+#]+(?![\w+#])")
SHOUT = re.compile(r"(?<!\w)[^\W\d_]{2,}(?!\w)")


def ways(paragraph: str) -> Iterator[tuple[int, str]]:
    """Further words with their positions; "" at a position: no word is found there."""
    for number in THOUSANDS.finditer(paragraph):
        first = _at(paragraph, number)
        yield from ((first + n, "") for n in range(len(split(number[0]))))
        yield first, re.sub(r"\D", "", fold(number[0]))
    for letters in INITIALS.finditer(paragraph):
        word = "".join(split(letters[0]))
        yield from ((_at(paragraph, letters), form) for form in (word, "=" + word))
    for mixed in MIXED.finditer(paragraph):
        if len(split(mixed[0])) == 1:
            yield from ((_at(paragraph, mixed), fold(part)) for part in re.findall(r"\d+|\D+", fold(mixed[0])))
    for compound in HYPHENED.finditer(paragraph):
        if not re.search(r"\d\W\d", compound[0]):
            yield _at(paragraph, compound), "".join(split(compound[0]))
    for name in PLUS.finditer(paragraph):
        yield _at(paragraph, name), fold(name[0])
    if not paragraph.isupper():
        for shout in SHOUT.finditer(paragraph):
            if shout[0].isupper():
                yield _at(paragraph, shout), "=" + fold(shout[0])


def _at(paragraph: str, match: re.Match[str]) -> int:
    return len(split(paragraph[: match.start()]))


def typed(text: str) -> tuple[str, ...]:
    """The words that a typed term stands for."""
    if INITIALS.fullmatch(text):
        return ("=" + "".join(split(text)),)
    if PLUS.fullmatch(text):
        return (fold(text),)
    if THOUSANDS.fullmatch(text):
        return (re.sub(r"\D", "", fold(text)),)
    return tuple(split(text))
