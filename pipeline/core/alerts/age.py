"""Says whether an article was old when it arrived: an archive page that turns up in a feed is no news.

Only a date that its publisher states in a form for programs counts. A date in the running page or in a file may be that
of something else, and some systems state the beginning of their calendar when they know no date.
"""

from __future__ import annotations

from datetime import date, timedelta

from pipeline.records import Dated, Document

#: Sources of dates (`Dated.source`) that are stated for programs: an entry of a feed, metadata of a page, its address.
STATED = frozenset({"feed", "json-ld", "opengraph", "meta", "url", "given"})
#: What clocks of servers say when they know no time: 0 of Unix, of GPS, of the .NET and Windows calendars, of FAT.
ZEROS = frozenset({
    date(1, 1, 1), date(1601, 1, 1), date(1899, 12, 30), date(1900, 1, 1), date(1969, 12, 31), date(1970, 1, 1),
    date(1980, 1, 1), date(1980, 1, 6), date(2000, 1, 1), date(2001, 1, 1),
})  # fmt: skip


def is_old(document: Document, old_after: float) -> bool:
    """Whether it was published more than `old_after` seconds before it was first seen; False if that is not known."""
    published = document.article.published
    if published is None or not trusted(published):
        return False
    return document.relation.first_seen - published.value > timedelta(seconds=old_after)


def trusted(published: Dated) -> bool:
    """Whether the date is one that its publisher states, and no placeholder."""
    return published.source in STATED and published.value.date() not in ZEROS
