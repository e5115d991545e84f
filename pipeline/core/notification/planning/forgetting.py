"""Forgets what is old: alerts that nothing depends on any more, and mutes that ended long ago."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.core.notification.planning.decision import Draft
from pipeline.core.notification.planning.mutes import REMEMBERED
from pipeline.core.notification.planning.state import State
from pipeline.core.notification.streams import ALERT_STATE, MUTES

KEEP = timedelta(days=90)  # after the newest alert about a story
PIECE = 200


def forget(state: State, draft: Draft) -> None:
    """Delete the alerts of stories without news for 90 days, all of a story together: what it has is counted. What
    still waits stays."""
    keys: list[tuple[str, str]] = []
    for key, group in state.groups.items():
        if group.newest >= draft.now - KEEP or len(keys) == PIECE:
            break
        keys.append(key)
    for key in keys:
        group = state.groups[key]
        if len(draft.records) >= PIECE:
            return
        if any(entry.waits for entry in group.entries):
            del state.groups[key]  # and again as the newest, to be looked at when the others were
            state.groups[key] = group
            continue
        for entry in list(group.entries):
            draft.records.append((ALERT_STATE, entry.id, None))
            state.forget(entry.id)
    for mute in [mute for mute in state.mutes.values() if mute.until < draft.now - REMEMBERED]:
        draft.records.append((MUTES, mute.id, None))
        del state.mutes[mute.id]


def next_forgotten(state: State) -> datetime | None:
    """When there will be something to forget."""
    group = next(iter(state.groups.values()), None)
    return group.newest + KEEP + timedelta(seconds=1) if group else None
