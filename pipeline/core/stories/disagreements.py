"""Says whether the articles of a story exclude each other on a fact. It never says who is right.

Precision comes before recall: what time, precision or a part of the whole explains is no difference. A toll that
rises, "dozens" beside 40, a decision that is debated first and then taken, "December" beside "4 December", one sender
of two. An article that has a value from another one is no source of its own, and a value that was worked out ("for nine
months") proves nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import combinations

from pipeline.records import Said

LAG = timedelta(hours=3)  # an outlet may be so far behind another one with a number that rises
LATER = timedelta(days=3)  # values that are farther apart in time may both have been true
NEAR_VOTE = 0.25  # share of the votes by which two counts of one vote may differ; else they are of two votes

_ENDS_OF_MONTHS = ("01", "28", "29", "30", "31")
_DIGITS = re.compile(r"\d+")
_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")

#: Outcomes that exclude each other when they are said of the same time.
_EXCLUSIVE = frozenset(
    frozenset(pair)
    for pair in (
        ("authorised", "rejected"), ("extended", "revoked"), ("extended", "rejected"), ("authorised", "revoked"),
    )
)  # fmt: skip


def differs(field: str, said: Sequence[Said]) -> bool:
    """Whether two sources of their own give values that exclude each other."""
    judge = _JUDGES.get(field)
    if judge is None:
        return False
    own = [one for one in said if one.copied_from is None and not one.implied]
    return any(
        one.source != other.source and one.value != other.value and judge(one, other, own)
        for one, other in combinations(own, 2)
    )


Judge = Callable[[Said, Said, Sequence[Said]], bool]


def _outcome(one: Said, other: Said, own: Sequence[Said]) -> bool:
    """Exclusive outcomes, neither of which came after the other: reports of both kinds go on side by side."""
    return frozenset((str(one.value), str(other.value))) in _EXCLUSIVE and _side_by_side(one, other, own)


def _side_by_side(one: Said, other: Said, own: Sequence[Said]) -> bool:
    spans = []
    for value in (one.value, other.value):
        times = [said.at for said in own if said.value == value]
        spans.append((min(times), max(times)))
    (begin, end), (start, last) = spans
    return begin <= last and start <= end


def _word(one: Said, other: Said, own: Sequence[Said]) -> bool:
    return _together(one.at, other.at)


def _senders(one: Said, other: Said, own: Sequence[Said]) -> bool:
    """Nothing in common: a report may name only some of the countries."""
    return not set(str(one.value).split()) & set(str(other.value).split()) and _together(one.at, other.at)


def _day(one: Said, other: Said, own: Sequence[Said]) -> bool:
    """Two days, or two months, that are not one a part of the other."""
    values = str(one.value), str(other.value)
    if not all(_DAY.fullmatch(value) for value in values):
        return False
    short, long = sorted(values, key=len)
    return not long.startswith(short)


def _bound(one: Said, other: Said, own: Sequence[Said]) -> bool:
    """Two days that begin or end a stay. "From March to November" is read as from the first day to the last."""
    ours, theirs = str(one.value), str(other.value)
    rounded = ours[:7] == theirs[:7] and any(value[8:] in _ENDS_OF_MONTHS for value in (ours, theirs))
    return not rounded and _day(one, other, own)


def _number(one: Said, other: Said, own: Sequence[Said]) -> bool:
    """The digits of two numbers of acts, neither of which is the beginning of the other: 32123 and 32123-2025."""
    ours, theirs = (_DIGITS.findall(str(said.value)) for said in (one, other))
    shorter = min(len(ours), len(theirs))
    return bool(shorter) and [n.lstrip("0") for n in ours[:shorter]] != [n.lstrip("0") for n in theirs[:shorter]]


def _vote(one: Said, other: Said, own: Sequence[Said]) -> bool:
    """Two counts of one vote. Counts that are far apart are of two votes: of a committee, of the other chamber."""
    ours, theirs = (list(map(int, _DIGITS.findall(str(said.value)))) for said in (one, other))
    if len(ours) < 2 or len(theirs) < 2:
        return False
    apart = sum(abs(a - b) for a, b in zip(ours[:2], theirs[:2], strict=True))
    return apart <= NEAR_VOTE * max(sum(ours[:2]), sum(theirs[:2]))


def _amount(one: Said, other: Said, own: Sequence[Said]) -> bool:
    """Numbers, or ranges without a number in common, that differ by more than rounding. Two upper bounds are compared
    as numbers."""
    ours, theirs = _range(one), _range(other)
    if ours is None or theirs is None or not _together(one.at, other.at):
        return False
    if one.low is other.low is None and one.high is not None and other.high is not None:  # "up to 300", "up to 600"
        ours, theirs = (one.high, one.high), (other.high, other.high)
    (_, below), (above, _) = sorted((ours, theirs))
    return below < above and not _rounded(int(below), int(above))


def _range(said: Said) -> tuple[float, float] | None:
    """The smallest and the largest number that may be meant; None if it is no number."""
    if said.low is not None or said.high is not None:
        return said.low or 0, math.inf if said.high is None else said.high
    return (said.value, said.value) if isinstance(said.value, int) else None


def _rounded(low: int, high: int) -> bool:
    """Whether one may be the other in round numbers: 430 and 400, 1,950 and 2,000; not 430 and 450."""
    for number, exact in ((low, high), (high, low)):
        scale = 10 ** (len(str(number)) - 1)
        if number % scale == 0 and abs(number - exact) < scale / 2:
            return True
    return False


def _toll(one: Said, other: Said, own: Sequence[Said]) -> bool:
    """A lower number well after a higher one: a toll only rises, and an outlet may be behind for a while."""
    early, late = sorted((one, other), key=lambda said: said.at)
    before, after = _range(early), _range(late)
    lower = before is not None and after is not None and after[1] < before[0]
    return lower and LAG <= late.at - early.at <= LATER


def _together(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= LATER


_JUDGES: dict[str, Judge] = {
    "outcome": _outcome, "host": _word, "armed": _word, "senders": _senders, "vote": _vote,
    "instrument.number": _number, "instrument.date": _day, "period.start": _bound, "period.end": _bound,
    "personnel": _amount, "killed": _toll, "injured": _toll, "missing": _toll, "arrested": _toll, "displaced": _toll,
}  # fmt: skip
