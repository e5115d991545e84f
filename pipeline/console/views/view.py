"""The state of a list and its address: one can be read from the other.

Nothing in an address is an error. What it does not know, repeats or has too long is left out, so links that were cut or
made by hand still lead to a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import urlencode

LONGEST_QUERY = 2_000  # characters
LONGEST_VALUE = 200
MOST_VALUES = 20  # of one filter
LAST_PAGE = 200
MOST_SOURCES = 1_000

_MINUTE = "%Y-%m-%dT%H:%MZ"
_HOURS = re.compile(r"(\d{1,4})([hd])")
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # control characters, halves of characters


@dataclass(frozen=True, slots=True)
class Kind:
    """What views of one page may have. The first of `sorts` and `spans` is in force if the address says nothing.

    `filters`: facets that can be chosen; `flags`: conditions that hold or do not; `timed`: a view may have two ends.
    """

    path: str
    filters: tuple[str, ...]
    sorts: tuple[str, ...]
    spans: tuple[str, ...]
    flags: tuple[str, ...] = ()
    timed: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """The state of a list. `span`: how far back ("3d"; "all"), unless `since` or `until` is given. `where`: filter and
    the values of which one must hold, in the order of the kind. `least`: independent sources. Pages count from 1."""

    kind: Kind
    query: str = ""
    sort: str = ""
    span: str = ""
    since: datetime | None = None
    until: datetime | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    flags: tuple[str, ...] = ()
    least: int = 1
    page: int = 1

    @property
    def chosen(self) -> dict[str, tuple[str, ...]]:
        """The filters by name."""
        return dict(self.where)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Names and values of its address without the page: in a fixed order, nothing that goes without saying."""
        pairs = [("q", self.query)] if self.query else []
        if self.sort != self.kind.sorts[0]:
            pairs.append(("sort", self.sort))
        if self.span != self.kind.spans[0]:
            pairs.append(("span", self.span))
        pairs += [(name, at.strftime(_MINUTE)) for name, at in (("since", self.since), ("until", self.until)) if at]
        pairs += [(name, value) for name, values in self.where for value in values]
        pairs += [("only", flag) for flag in self.flags]
        return [*pairs, ("sources", str(self.least))] if self.least > 1 else pairs

    @property
    def text(self) -> str:
        """What stands behind ? in its address, without the page."""
        return urlencode(self.pairs)

    @property
    def url(self) -> str:
        """The address of the view."""
        text = query_string(self)
        return f"{self.kind.path}?{text}" if text else self.kind.path

    def start(self, now: datetime) -> datetime | None:
        """Since when the view shows something; None: always."""
        if self.since or self.until:
            return self.since
        return now - length if (length := length_of(self.span)) else None

    def narrowed(self) -> bool:
        """Whether it shows less than its page without conditions does."""
        return bool(self.query or self.where or self.flags or self.least > 1 or self.since or self.until)

    def on_page(self, page: int) -> View:
        return replace(self, page=min(max(1, page), LAST_PAGE))

    def with_sort(self, sort: str) -> View:
        return replace(self, sort=sort, page=1)

    def within(self, since: datetime | None, until: datetime | None) -> View:
        """The view between two moments, to the minute."""
        return replace(self, since=_to_minute(since), until=_to_minute(until), span=self.kind.spans[0], page=1)

    def over(self, span: str) -> View:
        """The view with another length of time."""
        return replace(self, span=span, since=None, until=None, page=1)

    def toggled(self, name: str, value: str) -> View:
        """The view with a value of a filter chosen, or without it if it is."""
        values = self.chosen.get(name, ())
        changed = tuple(one for one in values if one != value) if value in values else (*values, value)
        return replace(self, where=_ordered(self.kind, {**self.chosen, name: changed}), page=1)

    def flagged(self, flag: str) -> View:
        """The view with a condition, or without it if it has it."""
        flags = {*self.flags} ^ {flag}
        return replace(self, flags=tuple(one for one in self.kind.flags if one in flags), page=1)

    def without_query(self) -> View:
        return replace(self, query="", page=1)

    def with_sources(self, least: int) -> View:
        return replace(self, least=least, page=1)


def length_of(span: str) -> timedelta | None:
    """How long a span is; None for "all"."""
    if not (found := _HOURS.fullmatch(span)):
        return None
    number = int(found[1])
    return timedelta(hours=number) if found[2] == "h" else timedelta(days=number)


def query_string(view: View) -> str:
    """What stands behind ? in the address of the view, in one form."""
    return urlencode([*view.pairs, *([("page", str(view.page))] if view.page > 1 else [])])


def parse(kind: Kind, pairs: Iterable[tuple[str, str]], zone: tzinfo = UTC) -> View:
    """The view that an address says. `pairs`: names and values, as often as they occur; `zone`: of days without one."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(clean(value))
    one = {name: next((value for value in values if value), "") for name, values in given.items()}
    since, until = (_moment(one.get(name, ""), zone) if kind.timed else None for name in ("since", "until"))
    view = View(
        kind, one.get("q", "")[:LONGEST_QUERY].strip(),
        one.get("sort", "") if one.get("sort") in kind.sorts else kind.sorts[0],
        one.get("span", "") if one.get("span") in kind.spans else kind.spans[0],
        since, until,
        _ordered(kind, {name: tuple(given.get(name, ())) for name in kind.filters}),
        tuple(flag for flag in kind.flags if flag in given.get("only", ())),
        _number(one.get("sources", ""), MOST_SOURCES), _number(one.get("page", ""), LAST_PAGE),
    )  # fmt: skip
    return replace(view, span=kind.spans[0]) if view.since or view.until else view


def clean(text: str) -> str:
    """Text from outside in one line, without control characters."""
    return " ".join(_UNSAFE.sub(" ", text).split())


def _ordered(kind: Kind, where: dict[str, tuple[str, ...]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = ((name, dict.fromkeys(value for value in where.get(name, ()) if _fits(value))) for name in kind.filters)
    return tuple((name, tuple(values)[:MOST_VALUES]) for name, values in found if values)


def _fits(value: str) -> bool:
    return 0 < len(value) <= LONGEST_VALUE


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=zone)
        return _to_minute(found) if 1970 <= found.astimezone(UTC).year <= 2200 else None
    except (ValueError, OverflowError):
        return None


def _to_minute(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(second=0, microsecond=0) if moment else None


def _number(text: str, most: int) -> int:
    return min(max(1, int(text)), most) if text.isascii() and text.isdigit() and len(text) < 9 else 1
