"""The seed list: what the shipped one contains, and that every fault is reported."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.faults import Faults
from pipeline.core.feeds.seed_file import parse_seed
from pipeline.core.toml_reader import TomlFile
from pipeline.records import Feed, Profile

SHIPPED = Path(__file__).parents[3] / "config" / "feeds.toml"


def parsed(data: dict[str, Any]) -> tuple[Feed, ...]:
    return parse_seed(TomlFile("feeds.toml", data)).feeds


def test_the_shipped_list() -> None:
    feeds = parse_seed(TomlFile.parse("feeds.toml", SHIPPED.read_bytes())).feeds
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
    assert parsed({"feed": [entry]}) == (
        Feed(id="a.b-1", name="A", url="https://a.example/rss", language="es", country="VE", groups=("x", "y"),
             every=300.0, enabled=False, listed_in="l", profile=Profile(user_agent="u"), ignore_validators=True),
    )  # fmt: skip
    assert parsed({}) == ()


def faults(**more: Any) -> list[tuple[str, str, str]]:
    base = {"id": "a", "name": "A", "url": "https://a.example/rss"}
    with pytest.raises(Faults) as caught:
        parsed({"feed": [base, base | {"id": "b", "url": "https://b.example/"} | more]})
    return [(fault.key, fault.reason, fault.hint) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("id", "a", "already the id of feed[1]"),
        ("id", "B c", "not an id"),
        ("id", 5, "must be a string"),
        ("name", "", "is empty"),
        ("name", "a\nb", "must be one line"),
        ("listed_in", " ", "must be one line"),
        ("name", None, "is missing"),
        ("url", "http://www.a.example/rss/", "already listed by feed[1]"),
        ("url", "ftp://b.example/", "not an http"),
        ("url", "b.example", "not an http"),
        ("language", "spa", "not a language code"),
        ("language", "ES", "not a language code"),
        ("country", "UK", "not a country code"),
        ("country", "ve", "not a country code"),
        ("country", "EU", "not a country code"),
        ("groups", "europe", "must be a list of strings"),
        ("groups", [1], "must be a list of strings"),
        ("every", 5, "must be a number"),
        ("every", True, "must be a number"),
        ("every", float("nan"), "must be a number"),
        ("enabled", "yes", "must be true or false"),
        ("contry", "VE", "unknown key"),
    ],
)
def test_a_fault_has_its_place(key: str, value: Any, reason: str) -> None:
    ((place, found, _),) = faults(**{key: value})
    assert place == f"feed[2].{key}"
    assert reason in found


def test_all_at_once() -> None:
    found = faults(contry="VE", country="UK", every=-1, url="nowhere")
    assert [place for place, *_ in found] == ["feed[2].contry", "feed[2].url", "feed[2].country", "feed[2].every"]
    assert found[0][2] == "did you mean country?"
    wrong: list[dict[str, Any]] = [{"feeds": []}, {"feed": {}}, {"feed": ["x"]}]
    for data in wrong:
        with pytest.raises(Faults):
            parsed(data)
