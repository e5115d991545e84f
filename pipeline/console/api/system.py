"""The API of the system: its state, its configuration, dead records, the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta

from pipeline.config.hashes import hashes_of
from pipeline.console.api.operation import Answer, Body, Call, Limit, Operation, Page, Parameters
from pipeline.console.pages.system import checked_files
from pipeline.records import Audited
from pipeline.reports.audit_trail import read_trail
from pipeline.reports.dead import read_dead
from pipeline.requests.asking import Refused
from pipeline.requests.dead import replay

MOST = 1_000  # records that are put back at once
TRAIL = 200  # entries of the audit


class FileFault(Answer, frozen=True, kw_only=True):
    """What is wrong in a file, where, and what to do."""

    file: str
    line: int | None
    key: str
    reason: str
    hint: str


class CheckedConfiguration(Answer, frozen=True, kw_only=True):
    """The configuration in force by its hash. `valid`: whether the files, as they are now, could be in force."""

    folder: str
    hash: str
    valid: bool
    faults: tuple[FileFault, ...]
    warnings: tuple[FileFault, ...]


class DeadWanted(Parameters, frozen=True, kw_only=True):
    """Which page."""

    page: Page = 1
    limit: Limit = 100


class DeadRecord(Answer, frozen=True, kw_only=True):
    """A record that a stage could not handle. `replayed`: it was put back on its stream."""

    number: int
    stage: str
    stream: str
    error: str
    detail: str
    at: datetime
    replayed: bool


class DeadList(Answer, frozen=True, kw_only=True):
    """A page of them, the newest first. `next`: address of the next page."""

    total: int
    records: tuple[DeadRecord, ...]
    next: str | None


class Replay(Body, frozen=True, kw_only=True):
    """Numbers of dead records to put back on their streams."""

    numbers: Annotated[tuple[Annotated[int, Meta(ge=0, le=10**15)], ...], Meta(min_length=1, max_length=MOST)]


class Replayed(Answer, frozen=True, kw_only=True):
    """Those that were put back, and by number why others could not be."""

    replayed: tuple[int, ...]
    refused: dict[int, str]


class AuditTrail(Answer, frozen=True, kw_only=True):
    """Who did what, the newest first."""

    entries: tuple[Audited, ...]


async def status(call: Call) -> dict[str, Any]:
    """The report of `almenara status --json`."""
    return await call.desk.status()


async def configuration(call: Call) -> CheckedConfiguration:
    """The configuration in force, and what is wrong with its files now."""
    found, (valid, faults) = call.desk.configuration(), await checked_files(call.desk)
    rows = tuple(
        FileFault(file=one.file, line=one.line, key=one.key, reason=one.reason, hint=one.hint) for one in faults
    )
    return CheckedConfiguration(
        folder=str(found.folder), hash=str(hashes_of(found)), valid=valid, faults=() if valid else rows,
        warnings=rows if valid else (),
    )  # fmt: skip


async def dead(call: Call) -> DeadList:
    """A page of the records that a stage could not handle."""
    found, query = await read_dead(call.desk.log), call.query
    numbers = sorted(found.kept, reverse=True)
    page = numbers[(query.page - 1) * query.limit :][: query.limit]
    names = ("stage", "stream", "error", "detail", "at")
    records = (
        DeadRecord(
            number=number, replayed=number in found.replayed,
            **{name: getattr(found.kept[number], name) for name in names},
        ) for number in page
    )  # fmt: skip
    return DeadList(total=len(numbers), records=tuple(records), next=call.next_page(len(numbers)))


async def replay_dead(call: Call) -> Replayed:
    """Put records back on their streams."""
    desk, numbers = call.desk, tuple(dict.fromkeys(call.body.numbers))
    found = await read_dead(desk.log)
    if unknown := [number for number in numbers if number not in found.kept]:
        raise Refused(f"there are no such records: {', '.join(map(str, unknown[:20]))}")
    refused = await replay(desk.log, call.person, desk.clock(), found.kept, numbers)
    return Replayed(replayed=tuple(number for number in numbers if number not in refused), refused=refused)


async def audit(call: Call) -> AuditTrail:
    """The newest entries of the audit."""
    return AuditTrail(entries=tuple(await read_trail(call.desk.log, TRAIL)))


OPERATIONS = (
    Operation("system.configuration", "GET", "/system/configuration", "Whether its files are right",
              configuration, CheckedConfiguration),
    Operation("system.status", "GET", "/system", "What is wrong, the stages and how far behind they are, disk", status,
              dict[str, Any]),
    Operation("system.audit", "GET", "/system/audit", "Who did what, the newest first", audit, AuditTrail),
    Operation("dead.list", "GET", "/dead", "Records that a stage could not handle", dead, DeadList, query=DeadWanted),
    Operation("dead.replay", "POST", "/dead/replay", "Put them back on their streams", replay_dead, Replayed,
              body=Replay, editors=True),
)  # fmt: skip
