"""Articles by day, as a plot: what of a query the index has of the last weeks, in days of the reader."""

from __future__ import annotations

from datetime import timedelta

from pipeline.console.charts.plot import Plot
from pipeline.console.language import Reader
from pipeline.core.query.search import Intervals, Search
from pipeline.core.query.tree import Node
from pipeline.ports import Index
from pipeline.reports.over_time import DAY, Stretch, stretches

BACK = timedelta(days=30)  # how far back pages count


async def counted(index: Index, asked: Node, reader: Reader) -> list[Stretch]:
    """The days, the oldest first."""
    now = reader.now.astimezone(reader.tz)
    wanted = Intervals(DAY, -(now.utcoffset() or timedelta(0)))
    found = await index.search(Search(asked, since := now - BACK, limit=0, over_time=wanted))
    return stretches(found.over_time, wanted, since, now)


async def daily(index: Index, asked: Node, reader: Reader) -> Plot:
    """The plot of them."""
    days = await counted(index, asked, reader)
    return Plot([one.begin for one in days], DAY, [(reader.gettext("Articles"), [one.count for one in days])])
