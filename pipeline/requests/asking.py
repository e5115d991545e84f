"""Publishes what a person asks, with an entry of the audit that says who it was."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.failpoints import point
from pipeline.ports import Log
from pipeline.records import Audited, Request
from pipeline.stage import Out

CONTROL = "control"
AUDITED = "audit"  # start of the key of an entry
BATCH = 100  # records published at once


class Refused(ValueError):
    """What was asked cannot be done, or would change nothing. The text is for people: why, and what to do."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. `name`: a user of the console or of this machine, "" if unknown."""

    name: str
    via: Literal["command", "console", "api"]


def this_user() -> Person:
    """The user of this machine, who runs a command."""
    try:
        return Person(getpass.getuser(), "command")
    except (KeyError, OSError):  # no such user, as in a container
        return Person("", "command")


async def publish(
    log: Log, person: Person, at: datetime, did: str, about: Sequence[str], outs: Sequence[Out], note: str = ""
) -> None:
    """Publish `outs`, and last the entry that `person` `did` this to `about` (ids or names). Durable on return.

    Raises Unavailable; what was published by then stays, and asking again does no harm.
    """
    entry = Request(audit=Audited(at=at, by=person.name, via=person.via, did=did, about=tuple(about), note=note))
    records = [*outs, Out(CONTROL, f"{AUDITED}/{did}", entry)]
    point("request.asked")
    for first in range(0, len(records), BATCH):
        await log.publish(records[first : first + BATCH])
    point("request.published")
