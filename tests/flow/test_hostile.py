"""The real pipeline against sites that misbehave, all at once: each has its counted place, and nothing else stops."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.config.settings import Logs
from pipeline.terminal import logs
from tests.agents.newsroom import article
from tests.flow.hostile import (
    Hostile,
)
from tests.flow.hostile_run import PROMPT, SECRET, Outcome, bad_feeds, bad_pages, hostile_run, inside

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    if sys.platform != "linux":
        pytest.skip("other systems have only one loopback address")
    logs.configure(Logs(level="error"), quiet=True)
    return asyncio.run(hostile_run(tmp_path_factory.mktemp("hostile")))


def test_every_feed_says_what_is_wrong_with_it(found: Outcome) -> None:
    expected = {name: outcome for name, (_, outcome) in bad_feeds(Path("/"), Hostile()).items()}
    expected |= {"refused": "connect", "inside": "refused_address"}
    expected |= dict.fromkeys(("good", "pages", "utf-16", "cut", "dates"), "ok")
    assert found.outcomes == expected
    assert all(found.details[feed] for feed, outcome in expected.items() if outcome != "ok")
    counters = found.status["stages"]["poll"]["outcomes"]
    assert {name: n for name, n in counters.items() if name.startswith("fetch.")} == Counter(
        f"fetch.{o}" for o in expected.values()
    )


def test_every_page_ends_in_its_place(found: Outcome) -> None:
    expected = {found.urls[name]: ending for name, (_, ending) in bad_pages(Hostile()).items()}
    assert {url: found.endings.get(url) for url in expected} == expected
    assert Counter(dead.error for dead in found.dead) == {"extract_timeout": 1, "extract_crash": 2}
    assert all(dead.detail for dead in found.dead)


def test_nothing_comes_from_the_inside(found: Outcome) -> None:
    ended = {name: ending for url, ending in found.endings.items() for name in [urlsplit(url).hostname] if name}
    hosts = [urlsplit(url).hostname for url in inside(Hostile())]
    assert {host: ended.get(host or "") for host in hosts} == dict.fromkeys(hosts, "drop.fetch_refused_address")
    assert found.trespassed == []
    assert SECRET not in str(found.documents) + str(found.endings)


def test_the_good_articles_all_come_and_soon(found: Outcome) -> None:
    assert set(found.good) <= set(found.documents)
    assert found.seconds < PROMPT


def test_what_can_be_read_is_read_rightly(found: Outcome) -> None:
    text = {name: found.documents[url].article.text for name, url in found.urls.items() if url in found.documents}
    assert "se\u00f1al number" in text["latin"]
    assert "\u0441\u0438\u0433\u043d\u0430\u043b number" in text["utf-8"]
    for name, number in {"utf-16": 104, "divs": 102, "unclosed": 103}.items():
        wanted = article(number)[1].split("\n")
        assert all(line in text[name] for line in wanted[1:]), name
    assert found.titles["utf-16"] == "Se\u00f1al \u4fe1\u53f7"
    assert found.titles["cut"] in ("Se\u00f1al \u4fe1\u53f7", "Lost")


def test_items_with_broken_dates_still_come(found: Outcome) -> None:
    ended = Counter(ending for url, ending in found.endings.items() if "/news/" in url and ending != "ok")
    assert ended == {"drop.http_404": 297}
    dated = [d for d in found.documents.values() if d.article.source == "dates"]
    assert len(dated) == 3


def test_the_counters_add_up(found: Outcome) -> None:
    stages = found.status["stages"]
    assert all(stage["adds_up"] for stage in stages.values()), stages
    assert all(stage["waiting"] == 0 for stage in stages.values()), stages
    assert stages["clean"]["taken"] == len(found.endings)
    assert found.status["documents"] == len(found.documents) == stages["relate"]["outcomes"]["ok"]
