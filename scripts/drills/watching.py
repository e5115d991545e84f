"""How long it takes until something is so, and until a trouble is visible in `almenara status` or a health endpoint."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession, ClientTimeout

from scripts.drills.drill import Missed

if TYPE_CHECKING:
    from scripts.drills.stand import Stand

LIMIT = 30.0  # seconds to look for a trouble: how late it is shown is worth knowing
WRONG = (3, 5)  # exit codes of status: the log cannot be reached; something is wrong
ANSWER = 2.0  # seconds for a health endpoint


async def until(condition: Callable[[], Any], limit: float, otherwise: str) -> float:
    """Seconds until `condition`, a function or one that gives an awaitable, holds. Raises Missed."""
    began = time.monotonic()
    while True:
        found = condition()
        if await found if asyncio.iscoroutine(found) else found:
            return round(time.monotonic() - began, 1)
        if time.monotonic() > began + limit:
            raise Missed(f"{otherwise} within {limit:.0f} s")
        await asyncio.sleep(0.1)


async def until_shown(look: Callable[[], Awaitable[list[str]]], pattern: str, since: float) -> tuple[float | None, str]:
    """Seconds from `since` until a line that `look` gives matches, and that line. Else None, and what was there."""
    wanted, lines = re.compile(pattern, re.IGNORECASE), list[str]()
    while time.monotonic() < since + LIMIT:
        lines = await look()
        if found := next((line for line in lines if wanted.search(line)), None):
            return round(time.monotonic() - since, 1), found
        await asyncio.sleep(0.2)
    return None, " | ".join(lines) or "nothing"


async def in_status(stand: Stand) -> list[str]:
    """The problems that `almenara status` shows, a line each, if its exit code says so too."""
    code, out, err = await stand.almenara("status", "--json")
    if code not in WRONG:
        return []
    return problems(json.loads(out)) if out else err.splitlines()


def problems(report: dict[str, Any]) -> list[str]:
    """The problems in a report of status, as "part: state: why"."""
    return [f"{one['part']}: {one['state']}: {one['why']}" for one in report.get("problems", [])]


async def at_endpoints(stand: Stand) -> list[str]:
    """The answers of the machines that are not ready, as "machine: 503: body" or "machine: no answer"."""
    async with ClientSession(timeout=ClientTimeout(ANSWER)) as session:
        names = [machine.folder.name for machine in stand.machines]
        answers = await asyncio.gather(*(_ready(session, stand.ports[name]) for name in names))
    return [f"{name}: {answer}" for name, answer in zip(names, answers, strict=True) if not answer.startswith("200")]


async def _ready(session: ClientSession, port: int) -> str:
    try:
        async with session.get(f"http://127.0.0.1:{port}/health/ready") as answer:
            return f"{answer.status}: {await answer.text()}"
    except (OSError, TimeoutError):
        return "no answer"
