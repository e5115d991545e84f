"""Judges the answer to a poll: whether it is a feed, and if not, for which reason."""

from __future__ import annotations

import re

from pipeline.core.feeds.parse import Parsed
from pipeline.core.pages import firewalls
from pipeline.core.pages.wall_phrases import CHALLENGE_TITLES
from pipeline.core.timing.feed_schedule import Good
from pipeline.records import FeedState, Page


def refused(page: Page) -> tuple[str, str] | None:
    """Kind of failure and detail, if the answer is no feed by its status, or is a firewall's."""
    good = page.status == 304 or (200 <= page.status < 300 and (page.body or page.status in (200, 203)))
    if firewall := (firewalls.named_in_headers if good else firewalls.named)(page.headers, page.body):
        return _challenge(page, firewall)
    if good:
        return None
    return ("gone" if page.status == 410 else f"http_{page.status}"), f"{page.url} answered {page.status}"


def _challenge(page: Page, firewall: str) -> tuple[str, str]:
    return "challenge", f"{firewall} asks for a browser or a person instead of answering; status {page.status}"


def unusable(page: Page, parsed: Parsed, state: FeedState | None) -> tuple[str, str] | None:
    """Kind of failure and detail, if the body is no feed. One whose end did not arrive is asked for again first; if it
    is cut off again, what came is read."""
    if parsed.problem in ("not_a_feed", "empty"):
        titled = any(phrase in parsed.detail.casefold() for phrase in CHALLENGE_TITLES)
        if firewall := firewalls.named(page.headers, page.body) or ("a firewall" if titled else None):
            return _challenge(page, firewall)
    if page.cut and (parsed.problem or ("truncated" in parsed.notes and (state is None or state.error != "cut_off"))):
        return "cut_off", page.cut
    return (parsed.problem, parsed.detail) if parsed.problem else None


def good_of(page: Page) -> Good:
    """What the headers of an answer say about the next polls."""
    headers = page.headers
    return Good(
        page.fetched_at, modified=True, etag=headers.get("etag"), last_modified=headers.get("last-modified"),
        permanent=page.permanent, hint=max_age(page), read_at=page.url if page.jumped else None,
        whole=page.status != 304,
    )  # fmt: skip


def max_age(page: Page) -> float | None:
    """Seconds of Cache-Control's max-age (RFC 9111 5.2.2.1)."""
    found = re.search(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", page.headers.get("cache-control", "").lower())
    return float(found[1]) if found else None
