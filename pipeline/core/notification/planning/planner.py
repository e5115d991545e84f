"""Decides for every alert, and as time passes, which messages are sent: the state behind the stage notify.

Pure: the state comes in record by record from the log, and every decision is a list of records to publish. The stage
runs it on the clock, `almenara alerts test` on the times of past articles.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from pipeline.core.notification.planning.arriving import Arrivals
from pipeline.core.notification.planning.aside import PIECE
from pipeline.core.notification.planning.budgets import Budgets
from pipeline.core.notification.planning.clockwork import Clockwork
from pipeline.core.notification.planning.decision import Decision, Draft, nothing
from pipeline.core.notification.planning.due import is_current
from pipeline.core.notification.planning.entry import Entry
from pipeline.core.notification.planning.forgetting import forget, next_forgotten
from pipeline.core.notification.planning.listening import Listening
from pipeline.core.notification.planning.plan import Plan, plan_of
from pipeline.core.notification.planning.releasing import LANES, Releases
from pipeline.core.notification.planning.state import Sent, State
from pipeline.core.notification.streams import ALERT_STATE, MESSAGES, MUTES
from pipeline.records import Alert, AlertRequest, AlertRhythm, AlertState, Message, Mute, Record

R = TypeVar("R")

__all__ = ["Decision", "Plan", "Planner", "plan_of"]


class Planner:
    """The state of all alerts, messages and mutes, and what follows from it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._state = State()
        self._listening = Listening()
        self._restored: tuple[dict[str, Entry], dict[str, Sent]] | None = ({}, {})  # until the first decision
        self._take_plan()

    def _take_plan(self) -> None:
        self._listening.take_plan(self.plan)
        self._budgets = Budgets(self.plan, self._state)
        self._arrivals = Arrivals(self.plan, self._state, self._budgets)
        self._releases = Releases(self.plan, self._state, self._budgets)
        self._clockwork = Clockwork(self.plan, self._state)

    def reload(self, plan: Plan, now: datetime) -> None:
        """Go on with another configuration. `due` has something if held alerts must come out because of it."""
        self._open()
        self.plan = plan
        self._take_plan()
        for lane in self._state.lanes.values():
            lane.due = None
        self._state.changed.update(self._state.lanes)
        self._clockwork.set(now)

    # -- records

    def put(self, stream: str, key: str, record: Record | None) -> None:
        """Take a record of the log: on restoring, in any order; later only what others made, such as deletions.

        Records of other streams are ignored.
        """
        if isinstance(record, AlertRhythm):
            self._listening.put(record)
        elif stream == MUTES:
            _put(self._state.mutes, key, record, Mute)
        elif isinstance(record, AlertState) and record.status == "started":
            self._state.started.add(record.rule)
        elif self._restored is None:
            self._put_late(stream, key, record)
        elif stream == ALERT_STATE:
            _put(self._restored[0], key, Entry(record).pack() if isinstance(record, AlertState) else None, Entry)
        elif stream == MESSAGES:
            _put(self._restored[1], key, Sent.of(record) if isinstance(record, Message) else None, Sent)

    def _put_late(self, stream: str, key: str, record: Record | None) -> None:
        if stream == ALERT_STATE and isinstance(record, AlertState):
            self._state.put_state(record)
        elif stream == ALERT_STATE and record is None:
            self._state.forget(key)
        elif stream == MESSAGES and isinstance(record, Message):
            self._state.put_message(Sent.of(record))
        elif stream == MESSAGES and record is None:
            self._state.messages.pop(key, None)

    def _open(self) -> None:
        """Build the state from the records that were restored."""
        if self._restored is not None:
            states, messages = self._restored
            self._restored = None
            self._state.restore(states.values(), messages.values())
            self._take_plan()

    # -- decisions

    def take(self, alert: Alert, now: datetime) -> Decision:
        """Decide about an alert that has arrived."""
        self._open()
        if alert.id in self._state.entries:
            return nothing("repeat")
        rule = self._arrivals.rule(alert)
        draft = Draft(self._state, now)
        passed_over = "counted" if rule.counts else self._arrivals.take(alert, rule, draft)
        self._listening.hear(alert, self.plan, draft)
        self._clockwork.set(now)
        return draft.decided(passed_over)

    def ask(self, request: AlertRequest, now: datetime) -> Decision:
        """Do what a person asked: mute, unmute, mark an alert, or note that a rule started. To send
        a message again is the business of the queue."""
        self._open()
        draft = Draft(self._state, now)
        if mute := request.mute:
            self._state.mutes[mute.id] = mute
            draft.records.append((MUTES, mute.id, mute))
        elif request.unmute in self._state.mutes:
            ended = replace(self._state.mutes[request.unmute], until=now)
            self._state.mutes[ended.id] = ended
            draft.records.append((MUTES, ended.id, ended))
        elif request.mark and (entry := self._state.entries.get(request.mark[0])):
            draft.again(entry, mark=request.mark[1], marked=now)
        elif request.started:
            draft.alert(AlertState(id=f"started/{request.started}", rule=request.started, status="started", at=now))
        self._clockwork.set(now)
        return draft.decided("nothing_to_do")

    def due(self, now: datetime) -> Decision:
        """Decide what has become due. If more is due than one answer should hold, `next_due` is not after `now`."""
        self._open()
        self._clockwork.set(now)
        draft = Draft(self._state, now)
        self._settle(draft)
        self._listening.due(self.plan, draft)
        lanes = self._clockwork.pop(now, LANES)
        self._releases.release(lanes, draft)
        for lane in lanes:
            if lane.key not in self._state.changed:
                self._clockwork.push(lane)
        forget(self._state, draft)
        self._clockwork.set(now)
        return draft.decided()

    def _settle(self, draft: Draft) -> None:
        """Let the states of alerts say themselves that they were reported, or that a newer version was held or reported
        instead: messages are not kept as long."""
        unsettled = self._state.unsettled
        while unsettled and len(draft.records) < PIECE:
            entry = unsettled.popleft()
            if self._state.entries.get(entry.id) is not entry or entry.status != "held":
                continue
            if entry.reported:
                draft.again(entry, status="reported", message=entry.message, due=None, alert=None)
            elif not is_current(self._state, entry):
                draft.again(entry, status="unchanged", due=None, alert=None)

    def next_due(self) -> datetime | None:
        """When `due` will next have something. It may turn out that quiet hours or a limit come first."""
        self._open()
        state = self._state
        if state.changed and state.latest:
            self._clockwork.set(state.latest)
        if state.unsettled:
            return state.latest
        moments = (self._clockwork.next(), next_forgotten(state), self._listening.next_due())
        return min((moment for moment in moments if moment), default=None)

    # -- questions

    def unstarted(self) -> tuple[str, ...]:
        """Keys of the enabled rules in force whose past alerts were not asked for (AlertRequest.started)."""
        return tuple(key for key, rule in self.plan.rules.items() if rule.enabled and key not in self._state.started)

    def waiting(self) -> int:
        """How many alerts are held."""
        self._open()
        return sum(len(lane) for lane in self._state.lanes.values())


def _put(table: dict[str, R], key: str, record: object, kind: type[R]) -> None:
    if isinstance(record, kind):
        table[key] = record
    else:
        table.pop(key, None)
