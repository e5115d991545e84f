"""What people ask of notify: to mute, to mark alerts as useful or noise, to send messages again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import datetime

from msgspec.structs import replace

from pipeline.core.faults import did_you_mean
from pipeline.core.wording import Text
from pipeline.ports import Log
from pipeline.records import AlertRequest, Message, Mute, SchemaError, decode
from pipeline.reports.fired import Ledger, by_prefix
from pipeline.requests.asking import Person, Refused, publish
from pipeline.requests.names import only_one
from pipeline.stage import Out

REQUESTS = "alert-requests"
VERDICTS = ("useful", "noise")


async def mute(log: Log, person: Person, asked: Mute) -> Mute:
    """Mute what the conditions of `asked` say; return it with its id. Raises Refused, Unavailable."""
    if not (asked.rule or asked.story or asked.source or asked.place):
        raise Refused("say what to mute: a rule, a story, an outlet or a place")
    if asked.until <= asked.at:
        raise Refused("the mute would be over already: choose a time in the future")
    conditions = (asked.at.isoformat(), asked.rule, asked.story, asked.source, asked.place)
    made = replace(asked, id=hashlib.sha256("\0".join(conditions).encode()).hexdigest()[:8])
    about = [one for one in (made.id, asked.rule, asked.story, asked.source, asked.place) if one]
    await _ask(log, person, asked.at, "mute", about, [AlertRequest(at=asked.at, mute=made)], note=asked.reason)
    return made


async def unmute(log: Log, person: Person, at: datetime, start: str, ledger: Ledger) -> Mute:
    """End the mute with this id, or this start of it, before its time. Raises Refused, Unavailable."""
    mutes = known_mutes(ledger, await waiting_requests(log))
    if not (found := by_prefix(start, mutes)):
        raise Refused(
            Text(
                "there is no mute {!r}: {}",
                start,
                did_you_mean(start, mutes, Text("`almenara alerts mutes --past` lists them")),
            )
        )
    ended = mutes[only_one(start, found, "mutes")]
    await _ask(log, person, at, "unmute", [ended.id], [AlertRequest(at=at, unmute=ended.id)])
    return ended


async def mark(log: Log, person: Person, at: datetime, alerts: Sequence[str], verdict: str) -> None:
    """Say whether the alerts with these ids were useful or noise. Raises Refused, Unavailable."""
    if verdict not in VERDICTS:
        raise Refused(
            Text("{!r} is no verdict: {}", verdict, did_you_mean(verdict, VERDICTS, Text("choose useful or noise")))
        )
    await _ask(log, person, at, "mark", alerts, [AlertRequest(at=at, mark=(id, verdict)) for id in alerts], verdict)


async def resend(log: Log, person: Person, at: datetime, messages: Iterable[tuple[Message, tuple[str, ...]]]) -> None:
    """Send whole messages again, each to its channels. Raises Unavailable."""
    again = [AlertRequest(at=at, resend=message, again=channels) for message, channels in messages]
    if again:
        await _ask(log, person, at, "resend", [one.resend.id for one in again if one.resend], again)


def message_to_try(channel: str, at: datetime, by: str) -> Message:
    """A message that says that it is a test. `by`: what somebody did to send it."""
    return Message(
        id=f"test-{at:%Y%m%dT%H%M%S%f}", kind="test", rule="", name=channel, severity="info", channels=(channel,),
        at=at, text=f"This is a test of the channel {channel}: somebody {by}. Nothing has happened.",
    )  # fmt: skip


async def try_channel(log: Log, person: Person, at: datetime, channel: str) -> Message:
    """Send a test message to a channel; return it. Raises Unavailable."""
    message = message_to_try(channel, at, "pressed the button in the console")
    request = AlertRequest(at=at, resend=message, again=(channel,))
    await _ask(log, person, at, "test", [channel], [request])
    return message


async def publish_requests(log: Log, requests: Sequence[AlertRequest]) -> None:
    """Ask notify what the program itself wants of it. Raises Unavailable."""
    await log.publish([_out(request) for request in requests])


async def waiting_requests(log: Log) -> tuple[AlertRequest, ...]:
    """What was asked and is not done: notify does not run, or is just at it. Raises Unavailable."""
    done = (await log.groups()).get(("notify", REQUESTS, 0), 0)
    found = []
    async with aclosing(log.replay(REQUESTS, done)) as messages:
        async for message in messages:
            with suppress(SchemaError):  # notify makes a dead record of it
                found.append(decode(AlertRequest, message.value or b""))
    return tuple(found)


async def mutes_in_force(log: Log, ledger: Ledger, now: datetime) -> list[Mute]:
    """The mutes that are not over, with those that were just asked for, the one that ends first first. Raises
    Unavailable."""
    known = known_mutes(ledger, await waiting_requests(log))
    return sorted((one for one in known.values() if one.until > now), key=lambda one: (one.until, one.id))


def known_mutes(ledger: Ledger, waiting: Iterable[AlertRequest]) -> Mapping[str, Mute]:
    """The mutes by id, with those that were asked for or ended and that notify has not seen yet."""
    mutes = dict(ledger.mutes)
    for request in waiting:
        if request.mute:
            mutes[request.mute.id] = request.mute
        mutes.pop(request.unmute, None)
    return mutes


async def _ask(
    log: Log, person: Person, at: datetime, did: str, about: Sequence[str], requests: Sequence[AlertRequest],
    note: str = "",
) -> None:  # fmt: skip
    await publish(log, person, at, did, about, [_out(request) for request in requests], note)


def _out(request: AlertRequest) -> Out:
    return Out(REQUESTS, "", request)
