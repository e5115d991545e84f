"""Decides how long to wait before the next poll of a feed, from its rhythm.

A poll is due when the entries that are expected since the last one have waited so long, all together, that a request
is worth it. What a request is worth is the same for all feeds and hours: `every` says it, as the interval of a feed
that publishes one entry per hour. For a steady rate the interval is then proportional to 1/sqrt(rate), which minimises
the mean delay for a given number of requests; for a rate that changes, polls are close where the entries are. (Cho and
Garcia-Molina, Effective page refresh policies for web crawlers, 2003; Sia, Cho and Cho, Efficient monitoring algorithm
for fast news alerts, 2007.)

A feed whose list is short for its rate is polled sooner, so that no entry falls off it between two polls.

All functions take n feeds at once, as in rhythm.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.core.timing.rhythm import Floats, Rhythms, ahead

LEAST_KNOWN = 0.5  # share of the list that the next poll should know already; less is a risk
EXPECTED_NEW = 1 / 3  # share of the list that may be expected to be new at the next poll
AFTER_GAP = 0.25  # of the time since the poll before: the next interval if a poll brought nothing known
SOON = 3  # hours that are looked at first: enough for most feeds
CAUTION = 0.25  # hours: in the weeks after that, at most so long, or AFTER_GAP if that is longer


@dataclass(frozen=True, slots=True)
class Pacing:
    """Seconds between polls. Those without a default are settings of [poll]; `retry`, after a failure, doubles."""

    every: float  # of a feed with one new entry per hour, and of one about which nothing is known
    min_interval: float
    max_interval: float
    per_site: float  # on average between two polls of feeds of one site
    retry: float = 300
    max_retry: float = 6 * 3600
    max_retry_lasting: float = 12 * 3600  # see LASTING in feed_schedule.py
    retry_gone: float = 7 * 86400  # after 410
    max_hint: float = 3600  # maximum taken from a server's max-age or a feed's ttl


@dataclass(frozen=True, slots=True)
class Lists:
    """What the last poll of n feeds brought. Times in hours.

    `size`: entries in the feed; `new`: those that were not known; `elapsed`: since the poll before, 0 for the first.
    """

    size: Floats
    new: Floats
    elapsed: Floats


def intervals(rhythms: Rhythms, at: Floats, lists: Lists, hint: Floats, pacing: Pacing) -> Floats:
    """Seconds (n) from the poll at `at` to the next, between `min_interval` and `max_interval`.

    `hint`: seconds that server or feed recommend at least, 0 for none; believed up to `max_hint`, and only as far as no
    entry is likely to be lost.
    """
    shortest, longest = pacing.min_interval / 3600, pacing.max_interval / 3600
    room, worth = np.maximum(lists.size, 1.0) * EXPECTED_NEW, (pacing.every / 3600) ** 2 / 2
    expected, lengths = ahead(rhythms, at, min(SOON, int(np.ceil(longest))))
    wait = _until_worth_it(expected, lengths, worth, room)
    late = np.isinf(wait)
    if late.any():
        wait[late] = _until_worth_it(*ahead(rhythms.rows(late), at[late], int(np.ceil(longest))), worth, room[late])
    wait = np.minimum(np.minimum(wait, longest), 1 / np.maximum(rhythms.wary, 1e-9))
    pressed = _before_loss(lists)
    safe = np.minimum(pressed, room / np.maximum(expected[:, 0], 1e-9))
    wait = np.maximum(np.minimum(wait, pressed), np.minimum(np.minimum(hint, pacing.max_hint) / 3600, safe))
    return 3600 * np.clip(wait, shortest, longest)


def _until_worth_it(expected: Floats, lengths: Floats, worth: float, room: Floats) -> Floats:
    """Hours until the expected entries have waited `worth` entry-hours together, or are as many as `room`; infinite if
    that is not within the hours given."""
    entries = np.cumsum(expected * lengths, axis=1)
    before = entries - expected * lengths
    waited = np.cumsum(before * lengths + expected * lengths**2 / 2, axis=1)
    reached = (waited >= worth) | (entries >= room[:, None])
    at = np.arange(len(room)), reached.argmax(axis=1)

    rate, length = np.maximum(expected[at], 1e-9), lengths[at]
    start, so_far = np.cumsum(lengths, axis=1)[at] - length, before[at]
    missing = np.maximum(worth - waited[at] + so_far * length + rate * length**2 / 2, 0.0)
    # rate / 2 * x^2 + so_far * x = missing, in the form that is exact for small rates
    wait = 2 * missing / (so_far + np.sqrt(so_far**2 + 2 * rate * missing) + 1e-12)
    wait = start + np.minimum(wait, np.maximum(room - so_far, 0.0) / rate)
    return np.where(reached.any(axis=1), wait, np.inf)


def caution(elapsed: Floats) -> Floats:
    """Polls per hour (n) that are needed after polls that brought nothing known; hours since the polls before."""
    return 1 / np.maximum(elapsed * AFTER_GAP, CAUTION)


def _before_loss(lists: Lists) -> Floats:
    """Hours after which half of the list would still be known, if as many entries come as since the poll before;
    infinite while little of it was new."""
    new = np.maximum(lists.new, 1.0)
    half = lists.elapsed * lists.size * (1 - LEAST_KNOWN) / new
    after_gap = np.minimum(half, lists.elapsed * AFTER_GAP)
    some = np.where(lists.new >= lists.size, after_gap, half)
    return np.where((lists.new > 0) & (lists.elapsed > 0), some, np.inf)
