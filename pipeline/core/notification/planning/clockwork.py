"""Keeps which lane is due when."""

from __future__ import annotations

from datetime import datetime, timedelta
from heapq import heappop, heappush

from pipeline.core.notification.planning.due import due
from pipeline.core.notification.planning.lanes import Lane, LaneKey
from pipeline.core.notification.planning.plan import Plan
from pipeline.core.notification.planning.state import State

BACK = timedelta(minutes=1)  # a clock that jumped back by more was wrong before


class Clockwork:
    """The due times of all lanes, in a heap; one that a lane no longer has is skipped."""

    def __init__(self, plan: Plan, state: State) -> None:
        self.plan, self.state = plan, state
        self._heap: list[tuple[datetime, LaneKey]] = []

    def set(self, now: datetime) -> None:
        """Compute the due times of the lanes that have changed. If the clock has jumped back, of all."""
        state = self.state
        if state.latest and now < state.latest - BACK:
            state.changed.update(state.lanes)
            state.latest = now
        for key in sorted(state.changed):
            if lane := state.lanes.get(key):
                self._set(lane, now)
        state.changed.clear()

    def _set(self, lane: Lane, now: datetime) -> None:
        before, lane.due = lane.due, due(self.plan, self.state, lane, now)
        if not len(lane):
            del self.state.lanes[lane.key]
        elif lane.due is not None:
            if before is not None and any(entry.at > now for entry in (lane.first(),) if entry):
                lane.due = min(before, lane.due)  # it came at a time that is still to be: not later with each article
            self.push(lane)

    def push(self, lane: Lane) -> None:
        if lane.due is not None and len(lane):
            heappush(self._heap, (lane.due, lane.key))

    def next(self) -> datetime | None:
        """When the next lane is due."""
        while self._heap:
            at, key = self._heap[0]
            lane = self.state.lanes.get(key)
            if lane and lane.due == at and len(lane):
                return at
            heappop(self._heap)
        return None

    def pop(self, now: datetime, limit: int) -> list[Lane]:
        """The lanes that are due, at most so many."""
        found: dict[LaneKey, Lane] = {}
        while len(found) < limit and (at := self.next()) is not None and at <= now:
            _, key = heappop(self._heap)
            found[key] = self.state.lanes[key]
        return [found[key] for key in sorted(found)]
