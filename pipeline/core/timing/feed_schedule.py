"""Decides when a feed is polled next, with which validators, at which address.

A feed that fails is polled less and less often, but never given up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from pipeline.core.feeds.skips import NO_SKIPS, Skips
from pipeline.core.timing.learning import Heard, learned
from pipeline.core.timing.next_poll import Pacing
from pipeline.records import Dated, Feed, FeedState, Part

SILENCE = timedelta(hours=24)  # if a feed was not polled for longer, its entries are backlog
MOVES = 5  # polls in a row with the same permanent redirect, after which the new address is polled directly
#: Some servers answer 304 although the feed changed. So after so many 304s the whole feed is asked for; twice as many,
#: up to the maximum, each time that it proves them right. In any case after so long.
FULL_FETCH, FULL_FETCH_MAX, FULL_AFTER = 4, 32, timedelta(days=3)
LAG = timedelta(hours=1)  # entries appear that much after the moment that they state
BACK_AFTER = 3  # failures in a row at a new address, after which the old one is polled again
KEPT_UPDATED = 5_000  # dates of change that are kept of an index of sitemaps

#: The address is wrong or the answer is not a feed: somebody may have to act. Other failures are expected to pass.
LASTING = frozenset({
    "gone", "challenge", "secret", "http_400", "http_401", "http_403", "http_404", "http_451", "not_a_feed", "empty",
    "entities", "too_large", "refused_address", "redirects", "parse_timeout", "parse_crash",
})  # fmt: skip
#: Errors in the body: a 304 would only mean that it is unchanged.
OF_THE_BODY = frozenset({"not_a_feed", "empty", "entities", "too_large", "truncated", "parse_timeout", "parse_crash"})
#: Answers with which some servers fail on a request with validators.
OF_CONDITIONS = frozenset({"http_304", "http_400", "http_403", "http_406", "http_412", "http_416", "http_500"})


NEW = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed is due that was never polled


def next_at(state: FeedState | None, feed: Feed) -> datetime:
    """When `feed` is due; NEW for one that is new or whose address was changed."""
    if state is None or not _same(state, feed):
        return NEW
    if feed.every is not None and not state.failures:
        return min(state.next_at, state.polled_at + timedelta(seconds=1.1 * feed.every))
    return state.next_at


def address(state: FeedState | None, feed: Feed) -> str:
    """The address to poll: the feed's URL, or where it has permanently moved to."""
    moved = state is not None and _same(state, feed) and state.moved_to and state.moved_times >= MOVES
    return state.moved_to if state is not None and moved and state.moved_to else feed.url


def conditions(state: FeedState | None, feed: Feed, now: datetime) -> dict[str, str]:
    """Request headers that let the server answer 304; empty if the whole body is wanted."""
    if state is None or not _same(state, feed) or state.error in OF_THE_BODY | OF_CONDITIONS:
        return {}
    if feed.ignore_validators or state.false_304 or state.parts or _doubtful(state, now):
        return {}
    headers = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in headers.items() if value}


def _doubtful(state: FeedState, now: datetime) -> bool:
    """Whether there were so many 304s that they are to be proved."""
    if not state.not_modified:
        return False
    enough = min(FULL_FETCH << min(state.trusted, 10), FULL_FETCH_MAX)
    return state.not_modified >= enough or (state.full_at is not None and now - state.full_at >= FULL_AFTER)


def proved_false(state: FeedState | None, answer: Good) -> bool:
    """Whether a whole feed proves the 304s before it false: it has entries that are new, but the validators of before,
    or an entry is older than the last 304."""
    if state is None or not state.not_modified or not answer.new:
        return False
    unchanged = answer.etag == state.etag if answer.etag else answer.last_modified == state.last_modified
    validated = bool(answer.etag or answer.last_modified)
    older = answer.oldest_new is not None and answer.oldest_new < state.polled_at - LAG
    return (validated and unchanged) or older


def same_body(state: FeedState | None, feed: Feed, body_hash: str) -> bool:
    """Whether the body is the one that was parsed last."""
    if state is None or state.parts or not _same(state, feed):
        return False
    return state.body_hash == body_hash and state.error not in OF_THE_BODY


