"""The API of alerts: what fired, and what people decide: marks, mutes, messages to send again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.exceptions import HTTPException

from pipeline.console.api.operation import Accepted, Answer, Body, Call, Id, Limit, Nothing, Operation, Page, Parameters
from pipeline.console.pages.alerts import SPANS
from pipeline.console.sections import N_
from pipeline.records import Moment, Mute
from pipeline.reports.fired import FiredAlert, Wanted, fired, plain
from pipeline.reports.resending import resend_of
from pipeline.requests import alerts
from pipeline.requests.asking import Refused
from pipeline.requests.names import outlet, place_name, rule_key

NOTE = "the stage notify does it within seconds while it runs"
LONGEST_MUTE = 24 * 366  # hours
Short = Annotated[str, Meta(max_length=300)]


class AlertsWanted(Parameters, frozen=True, kw_only=True):
    """Which alerts. `rule`: its key."""

    span: Annotated[Literal["24h", "7d", "30d", "90d"], Meta(description="how far back")] = "7d"
    rule: Short = ""
    story: Short = ""
    status: Literal["", "reported", "held", "noted", "copy", "muted", "unchanged"] = ""
    mark: Literal["", "useful", "noise", "none"] = ""
    page: Page = 1
    limit: Limit = 30


class ChannelFate(Answer, frozen=True, kw_only=True):
    """What became of the message on a channel."""

    channel: str
    status: str
    at: datetime | None


class OneAlert(Answer, frozen=True, kw_only=True):
    """An alert with the message it went out with and what became of that. `why`: it is held; `due`: until when."""

    id: str
    rule: str
    status: str
    why: str
    at: datetime
    seen: datetime | None
    due: datetime | None
    title: str
    source: str
    language: str | None
    url: str
    article: str
    version: int
    story: str
    message: str | None
    kind: str | None
    mark: str | None
    channels: tuple[ChannelFate, ...]


class AlertList(Answer, frozen=True, kw_only=True):
    """A page of alerts, the newest first. `next`: address of the next page."""

    total: int
    alerts: tuple[OneAlert, ...]
    next: str | None


class Marked(Body, frozen=True, kw_only=True):
    """Alerts that were useful, or noise."""

    alerts: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=2_000)]
    verdict: Literal["useful", "noise"]


class Resend(Body, frozen=True, kw_only=True):
    """Channels to send the message to; none: those that it did not reach."""

    channels: Annotated[tuple[Short, ...], Meta(max_length=50)] = ()


class NewMute(Body, frozen=True, kw_only=True):
    """What to mute (all conditions that are given must hold), and for how many hours. `rule`: key or name; `place`: a
    country (its code or name) or city."""

    rule: Short = ""
    story: Short = ""
    source: Short = ""
    place: Short = ""
    hours: Annotated[float, Meta(gt=0, le=LONGEST_MUTE)] = 24.0
    reason: Short = ""


class MuteList(Answer, frozen=True, kw_only=True):
    """The mutes that are in force, the one that ends first first."""

    mutes: tuple[Mute, ...]


class Muted(Answer, frozen=True, kw_only=True):
    """A mute that was asked for, or is ended."""

    mute: Mute
    until: Moment
    note: str = NOTE


async def listed(call: Call) -> AlertList:
    """A page of alerts."""
    query, ledger = call.query, call.desk.ledger
    wanted = Wanted(call.desk.clock() - SPANS[query.span], query.rule, query.story, query.status, query.mark)
    found = fired(ledger, wanted)
    page = found[(query.page - 1) * query.limit :][: query.limit]
    made = tuple(msgspec.convert(plain(one, ledger), OneAlert) for one in page)
    return AlertList(total=len(found), alerts=made, next=call.next_page(len(found)))


async def one(call: Call) -> OneAlert:
    """One alert."""
    return msgspec.convert(plain(_alert(call), call.desk.ledger), OneAlert)


async def mark(call: Call) -> Accepted:
    """Mark alerts."""
    desk, body = call.desk, call.body
    chosen = tuple(dict.fromkeys(body.alerts))
    if unknown := [id for id in chosen if id not in desk.ledger.alerts]:
        raise Refused(f"there is no such alert, or it is older than 90 days: {', '.join(unknown)[:300]}")
    await alerts.mark(desk.log, call.person, desk.clock(), chosen, body.verdict)
    return Accepted(about=chosen, note=NOTE)


async def resend(call: Call) -> Accepted:
    """Send the message of an alert again."""
    desk, alert = call.desk, _alert(call)
    found = await resend_of(desk.log, alert.message, call.body.channels) if alert.message else None
    if found is None:
        raise Refused("this alert has no message that can be sent again to these channels")
    await alerts.resend(desk.log, call.person, desk.clock(), [found])
    return Accepted(about=(alert.message, *found[1]), note=NOTE)


async def mutes(call: Call) -> MuteList:
    """The mutes in force, with those that were just asked for."""
    desk = call.desk
    return MuteList(mutes=tuple(await alerts.mutes_in_force(desk.log, desk.ledger, desk.clock())))


async def mute(call: Call) -> Muted:
    """Mute a rule, a story, an outlet or a place."""
    desk, body = call.desk, call.body
    now, alerts_in_force = desk.clock(), desk.configuration().alerts
    names = {feed.name for feed in desk.follower.feeds.by_key.values() if not feed.removed}
    asked = Mute(
        id="", at=now, until=now + timedelta(hours=body.hours), reason=" ".join(body.reason.split()), story=body.story,
        rule=rule_key(body.rule, alerts_in_force, desk.ledger) if body.rule else "",
        source=outlet(body.source, names) if body.source else "",
        place=place_name(body.place) if body.place else "",
    )  # fmt: skip
    made = await alerts.mute(desk.log, call.person, asked)
    return Muted(mute=made, until=made.until)


async def unmute(call: Call) -> Muted:
    """End a mute before its time."""
    desk = call.desk
    ended = await alerts.unmute(desk.log, call.person, desk.clock(), call.path["mute"], desk.ledger)
    return Muted(mute=ended, until=desk.clock())


def _alert(call: Call) -> FiredAlert:
    found = call.desk.ledger.alerts.get(call.path["alert"])
    if found is None:
        raise HTTPException(404, N_("There is no such alert, or it is older than 90 days."))
    return found


WORDS = {"alert": "id of an alert"}
OPERATIONS = (
    Operation("alerts.list", "GET", "/alerts", "Alerts, the newest first", listed, AlertList, query=AlertsWanted),
    Operation("alerts.mark", "POST", "/alerts/mark", "Mark alerts as useful or noise", mark, Accepted, body=Marked,
              editors=True, status=202),
    Operation("alerts.one", "GET", "/alerts/{alert}", "One alert, and what became of it", one, OneAlert,
              path_words=WORDS),
    Operation("alerts.resend", "POST", "/alerts/{alert}/resend", "Send its message again", resend, Accepted,
              body=Resend, editors=True, status=202, path_words=WORDS),
    Operation("mutes.list", "GET", "/mutes", "Mutes in force", mutes, MuteList),
    Operation("mutes.add", "POST", "/mutes", "Mute a rule, a story, an outlet or a place", mute, Muted, body=NewMute,
              editors=True, status=202),
    Operation("mutes.end", "POST", "/mutes/{mute}/end", "End a mute before its time", unmute, Muted, body=Nothing,
              editors=True, status=202, path_words={"mute": "id of a mute, or its start"}),
)  # fmt: skip
