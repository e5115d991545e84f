"""What a reader sees changed between two versions: headline, paragraphs, sentences, and words within a sentence.

Blocks are compared first, then the sentences of those that resemble each other, then the words of such sentences
(Ratcliff and Obershelp's algorithm, as difflib has it). Other quotes, dashes and white space are not a difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from pipeline.core.text.sentences import sentences

ALIKE = 0.5  # share of common words from which two blocks or sentences are versions of each other
FEW = 40_000  # pairs of blocks that are compared; of more, none
WORDS = 3_000  # words of a sentence or block that are compared one by one

_PLAIN = str.maketrans(
    {**dict.fromkeys("‘’‚‛′`´ʼ", "'"), **dict.fromkeys("“”„‟″«»", '"'), **dict.fromkeys("‐‑‒–—―−", "-")}
)
#: A number with its separators, a character of a script without spaces, a word, white space, or any other character.
_WORD = re.compile(
    r"\d+(?:[.,’'\u00a0\u202f]\d+)*%?|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|\w+|\s+|."
)

What = Literal["headline", "paragraph", "sentence"]
How = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a changed text, as it was and as it is; one of them may be empty."""

    before: str
    after: str

    @property
    def same(self) -> bool:
        return _key(self.before) == _key(self.after)


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `pieces`: the whole text, of one that changed."""

    what: What
    how: How
    before: str = ""
    after: str = ""
    pieces: tuple[Piece, ...] = ()


def differences(old_title: str, old_text: str, title: str, text: str) -> tuple[Difference, ...]:
    """What changed, in the order of the new version; empty if the two look the same."""
    found: list[Difference] = []
    if _key(old_title) != _key(title):
        found.append(_changed("headline", old_title, title))
    found += _compared("paragraph", old_text.split("\n"), text.split("\n"), _in_paragraph)
    return tuple(_with_moves(found))


def _key(text: str) -> str:
    return " ".join(text.translate(_PLAIN).split())


def _compared(
    what: What, old: Sequence[str], new: Sequence[str], within: Callable[[str, str], Sequence[Difference]]
) -> Iterator[Difference]:
    """The differences between two lists of texts; `within` compares two that resemble each other."""
    matcher = SequenceMatcher(None, [_key(one) for one in old], [_key(one) for one in new], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            yield from _region(what, old[a:b], new[c:d], within)


def _region(
    what: What, old: Sequence[str], new: Sequence[str], within: Callable[[str, str], Sequence[Difference]]
) -> Iterator[Difference]:
    start = 0
    for before in old:
        at = _most_alike(before, new, start) if len(old) * len(new) <= FEW else None
        if at is None:
            yield Difference(what, "removed", before=before)
            continue
        yield from (Difference(what, "added", after=one) for one in new[start:at])
        yield from within(before, new[at])
        start = at + 1
    yield from (Difference(what, "added", after=one) for one in new[start:])


def _most_alike(text: str, others: Sequence[str], start: int) -> int | None:
    """The index from `start` on of the text that is most alike, if one is alike."""
    scores = [(_likeness(text, other), -n) for n, other in enumerate(others[start:], start)]
    best, place = max(scores, default=(0.0, 0))
    return -place if best >= ALIKE else None


def _likeness(one: str, other: str) -> float:
    """0 to 1: twice the words in common, whatever their order, by the words of both."""
    words, others = _words(one), _words(other)
    if not words or not others:
        return 0.0
    common = len(words & others)
    return 2 * common / (len(words) + len(others))


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(_key(text).casefold()) if word[0].isalnum()}


def _in_paragraph(old: str, new: str) -> Sequence[Difference]:
    before, after = ([text[start:end].strip() for start, end in sentences(text)] for text in (old, new))
    return list(_compared("sentence", before, after, lambda one, other: [_changed("sentence", one, other)]))


def _changed(what: What, before: str, after: str) -> Difference:
    return Difference(what, "changed", before, after, _pieces(before, after))


def _pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Both texts, cut where they agree and where not."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > WORDS:
        return (Piece(before, after),)
    matcher = SequenceMatcher(None, [_key(word) for word in old], [_key(word) for word in new], autojunk=False)
    pieces: list[Piece] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        piece = Piece("".join(old[a:b]), "".join(new[c:d]))
        between = tag == "equal" and pieces and not _key(piece.before) and d < len(new) and b < len(old)
        if pieces and not pieces[-1].same and (tag != "equal" or between):  # only a space between two changes
            pieces[-1] = Piece(pieces[-1].before + piece.before, pieces[-1].after + piece.after)
        else:
            pieces.append(piece)
    return tuple(pieces)


def _with_moves(found: Sequence[Difference]) -> Iterator[Difference]:
    """A block that was removed in one place and added in another was moved."""
    gone = {_key(one.before): one for one in found if one.how == "removed"}
    come = {_key(one.after) for one in found if one.how == "added"}
    for one in found:
        if one.how == "removed" and _key(one.before) in come:
            continue
        if one.how == "added" and (before := gone.get(_key(one.after))):
            yield Difference(one.what, "moved", before.before, one.after)
        else:
            yield one


def cut(pieces: Sequence[Piece], around: int) -> tuple[Piece, ...]:
    """The pieces, with long parts that did not change cut to `around` characters beside those that did."""
    return tuple(
        _cut(piece, n > 0, n < len(pieces) - 1, around) if piece.same else piece for n, piece in enumerate(pieces)
    )


def _cut(piece: Piece, follows: bool, leads: bool, around: int) -> Piece:
    text = piece.after
    if len(text) <= 2 * around + 3:
        return piece
    left = text[:around] if follows else ""
    right = text[-around:] if leads else ""
    return Piece(f"{left}…{right}", f"{left}…{right}")
