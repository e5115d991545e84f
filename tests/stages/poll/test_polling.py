"""Which entries of a feed become items."""

from __future__ import annotations

from typing import Any

import msgspec

from pipeline.records import Profile
from tests.fakes import InlinePool
from tests.stages.poll.bench import AT, FEED, Bench, answer, items, numbers, rss


async def test_first_poll_is_backlog_oldest_first_and_ends_with_the_state() -> None:
    polled = await Bench(answer(rss(1, 2, 3, more="<item><guid>no text</guid></item>"))).once()
    assert numbers(polled) == ["1", "2", "3"]
    assert all(item.backlog and item.feed == "faro" and item.language == "es" for item in items(polled))
    assert {out.key for out in polled.outs[:-1]} == {"example.org"}
    assert (polled.outs[-1].stream, polled.outs[-1].key, polled.outs[-1].record) == ("feed-state", "faro", polled.state)
    assert polled.counts == {("poll", "entry.item"): 3, ("poll", "fetch.ok"): 1, ("poll", "entry.drop.no_text"): 1}
    assert (polled.report.outcome, polled.report.new, polled.report.error, polled.report.backlog) == (
        "ok",
        3,
        None,
        True,
    )


async def test_only_new_entries_come_out() -> None:
    bench = Bench(answer(rss(1, 2)), answer(rss(2, 3), 15), answer(rss(1, 2, 3), 30))
    assert numbers(await bench.once()) == ["1", "2"]
    second = await bench.once()
    assert numbers(second) == ["3"]
    assert not items(second)[0].backlog
    assert numbers(await bench.once()) == []  # 1 came back: a cache served an older copy


async def test_memory_changes_only_when_the_driver_has_committed() -> None:
    bench = Bench(answer(rss(1)))
    await bench.poll.step(FEED, AT)
    assert numbers(await bench.poll.poll(FEED)) == ["1"]
    polled = await bench.poll.poll(FEED)
    assert numbers(polled) == ["1"]
    bench.poll.apply(polled)
    assert numbers(await bench.poll.poll(FEED)) == []


async def test_conditional_requests_and_unchanged_bodies() -> None:
    headers = {"etag": '"a"', "last-modified": "Sun, 01 Mar 2026 11:00:00 GMT"}
    bench = Bench(
        answer(rss(1), headers=headers), answer(status=304, minutes=15), answer(rss(1), 30, headers={"etag": '"b"'}),
        answer(rss(1, 2), 45),
    )  # fmt: skip
    outcomes = [(await bench.once()).report.outcome for _ in range(4)]
    assert outcomes == ["ok", "not_modified", "unchanged", "ok"]
    asked = [call[1] for call in bench.fetch.calls]
    assert "If-None-Match" not in asked[0]
    assert "rss" in asked[0]["Accept"]
    assert (asked[1]["If-None-Match"], asked[1]["If-Modified-Since"]) == ('"a"', headers["last-modified"])
    assert asked[3]["If-None-Match"] == '"b"'


async def test_a_body_seen_before_is_not_parsed_again() -> None:
    class Counting(InlinePool):
        jobs = 0

        async def run(self, job: Any, *args: Any) -> Any:
            self.jobs += 1
            return job(*args)

    pool = Counting()
    bench = Bench(answer(rss(1)), answer(rss(1), 15), pool=pool)
    await bench.once()
    await bench.once()
    assert pool.jobs == 1


async def test_after_a_body_that_was_cut_off_the_whole_is_asked_for() -> None:
    tag = {"etag": '"a"'}
    bench = Bench(answer(rss(1, 2, 3)[:-70], headers=tag), answer(rss(1, 2, 3), 15, headers=tag))
    assert (await bench.once()).report.notes == ("truncated",)
    assert numbers(await bench.once())
    assert "If-None-Match" not in bench.fetch.calls[1][1]


async def test_settings_of_the_feed_are_kept_to() -> None:
    feed = msgspec.structs.replace(FEED, profile=Profile(user_agent="Reader/1"), ignore_validators=True)
    bench = Bench(answer(rss(1), headers={"etag": '"a"'}), feed=feed)
    await bench.once()
    await bench.once()
    assert [profile.user_agent for profile in bench.fetch.profiles] == ["Reader/1"] * 2
    assert all("If-None-Match" not in call[1] for call in bench.fetch.calls)


async def test_backlog_after_a_day_of_our_own_silence() -> None:
    bench = Bench(answer(rss(1)), answer(rss(1, 2), 25 * 60), answer(rss(1, 2, 3), 26 * 60))
    await bench.once()
    assert [item.backlog for item in items(await bench.once())] == [True]
    assert [item.backlog for item in items(await bench.once())] == [False]


async def test_a_permanent_redirect_is_followed_in_the_end() -> None:
    new = "https://new.example/feed"
    bench = Bench(*(answer(rss(n), n, url=new, permanent=new) for n in range(6)))
    bench.fetch.answers[new] = answer(rss(9), 99, url=new)
    for _ in range(6):
        await bench.once()
    assert [call[0] for call in bench.fetch.calls] == [FEED.url] * 5 + [new]
