"""A rule tried on the past: the evaluator and the planner on articles of a real index."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.alerts.rules import Reader
from pipeline.core.notification.planning.score import score
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.parse import parse
from pipeline.core.toml_reader import TomlFile
from pipeline.records import Story, StoryArticle
from pipeline.reports import matching
from pipeline.reports.backtest import Backtest, run_backtest
from tests.builders import SEEN
from tests.contracts.indices import BACKENDS, PARAMS, closed, numbered

UNTIL = SEEN + timedelta(days=10)
CHANNEL = {"t": {"type": "terminal"}, "f": {"type": "file", "path": "x.jsonl"}}


def rules(query: str, name: str = "Troops", zone: str = "UTC", **keys: Any) -> AlertSet:
    table = {"name": name, "query": query, "channels": ["t", "f"], **keys}
    found, _ = parse_alerts(TomlFile("alerts.toml", {"channels": CHANNEL, "alert": [table]}))
    return AlertSet(found.rules, found.channels, Reader(zone=zone))


@pytest.fixture(params=PARAMS)
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    """30 articles, one every eight hours; every third has troops, every sixth also the senate."""
    opened = await BACKENDS[request.param](request, tmp_path / "index")
    for n in range(30):
        words = ("Troops came." if n % 3 == 0 else "Rain fell.") + (" The senate sat." if n % 6 == 0 else "")
        seen = SEEN + n * timedelta(hours=8)
        await opened.put([numbered(n, f"Title {n}", words, seq=100 - n, first_seen=seen, seen=seen, story_id=f"s{n}")])
    yield opened
    await closed(opened)


async def test_what_a_rule_would_have_sent(index: Any) -> None:
    found = await run_backtest(index, rules("troops"), None, SEEN, UNTIL)
    assert (found.articles, len(found.stories), found.evaluated) == (10, 10, 10)
    assert found.messages.total() == 10
    assert sum(day.articles for day in found.days.values()) == 10
    assert [alert.article for alert in found.samples] == [f"a{n}" for n in range(0, 30, 3)]  # by arrival
    assert found.only_draft is None


@pytest.mark.parametrize("named", ["s3", "s6"])
async def test_a_rule_for_a_story_finds_what_is_in_it_now(index: Any, named: str) -> None:
    """Story 6 was merged into 3."""
    listed = [
        StoryArticle(id=f"a{n}", seq=n, seen=SEEN, source="A", title="T", url="https://a.example") for n in (3, 6)
    ]
    kept = Story(id="s3", seq=50, changed=SEEN, opened=SEEN, articles=tuple(listed), size=2, merged=("s6",))
    redirect = Story(id="s6", seq=50, changed=SEEN, opened=SEEN, redirect="s3")
    await index.put_stories([kept, redirect])
    found = await run_backtest(index, rules(f"story:{named}"), None, SEEN, UNTIL)
    assert [alert.article for alert in found.samples] == ["a3", "a6"]
    assert (found.stories, found.samples[0].branch) == ({"s3"}, f"story:{named}")


async def test_days_count_from_the_first_article_of_the_index(index: Any) -> None:
    """An index that began yesterday says nothing about the month before."""
    found = await run_backtest(index, rules("troops"), None, SEEN - timedelta(days=20), UNTIL)
    assert found.first is not None
    assert SEEN - timedelta(hours=1) <= found.first <= SEEN
    assert 10 <= found.known_days < 10.1
    nothing = await run_backtest(index, rules("troops"), None, SEEN - timedelta(days=20), SEEN - timedelta(days=9))
    assert nothing.known_days == 1.0


async def test_only_the_time_asked_for_counts(index: Any) -> None:
    found = await run_backtest(index, rules("troops"), None, SEEN + timedelta(days=1), SEEN + timedelta(days=3))
    assert [alert.article for alert in found.samples] == ["a3", "a6"]
    assert set(found.days) == {date(2026, 3, 3), date(2026, 3, 4)}


async def test_days_are_those_of_the_reader(index: Any) -> None:
    found = await run_backtest(index, rules("troops", zone="Pacific/Auckland"), None, SEEN, SEEN + timedelta(hours=1))
    assert set(found.days) == {date(2026, 3, 3)}  # 12:00 UTC is 01:00 there


async def test_a_draft_is_compared_with_the_rule_in_force(index: Any) -> None:
    found = await run_backtest(index, rules("senate OR (rain title:1)"), rules("troops"), SEEN, UNTIL)
    assert found.only_draft is not None
    assert found.only_in_force is not None
    assert [alert.article for alert in found.only_draft.some] == ["a1"]
    assert [alert.article for alert in found.only_in_force.some] == ["a3", "a9", "a15", "a21", "a27"]
    assert found.articles == 6


async def test_a_rule_that_finds_nothing(index: Any) -> None:
    found = await run_backtest(index, rules("drones"), None, SEEN, UNTIL)
    assert (found.articles, found.busiest, found.messages.total(), found.samples) == (0, None, 0, [])


async def test_many_candidates_are_evaluated_in_spans(index: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "BLOCK", 3)
    looked: list[tuple[int, int]] = []
    found = await run_backtest(
        index, rules("troops"), None, SEEN, UNTIL, lambda done, total: looked.append((done, total))
    )
    assert [alert.article for alert in found.samples] == [f"a{n}" for n in range(0, 30, 3)]
    assert len(looked) > 3
    assert looked[-1] == (10, 10)
    assert [done for done, _ in looked] == sorted(done for done, _ in looked)


def test_of_many_rules_every_article_is_a_candidate() -> None:
    few, many = rules("troops").rules * 3, rules("troops").rules * 21
    assert matching.candidates(many) is None
    assert matching.candidates(few[:1]) == parse("troops").node


@pytest.mark.slow
async def test_memory_does_not_grow_with_the_articles(tmp_path: Path) -> None:
    index = TantivyIndex.open(tmp_path / "index", write=True)
    text = "Troops came. " + "The ministry said nothing more about it. " * 40
    for block in range(0, 6_000, 500):
        documents = [
            numbered(n, f"Title {n}", text, first_seen=SEEN + timedelta(minutes=2 * n), story_id=f"s{n}")
            for n in range(block, block + 500)
        ]
        await index.put(documents)

    async def peak(days: int) -> tuple[int, Backtest]:
        tracemalloc.start()
        try:
            found = await run_backtest(index, rules("troops"), None, SEEN, SEEN + timedelta(days=days))
            return tracemalloc.get_traced_memory()[1], found
        finally:
            tracemalloc.stop()

    small, _ = await peak(4)
    large, found = await peak(9)
    await index.close()
    assert found.articles == 6_000
    assert large < 2.2 * small


async def test_an_edited_article_counts_for_silence_and_burst(index: Any) -> None:
    """The index has only the newest version: the article had arrived before it was edited."""
    await index.put([
        numbered(100 + n, f"B{n}", "Troops came.", seq=900 + n, version=1 + n % 2,
                 first_seen=SEEN + timedelta(days=9, minutes=2 * n), story_id=f"b{n}")
        for n in range(40)
    ])  # fmt: skip
    quiet = [
        numbered(
            1000 + n, f"Q{n}", "Troops came.", seq=2000 + n, first_seen=SEEN - timedelta(hours=8 * n + 8), version=2
        )
        for n in range(160)
    ]
    await index.put(quiet)
    found = await run_backtest(index, rules("troops", trigger="burst"), None, SEEN, UNTIL)
    assert found.messages == {"burst": 1}


async def test_of_a_rule_with_another_draft_both_say_what_they_send(index: Any) -> None:
    found = await run_backtest(index, rules("troops senate"), rules("troops"), SEEN, UNTIL)
    assert (found.messages.total(), found.messages_in_force and found.messages_in_force.total()) == (5, 10)


async def test_a_story_that_began_before_the_span_is_known(index: Any) -> None:
    for n, hours in ((200, -2), (201, 1)):
        await index.put(
            [numbered(n, "S", "Troops came.", seq=n, first_seen=SEEN + timedelta(hours=hours), story_id="old")]
        )
    since = SEEN + timedelta(minutes=30)
    found = await run_backtest(index, rules("troops"), None, since, since + timedelta(hours=5))
    assert found.messages == {"follow_up": 1}


@pytest.mark.parametrize("keys", [{}, {"budget": 3}, {"trigger": "silence"}])
def test_a_sketch_is_the_alert_without_what_is_only_shown(keys: dict[str, Any]) -> None:
    found = rules("troops (congress OR senate)", **keys)
    document = numbered(1, "Troops in the senate", "Troops came. The congress voted 50 to 3.", topics=("coup",))
    (sketch,), (whole,) = found.sketch(DocumentView(document)), found.fire(document)
    shared = {"id", "rule", "version", "story_id", "old", "counted", "backlog", "changes", "copies", "channels"}
    if "budget" in keys:
        shared |= {"matched", "share", "topic_score", "fact_lines"}
        assert score(sketch) == score(whole)
    assert all(getattr(sketch, name) == getattr(whole, name) for name in shared)


async def test_nothing_waits_for_a_backtest_that_was_cancelled(index: Any) -> None:
    def interrupted(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await run_backtest(index, rules("troops"), None, SEEN, UNTIL, interrupted)
    assert not [one for one in threading.enumerate() if one.name.startswith("matching")]


async def test_what_the_messages_do_not_show_is_said(index: Any) -> None:
    found = await run_backtest(index, rules("troops", trigger="change", channels=["f"]), None, SEEN, UNTIL)
    assert found.articles == 10
    assert [note for note in found.notes if "changes" in note]
    assert [note for note in found.notes if note.startswith("f gets every article alone")]
    assert len((await run_backtest(index, rules("troops"), None, SEEN, UNTIL)).notes) == 1
