"""Finds the words of a text between two spaces, and what else they may be written as: the variants of one chunk.

Most chunks are one word without variants. What is found is cached, so that common chunks cost one look-up.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.core.text import variants
from pipeline.core.text.alike import alike
from pipeline.core.text.folding import fold, folds
from pipeline.core.text.languages import every_word
from pipeline.core.text.symbols import symbols
from pipeline.core.text.variants import Found, Written
from pipeline.core.text.words import LONGEST_WORD, expression

CACHED = 64  # characters of a chunk that is cached; longer ones are of scripts without spaces


class Chunk(NamedTuple):
    """What is between two spaces. `words`: in normal form, "" where nothing is to be found.

    `capitals`: words written in capitals. `edge`: the chunk in ASCII punctuation if a neighbour may belong to it, else
    "". `kept`: places of the symbols that are part of a token. `special`: whether there is anything beside the words.
    """

    words: tuple[str, ...]
    found: tuple[Found, ...] = ()
    capitals: tuple[int, ...] = ()
    edge: str = ""
    kept: tuple[int, ...] = ()
    special: bool = False


class _Chunks(dict[str, Chunk]):
    def __missing__(self, text: str) -> Chunk:
        made = _read(text)
        if len(text) <= CACHED:
            if len(self) >= 1 << 16:
                self.clear()
            self[text] = made
        return made


#: A chunk -> what is found in it, cached.
chunks = _Chunks()


#: What is written before or after a word of Persian, and may be written joined to it.
BEFORE, AFTER = every_word("variants", "before"), every_word("variants", "after")
_AFFIXES = frozenset(map(fold, BEFORE | AFTER))
#: A chunk to which a neighbour may belong: a number, a lone symbol, an initial, a Persian affix.
_EDGE = re.compile(
    r"^\W*\d|\d\W?$|^[^\w\s]\W{0,2}$|^\W*[^\W\d_]\.|^\W*([^\W\d_])\1\.|"
    rf"^(?:{'|'.join(sorted(BEFORE | AFTER, key=len, reverse=True))})(?!\w)"
)


def _read(text: str) -> Chunk:
    spans = tuple(match.span() for match in expression(text).finditer(text))
    words = tuple(folds[text[a:b]] if b - a <= LONGEST_WORD else "" for a, b in spans)
    if len(spans) == 1 and _is_plain(text, spans[0], words[0]):
        return Chunk(words)
    chunk = Written(alike(text), spans, words)
    numbers = list(variants.numbers(chunk))
    hidden = {n for number in numbers for n in range(number.first, number.last + 1)}
    found = [*numbers, *variants.acronyms(chunk), *variants.compounds(chunk)]
    found += variants.parts(text, chunk, hidden)
    kept: list[int] = []
    for tokens, places in symbols(chunk, numbers, hidden):
        found += tokens
        kept += places
    found = [one for one in found if 0 < len(one.token) <= LONGEST_WORD + 2]
    capitals = tuple(n for n, (a, b) in enumerate(spans) if b - a > 1 and text[a:b].isupper())
    edge = chunk.same if _EDGE.search(chunk.same) else ""
    shown = tuple("" if n in hidden else word for n, word in enumerate(words))
    return Chunk(shown, tuple(found), capitals, edge, tuple(kept), bool(found or capitals or edge))


def _is_plain(text: str, span: tuple[int, int], word: str) -> bool:
    """Whether one word of letters, not in capitals, has only punctuation around it: nothing to look for."""
    start, end = span
    if not word.isalpha() or (end - start > 1 and text[start:end].isupper()) or word in _AFFIXES:
        return False
    return (
        _OPENING.issuperset(text[:start])
        and _CLOSING.issuperset(text[end:])
        and (end - start > 2 or text[end : end + 1] != ".")
    )


_OPENING = frozenset("([\"'«“„‘¿¡")
_CLOSING = frozenset(")]\"'»”’,;:!?….")
