"""What changed between two versions of an article, on their traits. Knows no texts and decides nothing else.

A change of a number, a date, a name or a negation is material; another title or other words are a version but not
material; typography and furniture are no change at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from pipeline.core.stories import traits
from pipeline.core.text import words
from pipeline.records import Change, Traits

MATERIAL = frozenset({"number", "date", "name", "negation"})
CHANGES = 20  # kept of one version


def changes(old: Traits, new: Traits) -> tuple[Change, ...]:
    """What differs, material changes first; empty when nothing but typography or furniture does."""
    found = [
        *_replaced("number", old.numbers, new.numbers, traits.NUMBERS),
        *_replaced("date", old.dates, new.dates, traits.DATES),
        *_replaced("negation", old.negations, new.negations, traits.NEGATIONS),
    ]
    if old.words != new.words:  # else a capital came or went
        found += _replaced("name", old.names, new.names, traits.NAMES)
    if words.words(old.title) != words.words(new.title):
        found.append(Change(kind="title", before=old.title, after=new.title))
    elif old.words != new.words and not found:
        found.append(Change(kind="text", before="", after=""))
    return tuple(found[:CHANGES])


def material(found: Sequence[Change]) -> bool:
    return any(change.kind in MATERIAL for change in found)


def shortened(old: Traits, new: Traits) -> bool:
    """`new` is less than half of `old` and says nothing that `old` did not: a page that has gone behind a paywall, or
    an extraction that failed, not a correction."""
    kept = ("numbers", "dates", "names", "negations")
    return 2 * new.length < old.length and all(set(getattr(new, kind)) <= set(getattr(old, kind)) for kind in kept)


def overlap(one: Traits, other: Traits) -> float:
    """0 to 1: how much of the shorter one's title words, names and numbers the other has too. Tells a moved article
    from another one under a shared link; near copies are told by their signatures."""
    return max(
        _overlap(set(words.words(one.title)), set(words.words(other.title))),
        _overlap({*one.names, *one.numbers}, {*other.names, *other.numbers}),
    )


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / min(len(one), len(other)) if min(len(one), len(other)) > 1 else 0.0


def _replaced(kind: str, old: Sequence[str], new: Sequence[str], limit: int) -> list[Change]:
    """Values that went and came, paired where one stands in the other's place (73 -> 75)."""
    before, after = _fold(kind, old), _fold(kind, new)
    gone, come = set(before) - set(after), set(after) - set(before)
    # A full list was cut: what lies behind the last value both have may only have been pushed over the edge.
    if len(old) == limit:
        come -= set(_behind(after, set(before)))
    if len(new) == limit:
        gone -= set(_behind(before, set(after)))
    found = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        went = [old[n] for n in range(a, b) if before[n] in gone]
        came = [new[n] for n in range(c, d) if after[n] in come]
        found += [Change(kind=kind, before=was, after=now) for was, now in zip_longest(went, came, fillvalue="")]
    return found


def _fold(kind: str, values: Sequence[str]) -> list[str]:
    """Values as they are compared: names without accents and case, the second `not approved` apart from the first."""
    if kind == "name":
        return [words.fold(value) for value in values]
    if kind == "negation":
        return [f"{value} {values[:place].count(value)}" for place, value in enumerate(values)]
    return list(values)


def _behind(values: list[str], known: set[str]) -> list[str]:
    last = max((place for place, value in enumerate(values) if value in known), default=len(values))
    return values[last + 1 :]
