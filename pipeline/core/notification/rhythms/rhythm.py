"""Learns how many articles come in each hour of the week, and judges whether none, or so many, could be chance.

**Rate.** Each of the 168 hours of a week (UTC, from Monday) has the articles counted in it and the hours that it was
watched; both fade with a half-life of four weeks of watched time. An hour that was watched only a few times is drawn
towards the mean rate times the factor of its hour of the day and the factor of its weekday.

**Unevenness.** Articles come in batches, and some days have more than others. The variance of the number in an hour
with rate m is taken as m b + m² u: b, the size of a batch, and u, the unevenness of the rate, are estimated from how
the hours differed from their rates. The number of batches then is negative binomial.

**Silence.** The pause since the last article is measured in usual pauses: an hour with rate m adds the negative
logarithm of the chance of an hour without any, ln(1 + u m / b) / u. Were hours independent, pauses measured so would be
exponentially distributed with mean 1. What they really were like (more regular, as with a daily bulletin, or less) is
learned, as the mean and shape of a gamma distribution. A pause is a silence if chance makes one so long only once in
RARE months, and it is half as long again as the longest of the last months.

**Burst.** At least FEWEST articles, and three times the usual, in the last hour or three hours, if chance brings so
many only once in RARE months. A burst is learned only up to what was still usual: it does not become the rhythm.

Nothing is judged before two weeks were watched. Then chance is asked more strictly until more is known: by the factor
1 + 2 / weeks in the exponent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from pipeline.core.notification.rhythms.chance import log_tail, log_tail_of_pause
from pipeline.records import AlertRhythm

Floats = NDArray[np.float64]

RARE = 100.0  # months in which chance alone makes one silence and one burst, if the model is right
LEARNED = 14 * 24.0  # hours that must have been watched
ARTICLES = 10  # that must have been counted before a silence means anything
FEWEST = 5
WINDOWS = (1, 3)  # hours
HALF_LIFE = 28 * 24.0  # hours
CELLS = 168
_FADE = 0.5 ** (1.0 / HALF_LIFE)
_PRIOR = 3.0  # batches that hour of the day and weekday count for an hour of the week
_DOUBT = 1.0  # articles: a few make no pattern
_MONTH = 720.0  # hours
_BATCH, _BATCH_HOURS = 1.5, 30.0  # size of a batch that is assumed first, and for how many hours it counts
_UNEVEN, _UNEVEN_WEIGHT = 0.1, 5.0  # the same of the unevenness, in squared articles
_FAR = 4.0  # standard deviations
_LEAST_RATE = 0.02  # articles an hour; below, an hour says nothing about batches
_MOST_REGULAR, _LEAST_REGULAR, _GAPS = 6.0, 0.25, 8.0
_LONGER = 1.5
_SLOTS = 12  # an hour


def cell_of(moment: datetime) -> int:
    """The hour of the week: 0 from Monday, 0:00 UTC."""
    at = moment.astimezone(UTC)
    return 24 * at.weekday() + at.hour


def slot_of(moment: datetime) -> int:
    """The span of five minutes since 1970."""
    return int(moment.timestamp() // (3600 / _SLOTS))


@dataclass(slots=True)
class Pattern:
    """What is known about one feed, topic, source or rule. Changed in place."""

    heard: Floats = field(default_factory=lambda: np.zeros(CELLS))
    watched: Floats = field(default_factory=lambda: np.zeros(CELLS))
    hours: float = 0.0
    articles: int = 0
    spread: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)  # see _spread
    gaps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    quiet: float = 0.0
    longest: float = 0.0
    expected: float = 0.0
    last: datetime | None = None
    silent: datetime | None = None
    burst: datetime | None = None
    in_hour: int = 0  # articles in the hour in progress
    paused: float = 0.0  # pause that the first article of that hour ended
    recent: list[list[int]] = field(default_factory=list)  # [slot, articles] of the last hours
    far: int = 0  # hours for which `before` counts
    before: tuple[Floats, float, float] | None = None  # rates, b and u
    _rates: Floats | None = None

    # -- what happens

    def count(self, moment: datetime, now: datetime) -> None:
        """An article came; its time counts for a burst, not that at which it was read."""
        if not self.in_hour:
            self.paused = self.quiet
        self.articles += 1
        self.in_hour += 1
        self.end_pause()
        self.last = now if self.last is None else max(self.last, now)
        slot, first = slot_of(moment), slot_of(now) - _SLOTS * max(WINDOWS)
        self.recent = [entry for entry in self.recent if entry[0] > first]
        if slot <= first:
            return
        found = next((entry for entry in self.recent if entry[0] == slot), None)
        if found:
            found[1] += 1
        else:
            self.recent.append([slot, 1])

    def end_pause(self) -> None:
        """Something came."""
        self.longest = max(self.longest, self.quiet)
        self.quiet = self.expected = 0.0
        self.silent = None

    def close_hour(self, cell: int, share: float) -> None:
        """An hour of the week ended, of which this share was watched."""
        if share > 0:
            usual = float(self.rates()[cell]) * share
            number = min(float(self.in_hour), self.highest(usual)) if self.hours >= LEARNED else float(self.in_hour)
            pause = self._pause(usual)
            self._note_far(usual)
            self._fade(share)
            if self.hours >= LEARNED / 2:
                self._spread(number, usual)
            if not self.in_hour:
                self.quiet += pause if self.silent is None else 0.0  # a fault is no pause to get used to
                self.expected += usual
            elif usual < self.unevenness[0] and self.hours >= LEARNED / 2:  # else the hour had many pauses
                whole = self.paused + pause / 2
                self.gaps = (self.gaps[0] + 1.0, self.gaps[1] + whole, self.gaps[2] + whole**2)
            self.heard[cell] += number
            self.watched[cell] += share
            self.hours += share
            self._rates = None
        self.in_hour = 0

    def _note_far(self, usual: float) -> None:
        """Keep what was usual before an hour with far too many: the first hour of a burst must not hide the next."""
        batch, uneven = self.unevenness
        if self.in_hour >= FEWEST and self.in_hour > usual + _FAR * sqrt(batch * usual + uneven * usual**2):
            self.before = self.before or (self.rates(), batch, uneven)
            self.far = max(WINDOWS)
        elif self.far:
            self.far -= 1
            self.before = self.before if self.far else None

    def _spread(self, number: float, usual: float) -> None:
        """Add an hour to the sums of the two equations for b and u, each hour weighted with 1 / m²."""
        if usual >= _LEAST_RATE:
            off = (number - usual) ** 2
            hours, rates, squares, shares, offs = self.spread
            self.spread = (hours + 1, rates + usual, squares + usual**2, shares + off / usual, offs + off)

    def _fade(self, share: float) -> None:
        fade = _FADE**share
        self.heard *= fade
        self.watched *= fade
        self.longest *= sqrt(fade)
        first, second, third, fourth, fifth = self.spread
        self.spread = (first * fade, second * fade, third * fade, fourth * fade, fifth * fade)
        self.gaps = (self.gaps[0] * fade, self.gaps[1] * fade, self.gaps[2] * fade)

    # -- what is usual

    def rates(self) -> Floats:
        """Articles per hour in each hour of the week."""
        if self._rates is not None:
            return self._rates
        heard, watched = self.heard.reshape(7, 24), self.watched.reshape(7, 24)
        mean = (heard.sum() + 0.5) / (watched.sum() + 24.0)
        of_hour = (heard.sum(axis=0) + _DOUBT) / (mean * watched.sum(axis=0) + _DOUBT)
        of_day = (heard.sum(axis=1) + _DOUBT) / (mean * watched.sum(axis=1) + _DOUBT)
        likely = mean * np.outer(of_day, of_hour)
        prior = _PRIOR * self.unevenness[0]
        self._rates = ((heard + prior) / (watched + prior / likely)).ravel()
        return self._rates

    @property
    def unevenness(self) -> tuple[float, float]:
        """b and u: the variance of the number in an hour with rate m is m b + m² u. Least squares, drawn to what is
        assumed first."""
        hours, rates, squares, shares, offs = self.spread
        hours, shares = hours + _BATCH_HOURS, shares + _BATCH_HOURS * _BATCH
        squares, offs = squares + _UNEVEN_WEIGHT, offs + _UNEVEN_WEIGHT * _UNEVEN
        batch = (shares * squares - offs * rates) / (hours * squares - rates**2)
        batch = min(max(batch, 1.0), 30.0)
        return batch, min(max((offs - batch * rates) / squares, 0.02), 5.0)

    @property
    def regularity(self) -> float:
        """The shape of the pauses: 1 as by chance, more if they are alike, less if some are far longer than others."""
        number, total, squares = self.gaps
        count = number + _GAPS
        mean = (total + _GAPS) / count
        variance = max((squares + 2.0 * _GAPS) / count - mean**2, 1e-9)
        return min(max(mean**2 / variance, _LEAST_REGULAR), _MOST_REGULAR)

    def highest(self, usual: float) -> float:
        """The number of articles up to which an hour with that rate is learned as usual."""
        batch, uneven = self.unevenness
        return max(float(FEWEST), usual + 6.0 * sqrt(batch * usual + uneven * usual**2))

    def _pause(self, usual: float) -> float:
        batch, uneven = self.unevenness
        return log1p(uneven * usual / batch) / uneven

    @property
    def strictness(self) -> float:
        """The factor of exponents while little is known."""
        return 1.0 + 2.0 * CELLS / max(self.hours, 1.0)

    # -- what is not

    def is_silence(self) -> bool:
        """Whether the pause up to the last full hour cannot well be chance."""
        if self.hours < LEARNED or self.articles < ARTICLES or self.expected <= 0:
            return False
        if self.quiet < _LONGER * self.longest:
            return False
        number, total, _ = self.gaps
        length = self.quiet * (number + _GAPS) / (total + _GAPS)
        rate = float(self.heard.sum() / max(self.watched.sum(), 1.0)) / self.unevenness[0]
        pauses = RARE * _MONTH * min(max(rate, 1.0 / _MONTH), 1.0)  # looked at each hour at most
        return log_tail_of_pause(length, self.regularity) < -log(pauses) * self.strictness

    def is_burst(self, now: datetime) -> tuple[int, int, float] | None:
        """Hours, number and usual number of a burst; None without a burst."""
        if self.hours < LEARNED or self.heard_in(now, max(WINDOWS)) < FEWEST:
            return None
        rates, batch, uneven = self.before or (self.rates(), *self.unevenness)
        for hours in WINDOWS:
            number = self.heard_in(now, hours)
            usual = usual_in(rates, now, hours)
            if number < max(FEWEST, 3 * usual):
                continue
            chance = log_tail(number / batch, usual / batch, uneven)
            if chance < -log(RARE * _MONTH * len(WINDOWS)) * self.strictness:
                return hours, number, usual
        return None

    def is_usual(self, now: datetime) -> bool:
        """Whether the last hours had no more than twice the usual articles, or very few."""
        return all(
            (number := self.heard_in(now, hours)) < FEWEST or number <= 2 * usual_in(self.rates(), now, hours)
            for hours in WINDOWS
        )

    def heard_in(self, now: datetime, hours: int) -> int:
        """Articles of the last hours."""
        first = slot_of(now) - _SLOTS * hours
        return sum(number for slot, number in self.recent if slot > first)

    # -- records

    def record(self, rule: str, key: str, at: datetime, counts: str = "") -> AlertRhythm:
        """The state at the end of an hour."""
        cells = np.concatenate([self.heard, self.watched]).astype("<f4").tobytes()
        return AlertRhythm(
            rule=rule, key=key, counts=counts, at=at, cells=cells, hours=self.hours, articles=self.articles,
            spread=self.spread, gaps=self.gaps, quiet=self.quiet, longest=self.longest, expected=self.expected,
            last=self.last, silent=self.silent, burst=self.burst,
        )  # fmt: skip

    @classmethod
    def of(cls, record: AlertRhythm) -> Pattern:
        """The inverse of `record`; an unknown rhythm if its cells are damaged."""
        whole = len(record.cells) == 8 * CELLS
        values = np.frombuffer(record.cells, "<f4").astype(np.float64) if whole else np.zeros(0)
        if not whole or not (np.isfinite(values).all() and (values >= 0).all()):
            return cls()
        return cls(
            values[:CELLS].copy(), values[CELLS:].copy(), record.hours, record.articles, record.spread, record.gaps,
            record.quiet, record.longest, record.expected, record.last, record.silent, record.burst,
        )  # fmt: skip


def usual_in(rates: Floats, now: datetime, hours: int) -> float:
    """Articles that the last hours usually have."""
    step = timedelta(hours=1)
    part = now.minute / 60 + now.second / 3600
    found = part * rates[cell_of(now)] + (1.0 - part) * rates[cell_of(now - hours * step)]
    return float(found + sum(rates[cell_of(now - back * step)] for back in range(1, hours)))
