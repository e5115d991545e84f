"""What a signed link of a message leads to: one question, and a button. Links work once, without a login.

Opening the page changes nothing: programs that check mail for malware open every link.
"""

from __future__ import annotations

from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipeline.console.desk import NOBODY
from pipeline.console.rendering import desk_of, page
from pipeline.console.safety.access import Access
from pipeline.console.sections import N_
from pipeline.core.alerts.signed_links import LASTING, Act, read_signed
from pipeline.records import Kept, Mute
from pipeline.reports.fired import FiredAlert
from pipeline.reports.resending import FAILED, resend_of
from pipeline.requests import alerts
from pipeline.requests.asking import Person
from pipeline.requests.kept import forget_before, keep

MUTED = timedelta(days=1)
BY = Person("a link in a message", "console")
QUESTIONS = {
    "useful": N_("Mark this alert as useful?"), "noise": N_("Mark this alert as noise?"),
    "mute": N_("Report nothing more about its story for a day?"), "again": N_("Send this message again?"),
}  # fmt: skip
ANSWERS = {
    "useful": N_("The alert is marked as useful. Thank you."), "noise": N_("The alert is marked as noise. Thank you."),
    "mute": N_("The story is muted for a day."), "again": N_("The message is sent again within seconds."),
}  # fmt: skip


async def show(request: Request) -> Response:
    """The question."""
    act, alert = await _asked(request)
    channels = _channels(request, alert) if act.verb == "again" else ()
    return page(request, "act.html", {
        "question": QUESTIONS[act.verb], "answer": "", "alert": alert, "channels": channels,
    })  # fmt: skip


async def do(request: Request) -> Response:
    """Do what the link asks for, once."""
    act, alert = await _asked(request)
    desk = desk_of(request)
    now = desk.clock()
    again = await resend_of(desk.log, alert.message, _channels(request, alert)) if act.verb == "again" else None
    if act.verb == "again" and again is None:
        raise HTTPException(409, N_("This message waits to be sent, or is no longer kept."))
    await forget_before(desk.log, desk.kept, NOBODY, "link", now - 2 * LASTING)  # such links are over anyway
    await keep(desk.log, desk.kept, Kept(user=NOBODY, kind="link", id=act.id, at=now))
    if again is not None:
        await alerts.resend(desk.log, BY, now, [again])
    elif act.verb == "mute":
        asked = Mute(id="", until=now + MUTED, at=now, story=alert.story, source="" if alert.story else alert.source)
        await alerts.mute(desk.log, BY, asked)
    else:
        await alerts.mark(desk.log, BY, now, [alert.id], act.verb)
    return page(request, "act.html", {"question": "", "answer": ANSWERS[act.verb], "alert": alert, "channels": ()})


def _channels(request: Request, alert: FiredAlert) -> tuple[str, ...]:
    """The channels that get the message of an alert again: those that it did not reach, else all that it reached."""
    ended = [one for one in desk_of(request).ledger.deliveries.get(alert.message, ()) if one.status != "waiting"]
    channels = tuple(one.channel for one in ended if one.status in FAILED) or tuple(one.channel for one in ended)
    if not channels:
        raise HTTPException(409, N_("This message waits to be sent, or is no longer kept."))
    return channels


async def _asked(request: Request) -> tuple[Act, FiredAlert]:
    desk = desk_of(request)
    access: Access = request.state.access
    act = read_signed(access.secret, str(request.path_params["signed"]), desk.clock())
    alert = desk.ledger.alerts.get(act.alert) if act else None
    if act is None or alert is None:
        raise HTTPException(404, N_("This link is not valid, or no longer: links in messages work for 14 days."))
    if desk.kept.has(NOBODY, "link", act.id):
        raise HTTPException(410, N_("This link was used already: each works once."))
    return act, alert
