"""The pages of alert rules: how each does, an editor that checks while one types, and tries on the past."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.config.edit_rules import Conflict, RuleEdit, RuleFile
from pipeline.config.folder import Configuration
from pipeline.console import words
from pipeline.console.atom_links import feed_of
from pipeline.console.charts.plot import Plot
from pipeline.console.charts.spark import sparkline
from pipeline.console.desk import Desk
from pipeline.console.jobs import Job
from pipeline.console.language import Reader
from pipeline.console.rendering import desk_of, is_fragment, page, person_of, reader_for
from pipeline.console.rule_form import CHOICES, Draft, by_field, draft_from, draft_of
from pipeline.console.safety.forms import form_of
from pipeline.console.sections import N_
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.rules import TRIGGERS, AlertRule
from pipeline.core.alerts.when_sentence import when_sentence
from pipeline.core.documents.fields import FILTERS
from pipeline.core.faults import Fault, Faults
from pipeline.core.query.sentence import sentence
from pipeline.core.wording import words_of
from pipeline.reports.alert_stats import RuleStats, Week
from pipeline.reports.backtest import Backtest, run_backtest
from pipeline.requests.alerts import try_channel
from pipeline.requests.asking import Person, publish
from pipeline.stage import Unavailable

BACK = timedelta(days=90)  # how far back the figures of rules go: as long as alerts are kept
DAY = timedelta(days=1)
SPANS = {"7d": 7, "30d": 30, "90d": 90}  # days that a rule is tried on
DONE = {
    "saved": N_("Saved in alerts.toml. A running daemon takes it within seconds."),
    "removed": N_("Removed from alerts.toml. A running daemon takes it within seconds."),
    "test": N_("A test message is on its way."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft, as the reader of rules sees it: the rule, or the faults by field of the form."""

    rule: AlertRule | None = None
    alerts: AlertSet | None = None
    edit: RuleEdit | None = None
    faults: Mapping[str, list[Fault]] | None = None
    others: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


# -- the list


async def show(request: Request) -> Response:
    """Every rule with what it did in 90 days, and the channels."""
    desk = desk_of(request)
    alerts = desk.configuration().alerts
    stats = await desk.rule_stats(BACK)
    rows = [(rule, stats.rules.get(rule.key, RuleStats()), _said(rule)) for rule in alerts.rules]
    known = {rule.key for rule in alerts.rules}
    return page(request, "rules.html", {
        "rows": rows, "gone": {key: one for key, one in stats.rules.items() if key not in known}, "stats": stats,
        "weeks": lambda one: [one.weeks.get(week, Week()).alerts for week in stats.weeks], "days": BACK.days,
        "when": lambda rule: when_sentence(rule, alerts.reader, alerts.channels), "words": words,
        "channels": await desk.channels(), "specs": alerts.channels,
        "sparkline": sparkline, "done": DONE.get(request.query_params.get("done", "")),
        "folder": desk.configuration().folder, "feed": feed_of("alerts"),
    })  # fmt: skip


def _said(rule: AlertRule) -> str:
    return sentence(rule.asked) if rule.asked is not None and rule.query else ""


# -- the editor


async def edit(request: Request) -> Response:
    """The form: of the rule `rule`; without it a new one, with `query` and `name` filled in."""
    desk, given = desk_of(request), request.query_params
    named = given.get("rule", "")[:200]
    try:
        file = await asyncio.to_thread(RuleFile.read, desk.configuration().folder)
        table = file.rule(named) if named else _new(desk, given.get("name", ""), given.get("query", ""))
    except Faults as error:
        raise HTTPException(404 if named else 400, error.faults[0].text) from error
    return await _form(request, draft_of(table, named, file.version))


def _new(desk: Desk, name: str, query: str) -> dict[str, Any]:
    channels = [*desk.configuration().alerts.channels]
    return {"name": name[:80], "query": query[:20_000], "channels": channels[:1]}


async def check(request: Request) -> Response:
    """The draft of the form as a sentence, with its faults and warnings; while one types."""
    draft = draft_from(await form_of(request))
    return page(request, "_rule_checked.html", {"checked": await _checked(request, draft), **_shared(request)})


