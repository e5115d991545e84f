"""Tests of the page Search: hits, histogram, filters, completion, exports."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from pipeline.console.language import LANGUAGES, Reader
from pipeline.core.documents.fields import QUERY_FIELDS, plain_about
from pipeline.core.query.search import Intervals
from pipeline.reports.over_time import DAY, HOUR, MOST, intervals, stretches
from tests.builders import SEEN


def found(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    return re.findall(r'<article class="card hit".*?id="h-([^"]+)"', answer.text, re.DOTALL)


@pytest.mark.parametrize(
    ("query", "articles"),
    [
        ("q=troops", ["t1", "t2"]),
        ("q=troops&country=CA", ["t2"]),
        ("language=ar", ["m1"]),
        ("q=dockers&source=Baltic+Daily&source=Harbour+Post", ["p1", "p4"]),
        ("q=dockers+-kind:copy", ["p1"]),
        ("q=story:p1", ["p1", "p2", "p3", "p4"]),
        ("since=2026-03-02T10:15Z&until=2026-03-02T11:05Z", ["m1", "t2"]),
        ("q=none", []),
        ("q=topic:(", []),
        ("q=troops&page=200", []),
    ],
)
async def test_hits(client: httpx.AsyncClient, query: str, articles: list[str]) -> None:
    assert sorted(found(await client.get(f"/search?{query}"))) == articles


async def test_a_query_is_said_back_and_hits_are_marked(client: httpx.AsyncClient) -> None:
    text = (await client.get("/search?q=troops+-canada")).text
    assert "Articles with &#34;troops&#34;, in title or text, but not &#34;canada&#34;, in title or text." in text
    assert "<mark>troops</mark>" in text
    assert "This query cannot be read" in (await client.get("/search?q=nofield:x")).text


async def test_columns_narrow_down_to_their_time(client: httpx.AsyncClient) -> None:
    text = (await client.get("/search?span=24h")).text
    links = re.findall(r'<a href="(/search\?since=[^"]+)" tabindex="-1"><title>[^<]*: (\d+)</title>', text)
    assert sum(int(count) for _, count in links) == 8
    for link, count in links:
        assert len(found(await client.get(link.replace("&amp;", "&")))) == int(count)


async def test_filters_have_counts(client: httpx.AsyncClient) -> None:
    text = (await client.get("/search?q=troops")).text
    assert re.search(r'href="/search\?q=troops&amp;source=Baltic\+Daily".*?Baltic Daily.*?<span class="count">1<', text)


async def test_hostile_hits_are_only_text(client: httpx.AsyncClient) -> None:
    text = (await client.get('/search?q="markup must"')).text
    assert found(await client.get('/search?q="must be shown"')) == ["h1"]
    assert "<script>alert" not in text
    assert "<img" not in text


@pytest.mark.parametrize(
    ("text", "completed"),
    [
        ("langu", ["language:"]),
        ("troops source:h", ["troops source:&#34;Harbour Post&#34;", "troops source:Hafenblatt"]),
        ("place:ri", ["place:riga"]),
        ("topic:tr", ["topic:troops"]),
        ("word_count:", ["word_count:[300 TO *]"]),
        ('"open', []),
        ("", []),
    ],
)
async def test_completion(client: httpx.AsyncClient, text: str, completed: list[str]) -> None:
    answer = await client.get("/search/complete", params={"q": text})
    assert re.findall(r'<option value="([^"]*)"', answer.text) == completed
    client.cookies.set("language", "es")
    spanish = await client.get("/search/complete", params={"q": text})
    assert re.findall(r'<option value="([^"]*)"', spanish.text) == completed
    assert "Content-Type" not in spanish.text
    assert 'hx-swap-oob="true"' in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_field_is_described(client: httpx.AsyncClient, language: str) -> None:
    """In the words of docs/fields.md, or their translation: in the list of fields, and while a value is written."""
    client.cookies.set("language", language)
    for field in QUERY_FIELDS.values():
        about = escape(Reader(SEEN, language).said(plain_about(field)))
        assert not re.search(r"[`*\[\]]|\(\w+\.md", about)
        text = (await client.get("/search/complete", params={"q": f"strike {field.query}:"})).text
        assert f"<code>{field.query}</code> {about} · <code>{escape(field.example)}</code>" in text
        text = (await client.get("/search/complete", params={"q": field.query})).text
        assert f'<option value="{field.query}:">{about} · {escape(field.example)}</option>' in text


async def test_exports(client: httpx.AsyncClient) -> None:
    answer = await client.get("/search/export.csv?q=troops")
    assert answer.headers["content-disposition"] == 'attachment; filename="almenara-search.csv"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("id,url")
    assert [line.partition(",")[0] for line in lines[1:]] == ["t1", "t2"]
    answer = await client.get("/search/export.jsonl?country=LV&language=en")
    assert [json.loads(line)["id"] for line in answer.text.splitlines()] == ["t1", "t2"]
    assert (await client.get("/search/export.xml")).status_code == 404
    assert (await client.get("/search/export.csv?q=topic:(")).status_code == 400


_moments = st.integers(0, 600_000).map(lambda minutes: SEEN - timedelta(minutes=minutes + 1))


@given(st.lists(_moments, max_size=30), st.integers(0, 900), st.sampled_from([-5, 0, 2, 5.5]))
def test_columns_add_up_and_follow_each_other(moments: list[datetime], hours: int, ahead: float) -> None:
    until = SEEN
    since = None if hours == 0 else until - timedelta(hours=hours)
    wanted = intervals(since, until, timedelta(hours=ahead))
    counts: dict[datetime, int] = {}
    inside = [moment for moment in moments if since is None or moment >= since]
    for moment in inside:
        counts[wanted.begin(moment)] = counts.get(wanted.begin(moment), 0) + 1
    columns = stretches(counts, wanted, since, until)
    assert sum(column.count for column in columns) == len(inside)
    assert len(columns) <= MOST + 1
    assert all(one.end == other.begin for one, other in pairwise(columns))


@pytest.mark.parametrize(("length", "every"), [(HOUR, 5), (DAY, 60), (3 * DAY, 120), (7 * DAY, 360), (30 * DAY, 1440)])
def test_intervals_that_people_think_in(length: timedelta, every: int) -> None:
    assert intervals(SEEN - length, SEEN, timedelta(0)).every == timedelta(minutes=every)


def test_no_hits_of_all_time_are_no_columns() -> None:
    assert stretches({}, Intervals(DAY), None, SEEN) == []
