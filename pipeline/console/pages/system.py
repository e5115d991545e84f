"""The page System: what is wrong, stages and lags, how long alerts take, dead records, configuration, audit, disk."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.config.folder import Configuration, load
from pipeline.config.hashes import hashes_of
from pipeline.console.desk import Desk
from pipeline.console.rendering import desk_of, page, person_of
from pipeline.console.safety.forms import form_of
from pipeline.console.sections import N_
from pipeline.core.faults import Fault, Faults
from pipeline.core.text.written_duration import written_duration
from pipeline.core.wording import words_of
from pipeline.reports.audit_trail import read_trail
from pipeline.reports.dead import DeadRecords, read_dead
from pipeline.reports.latency import Latency, read_latency
from pipeline.reports.problems.advice import kind_of
from pipeline.requests.dead import replay, unpacked
from pipeline.stage import Unavailable

LATENCY = 60.0  # seconds for which latencies are remembered: they are read from the whole log
CHECK = 5.0  # seconds for which the faults of the configuration are remembered
DEAD = 100  # records on one page
TRAIL = 200  # entries of the audit that are shown
SHOWN = 100_000  # characters of an original
#: Kind of a problem -> the page that can do something about it, and how a link to it is called.
PLACES = {
    ("configuration", "refused"): ("/system/configuration", N_("Show the faults of its files")),
    ("feeds", "failing"): ("/sources?health=failing", N_("Show the failing sources")),
    ("alerts", "undelivered"): ("/alerts?span=7d#undelivered", N_("Send again what did not arrive")),
    ("channel", "failing"): ("/rules#channels", N_("Test the channel")),
    ("dead", "open"): ("/system/dead", N_("Look at them and put them back")),
}
STEPS = {
    "published_seen": N_("published to seen"), "seen_alerted": N_("seen to alert"),
    "alerted_sent": N_("alert to channel"),
}  # fmt: skip


async def show(request: Request) -> Response:
    """What `almenara status` reports, and how long alerts take."""
    desk = desk_of(request)
    report = await desk.status()
    latency: Latency = dict.fromkeys(STEPS)
    with suppress(Unavailable):  # which is one of the problems of the report
        latency = await desk.remembered("latency", LATENCY, lambda: read_latency(desk.log, desk.ledger, desk.clock()))
    values = {"report": report, "steps": _rows(report), "latency": latency, "names": STEPS}
    more = {"configuration": _configuration(desk.configuration()), "place": _place}
    return page(request, "system.html", values | more)


def _place(problem: dict[str, Any]) -> tuple[str, str] | None:
    """The page that can do something about a problem, and how a link to it is called."""
    kind = kind_of(problem["part"], problem["state"])
    return PLACES.get(kind) if kind else None


def _rows(report: dict[str, Any]) -> list[dict[str, Any]]:
    """A row per stage, or per consumer group on a broker."""
    rows = report.get("stages") or report.get("groups") or {}
    return [{"name": name, "outcomes": {}, "workers": {}, **row} for name, row in rows.items()]


def _configuration(found: Configuration) -> dict[str, Any]:
    return {
        "folder": str(found.folder), "hash": str(hashes_of(found)), "topics": len(found.rules.rules.topics),
        "rules": len(found.alerts.rules), "channels": len(found.alerts.channels), "warnings": found.warnings,
    }  # fmt: skip


# -- configuration


async def show_configuration(request: Request) -> Response:
    """The settings in force without secrets, and the faults of the files as they are now."""
    desk = desk_of(request)
    found = desk.configuration()
    _, faults = await checked_files(desk)
    settings = _plain(found.settings.model_dump(mode="json"))
    values = {"configuration": _configuration(found), "faults": faults, "settings": settings}
    return page(request, "system_configuration.html", values)


async def checked_files(desk: Desk) -> tuple[bool, tuple[Fault, ...]]:
    """Whether the files of the configuration, as they are now, could be in force; and their warnings or faults."""
    folder = desk.configuration().folder
    return await desk.remembered("faults", CHECK, lambda: asyncio.to_thread(_checked_files, folder))


def _checked_files(folder: Path) -> tuple[bool, tuple[Fault, ...]]:
    try:
        return True, load(folder).warnings
    except Faults as error:
        return False, error.faults


def _plain(settings: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Name and value of every setting. Secrets are stars already."""
    found: list[tuple[str, str]] = []
    for name, value in settings.items():
        if isinstance(value, dict):
            found += _plain(value, f"{prefix}{name}.")
        else:
            found.append((f"{prefix}{name}", _written(value)))
    return found


def _written(value: Any) -> str:
    """A value as almenara.toml has it. Numbers with a fraction are durations, all of them."""
    if isinstance(value, list):
        return ", ".join(map(_written, value))
    if isinstance(value, float):
        return written_duration(value)
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


# -- dead records


async def show_dead(request: Request) -> Response:
    """The records that a stage could not handle, the newest first."""
    found = await _dead(request)
    rows = [(number, record, number in found.replayed) for number, record in found.kept.items()]
    values = {
        "rows": rows[: -DEAD - 1 : -1],
        "total": len(rows),
        "refused": {},
        "replayed": request.query_params.get("replayed", ""),
    }
    return page(request, "system_dead.html", values)


async def show_one_dead(request: Request) -> Response:
    """One of them, with the original."""
    number, found = int(request.path_params["number"]), await _dead(request)
    if number not in found.kept:
        raise HTTPException(404, N_("There is no such record; it may have been deleted with time."))
    record = found.kept[number]
    try:
        original = _pretty(unpacked(record.value))
    except ValueError as error:
        original = words_of(error)
    values = {"number": number, "record": record, "replayed": number in found.replayed, "original": original[:SHOWN]}
    return page(request, "system_dead_one.html", values)


async def replay_dead(request: Request) -> Response:
    """Put records back on their streams: those chosen, or all that were not yet."""
    form, desk, found = await form_of(request), desk_of(request), await _dead(request)
    chosen = [int(text) for text in map(str, form.getlist("number")) if text.isascii() and text.isdigit()]
    if form.get("all"):
        chosen = [number for number in found.kept if number not in found.replayed]
    wanted = [number for number in dict.fromkeys(chosen) if number in found.kept]
    if not wanted:
        raise HTTPException(400, N_("Choose at least one record."))
    refused = await replay(desk.log, person_of(request), desk.clock(), found.kept, wanted)
    if not refused:
        return RedirectResponse(f"/system/dead?replayed={len(wanted)}", 303)
    rows = [(number, found.kept[number], number not in refused) for number in wanted]
    values = {"rows": rows, "total": len(found.kept), "refused": refused, "replayed": str(len(wanted) - len(refused))}
    return page(request, "system_dead.html", values)


async def _dead(request: Request) -> DeadRecords:
    return await read_dead(desk_of(request).log)


def _pretty(original: bytes) -> str:
    """JSON with indents; anything else as it is."""
    try:
        return msgspec.json.format(original, indent=1).decode()
    except (msgspec.MsgspecError, ValueError):
        return original.decode(errors="backslashreplace")


# -- audit


async def show_audit(request: Request) -> Response:
    """Who did what, the newest first."""
    return page(request, "system_audit.html", {"trail": await read_trail(desk_of(request).log, TRAIL)})