async def save(request: Request) -> Response:
    """Write the draft to alerts.toml, unless it has faults or the file changed since the form was made."""
    desk, draft = desk_of(request), draft_from(await form_of(request))
    checked = await _checked(request, draft)
    if checked.edit is None or checked.rule is None:
        return await _form(request, draft, checked, 422)
    did = "changed rule" if draft.named else "new rule"
    try:
        await write(desk, person_of(request), checked.edit, draft.version, did, checked.rule.name, checked.rule.query)
    except Conflict:
        why = N_("alerts.toml was changed by somebody else since you opened this form. Compare with the rule as it is "
                 "now, then save again.")  # fmt: skip
        now = await asyncio.to_thread(RuleFile.read, desk.configuration().folder)
        return await _form(request, replace(draft, version=now.version), checked, 409, why)
    except (OSError, Unavailable) as error:
        why = words_of(error) if isinstance(error, Unavailable) else _unwritten(error)
        return await _form(request, draft, checked, 503, why)
    return RedirectResponse("/rules?done=saved", 303)


async def remove(request: Request) -> Response:
    """Take the rule out of alerts.toml."""
    desk, form = desk_of(request), await form_of(request)
    named = str(form.get("named", ""))[:200]
    try:
        changed = await asyncio.to_thread(without, desk.configuration(), named)
        await write(desk, person_of(request), changed, str(form.get("version", "")), "removed rule", named)
    except Faults as error:
        raise HTTPException(400, error.faults[0].text) from error
    except Conflict as error:
        raise HTTPException(409, words_of(error)) from error
    except OSError as error:
        raise HTTPException(503, _unwritten(error)) from error
    return RedirectResponse("/rules?done=removed", 303)


def _unwritten(error: OSError) -> str:
    return f"{error.filename or 'alerts.toml'}: {error.strerror or error}"


def without(configuration: Configuration, named: str) -> RuleEdit:
    """alerts.toml without the rule. Raises Faults."""
    changed = RuleFile.read(configuration.folder).without(named)
    changed.check()
    return changed


async def write(
    desk: Desk, person: Person, changed: RuleEdit, version: str, did: str, name: str, query: str = ""
) -> None:
    """Write alerts.toml, and have it taken. Raises Conflict if it is not the version that was looked at, OSError,
    Unavailable. The entry of the audit comes first: the file never says what nobody did, whenever this process ends."""
    if changed.file.version != version:
        raise Conflict("alerts.toml was changed meanwhile: look at the rule again")
    await asyncio.to_thread(changed.unchanged)
    await publish(desk.log, person, desk.clock(), did, [name], [], query[:500])
    await asyncio.to_thread(changed.save)
    await desk.take_configuration()


async def _checked(request: Request, draft: Draft) -> Checked:
    return await asyncio.to_thread(check_values, desk_of(request).configuration(), draft.named, draft.values())


def check_values(configuration: Configuration, named: str, values: Mapping[str, Any]) -> Checked:
    """The rule `named` ("": a new one) with these values, as it would be in alerts.toml. Reads the file."""
    topics = [rule.id for rule in configuration.rules.rules.topics]
    name = str(values.get("name") or "")
    try:
        changed = RuleFile.read(configuration.folder).changed(named, values)
        alerts, warnings = changed.check(topics)
    except Faults as error:
        faults, others = by_field(error.faults, name)
        return Checked(faults=faults, others=tuple(others))
    rule = next((one for one in alerts.rules if one.name == name), None)
    ours = tuple(one for one in warnings if f'alert "{name}"' in one.key)
    return Checked(rule, AlertSet([rule] if rule else [], alerts.channels, alerts.reader), changed, {}, (), ours)


async def _form(
    request: Request, draft: Draft, checked: Checked | None = None, status: int = 200, why: str = ""
) -> Response:
    checked = checked or (await _checked(request, draft) if draft.named or draft.fields.get("query") else Checked())
    shared = _shared(request)
    return page(request, "rule_edit.html", {"draft": draft, "checked": checked, "why": why, **shared}, status)


