"""Corrections and revisits: which articles are fetched again, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pipeline.core.urls import article_id
from pipeline.records import Item, Record, Revisit
from pipeline.stage import Drop, Emit, Out, Position
from pipeline.stages.revisits import Revisits
from tests.builders import alert, document, item
from tests.stages.poll.bench import AT, NOW, Bench, answer, items
from tests.stages.poll.test_state import replayed

URL = "https://www.example.org/n/1"


def atom(*entries: tuple[int, str]) -> bytes:
    xml = "".join(
        f"<entry><id>urn:{n}</id><title>N {n}</title><link href='https://www.example.org/n/{n}'/>"
        f"<updated>2026-03-01T{time}Z</updated></entry>"
        for n, time in entries
    )
    return f"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'>{xml}</feed>".encode()


async def test_an_entry_that_says_it_was_changed_is_fetched_again_once() -> None:
    first = atom((1, "08:00:00"), (2, "08:00:00"), (3, "08:00:00"))
    second = atom((1, "08:00:00"), (2, "11:00:00"), (3, "07:00:00"))
    bench = Bench(answer(first), answer(second, 15), answer(second + b" ", 30))
    assert not [item for item in items(await bench.once()) if item.revisit]
    corrected = await bench.once()
    assert [(item.url[-1], item.revisit, item.backlog) for item in items(corrected)] == [("2", 1, False)]
    assert corrected.report.new == 1
    assert items(await bench.once()) == []


async def test_a_feed_that_dates_everything_anew_corrects_nothing() -> None:
    numbers_ = range(1, 8)
    bench = Bench(
        answer(atom(*((n, "08:00:00") for n in numbers_))), answer(atom(*((n, "09:00:00") for n in numbers_)), 15)
    )
    await bench.once()
    polled = await bench.once()
    assert items(polled) == []
    assert "redated" in polled.report.notes


# ---- revisits ----


@pytest.mark.parametrize(
    ("record", "streams"),
    [
        (document(), ["items-later"] * 3),
        (document(topics=("strike",)), [*["items-later"] * 3, "revisits-wanted"]),
        (alert(article=article_id(URL), url=URL), ["revisits-wanted"]),
    ],
)
async def test_an_article_and_an_alert_are_scheduled_to_be_fetched_again(record: Record, streams: list[str]) -> None:
    """Which ones and when: tests/core/timing/test_revisits.py."""
    outcome = await Bench().poll.step(record, AT)
    assert isinstance(outcome, Emit)
    assert [out.stream for out in outcome.outs] == streams


WISH = Position("revisits-wanted", 2, 7)


def planned(n: int = 1, days: float = 7) -> Revisit:
    return Revisit(article=f"a{n}", due=NOW + timedelta(days=days), item=item(f"https://www.example.org/n/{n}"))


def after(days: float) -> datetime:
    return NOW + timedelta(days=days)


async def test_a_late_revisit_is_done_once_and_then_forgotten() -> None:
    poll = Bench().poll
    granted = await poll.step(planned(), WISH)
    assert granted == Emit((Out("revisits", "a1", planned(), partition=2),))
    assert await poll.step(planned(), WISH) == Drop("planned", outs=granted.outs)  # another alert's wish
    await poll.settled([])
    assert await poll.tick(after(6.9)) is None
    assert poll.next_tick() == after(7)
    done = await poll.tick(after(7))
    assert done is not None
    fetched, noted = done.outs
    assert isinstance(fetched.record, Item)
    assert (fetched.stream, fetched.key, fetched.record.seen) == ("items", "example.org", after(7))
    assert noted == Out("revisits", "a1", Revisit(article="a1", due=after(7)), partition=2)
    assert await poll.step(planned(), WISH) == Drop("planned", outs=(noted,))  # delivered again
    assert await poll.tick(after(7.5)) is None
    assert await poll.tick(after(8)) == Emit((Out("revisits", "a1", None, partition=2),))
    assert await poll.tick(after(30)) is None


async def test_a_late_revisit_waits_until_its_plan_is_durable() -> None:
    poll = Bench().poll
    outcome = await poll.step(planned(days=-3), WISH)  # the daemon was off for longer
    assert isinstance(outcome, Emit)
    assert isinstance(outcome.outs[0].record, Revisit)
    assert outcome.outs[0].record.due == NOW + timedelta(seconds=5)
    assert await poll.tick(after(1)) is None
    await poll.settled([])
    assert await poll.tick(after(1)) is not None
    assert await poll.tick(after(1.1)) is None


async def test_late_revisits_are_restored_and_overdue_ones_done() -> None:
    plan = [("revisits", f"a{n}", planned(n)) for n in range(250)]
    done = Revisit(article="a1", due=after(7))
    poll = await replayed(*plan, ("revisits", "a1", done), ("revisits", "a2", None))
    urls = []
    for _ in range(4):
        emitted = await poll.tick(after(60))
        urls += [out.record.url for out in emitted.outs if isinstance(out.record, Item)] if emitted else []
    assert len(urls) == len(set(urls)) == 248
    assert not {"https://www.example.org/n/1", "https://www.example.org/n/2"} & set(urls)
    assert len(poll.revisits) == 0


async def test_no_more_late_revisits_wait_than_there_is_room_for() -> None:
    revisits = Revisits((), 604800.0, room=2)
    endings = [type(revisits.step(planned(n), WISH, NOW)) for n in (1, 2, 3, 1)]
    assert endings == [Emit, Emit, Drop, Drop]
    assert revisits.step(planned(3), WISH, NOW) == Drop("revisits_full", "a3")
    revisits.settled()
    assert revisits.tick(after(7)) is not None
    assert isinstance(revisits.step(planned(3, days=9), WISH, after(7)), Emit)
