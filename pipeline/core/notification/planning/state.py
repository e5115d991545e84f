"""Holds what follows from the records: which alerts wait, which were reported, what was sent when.

Everything here can be built again from the records, in whatever order they come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.core.notification.planning.entry import Entry
from pipeline.core.notification.planning.lanes import Lane, LaneKey
from pipeline.core.notification.planning.stories import Group
from pipeline.records import AlertState, Covered, Message, Mute

ASIDE = frozenset({"copy", "muted"})  # of alerts that nobody is to hear of
LIMITED = frozenset({"alert", "follow_up", "summary", "silence", "burst"})  # kinds that throttle and budget count


@dataclass(slots=True)
class Sent:
    """What is remembered of a message. `waiting`: ids that it reports and that have no state yet."""

    id: str
    kind: str
    rule: str
    at: datetime
    reported: tuple[str, ...]
    covers: tuple[Covered, ...]
    story: str
    upto: int
    changed: bool
    follow_up: bool

    @classmethod
    def of(cls, message: Message) -> Sent:
        return cls(
            message.id, message.kind, message.rule, message.at, message.reported, message.covers,
            message.story.id if message.story else "", message.upto, bool(message.changes),
            not message.reported and any(covered.lane == "story" for covered in message.covers),
        )  # fmt: skip

    @property
    def reports(self) -> bool:
        """Whether it was made for readers: not only for channels that keep records, nor about a channel."""
        return bool(self.reported or self.covers)


@dataclass(slots=True)
class RuleState:
    """`number`: the last one given. `bodies`: scores of the alerts that are kept whole. `sent`: times of its newest
    messages."""

    number: int = 0
    bodies: dict[str, float] = field(default_factory=dict)
    sent: deque[datetime] = field(default_factory=lambda: deque(maxlen=2000))


class State:
    """All that is remembered. `changed`: lanes whose due time must be computed again."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.versions: dict[tuple[str, str], list[Entry]] = {}  # (rule, article)
        self.originals: dict[tuple[str, str], set[str]] = {}  # (rule, original) -> ids of copies that were reported
        self.lanes: dict[LaneKey, Lane] = {}
        self.groups: dict[tuple[str, str], Group] = {}  # in order of their newest alert
        self.rules: dict[str, RuleState] = {}
        self.messages: dict[str, Sent] = {}
        self.mutes: dict[str, Mute] = {}
        self.started: set[str] = set()
        self.unsettled: deque[Entry] = deque()  # reported, or replaced by a newer version; their states say held
        self.changed: set[LaneKey] = set()
        self.latest: datetime | None = None  # newest time in any record
        self._ahead: dict[str, Sent] = {}  # id of an alert without a state -> the message that reports it

    def restore(self, states: Iterable[Entry], messages: Iterable[Sent]) -> None:
        """Take the records of the log, in their natural order."""
        for entry in sorted(states, key=lambda entry: (entry.number, entry.id)):
            self.put_entry(entry)
        ordered = sorted(messages, key=lambda sent: (sent.at, sent.id))
        for sent in ordered:
            self._note_message(sent)
        # Messages of the same moment: the one that covers less came first.
        covers = [(covered, sent) for sent in ordered for covered in sent.covers]
        for covered, sent in sorted(covers, key=lambda pair: pair[0].upto):
            self._cover(covered, sent)
        for entry in self.entries.values():  # its own time is when it came
            if entry.reported and (known := self.messages.get(entry.message)):
                self.groups[entry.group].note_reported(entry.number, known.at)
        self.groups = dict(sorted(self.groups.items(), key=lambda item: (item[1].newest, item[0])))

    def rule(self, key: str) -> RuleState:
        if key not in self.rules:
            self.rules[key] = RuleState()
        return self.rules[key]

    def group(self, key: tuple[str, str]) -> Group:
        """What is known of a story; an empty group, which is not kept, if nothing is."""
        return self.groups.get(key) or Group(key[1])

    def lane(self, key: LaneKey) -> Lane:
        if key not in self.lanes:
            self.lanes[key] = Lane(key)
        return self.lanes[key]

    def lanes_of(self, rule: str) -> list[Lane]:
        return [lane for lane in self.lanes.values() if lane.key[0] == rule and len(lane)]

    def knows(self, rule: str, article: str) -> bool:
        """Whether the rule has an alert about the article, or a copy of it, that was neither skipped nor muted."""
        own = self.versions.get((rule, article), ())
        return (rule, article) in self.originals or any(entry.status not in ASIDE for entry in own)

    def copies(self, rule: str, article: str) -> list[Entry]:
        """The alerts about copies of an article that were neither skipped nor muted."""
        return [self.entries[id] for id in sorted(self.originals.get((rule, article), ()))]

    # -- alerts

    def put_state(self, state: AlertState) -> None:
        if state.status == "started":
            self.started.add(state.rule)
        else:
            self.put_entry(Entry(state))

    def put_entry(self, entry: Entry) -> None:
        """Add an alert, or replace what was known of it."""
        if before := self.entries.get(entry.id):
            entry.reported, entry.message = entry.reported or before.reported, entry.message or before.message
            self._detach(before)
        self._see(max(entry.at, entry.moved or entry.at))
        self.entries[entry.id] = entry.pack()
        if entry.article:
            known = self.versions.setdefault((entry.rule, entry.article), [])
            known.append(entry)
            self.unsettled.extend(e for e in known if e.waits and any(e.version < other.version for other in known))
        if entry.status not in ASIDE and entry.original != entry.article:
            self.originals.setdefault((entry.rule, entry.original), set()).add(entry.id)
        rule = self.rule(entry.rule)
        rule.number = max(rule.number, entry.number)
        group = self.groups.get(entry.group) or Group(entry.story)
        if before is None:  # now it is the one with the newest alert
            self.groups.pop(entry.group, None)
        self.groups[entry.group] = group
        group.add(entry)
        if entry.reported:
            group.note_reported(entry.number, entry.at)
            sent = self.messages.get(entry.message)
            if sent and before is None and (sent.rule, sent.story) == entry.group:
                self._note_story(group, sent)  # a kill came between message and state
        if entry.waits:
            self._hold(entry)
            if ahead := self._ahead.pop(entry.id, None):
                self._note_reported(entry, ahead)

    def _hold(self, entry: Entry) -> None:
        self.lane(entry.lane).add(entry)
        self.changed.add(entry.lane)
        if entry.body is not None:
            self.rule(entry.rule).bodies[entry.id] = entry.score

    def _release(self, entry: Entry) -> None:
        """Take it out of its lane, and let go of the alert itself."""
        if lane := self.lanes.get(entry.lane):
            lane.discard(entry)
            self.changed.add(lane.key)
        if entry.body is not None:
            self.rule(entry.rule).bodies.pop(entry.id, None)
            entry.body = None

    def forget(self, id: str) -> None:
        """Remove an alert, as if it had never come."""
        if entry := self.entries.get(id):
            self._detach(entry)
            if (group := self.groups.get(entry.group)) and not group.entries:
                del self.groups[entry.group]

    def _detach(self, entry: Entry) -> None:
        del self.entries[entry.id]
        if entry.waits:
            self._release(entry)
        _remove(self.versions, (entry.rule, entry.article), entry)
        ids = self.originals.get((entry.rule, entry.original), set())
        ids.discard(entry.id)
        if not ids:
            self.originals.pop((entry.rule, entry.original), None)
        if group := self.groups.get(entry.group):
            group.remove(entry)

    # -- messages

    def put_message(self, sent: Sent) -> None:
        """Take what a message says was reported. The same message again changes nothing."""
        if sent.id not in self.messages:
            self._note_message(sent)
            for covered in sent.covers:
                self._cover(covered, sent)

    def _note_message(self, sent: Sent) -> None:
        self._see(sent.at)
        self.messages[sent.id] = sent
        rule = self.rule(sent.rule)
        rule.number = max(rule.number, sent.upto)
        if not sent.reports:
            return
        for id in sent.reported:
            if entry := self.entries.get(id):
                self._note_reported(entry, sent)
            else:
                self._ahead[id] = sent
        if sent.kind in LIMITED:
            rule.sent.append(sent.at)
        if sent.story and (group := self.groups.get((sent.rule, sent.story))):
            self._note_story(group, sent)

    def _cover(self, covered: Covered, sent: Sent) -> None:
        rule = self.rule(covered.rule)
        rule.number = max(rule.number, covered.upto)
        if lane := self.lanes.get((covered.rule, covered.lane, covered.story)):
            self.changed.add(lane.key)
            for entry in lane.take(covered.upto):
                self._note_reported(entry, sent)

    def _note_story(self, group: Group, sent: Sent) -> None:
        group.note_reported(sent.upto, sent.at)
        group.follow_ups += sent.follow_up
        if sent.changed:
            group.changed = max(group.changed or sent.at, sent.at)
        self._changed_story(sent.rule, sent.story)

    def _changed_story(self, rule: str, story: str) -> None:
        self.changed.update(key for lane in ("story", "change") if (key := (rule, lane, story)) in self.lanes)

    def _note_reported(self, entry: Entry, sent: Sent) -> None:
        if entry.waits:
            self._release(entry)
            entry.reported, entry.message = True, sent.id
            self.unsettled.append(entry)
        group = self.groups[entry.group]
        group.note_reported(entry.number, sent.at)
        self._changed_story(entry.rule, entry.story)

    def _see(self, at: datetime) -> None:
        self.latest = max(self.latest or at, at)


def _remove(table: dict[tuple[str, str], list[Entry]], key: tuple[str, str], entry: Entry) -> None:
    kept = [known for known in table.get(key, []) if known is not entry]
    if kept:
        table[key] = kept
    else:
        table.pop(key, None)
