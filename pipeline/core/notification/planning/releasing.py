"""Sends what is due: follow-ups, changes, what waited for quiet hours or limits, summaries and digests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.calendar.digests import next_digest
from pipeline.core.calendar.quiet import quiet_until
from pipeline.core.notification.planning import compose
from pipeline.core.notification.planning.aside import PIECE, sendable
from pipeline.core.notification.planning.budgets import Budgets
from pipeline.core.notification.planning.decision import Draft
from pipeline.core.notification.planning.due import due, first_current, is_current, is_due
from pipeline.core.notification.planning.entry import Entry
from pipeline.core.notification.planning.gates import flooded, resting
from pipeline.core.notification.planning.lanes import Lane
from pipeline.core.notification.planning.plan import Plan
from pipeline.core.notification.planning.state import State
from pipeline.core.notification.planning.summaries import Summaries

LANES = 1000  # looked at for one answer: what one message says together must not fall apart
AGAIN = timedelta(seconds=30)  # when to look again at a rule that is flooded


class Releases:
    """Sends from lanes that are due. Each of them is afterwards empty, or has another due time."""

    def __init__(self, plan: Plan, state: State, budgets: Budgets) -> None:
        self.plan, self.state, self.budgets = plan, state, budgets
        self._summaries = Summaries(plan, state)

    def release(self, lanes: Iterable[Lane], draft: Draft) -> None:
        """Send what waits in the lanes, as far as it may be sent now."""
        rules: dict[str, list[Lane]] = {}
        for lane in lanes:
            if first_current(self.state, lane):
                rules.setdefault(lane.key[0], []).append(lane)
        digests: list[Lane] = []
        backlog: list[Lane] = []
        for key, mine in rules.items():
            rule = self.plan.rule(key)
            if rule is None or not self.plan.readers(rule.channels):
                self._without_rule(key, mine, draft)
                continue
            digests += [lane for lane in mine if lane.key[1] == "digest"]
            summary = [lane for lane in mine if lane.key[1] == "backlog"]
            others = [lane for lane in mine if lane.key[1] not in ("backlog", "digest")]
            if rule.send == "digest":
                self._to_digest([*summary, *others], "digest", draft)
                continue
            backlog += self._others(rule, others, summary, draft)
        self._summaries.release(backlog, draft)
        self._digests(digests, draft)

    def _without_rule(self, key: str, mine: Sequence[Lane], draft: Draft) -> None:
        """What waits of a rule that is no longer in force, or has no readers any more."""
        rule = self.plan.rules.get(key)
        if until := quiet_until(self.plan.quiet(rule), draft.now, self.plan.reader.zone):
            for lane in mine:
                lane.due = until
            return
        lanes = sendable(self.plan, self.state, self.state.lanes_of(key), draft, along=True)
        bodies = [entry.body for lane in lanes for entry in lane if entry.body]
        gone = bodies[0].channels if bodies else ()
        there = rule is not None and rule.enabled
        channels = rule.channels if rule and there else self.plan.instead(rule.channels if rule else gone)
        if lanes and channels:
            name = rule.name if rule else bodies[0].name if bodies else key
            severity = rule.severity if rule else bodies[0].severity if bodies else "info"
            why = "channels" if there else "removed"
            draft.message(compose.many(self.state, "summary", [(key, name, severity)], lanes, channels, draft.now, why))

    def _others(
        self, rule: AlertRule, lanes: Sequence[Lane], summary: Sequence[Lane], draft: Draft
    ) -> Sequence[Lane]:  # fmt: skip
        """Send what waited for a follow-up, quiet hours or limits. Returns those of the lanes for a summary that are
        not part of it: only together with what else waited for the end of quiet hours."""
        if self._postponed(rule, lanes, draft.now):
            return summary
        waiting = self._findings(rule, sendable(self.plan, self.state, lanes, draft), draft)
        quiet = any(self._was_quiet(rule, lane, draft.now) for lane in waiting)
        parts = [waiting] if quiet or rule.throttle > 0 else [[lane] for lane in waiting]
        first = next(iter(parts), None)
        for lanes in parts:
            # One before may have taken it along, or have said something about its story.
            again = lanes is not first
            together = [lane for lane in lanes if not again or is_due(self.plan, self.state, lane, draft.now)]
            if not together or self._postponed(rule, together, draft.now):
                continue
            if len(draft.records) >= PIECE:
                for lane in together:
                    lane.due = draft.now
            elif not self._admits(rule, together, draft.now):
                self._to_digest(together, "budget", draft)
            elif quiet and (more := sendable(self.plan, self.state, summary, draft)):
                self._send_many("summary", rule, [*together, *more], draft, "quiet")
                summary = ()
            else:
                self._send(rule, together, draft)
        return summary

    def _admits(self, rule: AlertRule, lanes: Iterable[Lane], now: datetime) -> bool:
        """Whether the budget lets a message about these through. Findings need none: they are rare."""
        entries = [entry for lane in lanes for entry in lane]
        rare = all(entry.kind != "article" for entry in entries)
        return rare or self.budgets.admits(rule, max(entry.score for entry in entries), now)

    def _postponed(self, rule: AlertRule, lanes: Iterable[Lane], now: datetime) -> bool:
        """Whether the rule may not send now; then the lanes are due when it may."""
        shut = resting(self.plan, self.state, rule, now)
        until = shut.until if shut else now + AGAIN if flooded(self.state, rule.key, now) else None
        if until is None:
            return False
        for lane in lanes:
            lane.due = until
        return True

    def _was_quiet(self, rule: AlertRule, lane: Lane, now: datetime) -> bool:
        quiet = self.plan.quiet(rule)
        planned = due(self.plan, self.state, lane, now) if quiet else None
        return planned is not None and quiet_until(quiet, planned, self.plan.reader.zone) is not None

    def _findings(self, rule: AlertRule, lanes: Sequence[Lane], draft: Draft) -> list[Lane]:
        """Send what is about no article alone, if it is one. Returns the lanes that still have something."""
        found = [entry for lane in lanes for entry in lane if entry.kind != "article"]
        if len(found) == 1:
            draft.message(compose.finding(found[0], rule, self.plan.readers(rule.channels), draft.now))
        return [lane for lane in lanes if len(lane)]

    def _send(self, rule: AlertRule, lanes: Sequence[Lane], draft: Draft) -> None:
        channels = self.plan.readers(rule.channels)
        entries = [entry for lane in lanes for entry in lane if is_current(self.state, entry)]
        if len(lanes) == 1 and rule.group == "story" and {entry.story for entry in entries} == {entries[0].story}:
            others = self.state.lanes.get((rule.key, "story", entries[0].story))
            if others and others is not lanes[0] and sendable(self.plan, self.state, [others], draft, along=True):
                lanes = [*lanes, others]  # what is said about the story counts them
                entries += [entry for entry in others if is_current(self.state, entry)]
        if len(entries) == 1 and entries[0].body and entries[0].why != "story":
            draft.message(compose.late(self.state, rule, entries[0], lanes, channels, draft.now))
        elif all(lane.key[2] and lane.key[2] == lanes[0].key[2] for lane in lanes):
            draft.message(compose.about_story(self.state, rule, lanes, channels, draft.now))
        else:
            self._send_many("summary", rule, lanes, draft, entries[0].why)

    def _send_many(self, kind: str, rule: AlertRule, lanes: Sequence[Lane], draft: Draft, why: str) -> None:
        named = [(rule.key, rule.name, rule.severity)]
        channels = self.plan.readers(rule.channels)
        draft.message(compose.many(self.state, kind, named, lanes, channels, draft.now, why))

    def _to_digest(self, lanes: Iterable[Lane], why: str, draft: Draft) -> None:
        """Let the alerts of lanes wait for the digest; they get new numbers, behind those that it reported before."""
        for lane in lanes:
            moved: list[Entry] = list(lane)[: max(PIECE - len(draft.records), 0)]
            for entry in moved:
                number = self.state.rule(entry.rule).number + 1
                until = self._digest_time(entry.rule, draft.now)
                draft.again(entry, why=why, number=number, due=until, moved=draft.now)
                if entry.lane[1] in ("story", "change"):  # of the others the budget was asked when they came
                    self.budgets.offer(self.state.entries[entry.id])
            if len(lane):
                lane.due = draft.now

    def _digest_time(self, rule: str, now: datetime) -> datetime:
        return next_digest(self.plan.digest(self.plan.rule(rule)), now, self.plan.reader.zone)

    def _digests(self, lanes: Iterable[Lane], draft: Draft) -> None:
        """One digest for all rules with the same schedule and channels."""
        joined: dict[tuple[str, tuple[str, ...]], list[Lane]] = {}
        for lane in sendable(self.plan, self.state, lanes, draft):
            owner = self.plan.rules[lane.key[0]]
            key = self.plan.digest(owner), tuple(sorted(self.plan.readers(owner.channels)))
            joined.setdefault(key, []).append(lane)
        for (_, channels), together in joined.items():
            rules = sorted({lane.key[0] for lane in together})
            named = [(key, rule.name, rule.severity) for key in rules if (rule := self.plan.rule(key))]
            draft.message(compose.many(self.state, "digest", named, together, channels, draft.now))
