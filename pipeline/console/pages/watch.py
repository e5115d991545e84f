"""The page Watch: authorisations of foreign forces by their life cycle, with the next dates."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from pipeline.console.atom_links import feed_of
from pipeline.console.desk import Desk
from pipeline.console.rendering import desk_of, page, reader_for
from pipeline.console.sections import N_
from pipeline.core.stories.threads import OVER, Thread, threads, to_watch
from pipeline.reports.stories import hosted_stories

#: The statuses in the order of a life, with what they are called.
LIFE = {
    "proposed": N_("Proposed"), "debated": N_("Debated"), "approved": N_("Approved"), "in force": N_("In force"),
    "extended": N_("Extended"), "revoked": N_("Revoked"), "rejected": N_("Rejected"), "ended": N_("Ended"),
}  # fmt: skip
EVENTS = {"vote": N_("vote"), "start": N_("stay begins"), "end": N_("stay ends")}
OUTCOMES = {
    "proposed": N_("proposed"), "debated": N_("debated"), "authorised": N_("authorised"), "extended": N_("extended"),
    "rejected": N_("rejected"), "revoked": N_("revoked"),
}  # fmt: skip
NEXT = 12  # dates listed at the top
STEPS = 12  # of one authorisation, the newest ones


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of life with the authorisations that are in it."""

    status: str
    title: str
    threads: tuple[Thread, ...]


async def show(request: Request) -> Response:
    """`host`: a country code that limits the list; `all=1`: also what is over."""
    reader, today = reader_for(request), today_of(desk_of(request))
    found = await authorisations(desk_of(request))
    host, everything = request.query_params.get("host", "").upper()[:2], request.query_params.get("all") == "1"
    current = to_watch(found, over=everything)
    listed = to_watch(current, host, over=True)
    hosts = Counter(one.host for one in current)
    return page(request, "watch.html", {
        "stages": by_stage(listed), "dates": [one for one in listed if one.next][:NEXT], "today": today, "host": host,
        "hosts": sorted(hosts.items(), key=lambda pair: reader.country_name(pair[0])), "everything": everything,
        "over": sum(one.status in OVER for one in found), "events": EVENTS, "outcomes": OUTCOMES, "steps": STEPS,
        "days": lambda moment: _days(today, moment), "feed": feed_of("watch", request.url.query),
    })  # fmt: skip


def today_of(desk: Desk) -> date:
    """The day in the zone of the configuration."""
    return desk.clock().astimezone(ZoneInfo(desk.configuration().alerts.reader.zone)).date()


async def authorisations(desk: Desk) -> list[Thread]:
    """Every authorisation. Raises Unavailable."""
    stories = await hosted_stories(await desk.index())
    return await asyncio.to_thread(threads, stories, today_of(desk))


def by_stage(found: Sequence[Thread]) -> list[Stage]:
    """The authorisations by stage of life, in the order of a life; within a stage in the order given."""
    order = list(LIFE)
    ordered = sorted(found, key=lambda one: order.index(one.status))
    return [Stage(status, LIFE[status], tuple(some)) for status, some in groupby(ordered, lambda one: one.status)]


def _days(today: date, moment: date) -> int:
    return (moment - today).days
