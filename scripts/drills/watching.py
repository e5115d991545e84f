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
_PROBLEM = re.compile(r'^almenara_problem\{part="([^"]*)",state="([^"]*)"\} 1', re.MULTILINE)


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
    """The problems that `almenara status` shows, as "part: state: worker: why", if its exit code says so too."""
    code, out, _ = await stand.almenara("status", "--json")
    if code not in WRONG:
        return []
    shown = json.loads(out)["problems"] if out else []
    return [f"{one['part']}: {one['state']}: {one['worker'] or ''}: {one['why']}" for one in shown]


async def at_endpoints(stand: Stand) -> list[str]:
    """What /health/ready and /metrics of the machines both say is wrong, as "machine: part: state: why"; or "machine:
    no answer"."""
    async with ClientSession(timeout=ClientTimeout(ANSWER)) as session:
        names = [machine.folder.name for machine in stand.machines]
        answers = await asyncio.gather(*(_wrong(session, stand.ports[name]) for name in names))
    return [f"{name}: {line}" for name, lines in zip(names, answers, strict=True) for line in lines]


async def _wrong(session: ClientSession, port: int) -> list[str]:
    place = f"http://127.0.0.1:{port}"
    try:
        async with session.get(f"{place}/health/ready") as answer:
            ready = await answer.json()
        async with session.get(f"{place}/metrics") as answer:
            metrics = await answer.text()
    except (OSError, TimeoutError):
        return ["no answer"]
    measured = set(_PROBLEM.findall(metrics))
    shown = [one for one in ready["not_ready"] if (one["part"], one["state"]) in measured]
    return [f"{one['part']}: {one['state']}: {one['why']}" for one in shown]
