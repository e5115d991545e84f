"""The sets from the wild and in the style of the press are complete and consistent. Their scores are not checked here:
docs/labels.md has them."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from pipeline.commands.evaluate import read_labels
from pipeline.core.evaluation.labels import LabelledArticle, LabelledFacts
from pipeline.core.topics.judge import RuleSet
from tests.gate.shipped import TROOPS, shipped

WILD, PRESS = Path("tests/gate/wild"), Path("tests/gate/press")
HALVES = ("open", "locked")
ORIGINS = tuple(f"[[article]]  # {origin}" for origin in ("found", "from memory", "composed"))
PAGES = "*/*-pages*.toml"
# The pages have no events in these countries, which are kept for measuring.
KEPT = frozenset(re.findall(r"..", "ARCOCRECFIGTHNHTIQJPKEKZLTMXMZNEPEPLPYROSESKSOTTUAUY"))


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return shipped()


@pytest.fixture(scope="module", params=[WILD, PRESS], ids=["wild", "press"])
def folder(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture(scope="module")
def halves(rules: RuleSet, folder: Path) -> dict[str, tuple[LabelledArticle, ...]]:
    """Reading refuses unknown keys, topics and outcomes, two equal ids in a half, and words that the text lacks."""
    return {half: read_labels(folder / half, rules) for half in HALVES}


@pytest.fixture(scope="module")
def articles(halves: dict[str, tuple[LabelledArticle, ...]]) -> list[LabelledArticle]:
    return [article for half in halves.values() for article in half]


@pytest.fixture(scope="module")
def pages(rules: RuleSet) -> list[LabelledArticle]:
    """The articles of `wild` in the files `LANGUAGE-pages*.toml` of both halves."""
    named = {
        identifier
        for file in WILD.glob(PAGES)
        for identifier in re.findall(r'^id = "(.+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    return [a for half in HALVES for a in read_labels(WILD / half, rules) if a.id in named]


def test_no_article_is_in_both_halves(articles: list[LabelledArticle]) -> None:
    for values in ([a.id for a in articles], [a.title for a in articles], [a.text for a in articles]):
        assert [value for value, times in Counter(values).items() if times > 1] == []


def test_an_article_is_in_the_file_of_its_language_and_says_where_it_comes_from() -> None:
    for file in sorted(WILD.glob("*/*.toml")):
        lines = file.read_text(encoding="utf-8").splitlines()
        heads = [line for line in lines if line.startswith("[[article]]")]
        assert [line for line in heads if not line.startswith(ORIGINS)] == [], file
        assert len(heads) == lines.count(f'language = "{file.stem.partition("-")[0]}"'), file


def test_pages_are_found_and_say_what_they_were() -> None:
    for file in sorted(WILD.glob(PAGES)):
        heads = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("[[article]]")]
        assert [head for head in heads if not head.startswith("[[article]]  # found: ")] == [], file


def test_pages_are_mostly_on_the_flagship_and_the_others_say_why_not(pages: list[LabelledArticle]) -> None:
    assert [a.id for a in pages if TROOPS not in a.topics and not a.note] == []
    assert 0.5 <= sum(TROOPS in a.topics for a in pages) / len(pages) <= 0.8


def test_pages_on_the_other_topics_say_why_they_have_none(rules: RuleSet) -> None:
    other = [a for half in HALVES for a in read_labels(WILD / half, rules) if "-topics-" in a.id]
    assert [a.id for a in other if TROOPS in a.topics or not (a.topics or a.note)] == []
    assert 0.3 <= sum(not a.topics for a in other) / len(other) <= 0.6


def test_pages_have_no_event_in_a_country_kept_for_measuring(pages: list[LabelledArticle]) -> None:
    assert {a.id: facts.host for a in pages for facts in a.facts if facts.host in KEPT} == {}


def test_every_outcome_is_on_the_pages_but_past(pages: list[LabelledArticle]) -> None:
    found = {facts.outcome for a in pages for facts in a.facts}
    assert found - {"past"} == {"authorised", "proposed", "debated", "rejected", "extended", "revoked"}


def test_both_halves_have_every_language_and_topic(
    rules: RuleSet, folder: Path, halves: dict[str, tuple[LabelledArticle, ...]]
) -> None:
    topics = {rule.id for rule in rules.rules.topics}
    languages = {file.name for file in folder.glob("*/*.toml")}
    for half, articles in halves.items():
        assert {topic for article in articles for topic in article.topics} == topics, half
        assert {file.name for file in (folder / half).iterdir()} == languages, half


def test_facts_belong_to_the_topic_and_to_its_articles_only(articles: list[LabelledArticle]) -> None:
    assert [a.id for a in articles if bool(a.facts) != (TROOPS in a.topics)] == []


def test_facts_are_possible(articles: list[LabelledArticle]) -> None:
    assert {a.id: found for a in articles for facts in a.facts if (found := faults(a, facts))} == {}


def test_an_impossible_fact_would_be_seen() -> None:
    day, facts = date(2026, 1, 1), LabelledFacts(outcome="authorised", host="pe", senders=("PE", "Peru"))
    article = LabelledArticle(id="a", language="en", published=day, title="A vote", text="Yes.", topics=(TROOPS,))
    assert faults(article, facts) == ["host: pe", "senders: Peru"]


def faults(article: LabelledArticle, facts: LabelledFacts) -> list[str]:
    """What cannot be right in the facts of an article, beyond what reading refuses."""
    countries = [("host", facts.host or ""), *(("senders", sender) for sender in facts.senders)]
    found = [f"{field}: {country}" for field, country in countries if country and not is_code(country)]
    if facts.host in facts.senders:
        found.append("senders: the host")
    period, personnel, instrument = facts.period, facts.personnel, facts.instrument
    if period and period.start and period.end and period.start > period.end:
        found.append("period: ends before it starts")
    if personnel and personnel.min is not None and personnel.max is not None and personnel.min > personnel.max:
        found.append("personnel: less than its minimum")
    if instrument and instrument.date and instrument.date > article.published:
        found.append("instrument: later than the article")
    words = (instrument.kind, instrument.number) if instrument else ()
    text = f"{article.title}\n{article.text}".casefold()
    return found + [f"not in the text: {word}" for word in words if word and word.casefold() not in text]


def is_code(country: str) -> bool:
    return len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()