def gaps(state: FeedState | None) -> int:
    """How many polls brought nothing known, so that entries may have been lost before."""
    return state.rhythm.gaps if state and state.rhythm else 0


def is_backlog(state: FeedState | None, now: datetime, published: Dated | None = None) -> bool:
    """Whether an entry published then is backlog: at the feed's first successful poll, or the first after a long pause.
    After a repair, a feed whose entries count as unread lists again what is older than its first poll: that is, too."""
    if state is None or state.first_polled_at is None or now - state.polled_at > SILENCE:
        return True
    again = bool(state.entries) and not state.listed
    return again and published is not None and published.value < state.first_polled_at


def _same(state: FeedState, feed: Feed) -> bool:
    return state.url in (None, feed.url)


@dataclass(frozen=True, slots=True)
class Good:
    """A successful poll. `modified` False: a 304, or a body seen before.

    `listed` and `shared`: what to remember of the entries (core/feeds/memory.py); `updated`: their dates of change, if
    stated. `entries`: how many the feed lists; `drops`: why some of them are no items. `hint`: seconds between polls
    that the server or the feed recommends. `new`: how many entries were not known; `dates`: theirs, None for no date;
    `oldest_new`: the earliest of them. `read_at`: as in FeedState.
    """

    at: datetime
    modified: bool
    listed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    entries: int = 0
    drops: Mapping[str, int] = field(default_factory=dict)
    updated: Mapping[str, datetime] = field(default_factory=dict)
    new: int = 0
    dates: tuple[datetime | None, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    permanent: str | None = None
    hint: float | None = None
    read_at: str | None = None
    whole: bool = True  # False: a 304
    oldest_new: datetime | None = None
    skips: Skips = NO_SKIPS
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Bad:
    """A failed poll. `reason`: that of FetchFailed, http_NNN, gone, or Parsed.problem."""

    at: datetime
    reason: str
    detail: str
    retry_after: float | None = None


def after(
    state: FeedState | None, feed: Feed, answer: Good | Bad, jitter: float, pacing: Pacing, crowd: float = 1.0
) -> FeedState:
    """The next state. `jitter`: 0 to 1, random, so that feeds polled together drift apart. `crowd`: by how much the
    interval gets longer for the sake of the site (see crowd.py)."""
    if state is None or not _same(state, feed):
        state = _fresh(state, feed, answer.at, answer.at, pacing)
    if isinstance(answer, Good):
        return _good(state, feed, answer, jitter, pacing, crowd)
    return _bad(state, answer, jitter, pacing)


def postponed(state: FeedState | None, feed: Feed, now: datetime, wait: float, pacing: Pacing) -> FeedState:
    """The state if no request to the host is allowed yet: due again in `wait` seconds."""
    at = now + timedelta(seconds=wait)
    if state is not None and _same(state, feed):
        return msgspec.structs.replace(state, next_at=at)
    return _fresh(state, feed, now, at, pacing)


def _fresh(state: FeedState | None, feed: Feed, now: datetime, at: datetime, pacing: Pacing) -> FeedState:
    """The state of a feed that is new or has a new address, of which only the listed entries are kept."""
    return FeedState(
        feed=feed.id, polled_at=now, next_at=at, interval=pacing.every, url=feed.url,
        listed=state.listed if state else (), shared=state.shared if state else (),
        first_polled_at=state.first_polled_at if state else None, rhythm=state.rhythm if state else None,
    )  # fmt: skip


def _good(state: FeedState, feed: Feed, answer: Good, jitter: float, pacing: Pacing, crowd: float) -> FeedState:
    # Of an index of sitemaps, only those that changed are in the answer.
    size = max(answer.entries, len(state.listed) if answer.parts else 0) if answer.modified else None
    was_empty = state.rhythm is not None and not state.rhythm.size
    known = state.first_polled_at is not None and (was_empty or bool(state.listed))
    heard = Heard(answer.at, answer.new, answer.dates, size, known, answer.hint or 0.0)
    rhythm, interval = learned(state.rhythm, heard, pacing)
    wait = feed.every or min(max(interval * crowd, interval), max(interval, pacing.max_interval))
    skips = answer.skips if answer.modified else Skips(state.skip_hours, state.skip_days)
    next_at = answer.at + timedelta(seconds=wait * (0.9 + 0.2 * jitter))
    state = msgspec.structs.replace(
        state, url=feed.url, polled_at=answer.at, first_polled_at=state.first_polled_at or answer.at, interval=interval,
        next_at=next_at if feed.every else not_skipped(next_at, skips, jitter), rhythm=rhythm,
        unchanged=0 if answer.new else state.unchanged + 1, failures=0, error=None, detail=None, failing_since=None,
        skip_hours=skips.hours, skip_days=skips.days, **_verified(state, answer), **_moved(state, answer),
    )  # fmt: skip
    if not answer.modified:
        # RFC 9110 15.4.5: a 304 may carry newer validators; without any, the old ones stay.
        return msgspec.structs.replace(
            state, etag=answer.etag or state.etag, last_modified=answer.last_modified or state.last_modified
        )
    updated = {key: max(at, state.updated.get(key, at)) for key, at in answer.updated.items()}
    if answer.parts:  # what the sitemaps hold that did not change is not in the answer
        updated = {**dict(tuple(state.updated.items())[:KEPT_UPDATED]), **updated}
    return msgspec.structs.replace(
        state, etag=answer.etag, last_modified=answer.last_modified, body_hash=answer.body_hash,
        listed=answer.listed, shared=answer.shared, entries=answer.entries, drops=dict(answer.drops), updated=updated,
        parts=answer.parts,
    )  # fmt: skip


def _verified(state: FeedState, answer: Good) -> dict[str, Any]:
    """The fields about 304s: how many there were, and what a whole feed after them proves."""
    if not answer.whole:
        return {"not_modified": state.not_modified + 1}
    false = state.false_304 or proved_false(state, answer)
    trusted = state.trusted + 1 if state.not_modified and not answer.new else state.trusted
    return {"not_modified": 0, "full_at": answer.at, "false_304": false, "trusted": 0 if false else trusted}


def _moved(state: FeedState, answer: Good) -> dict[str, Any]:
    """The fields about where the feed is read."""
    if answer.permanent is None and state.moved_times >= MOVES:  # polled at the new address already
        return {"read_at": answer.read_at or state.moved_to}
    times = state.moved_times + 1 if answer.permanent == state.moved_to else 1
    return {
        "moved_to": answer.permanent, "moved_times": times if answer.permanent else 0,
        "read_at": answer.read_at or answer.permanent,
    }  # fmt: skip


def not_skipped(at: datetime, skips: Skips, jitter: float) -> datetime:
    """`at`, or up to ten minutes (by `jitter`) after the start of the first hour that the feed does not skip."""
    moved = at
    for _ in range(8 * 24):
        if moved.hour not in skips.hours and moved.weekday() not in skips.days:
            break
        moved = moved.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return at if moved == at else moved + timedelta(seconds=600 * jitter)


def back_off(reason: str, failures: int, pacing: Pacing) -> float:
    """Seconds until the next poll after so many failures in a row, the last for this reason."""
    if reason == "gone":
        return pacing.retry_gone
    longest = pacing.max_retry_lasting if reason in LASTING else pacing.max_retry
    return float(min(pacing.retry * 2.0 ** min(failures - 1, 20), longest))


def _bad(state: FeedState, answer: Bad, jitter: float, pacing: Pacing) -> FeedState:
    failures = state.failures + 1
    wait = back_off(answer.reason, failures, pacing)
    if answer.retry_after is not None:
        wait = max(wait, answer.retry_after)
    # The new address failed: poll the old one again.
    back = state.moved_times >= MOVES and (answer.reason in LASTING or failures >= BACK_AFTER)
    return msgspec.structs.replace(
        state, polled_at=answer.at, next_at=answer.at + timedelta(seconds=wait * (1.0 + 0.5 * jitter)),
        failures=failures, error=answer.reason, detail=answer.detail[:500],
        failing_since=state.failing_since or answer.at,
        moved_to=None if back else state.moved_to, moved_times=0 if back else state.moved_times,
        read_at=None if back else state.read_at,
    )  # fmt: skip
