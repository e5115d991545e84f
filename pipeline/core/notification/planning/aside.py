"""Sets aside what waits and was muted meanwhile, before a message would report it."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.core.notification.planning.decision import Draft
from pipeline.core.notification.planning.due import first_current, is_due
from pipeline.core.notification.planning.entry import Entry
from pipeline.core.notification.planning.lanes import Lane
from pipeline.core.notification.planning.mutes import in_force, may_apply, muting
from pipeline.core.notification.planning.plan import Plan
from pipeline.core.notification.planning.state import State

PIECE = 200  # records that one answer holds, about


def set_aside(state: State, waiting: Iterable[Entry], draft: Draft, most: int | None = None) -> int:
    """Mark as muted those of the waiting alerts to which a mute applies, at most so many. Returns how many it applies
    to; of more than `most` only that they are more."""
    mutes = in_force(state.mutes.values(), draft.now)
    found = []
    for entry in waiting if mutes else ():
        possible = [mute for mute in mutes if may_apply(mute, entry)]
        if possible and (mute := muting(possible, entry.state(), draft.now)):
            found.append((entry, mute))
        if most is not None and len(found) > most:
            break
    for entry, mute in found[:most]:
        draft.again(entry, status="muted", why=mute.id, alert=None, due=None)
    return len(found)


def sendable(plan: Plan, state: State, lanes: Iterable[Lane], draft: Draft, along: bool = False) -> list[Lane]:
    """The lanes that are still due when what was muted is set aside; `along`: those of which anything is left. A lane
    in which more was muted than one answer should hold is looked at again at once."""
    found = []
    for lane in lanes:
        room = max(PIECE - len(draft.records), 0)
        number = set_aside(state, lane, draft, room)
        if number > room:
            lane.due = draft.now
        elif first_current(state, lane) and (not number or along or is_due(plan, state, lane, draft.now)):
            found.append(lane)
    return found
