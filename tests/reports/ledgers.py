"""What notify remembers, for tests of reports and commands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pipeline.records import AlertState, Delivery, Message, Mute
from pipeline.stage import Out
from tests.builders import SEEN, alert


def state(id: str, rule: str = "Troops", status: str = "reported", **changes: Any) -> Out:
    """The state of an alert."""
    fields: dict[str, Any] = {"at": SEEN, "seen": SEEN - timedelta(seconds=2), "story": "s1", "source": "The Example",
                              "title": f"Title of {id}", "article": f"article-{id}"}  # fmt: skip
    return Out("alert-state", id, AlertState(id=id, rule=rule, status=status, **fields | changes))


def message(id: str, *alerts: str, rule: str = "Troops", kind: str = "alert", at: datetime = SEEN) -> Out:
    """A message that shows these alerts."""
    shown = tuple(alert(one, id=one) for one in alerts)
    made = Message(id=id, kind=kind, rule=rule, name=rule, severity="high", channels=("t",), at=at, alerts=shown,
                   reported=alerts)  # fmt: skip
    return Out("messages", id, made)


def each(id: str) -> Out:
    """A message for a channel that keeps records of every alert: it says nothing of what readers know."""
    made = Message(id=id, kind="alert", rule="Troops", name="Troops", severity="high", channels=("f",), at=SEEN,
                   alerts=(alert(id),))  # fmt: skip
    return Out("messages", id, made)


def delivery(message: str, status: str = "sent", at: datetime = SEEN, channel: str = "t") -> Out:
    made = Delivery(message=message, channel=channel, status=status, at=at)
    return Out("deliveries", f"{message}/{channel}", made)


def mute(id: str, until: datetime, **changes: Any) -> Out:
    return Out("mutes", id, Mute(id=id, until=until, at=SEEN, **changes))
