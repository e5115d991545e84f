"""Compares two versions of an article by their traits.

A change of a number, a date, a name, a negation, a vote or an outcome is material. A different title or other words
make a version, but not a material one. Typography and boilerplate are not a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from pipeline.core.stories import traits
from pipeline.core.text import words
from pipeline.core.text.folding import fold
from pipeline.records import Change, Traits

MATERIAL = frozenset({"number", "date", "name", "negation", "vote", "outcome"})
CHANGES = 20  # maximum kept per version
#: Shares of the text before that a new version must have if it adds nothing. A page that has less than the text of the
#: feed is the reason why that was used.
OF_A_PAGE, OF_A_PART, OF_THE_FEEDS = 0.5, 0.8, 0.9


def changes(old: Traits, new: Traits) -> tuple[Change, ...]:
    """The changes, material ones first; empty if only typography or boilerplate differs."""
    found = [
        *_replaced("number", old.amounts, new.amounts, traits.NUMBERS),
        *_replaced("date", old.dates, new.dates, traits.DATES),
        *_replaced("negation", old.negations, new.negations, traits.NEGATIONS),
    ]
    if old.words != new.words:  # otherwise only capital letters changed
        found += _replaced("vote", old.votes, new.votes, traits.FACTS)
        found += _replaced("outcome", old.outcomes, new.outcomes, traits.FACTS)
        found += _replaced("name", old.names, new.names, traits.NAMES)
    if words.words(old.title) != words.words(new.title):
        found.append(Change(kind="title", before=old.title, after=new.title))
    elif old.words != new.words and not found:
        found.append(Change(kind="text", before="", after=""))
    return tuple(found[:CHANGES])


def material(found: Sequence[Change]) -> bool:
    return any(change.kind in MATERIAL for change in found)


def completed(before: str, found: Sequence[Change]) -> tuple[Change, ...]:
    """The changes of a version that has the whole text where the one before was partial for the reason `before`."""
    return (Change(kind="whole", before=before, after=""), *found)[:CHANGES]


def shortened(old: Traits, new: Traits, share: float = OF_A_PAGE) -> bool:
    """Whether `new` has less than `share` of the words of `old` and adds nothing: the page is now behind a paywall, or
    extraction failed; it is not a correction."""
    kept = ("numbers", "dates", "names", "negations")
    return new.length < share * old.length and all(set(getattr(new, kind)) <= set(getattr(old, kind)) for kind in kept)


def overlap(one: Traits, other: Traits) -> float:
    """0 to 1: the share of one's title words, or names and numbers, that the other also has (of the one with fewer).

    Distinguishes a moved article from a different one under a shared link; copies are found by their signatures."""
    return max(
        _overlap(set(words.words(one.title)), set(words.words(other.title))),
        _overlap({*one.names, *one.numbers}, {*other.names, *other.numbers}),
    )


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / min(len(one), len(other)) if min(len(one), len(other)) > 1 else 0.0


def _replaced(kind: str, old: Sequence[str], new: Sequence[str], limit: int) -> list[Change]:
    """Values removed and added, paired if one replaces the other (73 -> 75)."""
    before, after = _fold(kind, old), _fold(kind, new)
    gone, come = set(before) - set(after), set(after) - set(before)
    # A full list was cut: values after the last one in common may only have been pushed over the limit.
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
    """Values in the form used for comparison: names folded, a second `not approved` distinct from the first."""
    if kind == "name":
        return [fold(value) for value in values]
    if kind == "negation":
        return [f"{value} {values[:place].count(value)}" for place, value in enumerate(values)]
    return list(values)


def _behind(values: list[str], known: set[str]) -> list[str]:
    last = max((place for place, value in enumerate(values) if value in known), default=len(values))
    return values[last + 1 :]
