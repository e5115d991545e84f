"""The seed list: what the shipped one holds, and that every fault of another is told."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.faults import Faults
from pipeline.core.feeds.seed_file import parse_feeds
from pipeline.records import Feed

SHIPPED = Path(__file__).parents[3] / "config" / "feeds.toml"


def test_the_shipped_list() -> None:
    feeds = parse_feeds(tomllib.loads(SHIPPED.read_text(encoding="utf-8")))
    assert len(feeds) >= 120
    assert len({feed.country for feed in feeds}) >= 60
    assert len({feed.language for feed in feeds}) >= 25
    assert {(feed.language, feed.country) for feed in feeds if feed.name.startswith("teleSUR")} == {
        ("es", "VE"),
        ("en", "VE"),
    }
    assert all(feed.language and feed.country and feed.groups for feed in feeds)
    assert all(re.search(r", \w* ?\d{4}-\d\d-\d\d$", feed.listed_in or "") for feed in feeds)
    assert sum(feed.url.startswith("https://") for feed in feeds) >= 0.98 * len(feeds)
    grouped = {group for feed in feeds for group in feed.groups}
    assert {"latin-america", "europe", "africa", "asia", "middle-east", "wire", "defence"} <= grouped


def test_all_keys() -> None:
    entry = {
        "id": "a.b-1", "name": " A ", "url": "https://a.example/rss", "language": "es", "country": "VE",
        "groups": ["x", "x", "y"], "every": 300, "enabled": False, "listed_in": "l", "user_agent": "u",
        "ignore_validators": True,
    }  # fmt: skip
    assert parse_feeds({"feed": [entry]}) == (
        Feed(id="a.b-1", name="A", url="https://a.example/rss", language="es", country="VE", groups=("x", "y"),
             every=300.0, enabled=False, listed_in="l", user_agent="u", ignore_validators=True),
    )  # fmt: skip
    assert parse_feeds({}) == ()


def faults(**more: Any) -> list[tuple[str, str, str]]:
    base = {"id": "a", "name": "A", "url": "https://a.example/rss"}
    with pytest.raises(Faults) as caught:
        parse_feeds({"feed": [base, base | {"id": "b", "url": "https://b.example/"} | more]})
    return [(fault.key, fault.reason, fault.hint) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("id", "a", "the id of feed[0]"),
        ("id", "B c", "no id"),
        ("id", 5, "not a line of text"),
        ("name", "", "not a line of text"),
        ("name", None, "missing"),
        ("url", "http://www.a.example/rss/", "listed by feed[0]"),
        ("url", "ftp://b.example/", "not an http"),
        ("url", "b.example", "not an http"),
        ("language", "spa", "no language code"),
        ("language", "ES", "no language code"),
        ("country", "UK", "no country code"),
        ("country", "ve", "no country code"),
        ("country", "EU", "no country code"),
        ("groups", "europe", "not a list"),
        ("groups", [1], "not a list"),
        ("every", 5, "no interval"),
        ("every", True, "no interval"),
        ("every", float("nan"), "no interval"),
        ("enabled", "yes", "neither true nor false"),
        ("contry", "VE", "unknown key"),
    ],
)
def test_a_fault_has_its_place(key: str, value: Any, reason: str) -> None:
    ((place, told, _),) = faults(**{key: value})
    assert place == f"feed[1].{key}"
    assert reason in told


def test_all_at_once() -> None:
    found = faults(contry="VE", country="UK", every=-1, url="nowhere")
    assert [place for place, *_ in found] == ["feed[1].contry", "feed[1].url", "feed[1].country", "feed[1].every"]
    assert found[0][2] == "did you mean country?"
    wrong: list[dict[str, Any]] = [{"feeds": []}, {"feed": {}}, {"feed": ["x"]}]
    for data in wrong:
        with pytest.raises(Faults):
            parse_feeds(data)
