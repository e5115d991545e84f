"""The messages that wait for one channel, in order, and how the channel is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as with_values
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from pipeline.core.notification.delivery.attempt import FINAL, Attempt, ChannelHealth, Waiting
from pipeline.core.notification.delivery.merge import MERGED, MOST_ALERTS, key_of, merged
from pipeline.core.notification.delivery.retry import Failure, Verdict, is_over, judge
from pipeline.records import Delivery, Message

BODIES = 300  # messages of a line that are in memory whole; of the others only the id
MERGE_FROM = 4  # messages that are merged at least
MERGE_MOST = 100  # messages merged into one at most
LATE = timedelta(minutes=2)  # since when the first must wait for messages to be merged
PROBES = 3  # failures in a row from which on another message is tried each time: the first may be the reason

_ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass
class Line:
    """The line of one channel. `merges`: whether messages that waited may be merged; `give_up` in seconds."""

    channel: str
    merges: bool = True
    give_up: float = 7 * 86400.0
    waiting: OrderedDict[str, Waiting] = field(default_factory=OrderedDict)
    done: dict[str, datetime | None] = field(default_factory=dict)  # finished messages, and when asked for again
    started: dict[str, Delivery] = field(default_factory=dict)  # states of messages that have not been put yet
    groups: dict[str, list[str]] = field(default_factory=dict)  # key -> messages merged under it
    health: ChannelHealth = field(default_factory=ChannelHealth)
    refusals: int = 0  # in a row
    bodies: int = 0
    fresh: bool = False  # what a former process left was not tried yet: it may have sent the first of it, alone

    def put(self, message: Message) -> None:
        """Take a message that is on the log, unless it is finished."""
        known = self.waiting.get(message.id)
        if known is not None:
            self._give_body(known, message)
        elif message.id not in self.done:
            state = self.started.pop(message.id, None)
            since = max(message.at, state.resent) if state and state.resent else message.at
            one = self.waiting[message.id] = Waiting(message.id, since, None, state)
            if self.bodies < BODIES:
                self._give_body(one, message)
            if state is not None:
                self._resume(one, state)

    def _resume(self, one: Waiting, state: Delivery) -> None:
        one.due, one.own, one.single = state.due, bool(state.unsure), state.resent is not None
        one.doubt = state.started
        if state.key and state.key != one.id:
            self.groups.setdefault(state.key, []).append(one.id)
        if state.error:
            failures, since = max(1, state.attempts, self.health.failures), state.since or state.at
            self._set(failures=failures, error=state.error, since=min(since, self.health.since or since))
        if state.failure == "busy":  # it asked for this time; anything else may be different since the start
            self._set(blocked=state.due)

    def put_state(self, state: Delivery) -> None:
        """Take a state that is on the log, before its message."""
        if state.status in FINAL:
            self._remove(state.message)
            self.started.pop(state.message, None)
            self.done[state.message] = state.resent
        elif one := self.waiting.get(state.message):  # asked for again while it waits
            one.delivery, one.due, one.since, one.single = state, None, state.resent or one.since, True
        else:
            self.done.pop(state.message, None)
            self.started[state.message] = state

    def was_asked(self, message: str, at: datetime) -> bool:
        """Whether the message was asked for again at that moment."""
        one = self.waiting.get(message)
        state = one.delivery if one else self.started.get(message)
        return at == (state.resent if state else self.done.get(message))

    def forget(self, message: str) -> None:
        """Forget a message that was deleted from the log."""
        self._remove(message)
        self.done.pop(message, None)
        self.started.pop(message, None)

    def without_body(self) -> set[str]:
        """The next messages whose bodies have to be read from the log."""
        wanted: set[str] = set()
        for one in self.waiting.values():
            if len(wanted) >= BODIES:
                break
            if one.message is None:
                wanted.add(one.id)
        return wanted

    def give_body(self, message: Message) -> None:
        """Take the body of a message again."""
        if one := self.waiting.get(message.id):
            self._give_body(one, message)

    def gone(self, messages: Collection[str], now: datetime) -> list[Delivery]:
        """These messages are no longer on the log. Returns their last states."""
        states = []
        for one in [self.waiting[id] for id in messages if id in self.waiting]:
            before = self._before(one, now)
            states.append(replace(before, status="given_up", at=now, due=None, error="it is no longer on the log"))
            self._done(states[-1])
        return states

    def _give_body(self, one: Waiting, message: Message) -> None:
        self.bodies += one.message is None
        one.message = message

    def next(self, now: datetime) -> Attempt | Waiting | None:
        """The next attempt; a message whose body must be read first; None if nothing is due."""
        if self.health.blocked is not None and now < self.health.blocked:
            return None
        due = self._due(now)
        if self.health.failures >= PROBES and not self.fresh:
            head = min(due, key=lambda one: one.delivery.attempts if one.delivery else 0, default=None)
        else:
            head = next(due, None)
        if head is None or head.message is None:
            return head
        key = head.delivery.key if head.delivery and head.delivery.key else head.id
        if group := self.groups.get(key):
            return self._group(key, group)
        if self.merges and not self.fresh and not self.health.failures and (late := self._late(now)):
            return self._merged(late, decided=False)
        taken = head.delivery.taken if head.delivery else ()
        return Attempt(self.channel, head.message, key, (head.id,), taken, decided=not self._is_doubtful(head))

    def _is_doubtful(self, head: Waiting) -> bool:
        """Whether an attempt must be noted first, so that after a kill its message is not merged with others. Without a
        note it is the first of the line, which the next process tries alone first."""
        first = next(iter(self.waiting.values()))
        return self.merges and not (head.single or head.perhaps_taken) and (self.fresh or head is not first)

    def _due(self, now: datetime) -> Iterator[Waiting]:
        return (one for one in self.waiting.values() if one.due is None or one.due <= now)

    def _group(self, key: str, members: Sequence[str]) -> Attempt | Waiting:
        ours = [self.waiting[id] for id in members if id in self.waiting]
        missing = next((one for one in ours if one.message is None), None)
        if missing is not None:
            return missing
        state = ours[0].delivery
        attempt = self._merged(ours, decided=True)
        return Attempt(self.channel, attempt.message, key, attempt.members, state.taken if state else ())

    def _late(self, now: datetime) -> list[Waiting]:
        """The messages to merge; none if too few wait, or not for long."""
        found: list[Waiting] = []
        shown = 0
        for one in self._due(now):
            shown += len(one.message.alerts) if one.message else 0
            if len(found) >= MERGE_MOST or shown > MOST_ALERTS or one.message is None:
                break
            if one.message.kind in MERGED and not one.single and not one.perhaps_taken:
                if not found and now - one.since < LATE:
                    break
                if not (one.delivery and one.delivery.key in self.groups):
                    found.append(one)
        return found if len(found) >= MERGE_FROM else []

    def _merged(self, members: Sequence[Waiting], decided: bool) -> Attempt:
        messages = [one.message for one in members if one.message is not None]
        ids = tuple(message.id for message in messages)
        return Attempt(self.channel, merged(messages, self.channel), key_of(ids), ids, decided=decided)

    def when(self) -> datetime | None:
        """The first moment at which `next` may have something; the least one: at once; None: when a message comes."""
        blocked, first = self.health.blocked or _ALWAYS, None
        for one in self.waiting.values():
            if one.due is None or one.due <= blocked:
                return blocked
            first = min(one.due, first or one.due)
        return first

    def begin(self, attempt: Attempt, now: datetime) -> list[Delivery]:
        """The states that must be on the log before the attempt: which messages are merged, or that one is sent alone,
        so that a repeat has the same key."""
        if attempt.decided:
            return []
        alone, states = attempt.members == (attempt.key,), []
        if not alone:
            self.groups[attempt.key] = list(attempt.members)
        for one in self._members(attempt):
            one.doubt = one.doubt or (alone and self.fresh)
            one.delivery = replace(self._before(one, now), key=attempt.key, started=alone)
            states.append(one.delivery)
        return states

    def sent(self, attempt: Attempt, now: datetime) -> list[Delivery]:
        """The attempt succeeded. Returns the new states."""
        states = [self._state(one, attempt, "sent", now) for one in self._members(attempt)]
        self._finish(attempt, states)
        for one in self.waiting.values() if self.health.failures else ():
            one.due = one.due if one.own else None  # it waited for the channel
        self.refusals, self.fresh = 0, False
        self.health = ChannelHealth(sent=self.health.sent + len(states), lost=self.health.lost)
        return states

    def failed(self, attempt: Attempt, failure: Failure, now: datetime, jitter: float) -> list[Delivery]:
        """The attempt failed. Returns the new states, also of messages that are given up now."""
        failure, ours = failure.plain(), self._members(attempt)
        before = ours[0].delivery if ours else None
        verdict = judge(failure, before, self.health.failures, self.refusals, now, jitter)
        self._note(failure, verdict, now)
        self.fresh = False
        if len(ours) > 1 and (verdict.status == "refused" or (verdict.alone and not ours[0].perhaps_taken)):
            return self._taken_apart(attempt, ours, now) + self._given_up(now)
        states = [self._after(one, attempt, failure, verdict, now) for one in ours]
        self._finish(attempt, states)
        return states + self._given_up(now)

    def _after(self, one: Waiting, attempt: Attempt, failure: Failure, verdict: Verdict, now: datetime) -> Delivery:
        due = verdict.due or self.health.blocked if verdict.status == "waiting" else None
        state = self._state(one, attempt, verdict.status, now)
        state = replace(
            state, due=due, error=failure.why, failure=failure.kind, taken=failure.taken or state.taken,
            attempts=state.attempts - (failure.kind == "busy"), unsure=state.unsure + (failure.kind == "unsure"),
        )  # fmt: skip
        one.delivery, one.due, one.own = state, due, verdict.due is not None
        return state

    def _state(self, one: Waiting, attempt: Attempt, status: str, now: datetime) -> Delivery:
        before = self._before(one, now)
        attempts, since = before.attempts + 1, before.since or now
        return replace(
            before, status=status, at=now, attempts=attempts, since=since, due=None, key=attempt.key, error="",
            failure="", started=one.doubt and status == "waiting",
        )  # fmt: skip

    def _before(self, one: Waiting, now: datetime) -> Delivery:
        return one.delivery or Delivery(message=one.id, channel=self.channel, status="waiting", at=now, key=one.id)

    def _taken_apart(self, attempt: Attempt, ours: Sequence[Waiting], now: datetime) -> list[Delivery]:
        """Send what was merged one by one: one of them may be the reason."""
        self.groups.pop(attempt.key, None)
        for one in ours:
            one.delivery = replace(self._state(one, attempt, "waiting", now), key=one.id)
            one.due, one.single = None, True
        return [one.delivery for one in ours if one.delivery]

    def _given_up(self, now: datetime) -> list[Delivery]:
        """After a failure: the states of the messages that waited too long. The oldest are first."""
        if self.health.error is None:
            return []
        old = [one for one in self.waiting.values() if is_over(one.since, self.give_up, now)]
        states = []
        for one in old:
            before = self._before(one, now)
            why = before.error or self.health.error or ""
            states.append(replace(before, status="given_up", at=now, due=None, error=why))
        for state in states:
            self._done(state)
        return states

    def _note(self, failure: Failure, verdict: Verdict, now: datetime) -> None:
        answered = failure.kind in ("refused", "too_long")
        self.refusals = self.refusals + 1 if answered else 0
        blocked = now + timedelta(seconds=verdict.rest) if verdict.rest else None
        if answered and not verdict.counts:  # it works: only this message is not taken
            self._set(failures=0, error=None, since=None, blocked=None, broken=False)
        elif not verdict.alone:
            self._set(
                failures=self.health.failures + verdict.counts, error=failure.why, blocked=blocked,
                since=self.health.since or now, broken=failure.kind == "broken" or answered,
            )  # fmt: skip

    def _set(self, **changes: Any) -> None:
        self.health = with_values(self.health, **changes)

    def _finish(self, attempt: Attempt, states: Sequence[Delivery]) -> None:
        for state in states:
            if state.status in FINAL:
                self._done(state)
        if not any(member in self.waiting for member in attempt.members):
            self.groups.pop(attempt.key, None)

    def _done(self, state: Delivery) -> None:
        self._remove(state.message)
        self.done[state.message] = state.resent
        if state.status != "sent":
            self._set(lost=self.health.lost + 1)

    def _members(self, attempt: Attempt) -> list[Waiting]:
        return [self.waiting[id] for id in attempt.members if id in self.waiting]

    def _remove(self, message: str) -> None:
        if (one := self.waiting.pop(message, None)) and one.message is not None:
            self.bodies -= 1
