"""Says in words what a feed is like, for `feeds add`, `feeds test` and `feeds show`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipeline.core.feeds.discover import Candidate, title_of
from pipeline.core.feeds.preview import Preview
from pipeline.discovery.find import Found
from pipeline.discovery.look import Look
from pipeline.terminal.tables import shortened

_TRY = {
    "not_a_feed": "give another page of the site, or the address of the feed",
    "dns": "check the spelling; --no-check adds it anyway",
    "challenge": "the site doubts that we are a person: ask it to let you through, or try --set user_agent=…",
    "refused_address": "it is in a private network: see [fetch] allow_networks",
    "tls": "see ca_file, min_tls and verify in docs/feeds.md",
    "too_large": "see [fetch] max_bytes",
    "http_401": "it needs a password: see docs/feeds.md",
    "http_404": "look for its address on the site: `almenara feeds add` with the address of the home page",
    "gone": "look for its address on the site: `almenara feeds add` with the address of the home page",
}


def ago(moment: datetime, now: datetime) -> str:
    """`3 h ago`, `12 d ago`, `in 5 min`."""
    seconds = (now - moment).total_seconds()
    return f"{span(seconds)} ago" if seconds >= 0 else f"in {span(-seconds)}"


def span(seconds: float) -> str:
    """`40 s`, `5 min`, `3 h`, `12 d`."""
    for size, unit in ((86400.0 * 2, "d"), (3600.0 * 2, "h"), (120.0, "min")):
        if seconds >= size:
            return f"{seconds / {'d': 86400, 'h': 3600, 'min': 60}[unit]:.0f} {unit}"
    return f"{seconds:.0f} s"


def summary_lines(look: Look, candidate: Candidate, number: int | None, now: datetime) -> Iterator[str]:
    """A few lines about one feed."""
    seen = look.preview
    assert seen is not None, look
    mark = f"{number}. " if number else ""
    yield shortened(f"{mark}{seen.title or candidate.title or 'without title'}: {candidate.url}", 300)
    yield "   " + ", ".join(
        filter(None, (seen.kind, seen.language or seen.declared, contents(seen, now), candidate.how))
    )
    for entry in seen.latest[:3]:
        dated = f"{entry.published:%Y-%m-%d %H:%M}" if entry.published else "no date"
        yield "   " + shortened(f"{dated}  {entry.title or entry.url}", 120)
    yield from (f"   warning: {problem}" for problem in seen.problems)


def contents(seen: Preview, now: datetime) -> str:
    """How many entries, how new, how often."""
    parts = [f"{seen.items} entries" if seen.items == seen.listed else f"{seen.items} of {seen.listed} entries usable"]
    if seen.newest:
        parts.append(f"newest {ago(seen.newest, now)}")
    if seen.every is not None:
        parts.append(f"about one every {span(seen.every)}" if seen.every >= 1 else "several at a time")
    return ", ".join(parts)


def advice(found: Found) -> str:
    """Why there is no feed at an address, and what to try."""
    what, hint = reason_lines(found.first)
    looked = f"; nor is any of {found.tried - 1} other places on the site" if found.tried > 1 else ""
    return f"{what}{looked}. {hint}"


def reason_lines(look: Look) -> tuple[str, str]:
    """Why an address is no feed, and what to try."""
    reason, detail = look.failure or ("not_a_feed", "")
    page = title_of(look.html) if look.page else ""
    what = f"{look.url} is no feed: {reason}: {detail}" + (f" ({page})" if page and page not in detail else "")
    hint = _TRY.get(reason, "wait, or add it anyway with `almenara feeds add --no-check`")
    return what, f"What to try: {hint}"
