"""The API that writes alerts.toml: one rule as it is there, saving, removing, trying on the past; tests of channels."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta
from starlette.exceptions import HTTPException

from pipeline.config.edit_rules import RuleEdit, RuleFile
from pipeline.console.api.operation import Accepted, Answer, Body, Call, Nothing, Operation
from pipeline.console.api.problem import Remark, remark
from pipeline.console.api.rule_values import Name, Values
from pipeline.console.pages.rules import Checked, check_values, send_test, try_rule, without, write
from pipeline.console.sections import N_
from pipeline.core.faults import Faults
from pipeline.reports.backtest_plain import plain
from pipeline.stage import Unavailable

NOTE = "the stage notify does it within seconds while it runs"
MOST_DAYS = 365  # that a rule is tried on
Revision = Annotated[str, Meta(max_length=100, description="of alerts.toml, as the rule was answered with it")]


class WrittenRule(Answer, frozen=True, kw_only=True):
    """A rule as alerts.toml has it. `revision`: of the file, to send back with a change."""

    rule: dict[str, Any]
    revision: str


class NewRule(Body, frozen=True, kw_only=True):
    """A rule to add at the end of alerts.toml. With `revision`, only if the file is still as it was then."""

    rule: Values
    revision: Revision = ""


class RuleChange(Body, frozen=True, kw_only=True):
    """Keys to change; null takes one out, others stay: {"enabled": false} switches the rule off."""

    rule: Values
    revision: Revision


class RuleRemoval(Body, frozen=True, kw_only=True):
    """Which file was looked at."""

    revision: Revision


class Saved(Answer, frozen=True, kw_only=True):
    """The rule that was written, by its key; a running daemon takes it within seconds. `warnings`: about it."""

    key: str
    revision: str
    warnings: tuple[Remark, ...] = ()


class Trial(Body, frozen=True, kw_only=True):
    """A draft to try on the articles of the index. `named`: id or name of the rule that it changes; "": a new one."""

    rule: Values
    named: Name = ""
    days: Annotated[int, Meta(ge=1, le=MOST_DAYS)] = 30


class Started(Answer, frozen=True, kw_only=True):
    """The trial runs; ask for it by its id."""

    trial: str


class Trying(Answer, frozen=True, kw_only=True):
    """How far a trial is. `result`: as of `almenara alerts try --json`, when it is done; `error`: why it failed."""

    state: Literal["running", "done", "failed"]
    done: int
    total: int
    error: str
    result: dict[str, Any] | None


async def one(call: Call) -> WrittenRule:
    """The rule as it is in the file now."""
    file = await asyncio.to_thread(RuleFile.read, call.desk.configuration().folder)
    return WrittenRule(rule=dict(_table(file, call.path["rule"])), revision=file.version)


async def add(call: Call) -> Saved:
    """Add a rule."""
    return await _save(call, "", call.body.rule)


async def change(call: Call) -> Saved:
    """Change a rule."""
    named = call.path["rule"]
    file = await asyncio.to_thread(RuleFile.read, call.desk.configuration().folder)
    name = {key: value for key, value in _table(file, named).items() if key == "name"}
    return await _save(call, named, name | call.body.rule)


async def remove(call: Call) -> Saved:
    """Take a rule out of the file."""
    desk, named = call.desk, call.path["rule"]
    file = await asyncio.to_thread(RuleFile.read, desk.configuration().folder)
    table = _table(file, named)
    edit = await asyncio.to_thread(without, desk.configuration(), named)
    await _written(call, edit, call.body.revision, "removed rule", str(table.get("name", named)))
    return Saved(key=str(table.get("id") or table.get("name", named)), revision=edit.written)


async def start(call: Call) -> Started:
    """Start a trial."""
    body = call.body
    found = await _checked(call, body.named, body.rule)
    assert found.rule is not None
    assert found.alerts is not None
    job = await try_rule(call.desk, call.person, body.named, found.rule, found.alerts, body.days)
    return Started(trial=job.id)


async def tried(call: Call) -> Trying:
    """How far a trial is, or what came of it."""
    job = call.desk.backtests.get(call.path["trial"], call.person.name)
    if job is None:
        raise HTTPException(404, N_("This trial is gone: start it again."))
    state: Literal["running", "done", "failed"] = "failed" if job.error else "done" if job.ended else "running"
    result = plain(job.result) if job.result else None
    return Trying(state=state, done=job.done, total=job.total, error=job.error, result=result)


async def channel_test(call: Call) -> Accepted:
    """Send a test message to a channel."""
    name = call.path["channel"]
    await send_test(call.desk, call.person, name)
    return Accepted(about=(name,), note=NOTE)


async def _save(call: Call, named: str, values: Mapping[str, Any]) -> Saved:
    found = await _checked(call, named, values)
    assert found.rule is not None
    assert found.edit is not None
    did = "changed rule" if named else "new rule"
    version = call.body.revision or found.edit.file.version
    await _written(call, found.edit, version, did, found.rule.name, found.rule.query)
    return Saved(key=found.rule.key, revision=found.edit.written, warnings=tuple(map(remark, found.warnings)))


async def _written(call: Call, edit: RuleEdit, version: str, did: str, name: str, query: str = "") -> None:
    """Write the file. Raises Conflict, Unavailable."""
    try:
        await write(call.desk, call.person, edit, version, did, name, query)
    except OSError as error:
        raise Unavailable(f"{error.filename or 'alerts.toml'}: {error.strerror or error}") from error


async def _checked(call: Call, named: str, values: Mapping[str, Any]) -> Checked:
    """The rule with these values. Raises Faults."""
    found = await asyncio.to_thread(check_values, call.desk.configuration(), named, values)
    if found.rule is None or found.edit is None:
        raise Faults((*(fault for some in (found.faults or {}).values() for fault in some), *found.others))
    return found


def _table(file: RuleFile, named: str) -> Mapping[str, Any]:
    try:
        return file.rule(named)
    except Faults as error:
        raise HTTPException(404, str(error.faults[0])) from error


RULE, TRIAL = {"rule": "key or name of a rule"}, {"trial": "id of a trial"}
OPERATIONS = (
    Operation("rules.add", "POST", "/rules", "Add a rule to alerts.toml", add, Saved, body=NewRule, editors=True),
    Operation("rules.try", "POST", "/trials", "Try a draft on the past; sends nothing", start, Started, body=Trial,
              editors=True, status=202),
    Operation("rules.tried", "GET", "/trials/{trial}", "What came of a trial", tried, Trying, path_words=TRIAL),
    Operation("rules.one", "GET", "/rules/{rule}", "One rule as alerts.toml has it", one, WrittenRule, path_words=RULE),
    Operation("rules.change", "POST", "/rules/{rule}/change", "Change a rule, or switch it on or off", change, Saved,
              body=RuleChange, editors=True, path_words=RULE),
    Operation("rules.remove", "POST", "/rules/{rule}/remove", "Take a rule out of alerts.toml", remove, Saved,
              body=RuleRemoval, editors=True, path_words=RULE),
    Operation("channels.test", "POST", "/channels/{channel}/test", "Send a test message to a channel", channel_test,
              Accepted, body=Nothing, editors=True, status=202, path_words={"channel": "name of a channel"}),
)  # fmt: skip
