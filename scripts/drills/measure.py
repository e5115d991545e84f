"""One drill: articles before, during and after the trouble; what is lost and doubled, and how long things take."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

from scripts.drills.drill import Drill, Missed, Result
from scripts.drills.stand import Stand
from scripts.drills.watching import at_endpoints, in_status, until, until_shown

BEFORE, DURING = 0.2, 0.5  # shares of a drill's articles
SPREAD = 3  # seconds over which articles are published during a trouble
RECOVER = 90.0  # seconds for everything to be as before, on a busy machine
S = TypeVar("S", bound=Stand)


async def measure(stand: S, drill: Drill[S], result: Result) -> None:
    """Run the drill and fill in the result. Afterwards `stand.broken` may say that the stand cannot be used."""
    began = time.monotonic()
    numbers = range(stand.desk.published, stand.desk.published + result.articles)
    try:
        await _cause(stand, drill, numbers, result)
        await _recover(stand, drill, numbers, result)
        await _settle(stand, numbers)
    except Exception as error:  # whatever it is, the other drills go on
        result.faults.append(str(error) if isinstance(error, Missed) else f"{type(error).__name__}: {error}")
    try:
        await _account(stand, drill, numbers, result)
        if drill.afterwards and not result.faults:
            await drill.afterwards(stand)
        result.faults += [f"audit: {fault}" for fault in await stand.audit()]
    except Exception as error:
        result.faults.append(f"{type(error).__name__}: {error}")
    result.seconds = round(time.monotonic() - began, 1)
    if result.faults or drill.last:
        stand.broken = stand.broken or result.faults[0] if result.faults else "this was its last drill"


async def _cause(stand: S, drill: Drill[S], numbers: range, result: Result) -> None:
    stand.desk.published += max(1, int(len(numbers) * BEFORE))
    await until(lambda: not stand.undelivered(numbers[:1]), RECOVER, "no article was delivered before the trouble")
    stand.caused = time.monotonic()
    async with drill.trouble(stand):
        began = stand.caused
        publishing = asyncio.create_task(_publish(stand, int(len(numbers) * DURING)))
        (result.in_status, shown), (result.in_health, answered) = await asyncio.gather(
            _shown(lambda: in_status(stand), drill.status, began),
            _shown(lambda: at_endpoints(stand), drill.health, began),
        )
        await publishing
        await asyncio.sleep(max(0.0, began + drill.lasts - time.monotonic()))
    if drill.status:
        result.late("status", result.in_status, shown)
    if drill.health:
        result.late("the health endpoints", result.in_health, answered)


async def _shown(look: Callable[[], Awaitable[list[str]]], pattern: str, since: float) -> tuple[float | None, str]:
    return await until_shown(look, pattern, since) if pattern else (None, "")


async def _publish(stand: Stand, articles: int) -> None:
    for second in range(SPREAD):
        stand.desk.published += articles * (second + 1) // SPREAD - articles * second // SPREAD
        await asyncio.sleep(1)


async def _recover(stand: S, drill: Drill[S], numbers: range, result: Result) -> None:
    """Measure from the moment at which the cause is gone."""
    probe = [stand.desk.published]
    stand.desk.published = numbers.stop
    result.working = await until(lambda: not stand.undelivered(probe), RECOVER, "no article was delivered afterwards")
    if drill.status and not drill.stays:
        seconds = await until(lambda: _clear(stand), RECOVER, "status still shows something wrong")
        result.clear = round(result.working + seconds, 1)


async def _clear(stand: Stand) -> bool:
    return (await stand.almenara("status", "--json", "--ignore", "dead"))[0] == 0


async def _settle(stand: Stand, numbers: range) -> None:
    await until(lambda: not stand.undelivered(numbers), RECOVER, "not all articles were delivered")
    await until(stand.at_rest, RECOVER, "some records were not handled")
    await until(lambda: _indexed(stand, numbers), RECOVER, "not all articles were indexed")


async def _indexed(stand: Stand, numbers: range) -> bool:
    return set(numbers) <= set(await stand.indexed())


async def _account(stand: S, drill: Drill[S], numbers: range, result: Result) -> None:
    """Count what of the articles is in the index and at both channels."""
    stand.desk.published = numbers.stop
    found, filed = await stand.indexed(), stand.in_file()
    result.lost = max(len(set(numbers) - set(found)), stand.undelivered(numbers))
    result.doubled = _repeats(found, numbers) + _repeats(filed, numbers)
    result.sent_again = _repeats(stand.hook.articles, numbers)
    if result.lost:
        result.faults.append(f"{result.lost} lost")
    if result.doubled:
        result.faults.append(f"{result.doubled} doubled")
    if result.sent_again > drill.again:
        result.faults.append(f"{result.sent_again} alerts were sent again")


def _repeats(counts: Counter[int], numbers: range) -> int:
    return sum(counts[number] - 1 for number in numbers if counts[number] > 1)
