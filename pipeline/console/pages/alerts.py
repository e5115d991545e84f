"""The pages of alerts: what fired, by story; one alert with why; and what people decide about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.console import words
from pipeline.console.atom_links import feed_of
from pipeline.console.follow import Change, Cursor
from pipeline.console.newly import Judge
from pipeline.console.rendering import desk_of, page, person_of
from pipeline.console.safety.forms import form_of
from pipeline.console.sections import N_
from pipeline.core.alerts.explaining import explained
from pipeline.core.query.sentence import sentence
from pipeline.core.wording import words_of
from pipeline.records import Document, Mute
from pipeline.reports import resending
from pipeline.reports.alert_stories import alert_stories, fate_of, version_of, why_of, whys
from pipeline.reports.fired import FiredAlert, Ledger, Wanted, is_wanted
from pipeline.requests import alerts
from pipeline.requests.asking import Refused
from pipeline.requests.names import names_of, severities_of

SPANS = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30), "90d": timedelta(days=90)}
STATUSES = {
    "reported": N_("reported"), "held": N_("held"), "noted": N_("noted"), "copy": N_("copy"), "muted": N_("muted"),
    "unchanged": N_("unchanged"),
}  # fmt: skip
MARKS = {"useful": N_("useful"), "noise": N_("noise"), "none": N_("not marked")}
#: Why an alert is held.
WHY = {
    "story": N_("follow-up of its story"), "change": N_("a change of its story"), "throttle": N_("throttle"),
    "flood": N_("too many at once"), "quiet": N_("quiet hours"), "budget": N_("budget of the day"),
    "digest": N_("digest"), "backlog": N_("summary"),
}  # fmt: skip
DELIVERED = {
    "sent": N_("arrived"), "waiting": N_("waiting"), "refused": N_("refused"), "unsure": N_("never confirmed"),
    "given_up": N_("given up"),
}  # fmt: skip
KINDS = {
    "alert": N_("alert"), "follow_up": N_("follow-up"), "summary": N_("summary"), "digest": N_("digest"),
    "silence": N_("silence"), "burst": N_("burst"), "report": N_("report"), "test": N_("test"),
}  # fmt: skip
MUTES = {"1h": timedelta(hours=1), "1d": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
DONE = {
    "mark": N_("Marked. The counts of the rule follow within seconds."),
    "mute": N_("Muted as soon as the stage notify has read the request."),
    "unmute": N_("On again as soon as the stage notify has read the request."),
    "resend": N_("The message is sent again within seconds."),
    "resend_all": N_("What did not arrive is sent again within seconds."),
}  # fmt: skip
PAGE = 20  # stories on a page
SHOWN = 3  # alerts of a story that are shown at once
DEEPEST = 500  # pages
MOST = 2_000  # alerts that one form marks


def filters(request: Request) -> dict[str, str]:
    """What limits the list, as in the address; "" for what does not, and for values that are not known."""
    given = request.query_params
    allowed: dict[str, Collection[str]] = {"span": SPANS, "status": STATUSES, "mark": MARKS}
    found = {name: value if (value := given.get(name, "")) in allowed[name] else "" for name in allowed}
    return found | {name: given.get(name, "")[:200] for name in ("rule", "story")}


async def show(request: Request) -> Response:
    """`span`: how far back; `rule`: a key; `story`, `status`, `mark`: only those; `page`: from 1 on."""
    desk, chosen = desk_of(request), filters(request)
    configuration = desk.configuration()
    number = _number(request.query_params.get("page", "1"))
    wanted = _wanted(request, chosen)
    ledger, index = desk.ledger, await desk.index()
    found = await alert_stories(index, ledger, wanted, PAGE, (number - 1) * PAGE, await desk.lookup())
    shown = [fate.alert for one in found.stories for fate in one.alerts[:SHOWN]]
    return page(request, "alerts.html", {
        **_common(request), "found": found, "whys": await whys(index, configuration.alerts, shown), "chosen": chosen,
        "number": number, "pages": min(DEEPEST, -(-found.total // PAGE)), "spans": tuple(SPANS), "statuses": STATUSES,
        "marks": MARKS, "address": partial(_address, chosen), "shown": SHOWN,
        "feed": feed_of("alerts", query_of(chosen)), "query": query_of(chosen),
        "mutes": await alerts.mutes_in_force(desk.log, ledger, desk.clock()),
        "done": DONE.get(request.query_params.get("done", "")), "undelivered": undelivered(ledger, wanted.since),
    })  # fmt: skip


def _wanted(request: Request, chosen: dict[str, str]) -> Wanted:
    since = desk_of(request).clock() - SPANS[chosen["span"] or "7d"]
    return Wanted(since, chosen["rule"], chosen["story"], chosen["status"], chosen["mark"])


def newly(request: Request, _: Cursor) -> Judge:
    """The alerts that the list would have and did not have."""
    desk, chosen = desk_of(request), filters(request)
    before: dict[str, FiredAlert | None] = {}

    async def judge(_: Sequence[Document], changes: Sequence[Change]) -> Mapping[str, bool]:
        wanted = _wanted(request, chosen)
        for change in changes:
            before.setdefault(change.id, change.before)
        found = dict.fromkeys((change.id for change in changes), False)
        for id in found:
            now, was = desk.ledger.alerts.get(id), before[id]
            found[id] = bool(now and is_wanted(now, wanted) and not (was and is_wanted(was, wanted)))
        return found

    return judge


async def show_one(request: Request) -> Response:
    """One alert: why the rule matches, part by part, and what became of it."""
    return page(request, "alert.html", await _one(request, _known(request)))


async def _one(request: Request, alert: FiredAlert) -> dict[str, Any]:
    desk, index = desk_of(request), await desk_of(request).index()
    alerts_in_force = desk.configuration().alerts
    rule = next((one for one in alerts_in_force.rules if one.key == alert.rule), None)
    document = await version_of(index, alert.article, alert.version) if alert.article else None
    why = why_of(alerts_in_force, document).get(alert.id) if document else None
    parts = explained(rule.asked, document) if rule and rule.asked and document else None
    return {
        **_common(request), "fate": fate_of(alert, desk.ledger), "alert": alert, "why": why, "parts": parts,
        "rule": rule, "sentence": sentence(rule.asked) if rule and rule.asked else "", "mutes": tuple(MUTES),
        "done": DONE.get(request.query_params.get("done", "")),
    }  # fmt: skip


def _common(request: Request) -> dict[str, Any]:
    in_force = desk_of(request).configuration().alerts
    return {
        "rules": names_of(in_force), "severities": severities_of(in_force),
        "words": words, "reasons": WHY, "delivered": DELIVERED, "kinds": KINDS, "status_names": STATUSES,
        "mark_names": MARKS,
    }  # fmt: skip


def _address(chosen: dict[str, str], **changes: str) -> str:
    """The address of the list with other filters; "" takes one off."""
    query = query_of({**chosen, **changes})
    return f"/alerts?{query}" if query else "/alerts"


def query_of(chosen: dict[str, str]) -> str:
    """What stands behind ? in the address of the list."""
    return urlencode({name: value for name, value in chosen.items() if value})


def _number(text: str) -> int:
    return min(DEEPEST, max(1, int(text))) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _known(request: Request) -> FiredAlert:
    ledger = desk_of(request).ledger
    alert = ledger.alerts.get(str(request.path_params["alert"]))
    if alert is None:
        raise HTTPException(404, N_("There is no such alert, or it is older than 90 days."))
    return alert


# -- what people decide


async def mark(request: Request) -> Response:
    """Mark the alerts of the form as useful or noise."""
    form, desk = await form_of(request), desk_of(request)
    ledger = desk.ledger
    chosen = [id for one in form.getlist("alert") if (id := str(one)) in ledger.alerts][:MOST]
    if not chosen:
        raise HTTPException(400, N_("Choose at least one alert."))
    await _asked(alerts.mark(desk.log, person_of(request), desk.clock(), chosen, str(form.get("verdict", ""))))
    return _back(form.get("back"), "mark")


async def mute(request: Request) -> Response:
    """Keep quiet about a rule, a story or an outlet for a time."""
    form, desk = await form_of(request), desk_of(request)
    now = desk.clock()
    what = str(form.get("what", ""))
    if what not in ("rule", "story", "source"):
        raise HTTPException(400, N_("Choose what to mute: the rule, the story or the outlet."))
    reason = " ".join(str(form.get("reason", "")).split())[:300]
    until = now + MUTES.get(str(form.get("for", "")), MUTES["1d"])
    value = str(form.get(what, ""))[:300]
    asked = Mute(
        id="", until=until, at=now, reason=reason, rule=value if what == "rule" else "",
        story=value if what == "story" else "", source=value if what == "source" else "",
    )  # fmt: skip
    await _asked(alerts.mute(desk.log, person_of(request), asked))
    return _back(form.get("back"), "mute")


async def unmute(request: Request) -> Response:
    """End a mute before its time."""
    form, desk = await form_of(request), desk_of(request)
    ledger = desk.ledger
    await _asked(alerts.unmute(desk.log, person_of(request), desk.clock(), str(form.get("id", ""))[:40], ledger))
    return _back(form.get("back"), "unmute")


async def resend(request: Request) -> Response:
    """Send the message of an alert again to the channels of the form; without any, to those it did not reach."""
    form, desk = await form_of(request), desk_of(request)
    alert = _known(request)
    channels = tuple(dict.fromkeys(str(one) for one in form.getlist("channel")))
    found = await resending.resend_of(desk.log, alert.message, channels) if alert.message else None
    if found is None:
        raise HTTPException(400, N_("This alert has no message that can be sent again."))
    await _asked(alerts.resend(desk.log, person_of(request), desk.clock(), [found]))
    return _back(f"/alerts/{alert.id}", "resend")


async def resend_all(request: Request) -> Response:
    """Send again what did not arrive in the time of the list, to the channels that it did not reach."""
    form, desk = await form_of(request), desk_of(request)
    since = desk.clock() - SPANS.get(str(form.get("span", "")), SPANS["7d"])
    found = await resending.read_resend(desk.log, resending.Wanted(since))
    if not found:
        raise HTTPException(400, N_("Everything arrived, or is on its way."))
    await _asked(alerts.resend(desk.log, person_of(request), desk.clock(), found))
    return _back(form.get("back"), "resend_all")


def undelivered(ledger: Ledger, since: datetime) -> int:
    """How many messages since then a channel did not take, for good."""
    sent = (one for one in ledger.messages.values() if one.at >= since and one.kind != "report")
    return sum(any(to.status in resending.FAILED for to in ledger.deliveries.get(one.id, ())) for one in sent)


async def _asked(request: Any) -> None:
    """Wait for a request to a stage; what is wrong with it is said to the reader."""
    try:
        await request
    except Refused as error:
        raise HTTPException(400, words_of(error)) from error


def _back(path: object, done: str) -> Response:
    """To the page the form stood on, if it is one of these."""
    place = str(path or "")[:2_000]
    known = place.startswith("/alerts") and "\\" not in place and "//" not in place
    target = place if known else "/alerts"
    address, _, query = target.partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith("done=")]
    return RedirectResponse(f"{address}?{'&'.join([*kept, f'done={done}'])}", 303)
