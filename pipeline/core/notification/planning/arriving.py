"""Decides about an alert that has arrived: a message at once, part of a later one, or only a count."""

from __future__ import annotations

from datetime import datetime
from heapq import nlargest

from msgspec.structs import replace

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.notification.planning import compose
from pipeline.core.notification.planning.aside import set_aside
from pipeline.core.notification.planning.budgets import Budgets
from pipeline.core.notification.planning.decision import Draft
from pipeline.core.notification.planning.due import expected
from pipeline.core.notification.planning.entry import Entry
from pipeline.core.notification.planning.gates import CHANGES, Closed, closed
from pipeline.core.notification.planning.judging import Judgement, differs, judge
from pipeline.core.notification.planning.mutes import muting, places_of
from pipeline.core.notification.planning.plan import Plan
from pipeline.core.notification.planning.score import score
from pipeline.core.notification.planning.state import State
from pipeline.core.notification.planning.triggers import Outcome, outcome
from pipeline.core.query.tree import And
from pipeline.records import Alert, AlertState, Change

BODIES = 300  # held alerts of a rule that are kept whole; of the others title, outlet and address


class Arrivals:
    """Takes alerts. `plan`, `state` and `budgets` are those of the planner."""

    def __init__(self, plan: Plan, state: State, budgets: Budgets) -> None:
        self.plan, self.state, self.budgets = plan, state, budgets

    def rule(self, alert: Alert) -> AlertRule:
        """The rule of an alert; if it has gone meanwhile, one that says of it what the alert does."""
        there = any(name in self.plan.channels for name in alert.channels)
        channels = alert.channels if there else self.plan.instead(alert.channels) or alert.channels
        return self.plan.rule(alert.rule) or AlertRule(
            name=alert.name, id=alert.rule, query=alert.query, node=And(()), asked=And(()), severity=alert.severity,
            channels=channels, copies=alert.copies,
        )  # fmt: skip

    def take(self, alert: Alert, rule: AlertRule, draft: Draft) -> str:
        """Add what follows from an alert to the draft. Returns why nothing does."""
        if alert.old and rule.old == "skip":
            return "old"
        alert = self._placed(alert)
        known = self.state.versions.get((alert.rule, alert.article), [])
        own = self._own(alert)
        if not own and self._is_copy(alert, rule):
            if any(entry.version >= alert.version for entry in known):
                return "older"
            draft.alert(self._state(alert, draft.now, "copy"))
            return ""
        judged = judge(alert, own)
        if judged.verdict in ("same", "older"):
            return judged.verdict
        self._decide(alert, rule, judged, draft)
        return ""

    def _placed(self, alert: Alert) -> Alert:
        """The alert in its story by the id under which the rule knows it: a story that was merged into another goes
        on, and is not reported as a new one."""
        ids = (alert.story_id, *reversed(alert.merged))
        known = next((id for id in ids if (alert.rule, id) in self.state.groups), alert.story_id)
        others = tuple(id for id in (*alert.merged, alert.story_id) if id != known)
        return alert if known == alert.story_id else replace(alert, story_id=known, merged=others)

    def _own(self, alert: Alert) -> list[Entry]:
        """The versions of its article that the rule knows, but for copies."""
        known = self.state.versions.get((alert.rule, alert.article), [])
        return [entry for entry in known if entry.status != "copy"]

    def _is_copy(self, alert: Alert, rule: AlertRule) -> bool:
        if rule.copies != "skip":
            return False
        if alert.duplicate_of is not None:
            return self.state.knows(alert.rule, alert.duplicate_of)
        copies = self.state.copies(alert.rule, alert.article)  # the original, which did not match before
        return any(not differs(alert, known) for known in copies)

    def _decide(self, alert: Alert, rule: AlertRule, judged: Judgement, draft: Draft) -> None:
        now = draft.now
        if sent := self.state.messages.get(compose.message_id("now", alert.id)):  # a kill came after it
            state = self._state(alert, sent.at, "reported", judged.changes, message=sent.id)
            draft.alert(self._scored(alert, state))
            self.budgets.offer(self.state.entries[alert.id])
            return
        if judged.verdict == "new" and "article" in rule.triggers:
            judged = Judgement("new")  # nobody got the version before
        plain = self._scored(alert, self._state(alert, now, "noted", judged.changes))
        if mute := muting(self.state.mutes.values(), plain, now):
            draft.alert(replace(plain, status="muted", why=mute.id))
            return
        if judged.verdict == "back":
            self._keep(alert, rule, draft)
            draft.alert(replace(plain, status="unchanged"))
        else:
            self._triggered(alert, rule, plain, judged, draft)

    def _triggered(self, alert: Alert, rule: AlertRule, plain: AlertState, judged: Judgement, draft: Draft) -> None:
        entry = Entry(plain)
        group = self.state.group(entry.group)
        found = outcome(rule, group, entry, judged)
        readers = self.plan.readers(rule.channels)
        if found == "none" or (found == "follow_up" and not readers):
            self._keep(alert, rule, draft)
            draft.alert(plain)
            return
        shut = self._shut(alert, rule, plain, found, draft.now)
        if shut is not None and readers:
            self._keep(alert, rule, draft)
            self._hold(alert, plain, shut.why, draft, shut.until)
        elif rule.group == "story" and set_aside(self.state, compose.waiting_of(self.state, entry), draft):
            self._decide(alert, rule, judge(alert, self._own(alert)), draft)  # what was muted does not count
            return
        else:
            self._send(alert, rule, plain, draft)
        self.budgets.offer(self.state.entries[alert.id])

    def _scored(self, alert: Alert, state: AlertState) -> AlertState:
        entry = Entry(state)
        return replace(
            state, score=round(score(alert, self.state.group(entry.group).found.so_far(state.story, entry)), 4)
        )

    def _shut(self, alert: Alert, rule: AlertRule, plain: AlertState, found: Outcome, now: datetime) -> Closed | None:
        """Why no message may go out now."""
        if rule.send == "digest":
            return Closed("digest")
        if alert.backlog or found == "follow_up":
            return Closed("backlog" if alert.backlog else "story")
        if shut := closed(self.plan, self.state, rule, now):
            return shut
        group = self.state.group((rule.key, plain.story))
        if found == "change" and group.changed:
            until = group.changed + CHANGES
            if group.changed <= now < until:
                return Closed("change", until)
        return None if self.budgets.admits(rule, plain.score, now) else Closed("budget")

    def _send(self, alert: Alert, rule: AlertRule, plain: AlertState, draft: Draft) -> None:
        kept = compose.message_id("each", alert.id) in self.state.messages
        channels = self.plan.readers(rule.channels) if kept else rule.channels
        entry = Entry(replace(plain, number=self.state.rule(alert.rule).number + 1))
        body = compose.shown(alert, plain.changes)
        message = compose.at_once(self.state, rule, entry, body, channels, draft.now)
        draft.reported(message, replace(plain, number=entry.number, status="reported", message=message.id))

    def _keep(self, alert: Alert, rule: AlertRule, draft: Draft) -> None:
        """The message for channels that keep records of every alert."""
        if channels := self.plan.keepers(rule.channels):
            draft.message(compose.alone(alert, rule.name, channels, draft.now))

    def _hold(
        self, alert: Alert, plain: AlertState, why: str, draft: Draft, until: datetime | None = None
    ) -> None:  # fmt: skip
        body = compose.shown(alert, plain.changes) if self._keeps_whole(plain) else None
        until = until or expected(self.plan, self.state, self.rule(alert), why, plain.story, draft.now)
        draft.alert(replace(plain, status="held", why=why, due=until, alert=body))

    def _keeps_whole(self, plain: AlertState) -> bool:
        """Whether it is one of the first that wait, or would be shown in a digest because of its score."""
        kept = self.state.rule(plain.rule).bodies
        if len(kept) < BODIES:
            return True
        return len(kept) < 2 * BODIES and plain.score > nlargest(compose.SHOWN, kept.values())[-1]

    def _state(
        self, alert: Alert, at: datetime, status: str, changes: tuple[Change, ...] = (), message: str = ""
    ) -> AlertState:  # fmt: skip
        return AlertState(
            id=alert.id, rule=alert.rule, status=status, at=at, number=self.state.rule(alert.rule).number + 1,
            message=message, article=alert.article, original=alert.duplicate_of or alert.article,
            version=alert.version, story=alert.story_id, merged=alert.merged, title=alert.title, source=alert.source,
            url=alert.url, country=alert.outlet_country, language=alert.language, places=places_of(alert),
            seen=alert.seen, changes=changes, traits=alert.traits,
        )  # fmt: skip
