"""Judges an article that matches again: whether it says something else than the version that was last reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.core.notification.planning.entry import Entry
from pipeline.core.stories import versions
from pipeline.records import Alert, Change, Traits


@dataclass(frozen=True, slots=True)
class Judgement:
    """`verdict`: new (the article has not been reported), changed (since the version that was), back (as it was
    reported, though a version in between was not), same, or older (than a version that is known)."""

    verdict: str
    changes: tuple[Change, ...] = ()


def judge(alert: Alert, known: Iterable[Entry]) -> Judgement:
    """Judge an alert by the other versions of its article that its rule knows.

    A number that went from 3 to 4 and back to 3 has not changed if nobody was shown the 4.
    """
    versions_known = sorted(known, key=lambda entry: entry.version)
    if not versions_known:
        return Judgement("new")
    newest = versions_known[-1]
    if alert.version <= newest.version:
        return Judgement("older")
    reported = next((entry for entry in reversed(versions_known) if entry.reported), None)
    if reported is None:
        found, material = _changes(newest.traits, alert)
        shown_as_changed = found if newest.status in ("noted", "muted") else ()
        return Judgement("new", shown_as_changed) if material else Judgement("same")
    found, material = _changes(reported.traits, alert)
    if material:
        return Judgement("changed", found)
    if newest is not reported and _changes(newest.traits, alert)[1]:
        return Judgement("back")
    return Judgement("same")


def differs(alert: Alert, known: Entry) -> bool:
    """Whether the alert says something else than one about another article, of which one is a copy."""
    return _changes(known.traits, alert)[1]


def _changes(before: Traits | None, alert: Alert) -> tuple[tuple[Change, ...], bool]:
    """The changes since a version, and whether they are material. Without traits, those since the version before."""
    whole = tuple(change for change in alert.changes if change.kind == "whole")
    if before is None or alert.traits is None:
        return alert.changes, versions.material(alert.changes)
    found = versions.changes(before, alert.traits)
    if versions.shortened(before, alert.traits):
        return found, False
    return (*whole, *found)[: versions.CHANGES], versions.material(found) or bool(whole and found)