def _shared(request: Request) -> dict[str, Any]:
    configuration = desk_of(request).configuration()
    alerts = configuration.alerts
    return {
        "words": words, "choices": CHOICES, "triggers": TRIGGERS, "filters": tuple(FILTERS), "spans": tuple(SPANS),
        "channels": tuple(alerts.channels), "topics": [rule.id for rule in configuration.rules.rules.topics],
        "when": lambda rule: when_sentence(rule, alerts.reader, alerts.channels), "said": _said,
        "folder": configuration.folder,
    }  # fmt: skip


# -- trying a draft on the past


async def start_backtest(request: Request) -> Response:
    """Try the draft on the articles of the index; leads to a page that follows it."""
    desk, form = desk_of(request), await form_of(request)
    draft = draft_from(form)
    checked = await _checked(request, draft)
    if checked.rule is None or checked.alerts is None:
        return await _form(request, draft, checked, 422)
    days = SPANS.get(str(form.get("span", "")), 30)
    job = await try_rule(desk, person_of(request), draft.named, checked.rule, checked.alerts, days)
    return RedirectResponse(f"/rules/backtest/{job.id}", 303)


async def try_rule(
    desk: Desk, person: Person, named: str, rule: AlertRule, alerts: AlertSet, days: int
) -> Job[Backtest]:
    """Start a trial of the rule on so many days, beside the rule `named` that is in force. Raises Unavailable."""
    index, now = await desk.index(), desk.clock()
    tested = AlertSet([replace(rule, enabled=True)], alerts.channels, alerts.reader)
    since, in_force = now - timedelta(days=days), _in_force(desk, named, tested)
    return desk.backtests.start(
        person.name, rule.name, lambda progress: run_backtest(index, tested, in_force, since, now, progress)
    )


def _in_force(desk: Desk, named: str, tested: AlertSet) -> AlertSet | None:
    """The set with the rule as it is in force, if there is one and it is another."""
    alerts = desk.configuration().alerts
    for rule in alerts.rules:
        if named and named.casefold() in (rule.id.casefold(), rule.name.casefold()):
            return AlertSet([rule], alerts.channels, alerts.reader) if rule != tested.rules[0] else None
    return None


async def backtest(request: Request) -> Response:
    """How far it is, or what the rule would have sent."""
    job = desk_of(request).backtests.get(str(request.path_params["job"]), person_of(request).name)
    if job is None:
        raise HTTPException(404, N_("This trial is gone: start it again from the editor."))
    job = replace(job)  # as it is now: it may end while the page is made
    found: Backtest | None = job.result
    template = "_backtest.html" if is_fragment(request) else "backtest.html"
    return page(request, template, {
        "job": job, "found": found, "days": _days(found, reader_for(request)) if found else None,
    })  # fmt: skip


def _days(found: Backtest, reader: Reader) -> Plot:
    """Every local day of the trial with its articles and messages."""
    days, last = [found.since.date()], found.until.date()
    while days[-1] < last:
        days.append(days[-1] + DAY)
    counts = [found.days.get(day) for day in days]
    return Plot(
        [datetime.combine(day, time(12), found.since.tzinfo) for day in days], DAY,
        [(reader.gettext("Articles"), [one.articles if one else 0 for one in counts]),
         (reader.gettext("Messages"), [one.messages if one else 0 for one in counts])],
    )  # fmt: skip


# -- channels


async def send_test(desk: Desk, person: Person, channel: str) -> None:
    """Ask for a test message. Raises HTTPException if there is no such channel, Unavailable."""
    if channel not in desk.configuration().alerts.channels:
        raise HTTPException(404, N_("There is no such channel."))
    await try_channel(desk.log, person, desk.clock(), channel)


async def channel_test(request: Request) -> Response:
    """Send a test message to a channel."""
    await send_test(desk_of(request), person_of(request), str(request.path_params["channel"]))
    return RedirectResponse(f"/rules?{urlencode({'done': 'test'})}#channels", 303)
