"""Limits the rate of requests to a domain: decides when the next one may start."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_BACKOFF = 5.0  # seconds after a first failure, doubled with each one in a row
LONGEST_BACKOFF = 900.0
LONGEST_RETRY_AFTER = 3600.0  # what a server may ask for; some ask for a year
FORGET = 3600.0  # a domain idle for so long is forgotten
SWEEP = 60.0


@dataclass(slots=True)
class _Domain:
    active: int = 0
    free_at: float = 0.0  # no request starts earlier
    booked: float = 0.0  # until then, all times are promised to waiting callers
    failures: int = 0  # in a row
    took: float = 0.0  # seconds, the last request
    used: float = 0.0
    delay: float = 0.0  # that its robots.txt asks for


class Pace:
    """At most `per_domain` requests to one domain at once, started `delay_per_site` seconds apart, more after failures.

    Times are seconds of any monotonic clock, the same for every call. One object serves feeds and pages alike.
    """

    def __init__(self, delay_per_site: float, per_domain: int) -> None:
        if delay_per_site < 0 or per_domain < 1:
            raise ValueError("delay_per_site must not be negative, per_domain at least 1")
        self.delay_per_site, self.per_domain = delay_per_site, per_domain
        self._domains: dict[str, _Domain] = {}
        self._swept: float | None = None

    def __len__(self) -> int:
        """Domains remembered."""
        return len(self._domains)

    def in_flight(self, domain: str) -> int:
        """Requests in progress."""
        state = self._domains.get(domain)
        return state.active if state else 0

    def enter(self, domain: str, now: float) -> float:
        """Ask to start a request. Returns 0.0 if it may start, and `leave` must be called once when it has ended,
        however it did; otherwise the seconds after which to ask again.

        Callers get successive times, so that fifty items of one host come back spread out, not all at once."""
        self._sweep(now)
        state = self._domains.setdefault(domain, _Domain())
        state.used = now
        if state.active < self.per_domain and now >= state.free_at:
            state.active += 1
            state.free_at = now + max(self.delay_per_site, state.delay)
            return 0.0
        spacing = max(self.delay_per_site, state.delay, state.took / self.per_domain, 0.05)
        earliest = max(state.free_at, now + (spacing if state.active >= self.per_domain else 0.0))
        state.booked = max(earliest, state.booked + spacing)
        return state.booked - now

    def slow(self, domain: str, delay: float) -> None:
        """Start requests to the domain at least `delay` seconds apart, for as long as it is remembered."""
        state = self._domains.setdefault(domain, _Domain())
        if delay > state.delay:
            state.free_at += delay - max(self.delay_per_site, state.delay) if state.free_at else 0.0
            state.delay = delay

    def leave(
        self,
        domain: str,
        now: float,
        *,
        started: float | None = None,
        retry_after: float | None = None,
        failed: bool = False,
    ) -> None:
        """End a request that `enter` allowed.

        `failed`: no answer, or one of overload (429, 503); an article that is gone (404) is no failure of its host.
        `retry_after`: seconds the server asked for. `started`: `now` of the `enter`, for better estimates.
        """
        state = self._domains.setdefault(domain, _Domain())
        state.active = max(0, state.active - 1)
        state.used = now
        if started is not None:
            state.took = now - started
        state.failures = state.failures + 1 if failed else 0
        believed = retry_after is not None and state.failures == 1  # once: it may be better than our back-off
        if failed and not believed:
            doubled = FIRST_BACKOFF * 2.0 ** min(state.failures - 1, 20)
            state.free_at = max(state.free_at, now + min(doubled, LONGEST_BACKOFF))
        if retry_after is not None:
            state.free_at = max(state.free_at, now + min(max(retry_after, 0.0), LONGEST_RETRY_AFTER))

    def _sweep(self, now: float) -> None:
        if self._swept is not None and now < self._swept + SWEEP:
            return
        self._swept = now
        for domain, state in list(self._domains.items()):
            idle = state.used + (FORGET if state.failures else max(self.delay_per_site, state.delay)) <= now
            if idle and not state.active and max(state.free_at, state.booked) <= now:
                del self._domains[domain]


def retry_after(value: str | None, now: datetime, longest: float = LONGEST_RETRY_AFTER) -> float | None:
    """Seconds a Retry-After header asks to wait (RFC 9110 10.2.3: a number or an HTTP-date), at least 0, at most
    `longest`. None if there is no readable header. `now` is aware."""
    value = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,30}(?:\.[0-9]{1,6})?", value):
        seconds = float(value)
    else:
        try:
            date = parsedate_to_datetime(value[:64])
            seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now.timestamp()
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(seconds, 0.0), longest)
