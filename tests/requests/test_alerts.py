"""What people ask of notify, on a real log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from pipeline.backends.log_sqlite import SqliteLog
from pipeline.log.reading import read_all
from pipeline.ports import Ack
from pipeline.records import AlertRequest, Audited, Message, Mute, Request
from pipeline.reports.fired import read_ledger
from pipeline.requests.alerts import (
    REQUESTS,
    known_mutes,
    mark,
    mute,
    publish_requests,
    resend,
    unmute,
    waiting_requests,
)
from pipeline.requests.asking import Person, Refused
from tests.builders import SEEN
from tests.reports.ledgers import message
from tests.reports.ledgers import mute as muted

ANA = Person("ana", "console")
ASKED = Mute(id="", until=SEEN + timedelta(days=1), at=SEEN, rule="Troops", reason="we know")


async def audit(log: SqliteLog) -> list[Audited]:
    found, _ = await read_all(log, "control", Request)
    return [request.audit for request in found.values() if request.audit]


async def test_what_was_asked_and_is_not_done(log: SqliteLog) -> None:
    first, second = (AlertRequest(at=SEEN, mark=(name, "noise")) for name in ("a1", "a2"))
    asked = AlertRequest(at=SEEN, mute=Mute(id="x", until=SEEN, at=SEEN, rule="Troops"))
    await publish_requests(log, [first, second, asked])
    assert await waiting_requests(log) == (first, second, asked)
    await log.commit([], {}, [Ack("notify", REQUESTS, 0, 2)])
    assert await waiting_requests(log) == (asked,)
    await log.publish([muted("x", SEEN)])
    assert set((await read_ledger(log)).mutes) == {"x"}


async def test_a_mute_is_published_with_who_asked(log: SqliteLog) -> None:
    made = await mute(log, ANA, ASKED)
    assert made == replace(ASKED, id=made.id)
    assert len(made.id) == 8
    assert await waiting_requests(log) == (AlertRequest(at=SEEN, mute=made),)
    assert await audit(log) == [
        Audited(at=SEEN, by="ana", via="console", did="mute", about=(made.id, "Troops"), note="we know")
    ]


async def test_a_mute_that_notify_has_not_seen_can_be_ended(log: SqliteLog) -> None:
    made, ledger = await mute(log, ANA, ASKED), await read_ledger(log)
    assert (await unmute(log, ANA, SEEN, made.id[:4], ledger)).id == made.id
    assert known_mutes(ledger, await waiting_requests(log)) == {}
    assert [entry.did for entry in await audit(log)] == ["mute", "unmute"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"rule": ""}, "say what to mute"),
        ({"until": SEEN}, "in the future"),
        ({"until": SEEN - timedelta(days=1)}, "in the future"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_mute_of_nothing_or_of_the_past_is_refused(
    log: SqliteLog, changes: dict[str, object], why: str
) -> None:
    with pytest.raises(Refused, match=why):
        await mute(log, ANA, replace(ASKED, **changes))
    assert await waiting_requests(log) == ()
    assert await audit(log) == []


async def test_marks_and_messages_to_send_again(log: SqliteLog) -> None:
    await mark(log, ANA, SEEN, ["a1", "a2"], "useful")
    again = message("m1", "a1").record
    assert isinstance(again, Message)
    await resend(log, ANA, SEEN, [(again, ("mail",))])
    await resend(log, ANA, SEEN, [])
    assert await waiting_requests(log) == (
        AlertRequest(at=SEEN, mark=("a1", "useful")),
        AlertRequest(at=SEEN, mark=("a2", "useful")),
        AlertRequest(at=SEEN, resend=again, again=("mail",)),
    )
    assert [(entry.did, entry.about) for entry in await audit(log)] == [("mark", ("a1", "a2")), ("resend", ("m1",))]
    with pytest.raises(Refused, match="no verdict"):
        await mark(log, ANA, SEEN, ["a1"], "usefull")
    with pytest.raises(Refused, match="no mute 'zz'"):
        await unmute(log, ANA, SEEN, "zz", await read_ledger(log))
