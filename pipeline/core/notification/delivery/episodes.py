"""Decides when a failing channel is reported through the others: when it fails, when it works again, and when messages
are lost on it. Each is said once, over restarts too, because the reports themselves are on the log.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.alerts.when_sentence import duration_words
from pipeline.core.calendar.local_words import local
from pipeline.core.notification.delivery.attempt import ChannelHealth
from pipeline.records import Delivery, Message

PATIENCE = timedelta(minutes=5)  # for which a channel fails before that is reported; one that is broken at once
LOST_EVERY = timedelta(hours=1)  # between two reports of lost messages of a channel
RECENT = timedelta(days=1)  # each report of the same about the same channel since doubles both: some fail every hour
LONGEST = timedelta(hours=12)

_STAMP = "%Y%m%dT%H%M%S"
_ID = re.compile(r"report-(?P<what>failing|works|lost)-.*-(?P<since>\d{8}T\d{6})", re.DOTALL)
_LOST = {"refused": "refused for good", "unsure": "never confirmed", "given_up": "given up"}


class Episodes:
    """What was reported about each channel, and what is still to be reported."""

    def __init__(self) -> None:
        self._open: dict[str, datetime] = {}  # channel -> since when it fails, if that was reported
        self._lost: dict[str, list[Delivery]] = {}  # channel -> messages that are lost, and not reported yet
        self._said: dict[tuple[str, str], list[datetime]] = {}  # what, channel -> when that was reported lately

    def put(self, message: Message) -> None:
        """Take a report: one from the log, or one that `due` returned."""
        found = _ID.fullmatch(message.id) if message.kind == "report" else None
        what = found["what"] if found else ""
        if found and what == "failing":
            try:
                self._open[message.name] = datetime.strptime(found["since"], _STAMP).replace(tzinfo=UTC)
            except ValueError:
                return  # not an id that we write
        elif what == "works":
            self._open.pop(message.name, None)
        elif what == "lost":
            self._lost[message.name] = [one for one in self._lost.get(message.name, ()) if one.at > message.at]
        if found:
            said = self._said.setdefault((what, message.name), [])
            said[:] = [at for at in said if message.at - at < RECENT] + [message.at]

    def lost(self, states: Iterable[Delivery]) -> None:
        """Note deliveries, new ones and those on the log; those that failed for good are reported."""
        for state in states:
            if state.status in _LOST and not state.message.startswith("report-"):
                self._lost.setdefault(state.channel, []).append(state)

    def due(
        self, health: Mapping[str, ChannelHealth], specs: Mapping[str, ChannelSpec], now: datetime, zone: str = "UTC"
    ) -> list[Message]:
        """The reports to make now, with times of the reader's `zone`."""
        found = []
        for name, channel in health.items():
            others = tuple(other for other in specs if other != name)
            if not others:
                continue
            if text := self._failing(name, channel, specs, now, zone):
                since = (channel.since or now).astimezone(UTC)
                found.append(_report("failing", name, text, others, since, now, "high"))
            elif name in self._open and channel.error is None and channel.sent:
                waiting = _sent_now(channel.waiting) if channel.waiting else ""
                text = f"Channel {name} works again.{waiting}"
                found.append(_report("works", name, text, others, self._open[name], now, "info"))
            if text := self._losses(name, now):
                found.append(_report("lost", name, text, others, now, now, "high"))
        for message in found:
            self.put(message)
        return found

    def _failing(
        self, name: str, channel: ChannelHealth, specs: Mapping[str, ChannelSpec], now: datetime, zone: str
    ) -> str:  # fmt: skip
        failing = channel.error is not None and channel.since is not None  # one that always asks to wait, too
        if not failing or name in self._open or not channel.waiting:
            return ""
        assert channel.since is not None
        patience, recent = self._patience("failing", name, PATIENCE, now)
        if (recent or not channel.broken) and now - channel.since < patience:
            return ""
        if name not in specs:
            return f"Channel {name} is no longer configured, and {_many(channel.waiting).lower()} for it."
        return (
            f"Channel {name} has taken no message since {local(channel.since, zone)}: {channel.error}. "
            f"{_many(channel.waiting)} for it, and {'is' if channel.waiting == 1 else 'are'} sent when it works again, "
            f"within {_long(specs[name].give_up)}. `almenara channels test {name}` tries it."
        )

    def _losses(self, name: str, now: datetime) -> str:
        counts = Counter(one.status for one in self._lost.get(name, ()))
        patience, recent = self._patience("lost", name, LOST_EVERY, now)
        if not counts or (recent and now - recent[-1] < patience / 2):
            return ""
        said = ", ".join(f"{n} {_LOST[status]}" for status, n in sorted(counts.items()))
        again = "`almenara alerts resend --since 14d` sends them again."
        return f"Channel {name}: messages that did not arrive: {said}. {again}"

    def _patience(self, what: str, name: str, least: timedelta, now: datetime) -> tuple[timedelta, list[datetime]]:
        """How long to wait before that is said of a channel, and when it was said lately."""
        recent = [at for at in self._said.get((what, name), ()) if now - at < RECENT]
        return min(least * 2 ** len(recent), LONGEST), recent


def _report(
    what: str, name: str, text: str, others: tuple[str, ...], since: datetime, now: datetime, severity: str
) -> Message:
    id = f"report-{what}-{name}-{since.strftime(_STAMP)}"
    return Message(id=id, kind="report", rule="", name=name, severity=severity, channels=others, at=now, text=text)


def _long(seconds: float) -> str:
    days = seconds / 86400
    return f"{days:g} days" if days >= 2 and days == int(days) else duration_words(seconds)


def _sent_now(waiting: int) -> str:
    return " 1 message that waited is sent now." if waiting == 1 else f" {waiting:,} messages that waited are sent now."


def _many(waiting: int) -> str:
    return "1 message waits" if waiting == 1 else f"{waiting} messages wait"
