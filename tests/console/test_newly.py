"""The bar of a view counts what the view newly shows when it is loaded again: compared with the page itself."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from pipeline.assembly.console import console_served
from pipeline.assembly.deployment import Deployment
from pipeline.config.folder import Configuration
from pipeline.core.alerts.firing import alert_id
from pipeline.core.stories.updates import changed_by
from pipeline.records import Document, Kept
from pipeline.reports.kept import key_of
from pipeline.stage import Out
from pipeline.web.server import listen, url_of
from tests.builders import document
from tests.console.newsroom import NOW, known
from tests.reports.ledgers import state

LISTS = (
    "/?span=all", "/", "/?span=all&sort=newest", "/?span=all&rule=Port+strikes", "/?span=all&only=matched",
    "/?span=all&only=followed", "/?span=all&only=differs", "/?span=all&sources=2", "/?span=all&sources=4",
    "/?span=all&country=LV", "/?span=all&language=de", "/?span=all&q=strike", "/?span=all&q=strike&sources=2",
    "/?span=all&q=ferry&rule=Port+strikes", "/?q=zzz", "/?q=(", "/search", "/search?q=strike", "/search?q=ferry",
    "/search?q=strike&country=PT", "/search?span=24h", "/search?q=story:p1", "/search?since=2026-03-02T11:30Z",
    "/search?until=2026-03-02T11:30Z", "/search?q=(",
)  # fmt: skip
ALERTS = (
    "/alerts", "/alerts?span=90d", "/alerts?rule=Port+strikes", "/alerts?rule=Troops+in+Latvia", "/alerts?status=held",
    "/alerts?status=reported", "/alerts?mark=none", "/alerts?mark=useful", "/alerts?story=p1", "/alerts?story=n1",
)  # fmt: skip
RULE = "Port strikes"


def _report(id: str, seq: int, story: str, title: str, ago: float, **fields: Any) -> Document:
    seen = NOW - timedelta(minutes=ago)
    common = {"seen": seen, "first_seen": seen, "published": seen, "source": f"The {id}", "countries": ("PT",)}
    return document(title, f"{title}.", id=id, seq=seq, story_id=story, **{**common, **fields})


#: A story that a rule matches, one that none does, reports and a version in stories that were there, an old article.
REPORTS = (
    _report("n1", 20, "n1", "A strike in Porto", 3), _report("n2", 21, "n2", "A ferry is late", 2),
    _report("n3", 22, "p1", "Die Streiks gehen weiter", 2, language="de", independent=4),
    _report("n4", 23, "m1", "The port of Tangier", 1, independent=2),
    _report("n5", 24, "n5", "An old strike", 60 * 24 * 40),
    _report("p2", 25, "p1", "La huelga sigue", 1, kind="version", version=2),
)  # fmt: skip
AT: dict[str, Any] = {"at": NOW, "seen": NOW - timedelta(minutes=1)}
#: Two new alerts, one of them held; one that is marked.
STATES = (
    state("s1", RULE, story="n1", article="n1", **AT), state("s2", RULE, "held", story="p1", article="n3", **AT),
    state(alert_id("p1", 1, RULE), RULE, story="p1", article="p1", version=1, mark="useful", **AT),
)  # fmt: skip


async def _publish(deployment: Deployment, documents: Sequence[Document], outs: Sequence[Out]) -> None:
    log, index = await deployment.open_log(write=True), await deployment.open_index(write=True)
    try:
        await index.put(list(documents))
        for one in documents:
            there = await index.get_stories([one.relation.story_id])
            await index.put_stories(changed_by(one, lambda ids, there=there: known(there, ids)))  # type: ignore[misc]
        await log.publish([*(Out("documents", one.article.id, one) for one in documents), *outs])
    finally:
        await index.close()
        await log.close()


def _listed(text: str) -> set[str]:
    return set(re.findall(r'aria-labelledby="h-([^"]+)"', text))


async def _counted(client: httpx.AsyncClient, text: str) -> int:
    """What the bar of a page says, when all is announced."""
    place = re.search(r'data-live="(\w+)" data-made="([^"]+)" data-live-query="([^"]*)"', text)
    assert place
    of, made, query = place.groups()
    url = f"/live?{query.replace('&amp;', '&')}&of={of}&made={made}"
    new = 0
    try:
        async with asyncio.timeout(3), client.stream("GET", url) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    new = json.loads(line[6:])["new"]
    except TimeoutError:
        pass
    return new


async def test_the_bar_counts_what_the_view_then_shows(deployment: Deployment, configuration: Configuration) -> None:
    follow = Kept(user="", kind="follow", id="p1", at=NOW)
    await _publish(deployment, (), [Out("readers", key_of("", "follow", "p1"), follow)])
    listener = listen("127.0.0.1", 0)
    async with (
        console_served(deployment, lambda: configuration, listener, now=lambda: NOW),
        httpx.AsyncClient(base_url=url_of(listener), timeout=20) as client,
    ):
        before = {path: (await client.get(path)).text for path in (*LISTS, *ALERTS)}
        await _publish(deployment, REPORTS, STATES)
        await asyncio.sleep(2)
        articles, stories = ({one.article.id for one in REPORTS}, {one.relation.story_id for one in REPORTS})
        paths = (*LISTS, *ALERTS)
        said = await asyncio.gather(*(_counted(client, before[path]) for path in paths))
        shown = {}
        for path in paths:
            found = _alerts if path.startswith("/alerts") else _listed
            changed = articles if path.startswith("/search") else stories if path in LISTS else set()
            was, now = found(before[path]), found((await client.get(path)).text)
            shown[path] = len({one for one in now if one not in was or one in changed})
        assert dict(zip(paths, said, strict=True)) == shown
        assert set(shown.values()) == {0, 1, 2, 3, 4, 5, 6}


def _alerts(text: str) -> set[str]:
    """Those of the forms with which they are marked: only some are shown."""
    return set(re.findall(r'name="alert" value="([^"]+)"', text))


@pytest.mark.slow
async def test_a_match_that_comes_after_its_article_is_counted(
    deployment: Deployment, configuration: Configuration
) -> None:
    """Alerts are decided after articles are indexed."""
    listener = listen("127.0.0.1", 0)
    async with (
        console_served(deployment, lambda: configuration, listener, now=lambda: NOW),
        httpx.AsyncClient(base_url=url_of(listener), timeout=20) as client,
    ):
        await _publish(deployment, REPORTS[:1], ())
        await asyncio.sleep(1.5)
        text = (await client.get("/?span=all&rule=Port+strikes")).text
        assert await _counted(client, text) == 0
        await _publish(deployment, (), STATES[:1])
        assert await _counted(client, text) == 1
