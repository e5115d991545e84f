"""Decides which alerts are muted, and how long a mute is remembered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pipeline.core.notification.planning.entry import Entry
from pipeline.records import Alert, AlertState, Mute

REMEMBERED = timedelta(days=90)  # after its end, so that what was muted can be listed


def muting(mutes: Iterable[Mute], state: AlertState, now: datetime) -> Mute | None:
    """The mute in force that applies to an alert. If several do, the one that lasts longest."""
    found = [mute for mute in in_force(mutes, now) if applies(mute, state)]
    return max(found, key=lambda mute: (mute.until, mute.id), default=None)


def in_force(mutes: Iterable[Mute], now: datetime) -> list[Mute]:
    return [mute for mute in mutes if now < mute.until]


def may_apply(mute: Mute, entry: Entry) -> bool:
    """Whether the conditions that can be seen without unpacking an alert hold."""
    rule, story = mute.rule in ("", entry.rule), mute.story in ("", entry.story, *entry.merged)
    return rule and story and (not mute.source or mute.source.casefold() == entry.source.casefold())


def applies(mute: Mute, state: AlertState) -> bool:
    """Whether all conditions of a mute hold, whatever its time. One without conditions never applies."""
    conditions = (
        (mute.rule, mute.rule == state.rule),
        (mute.story, mute.story in (state.story, *state.merged)),
        (mute.source, mute.source.casefold() == state.source.casefold()),
        (mute.place, mute.place.casefold() in {place.casefold() for place in state.places}),
    )
    given = [holds for value, holds in conditions if value]
    return bool(given) and all(given)


def places_of(alert: Alert) -> tuple[str, ...]:
    """What a mute of a place may name."""
    return tuple(dict.fromkeys((*alert.countries, *alert.places)))
