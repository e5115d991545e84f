"""What readers of the console keep for themselves: saved views, stories they follow, stars, read marks.

Nothing is asked of a stage, so no entry of the audit says that a person saved a view.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from pipeline.core.wording import Text
from pipeline.ports import Log
from pipeline.records import Kept
from pipeline.reports.kept import Keeping, key_of
from pipeline.requests.asking import Refused
from pipeline.stage import Out

READERS = "readers"
LONGEST = 120  # characters of a name
MOST = {"view": 200, "follow": 2_000, "star": 5_000, "read": 20_000, "link": 100_000, "ended": 100_000}


async def keep(log: Log, keeping: Keeping, kept: Kept) -> Kept:
    """Keep something; durable on return. Raises Refused if it has no name or there is too much, Unavailable."""
    kept = replace(kept, title=" ".join(kept.title.split())[:LONGEST])
    if kept.kind == "view" and not kept.title:
        raise Refused("give the view a name")
    there = keeping.of(kept.user, kept.kind)
    if kept.id not in there and len(there) >= MOST[kept.kind]:
        raise Refused(Text("there are {:,} already: remove some first", MOST[kept.kind]))
    key = key_of(kept.user, kept.kind, kept.id)
    await log.publish([Out(READERS, key, kept)])
    keeping.take(key, kept)
    return kept


async def forget(log: Log, keeping: Keeping, user: str, kind: str, id: str) -> None:
    """Keep it no longer. Raises Refused if it is not kept, Unavailable."""
    if id not in keeping.of(user, kind):
        raise Refused("this is not kept, or no longer")
    key = key_of(user, kind, id)
    await log.publish([Out(READERS, key, None)])
    keeping.take(key, None)


async def forget_before(log: Log, keeping: Keeping, user: str, kind: str, limit: datetime) -> None:
    """Forget what was kept before the limit. Raises Unavailable."""
    for id, one in keeping.of(user, kind).items():
        if one.at < limit:
            await forget(log, keeping, user, kind, id)
