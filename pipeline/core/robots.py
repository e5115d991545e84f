"""Decides by a site's robots.txt whether a page may be fetched (RFC 9309).

An answer of 2xx gives rules, one of 4xx allows everything (2.3.1.3). A file that cannot be reached, or an answer of
5xx, forbids everything at first; after a day it counts as missing, unless older rules are known, which then stay
(2.3.1.4).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from protego import Protego

from pipeline.core.urls import canonical

AGENT = "Almenara"  # the product token of our User-Agent (2.2.1)
LIMIT = 512_000  # bytes that are read (2.5)
FRESH = timedelta(hours=24)  # how long an answer is used (2.4)
UNREACHABLE = timedelta(days=1)  # after which a file that cannot be reached counts as missing
_RETRY, _LONGEST_RETRY = 60.0, 3600.0  # seconds, after a failure; doubled with each
#: Failures without an answer. Others are answers that cannot be used: of a missing file, for example a page too large.
_NO_ANSWER = frozenset({"dns", "connect", "tls", "timeout", "cut_off", "secret"})


class Robots(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one robots.txt. `state`: rules (in `body`), missing or unreachable. `until`: when to ask again.

    `since`: when it could not be reached first; `failure`: reason and detail if there was no answer at all.
    """

    state: Literal["rules", "missing", "unreachable"]
    until: datetime
    body: str = ""
    since: datetime | None = None
    failures: int = 0
    failure: tuple[str, str] | None = None
    detail: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a page may be fetched. `delay`: seconds between requests that the site asks for.

    If not: `why` for people. `unreachable_until`: the file could not be reached, and counts as missing from then on.
    """

    allowed: bool
    delay: float | None = None
    why: str = ""
    unreachable_until: datetime | None = None
    failure: tuple[str, str] | None = None


def robots_url(page: str) -> str:
    """The address of the robots.txt for the page: that of its scheme, host and port. Raises ValueError."""
    parts = urlsplit(canonical(page))
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def answered(before: Robots | None, status: int, body: bytes, now: datetime) -> Robots:
    """What is known after an answer, redirects followed."""
    if 200 <= status < 300:
        return Robots(state="rules", until=now + FRESH, body=body[:LIMIT].decode("utf-8", "replace").lstrip("\ufeff"))
    if status >= 500:
        return _unreachable(before, now, None, f"answered {status}")
    return Robots(state="missing", until=now + FRESH, detail=f"answered {status}")


def failed(before: Robots | None, reason: str, detail: str, now: datetime) -> Robots:
    """What is known after a fetch that failed."""
    if reason in _NO_ANSWER:
        return _unreachable(before, now, (reason, detail), detail)
    return Robots(state="missing", until=now + FRESH, detail=detail)  # too many redirects, for example (2.3.1.2)


def _unreachable(before: Robots | None, now: datetime, failure: tuple[str, str] | None, detail: str) -> Robots:
    failures = before.failures + 1 if before else 1
    since = before.since if before and before.since else now
    wait = timedelta(seconds=min(_RETRY * 2.0 ** min(failures - 1, 20), _LONGEST_RETRY))
    if before and before.state == "rules":  # a cached copy may be used for longer then (2.4)
        return msgspec.structs.replace(before, until=now + wait, since=since, failures=failures, detail=detail)
    return Robots(
        state="unreachable", until=now + wait, since=since, failures=failures, failure=failure, detail=detail[:500]
    )


def parsed(robots: Robots) -> Protego:
    """The rules of the file; without a file those of an empty one."""
    return Protego.parse(robots.body)


def verdict(robots: Robots, rules: Protego, page: str, now: datetime, agent: str = AGENT) -> Verdict:
    """Whether `page` may be fetched at `now`. `rules`: `parsed(robots)`."""
    if robots.state == "unreachable":
        end = (robots.since or now) + UNREACHABLE
        if now >= end:
            return Verdict(allowed=True)
        why = f"robots.txt cannot be reached: {robots.detail}"
        return Verdict(allowed=False, why=why, unreachable_until=end, failure=robots.failure)
    delay = rules.crawl_delay(agent)
    if page_path(page) != "/robots.txt" and not rules.can_fetch(page, agent):
        return Verdict(allowed=False, delay=delay, why=f"{robots_url(page)} forbids it")
    return Verdict(allowed=True, delay=delay)


def page_path(page: str) -> str:
    """The path of an address, which robots.txt itself is exempt by."""
    return urlsplit(page).path
