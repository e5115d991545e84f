"""Compares two versions of an article by their traits.

A change of a number, a date, a name, a negation, a vote or an outcome is material. A different title or other words
make a version, but not a material one. Typography and boilerplate are not a change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from msgspec.structs import replace

from pipeline.core.stories import traits
from pipeline.core.stories.spellings import same_name
from pipeline.core.text import words
from pipeline.core.text.folding import fold
from pipeline.records import Change, Traits

MATERIAL = frozenset({"number", "date", "name", "negation", "vote", "outcome"})
CHANGES = 20  # maximum kept per version
WHOLE = 3  # words of a name that is replaced by another of as many
#: Shares of the text before that a new version must have if it adds nothing. A page that has less than the text of the
#: feed is the reason why that was used.
OF_A_PAGE, OF_A_PART, OF_THE_FEEDS = 0.5, 0.8, 0.9


def changes(old: Traits, new: Traits) -> tuple[Change, ...]:
    """The changes, material ones first; empty if only typography or boilerplate differs."""
    numbers = _counted(_replaced("number", old.amounts, new.amounts, traits.NUMBERS), old, new)
    votes = _replaced("vote", old.votes, new.votes, traits.FACTS) if old.words != new.words else []
    found = [
        *(number for number in numbers if not _covered(number, [*votes, *numbers])),
        *_replaced("date", old.dates, new.dates, traits.DATES),
        *_replaced("negation", old.negations, new.negations, traits.NEGATIONS),
    ]
    if old.words != new.words:  # otherwise only capital letters changed
        found += votes
        found += _replaced("outcome", old.outcomes, new.outcomes, traits.FACTS)
        found += _replaced("name", old.names, new.names, traits.NAMES)
    if words.words(old.title) != words.words(new.title):
        found.append(Change(kind="title", before=old.title, after=new.title))
    elif old.words != new.words and not found:
        found.append(Change(kind="text", before="", after=""))
    return tuple(found[:CHANGES])


def _counted(numbers: Sequence[Change], old: Traits, new: Traits) -> list[Change]:
    """The changes of numbers, with what is counted: that of the new number, else of the old one."""
    nouns = [
        dict(reversed([entry.split(" ", 1) for entry in counted if " " in entry]))
        for counted in (new.counted, old.counted)
    ]
    return [replace(number, what=nouns[0].get(number.after) or nouns[1].get(number.before) or "") for number in numbers]


_PARTS = re.compile(r"[-\s]")


def _covered(number: Change, others: Sequence[Change]) -> bool:
    """Whether another change has that of the number in it: "73 for → 75 for", "73-25 → 75-23"."""
    for other in others:
        pairs = zip(_PARTS.split(other.before), _PARTS.split(other.after), strict=False)
        if other is not number and other.before and other.after and (number.before, number.after) in pairs:
            return len(_PARTS.split(other.before)) > 1
    return False


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
    if kind == "name":
        gone, come = _without_spellings(gone, come, dict(zip((*before, *after), (*old, *new), strict=True)))
    found = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        went = [old[n] for n in range(a, b) if before[n] in gone]
        came = [new[n] for n in range(c, d) if after[n] in come]
        if kind == "name" and len(went) == len(came) <= WHOLE:
            went, came = [" ".join(went)] if went else [], [" ".join(came)] if came else []
        found += [Change(kind=kind, before=was, after=now) for was, now in zip_longest(went, came, fillvalue="")]
    return found


def _without_spellings(gone: set[str], come: set[str], written: Mapping[str, str]) -> tuple[set[str], set[str]]:
    """Names without those that are only spelled in another way. `written`: each as the text writes it."""
    same = {(was, now) for was in gone for now in come if same_name(written[was], written[now])}
    return gone - {was for was, _ in same}, come - {now for _, now in same}


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
