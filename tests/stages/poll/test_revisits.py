"""Corrections and revisits: which articles are fetched again, and when."""

from __future__ import annotations

from pipeline.core.urls import article_id
from pipeline.stage import Emit
from tests.builders import alert, document
from tests.stages.poll.bench import AT, Bench, answer, items

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


async def test_an_article_and_an_alert_are_scheduled_to_be_fetched_again() -> None:
    """Which ones and when: tests/core/timing/test_revisits.py."""
    poll = Bench().poll
    for record, count in ((document(), 3), (alert(article=article_id(URL), url=URL), 1)):
        outcome = await poll.step(record, AT)
        assert isinstance(outcome, Emit)
        assert [out.stream for out in outcome.outs] == ["items-later"] * count
