"""Writes the words of a field out for an index, so that it finds exactly what field_words.py reads.

A block becomes a string of positions, separated by a space; a position is its tokens, separated by |. What has no place
of its own, a token of several words or a stem, is in a list beside.
"""

from __future__ import annotations

from typing import NamedTuple

from pipeline.core.text.field_words import field_words
from pipeline.core.text.stems import stem_tokens_of

GAP = 1_000  # positions between two blocks in the index: more than any phrase or distance reaches over
NOTHING = "-"  # at a position where nothing is to be found; no token is written so


class Positions(NamedTuple):
    """The words of a field, written out. Both are empty if there is nothing to find."""

    blocks: list[str]
    others: list[str]


def positions(text: str, language: str, together: bool = True) -> Positions:
    """The words of a text in `language`.

    Without `together` a position has one token, the word itself, and all other tokens are among the others.
    """
    words = field_words(text)
    at = [base or NOTHING for base in words.base]
    others = {
        stem_tokens_of[text[start:end], language]
        for base, (start, end) in zip(words.base, words.spans, strict=True)
        if base
    }
    for token, first, last in words.extras:
        if together and first == last:
            at[first] += "|" + token
        else:
            others.add(token)
    if not others and not any(words.base):
        return Positions([], [])
    ends = [*words.blocks[1:], len(at)]
    blocks = [" ".join(at[first:end]) for first, end in zip(words.blocks, ends, strict=True)]
    return Positions(blocks, sorted(others))
