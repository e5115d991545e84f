"""What clean remembers of the lines of each site: learned from items, published by ticks, read back, bounded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from pipeline.core.pages.article import content_hash
from pipeline.records import Article, SiteLines, encode
from pipeline.stage import Emit, Message, Position
from pipeline.stages.clean import Clean
from pipeline.stages.site_lines import STATE, Sites
from tests.builders import item as an_item
from tests.core.pages.test_site_lines import PROMPT, START, story, text
from tests.fakes import FakeFetch, page
from tests.reading import state_of
from tests.stages.test_clean import stage

AT = Position("items", 0, 7)
LATER = START + timedelta(days=3)


def read(sites: Sites, number: int, *lines: str, at: Position = AT, **item: Any) -> Article:
    one = an_item(f"https://www.example.org/{number}", seen=item.pop("seen", START), **item)
    return sites.read(story(number, *lines), one, at, START)


def taught(count: int = 8) -> Sites:
    sites = Sites()
    for number in range(count):
        assert read(sites, number, PROMPT).site_lines == 0
    return sites


async def restored(*messages: tuple[str, SiteLines | None]) -> Clean:
    async def replay(stream: str, since: int = 0) -> AsyncIterator[Message]:
        for offset, (key, record) in enumerate(messages):
            yield Message(Position(STATE, 0, offset), key, encode(record) if record else None, START)

    clean = stage(FakeFetch({}))
    await clean.restore(state_of(clean, replay))
    return clean


def test_a_later_article_loses_the_line_and_says_so() -> None:
    found = read(taught(), 20, PROMPT, seen=LATER)
    assert (found.text, found.site_lines) == (text(20), 1)
    assert found.content_hash == content_hash(found.title.value, found.text)


def test_a_revisit_loses_what_its_first_version_lost() -> None:
    sites = taught()
    assert read(sites, 3, PROMPT, seen=LATER, revisit=1, first_seen=START).text == text(3, PROMPT)
    assert read(sites, 20, PROMPT, seen=LATER, revisit=1, first_seen=LATER).text == text(20)
    assert read(sites, 3, PROMPT, seen=START + timedelta(hours=2), revisit=1).text == text(3, PROMPT)


@pytest.mark.parametrize(("at", "item"), [(Position("items-backfill", 0, 1), {}), (AT, {"revisit": 1})])
def test_old_news_and_revisits_teach_nothing(at: Position, item: dict[str, Any]) -> None:
    sites = Sites()
    for number in range(12):
        read(sites, number, PROMPT, at=at, **item)
    assert len(sites) == 0
    assert sites.tick(LATER) == ()


async def test_what_is_published_is_read_back() -> None:
    (out,) = taught().tick(LATER)
    assert isinstance(out.record, SiteLines)
    assert (out.stream, out.key, out.partition) == (STATE, "example.org", None)
    clean = await restored(("example.org", out.record), ("gone.example", replace(out.record, site="gone.example")),
                           ("gone.example", None))  # fmt: skip
    assert len(clean.sites) == 1
    assert read(clean.sites, 20, PROMPT, seen=LATER).text == text(20)


def test_a_site_is_published_at_most_once_a_minute() -> None:
    sites = taught(2)
    assert len(sites.tick(START)) == 1
    read(sites, 2, PROMPT)
    assert sites.tick(START + timedelta(seconds=59)) == ()
    assert len(sites.tick(START + timedelta(seconds=60))) == 1
    assert sites.tick(LATER) == ()


def test_the_sites_are_bounded_and_forgotten() -> None:
    sites = Sites(room=3)
    for number in range(5):
        one = an_item(f"https://www.site{number}.org/a", seen=START)
        sites.read(story(number, PROMPT), one, AT, START)
    outs = sites.tick(START)
    assert len(sites) == 3
    assert [out.key for out in outs if out.record is None] == ["site0.org", "site1.org"]
    assert sites.tick(LATER + timedelta(days=99)) == ()
    read(sites, 7, PROMPT, seen=START + timedelta(days=31))
    outs = sites.tick(START)
    assert [out.key for out in outs if out.record is None] == ["site2.org", "site3.org", "site4.org"]
    assert len(sites) == 1


async def test_the_stage_removes_them_from_what_it_emits() -> None:
    clean = stage(FakeFetch({}))
    clean.sites = taught()
    body = "".join(f"<p>{line}</p>" for line in text(20, PROMPT).split("\n"))
    url = "https://www.example.org/20"
    clean._fetch = FakeFetch({url: page(url, f"<head><title>Ferry strike ends</title></head><body><article>{body}")})
    outcome = await clean.step(replace(an_item(url), seen=LATER), AT)
    assert isinstance(outcome, Emit)
    (out,) = outcome.outs
    assert isinstance(out.record, Article)
    assert (out.record.text, out.record.site_lines) == (text(20), 1)
    ticked = await clean.tick(LATER)
    assert isinstance(ticked, Emit)
    assert [type(one.record) for one in ticked.outs] == [SiteLines]
