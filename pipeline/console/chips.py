"""What a view is narrowed down by, as chips that are taken off, and what it can be narrowed down by, with counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.console.language import Reader
from pipeline.console.pages.source_words import LOSSES
from pipeline.console.views.view import View
from pipeline.console.words import FACTS, FLAGS

Names = Mapping[str, Mapping[str, str]]  # filter -> what its values are called

SHOWN = 15  # values of a filter that are offered


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition in force. `url`: the view without it. `name`: of the filter, translated where it is shown."""

    name: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a filter with the number of hits that have it. `url`: the view with it, or without it if `on`."""

    value: str
    count: int
    url: str
    on: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter with its most frequent values. `more`: that are not shown."""

    name: str
    values: tuple[Value, ...]
    more: int


def chips_of(view: View, names: Names, reader: Reader) -> list[Chip]:
    """The conditions in force, in the order of the address."""
    chips = [Chip("", view.query, view.without_query().url)] if view.query else []
    if view.since or view.until:
        ends = (reader.moment(one) if one else "…" for one in (view.since, view.until))
        chips.append(Chip("time", " – ".join(ends), view.over(view.kind.spans[0]).url))
    for name, values in view.where:
        chips += [Chip(name, shown(name, value, names, reader), view.toggled(name, value).url) for value in values]
    chips += [Chip("flag", reader.gettext(FLAGS[flag]), view.flagged(flag).url) for flag in view.flags]
    if view.least > 1:
        chips.append(Chip("sources", f"≥ {view.least}", view.with_sources(1).url))
    return chips


def choices_of(view: View, counts: Mapping[str, Mapping[str, int]]) -> list[Choice]:
    """The filters of the view with their values: those in force first, then the most frequent."""
    found = []
    for name in view.kind.filters:
        chosen, there = view.chosen.get(name, ()), counts.get(name, {})
        values = list(dict.fromkeys((*chosen, *there)))
        listed = (Value(one, there.get(one, 0), view.toggled(name, one).url, one in chosen) for one in values[:SHOWN])
        if values:
            found.append(Choice(name, tuple(listed), max(0, len(values) - SHOWN)))
    return found


def shown(name: str, value: str, names: Names, reader: Reader) -> str:
    """A value of a filter in the words of the reader."""
    if name in ("country", "host", "sender", "outlet_country"):
        return reader.country_name(value)
    if name == "language":
        return reader.language_name(value)
    if name == "differs" and value in FACTS:
        return reader.gettext(FACTS[value])
    if name == "removed" and value in LOSSES:
        return reader.gettext(LOSSES[value])
    return names.get(name, {}).get(value, value)
