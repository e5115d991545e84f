"""Alerts as people read them: grouped by story, with why each rule matched."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.alerts.firing import AlertSet
from pipeline.ports import Index
from pipeline.records import Alert, Delivery, Document, Story
from pipeline.reports.fired import FiredAlert, Ledger, SentMessage, Wanted, fired
from pipeline.reports.stories import Lookup

AT_ONCE = 8  # articles that are asked of the index at once


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an alert: the message it went out with, and what each channel did with that."""

    alert: FiredAlert
    message: SentMessage | None = None
    deliveries: tuple[Delivery, ...] = ()

    @property
    def failing(self) -> tuple[Delivery, ...]:
        """Those that did not arrive."""
        return tuple(one for one in self.deliveries if one.status != "sent")


@dataclass(frozen=True, slots=True)
class AlertStory:
    """Alerts of one story, the newest first. `story` None: the index does not have it, or it is a silence or burst."""

    key: str
    alerts: tuple[Fate, ...]
    story: Story | None = None

    @property
    def title(self) -> str:
        return (self.story.title if self.story else "") or self.alerts[0].alert.title

    @property
    def rules(self) -> tuple[str, ...]:
        """Keys of its rules, the one that fired last first."""
        return tuple(dict.fromkeys(one.alert.rule for one in self.alerts))

    @property
    def newest(self) -> datetime:
        return self.alerts[0].alert.at

    @property
    def unmarked(self) -> tuple[str, ...]:
        """Ids of the alerts that nobody marked yet."""
        return tuple(one.alert.id for one in self.alerts if not one.alert.mark)


@dataclass(frozen=True, slots=True)
class AlertStories:
    """A page of stories with alerts, of `total`; `alerts` counts all alerts that were asked for."""

    total: int
    alerts: int
    stories: tuple[AlertStory, ...]


def fate_of(alert: FiredAlert, ledger: Ledger) -> Fate:
    """What became of an alert."""
    return Fate(alert, ledger.messages.get(alert.message), ledger.deliveries.get(alert.message, ()))


async def alert_stories(
    index: Index, ledger: Ledger, wanted: Wanted, limit: int = 20, offset: int = 0, lookup: Lookup | None = None
) -> AlertStories:
    """The alerts that are wanted, by story as stories are now, the newest first. `lookup`: knows stories already.
    Raises Unavailable."""
    frozen = Ledger(dict(ledger.alerts))  # the ledger changes meanwhile; there may be a hundred thousand
    found = await asyncio.to_thread(fired, frozen, wanted)
    lookup = lookup or Lookup(index)
    await lookup.read(dict.fromkeys(one.story for one in found if one.story))
    groups, stories = await asyncio.to_thread(_grouped, found, lookup)
    page = list(groups.items())[offset : offset + limit]
    made = tuple(AlertStory(key, tuple(fate_of(one, ledger) for one in some), stories.get(key)) for key, some in page)
    return AlertStories(len(groups), len(found), made)


def _grouped(found: Iterable[FiredAlert], lookup: Lookup) -> tuple[dict[str, list[FiredAlert]], dict[str, Story]]:
    groups: dict[str, list[FiredAlert]] = {}
    stories: dict[str, Story] = {}
    for one in found:
        story = lookup.home(one.article, one.story) if one.story else None
        key = story.id if story else one.story or one.id
        groups.setdefault(key, []).append(one)
        if story:
            stories[key] = story
    return groups, stories


async def whys(index: Index, alerts: AlertSet, fired: Iterable[FiredAlert]) -> dict[str, Alert]:
    """By id of an alert, why its rule matches the version of the article that it was about, by the rules in force; none
    for rules that changed or are gone, and versions that are no longer kept. Raises Unavailable."""
    found: dict[str, Alert] = {}
    places = list(dict.fromkeys((one.article, one.version) for one in fired if one.article))
    for first in range(0, len(places), AT_ONCE):
        some = places[first : first + AT_ONCE]
        for document in await asyncio.gather(*(version_of(index, *place) for place in some)):
            found |= await asyncio.to_thread(why_of, alerts, document) if document else {}
    return found


def why_of(alerts: AlertSet, document: Document) -> dict[str, Alert]:
    """The same for the alerts of one version of an article."""
    return {one.id: one for one in alerts.fire(document)}


async def version_of(index: Index, article: str, version: int) -> Document | None:
    """That version of the article; None if it is no longer kept. Raises Unavailable."""
    newest = await index.get(article)
    if newest is None or newest.relation.version == version:
        return newest
    for one in await index.versions(article):
        if one.relation.version == version:
            return one
    return None
