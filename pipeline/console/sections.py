"""The sections of the console: what the navigation lists, and `g` with a letter opens."""

from __future__ import annotations

from dataclasses import dataclass


def N_(text: str) -> str:  # noqa: N802  the name by which Babel finds texts that are translated later
    """Mark a text for translation where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Section:
    """A section. `name`: of its route and its symbol (templates/_symbols.svg); `key`: the letter after `g`."""

    name: str
    title: str
    path: str
    key: str


SECTIONS = (
    Section("now", N_("Now"), "/", "n"),
    Section("search", N_("Search"), "/search", "s"),
    Section("alerts", N_("Alerts"), "/alerts", "a"),
    Section("rules", N_("Rules"), "/rules", "r"),
    Section("watch", N_("Watch"), "/watch", "w"),
    Section("topics", N_("Topics"), "/topics", "t"),
    Section("sources", N_("Sources"), "/sources", "o"),
    Section("system", N_("System"), "/system", "y"),
)
