"""The content of the demo site: what it states about itself holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import as_file
from itertools import combinations
from pathlib import Path

import pytest

from pipeline.config.folder import rules_of
from pipeline.config.read_settings import load_settings
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.judge import find_topics
from pipeline.demo.content import HERE, Entry, age, entries, expected, outlets
from pipeline.records import Document
from tests import builders

NOW = datetime(2031, 3, 5, 14, 30, tzinfo=UTC)
ARTICLES = {entry.key: entry for entry in entries() if entry.readable}
OUTLETS = {outlet.id: outlet for outlet in outlets()}
FORMATS = {f"{outlet.id}-{feed.id}": feed.format for outlet in outlets() for feed in outlet.feed}


def shingles(entry: Entry) -> set[tuple[str, ...]]:
    words = " ".join(entry.paragraphs()).split()
    return {tuple(words[n : n + 3]) for n in range(len(words) - 2)}


def test_there_is_enough_of_everything() -> None:
    truth = expected()
    assert len(truth.articles) >= 40
    assert len(truth.languages) >= 5
    assert len({outlet.country for outlet in outlets()}) >= 8
    assert len(truth.stories) >= 6
    assert set(FORMATS.values()) >= {"rss", "rdf", "atom", "json"}
    assert len(truth.drops) >= 3
    assert set(truth.partial.values()) >= {"teaser", "paid"}


def test_four_outlets_report_the_troop_authorization_in_three_languages() -> None:
    articles = [ARTICLES[key] for key in expected().stories["py-troops"] if not ARTICLES[key].copy_of]
    assert len({entry.outlet for entry in articles}) >= 4
    assert len({OUTLETS[entry.outlet].language for entry in articles}) >= 3
    assert all("foreign-troop-authorization" in entry.topics for entry in articles)


def test_keys_and_outlets_are_sound() -> None:
    assert len({entry.key for entry in entries()}) == len(entries())
    assert {entry.outlet for entry in entries()} == set(OUTLETS)
    assert all(entry.readable == (entry.serve == "article") for entry in entries())


def test_copies_share_their_text_and_nothing_else_does() -> None:
    marks = {key: shingles(entry) for key, entry in ARTICLES.items()}
    original = dict(expected().copies)
    for one, other in combinations(ARTICLES, 2):
        likeness = len(marks[one] & marks[other]) / len(marks[one] | marks[other])
        if original.get(one, one) == original.get(other, other):
            assert 0.7 < likeness < 1, (one, other)
        else:
            assert likeness < 0.1, (one, other)


def test_a_copy_is_newer_than_its_original_and_a_second_edition_than_the_first() -> None:
    for copy, first in expected().copies:
        assert age(ARTICLES[copy].age) < age(ARTICLES[first].age)
    late = [age(entry.age) for entry in entries() if entry.edition == 2]
    early = [age(entry.age) for entry in entries() if entry.edition == 1 and age(entry.age) > timedelta()]
    assert max(late) < min(early)
    assert all(age(entry.corrected) < min(late) for entry in entries() if entry.corrected)


def test_a_correction_of_typography_changes_no_letter() -> None:
    for key, kind in expected().updates.items():
        before, after = (
            "".join(filter(str.isalnum, ARTICLES[key].at(n).title + ARTICLES[key].at(n).body)) for n in (1, 2)
        )
        assert (before == after) == (kind == "typography")
        assert ARTICLES[key].at(1).body != ARTICLES[key].at(2).body


def test_the_expected_articles_fire_the_alerts() -> None:
    file = TomlFile.parse("alerts.toml", HERE.joinpath("config", "alerts.toml").read_bytes())
    alerts, warnings = parse_alerts(file, topics=expected().topics)
    assert warnings == ()
    fired: dict[str, list[str]] = {rule.name: [] for rule in alerts.rules}
    for key, entry in ARTICLES.items():
        for alert in alerts.fire(document(entry)):
            fired[alert.rule].append(key)
    assert fired == {rule: list(keys) for rule, keys in expected().alerts.items()}


def document(entry: Entry) -> Document:
    return builders.document(
        entry.title, "\n".join(entry.paragraphs()), id=entry.key, url=f"http://{entry.outlet}.example/{entry.key}",
        feed=entry.outlet, source=entry.outlet, seen=NOW, first_seen=NOW, language=OUTLETS[entry.outlet].language,
        published=NOW - age(entry.age), story_id=entry.key, topics=entry.topics,
    )  # fmt: skip


def test_the_shipped_rules_find_the_foreign_troops_and_nothing_else() -> None:
    rules = rules_of(Path(__file__).parents[2] / "config")
    assert set(expected().topics) <= {topic.id for topic in rules.rules.topics}
    found = []
    for key, entry in ARTICLES.items():
        topics = find_topics(rules, entry.title, "\n".join(entry.paragraphs()), OUTLETS[entry.outlet].language)
        found += [key for topic in topics if topic.id == "foreign-troop-authorization"]
    assert found == list(expected().topics["foreign-troop-authorization"])


def test_the_settings_are_sound() -> None:
    with as_file(HERE.joinpath("config", "almenara.toml")) as file:
        settings = load_settings(file, {})
    assert settings.fetch.allow_networks == ("127.0.0.1/32",)


@pytest.mark.parametrize("text", ["", "3", "h", "3w", "3h ", "1.5h"])
def test_an_invalid_age_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an age"):
        age(text)
