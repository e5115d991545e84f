"""Sorts delayed items into the delay classes of `items-later`: each is a partition, in order of due times.

A wait is rounded up to its class. An item with a longer wait than the last class comes back early and is delayed again.
No message holds up those behind it for longer than its class, whatever its due time says.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.records import Item
from pipeline.stage import Later, Out

ITEMS_LATER = "items-later"
#: Seconds. 2 to 900 are for busy and failing hosts, the rest for revisits.
DELAYS = (2, 15, 120, 900, 3600, 6 * 3600, 24 * 3600, 72 * 3600)


def put_off(item: Item, key: str, now: datetime, wait: float) -> Out:
    """Delay `item` by about `wait` seconds. `key` is that of `items`: the registrable domain."""
    partition = next((n for n, delay in enumerate(DELAYS) if delay >= wait), len(DELAYS) - 1)
    return Out(ITEMS_LATER, key, item, due=now + timedelta(seconds=DELAYS[partition]), partition=partition)


def capped(due: datetime, stream: str, partition: int, written: datetime) -> datetime:
    """When a message is due: not later than its delay class after it was written."""
    if stream != ITEMS_LATER or partition >= len(DELAYS):
        return due
    return min(due, written + timedelta(seconds=DELAYS[partition]))


def later(item: Item, key: str, now: datetime, wait: float, reason: str) -> Later:
    """The outcome of a step for an item that cannot be handled yet."""
    return Later(put_off(item, key, now, wait), reason)
