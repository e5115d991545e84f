"""Writes the words of a field out for an index, so that it finds exactly what field_words.py reads.

A block becomes a string of positions, separated by a space; a position is its tokens, separated by |. A token that
stands for several words has a mark at the first and one at the last of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.core.text.field_words import FieldWords
from pipeline.core.text.stems import stem_token

GAP = 1_000  # positions between two blocks in the index: more than any phrase or distance reaches over
NOTHING = "-"  # at a position where nothing is to be found; no token is written so
#: Marks before a token of several words, at the first and last of them; and of the first and last word of a sentence.
STARTS, ENDS = "<", ">"
FIRST, LAST = "^", "!"


class _Stems(dict[tuple[str, str], str]):
    """A cache of stems: stemming takes longer than all else."""

    def __missing__(self, key: tuple[str, str]) -> str:
        if len(self) >= 1 << 16:
            self.clear()
        self[key] = token = stem_token(*key)
        return token


_stems = _Stems()


def positions(text: str, language: str) -> list[str]:
    """The blocks of a text in `language`; empty if there is nothing to find."""
    words = FieldWords(text)
    if not any(words.base) and not words.extras:
        return []
    at = [[base, _stems[text[start:end], language]] if base else [] for base, (start, end) in zip(
        words.base, words.spans, strict=True)]  # fmt: skip
    for token, first, last in words.extras:
        if first == last:
            at[first].append(token)
        else:
            at[first].append(STARTS + token)
            at[last].append(ENDS + token)
    for first, after in zip(words.sentences, [*words.sentences[1:], len(at)], strict=True):
        at[first].append(FIRST)
        at[after - 1].append(LAST)
    ends = [*words.blocks[1:], len(at)]
    return [
        " ".join("|".join(dict.fromkeys(tokens)) or NOTHING for tokens in at[first:end])
        for first, end in zip(words.blocks, ends, strict=True)
    ]


def bare(text: str, language: str) -> tuple[list[str], set[str]]:
    """For an index that has one token at a position: the blocks with the words themselves, and all other tokens."""
    words = FieldWords(text)
    spelt = {text[start:end] for base, (start, end) in zip(words.base, words.spans, strict=True) if base}
    others = {token for token, _, _ in words.extras} | {_stems[word, language] for word in spelt}
    return list(_blocks(words)) if any(words.base) or others else [], others


def _blocks(words: FieldWords) -> Iterable[str]:
    for first, end in zip(words.blocks, [*words.blocks[1:], len(words.base)], strict=True):
        yield " ".join(word or NOTHING for word in words.base[first:end])
