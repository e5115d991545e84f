"""Records of stories: a fold that may be stopped, continued and repeated."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.stories import record, updates
from pipeline.records import Correction, Dated, Document, Facts, Stated, Story, StoryFact, Vote, decode, encode
from tests.builders import SEEN, document

HOUR = timedelta(hours=1)


def report(n: int, story: str = "a1", **more: Any) -> Document:
    """Report `n` of a story, an hour after the one before, each of an outlet of its own."""
    fields: dict[str, Any] = {
        "id": f"a{n}", "seq": n, "story_id": story, "source": f"Outlet {n}", "seen": SEEN + n * HOUR,
        "first_seen": SEEN + n * HOUR, "url": f"https://{n}.example/",
    }  # fmt: skip
    return document(f"Title {n}", "Text.", **fields | more)


def stories_of(*documents: Document) -> dict[str, Story]:
    stories: dict[str, Story] = {}
    for one in documents:
        for story in updates.changed_by(one, lambda ids: {id: stories[id] for id in ids if id in stories}):
            stories[story.id] = decode(Story, encode(story))
    return stories


def test_a_story_lists_its_reports() -> None:
    copied = report(3, kind="copy", duplicate_of="a2", language="es")
    story = stories_of(report(1, countries=("FR",)), report(2, countries=("FR", "DE")), copied)["a1"]
    assert [one.id for one in story.articles] == ["a1", "a2", "a3"]
    assert (story.size, story.copies, story.independent) == (3, 1, 2)
    assert (story.title, story.sources) == ("Title 1", ("Outlet 1", "Outlet 2", "Outlet 3"))
    assert (story.languages, story.countries) == (("en", "es"), ("FR", "DE"))
    assert [(hour.at, hour.articles, hour.own) for hour in story.timeline] == [
        (SEEN + HOUR, 1, 1), (SEEN + 2 * HOUR, 1, 1), (SEEN + 3 * HOUR, 1, 0),
    ]  # fmt: skip


def test_the_first_report_is_the_one_that_was_published_first() -> None:
    """A day without a time of day does not count, nor a date long ago: they would be before all others."""
    early = Dated(value=SEEN - 5 * HOUR, source="json-ld", raw="2026-03-02T07:00Z")
    day = Dated(value=SEEN - 12 * HOUR, source="json-ld", raw="2026-03-02")
    wrong = Dated(value=SEEN - 9000 * HOUR, source="json-ld", raw="2025-02-20T12:00Z")
    reports = (report(2, published=early), report(3, published=day), report(4, published=wrong))
    story = stories_of(report(1), *reports)["a1"]
    assert story.first
    assert story.first.id == "a2"


def test_a_version_replaces_its_article() -> None:
    later = document("New title", "Text.", id="a1", seq=3, version=2, story_id="a1", source="Outlet 1",
                     first_seen=SEEN + HOUR, seen=SEEN + 9 * HOUR)  # fmt: skip
    story = stories_of(report(1), report(2), later)["a1"]
    assert (story.size, story.title, story.seq, story.changed) == (2, "New title", 3, SEEN + 9 * HOUR)


def test_an_agencys_text_is_one_source() -> None:
    documents = [report(n) for n in range(1, 5)]
    documents[1:] = [
        msgspec.structs.replace(one, tags=msgspec.structs.replace(one.tags, agency=("efe",))) for one in documents[1:]
    ]
    assert stories_of(*documents)["a1"].independent == 2


def test_many_articles_are_counted_and_some_are_listed() -> None:
    story = stories_of(*(report(n) for n in range(1, 301)))["a1"]
    assert (story.size, len(story.articles), story.independent) == (300, record.FIRST + record.NEWEST, 200)
    assert [story.articles[0].id, story.articles[19].id, story.articles[20].id] == ["a1", "a20", "a121"]
    assert sum(hour.articles for hour in story.timeline) == 300
    assert len(encode(story)) < 200_000


def test_two_stories_become_one_and_the_old_id_leads_there() -> None:
    merge = Correction(kind="merge", story="a2", into="a1")
    stories = stories_of(report(1), report(2, "a2"), report(3, corrections=(merge,)), report(4, "a2"))
    assert stories["a2"] == Story(id="a2", seq=3, changed=SEEN + 3 * HOUR, opened=SEEN + 2 * HOUR, redirect="a1")
    assert [one.id for one in stories["a1"].articles] == ["a1", "a2", "a3", "a4"]
    assert (stories["a1"].size, stories["a1"].merged) == (4, ("a2",))


def test_an_old_id_leads_on_over_any_number_of_merges() -> None:
    records = {f"s{n}": Story(id=f"s{n}", seq=1, opened=SEEN, changed=SEEN, redirect=f"s{n + 1}") for n in range(200)}
    records["s200"] = Story(id="s200", seq=1, opened=SEEN, changed=SEEN)
    found = updates.resolved("s0", records, lambda ids: {})
    assert found
    assert found.id == "s200"


def test_a_circle_of_merges_leads_nowhere() -> None:
    records = {id: Story(id=id, seq=1, opened=SEEN, changed=SEEN, redirect=to) for id, to in (("a", "b"), ("b", "a"))}
    assert updates.resolved("a", records, lambda ids: {}) is None


def test_one_story_becomes_two_and_later_versions_follow() -> None:
    split = Correction(kind="split", story="a1", into="a2", articles=("a2", "a3"))
    again = document("Title 3b", "Text.", id="a3", seq=6, version=2, story_id="a1", seen=SEEN + 7 * HOUR,
                     first_seen=SEEN + 3 * HOUR, source="Outlet 3")  # fmt: skip
    stories = stories_of(report(1), report(2), report(3), report(4, corrections=(split,)), report(5, "a2"), again)
    assert [one.id for one in stories["a1"].articles] == ["a1", "a4"]
    assert [one.title for one in stories["a2"].articles] == ["Title 2", "Title 3b", "Title 5"]
    assert (stories["a1"].size, stories["a2"].size, stories["a2"].split_from) == (2, 3, "a1")
    assert stories["a1"].sources == ("Outlet 1", "Outlet 4")


def test_what_was_split_can_be_merged_again() -> None:
    split = Correction(kind="split", story="a1", into="a2", articles=("a2",))
    merge = Correction(kind="merge", story="a2", into="a1", by="person")
    stories = stories_of(report(1), report(2), report(3, corrections=(split,)), report(4, corrections=(merge,)))
    assert [one.id for one in stories["a1"].articles] == ["a1", "a2", "a3", "a4"]
    bare = Correction(kind="split", story="a1", into="a2")  # which articles is kept only of what people decided
    assert (stories["a1"].moved, stories["a1"].kept, stories["a2"].redirect) == ({}, (bare, merge), "a1")


def test_a_story_that_loses_all_articles_leads_to_where_they_are() -> None:
    split = Correction(kind="split", story="a1", into="a2", articles=("a1", "a2"))
    stories = stories_of(report(1), report(2), report(3, "a3", corrections=(split,)))
    assert (stories["a1"].redirect, stories["a2"].merged) == ("a2", ("a1",))


@st.composite
def histories(draw: st.DrawFn) -> list[Document]:
    """Documents of a few stories, in the order of seq, with corrections."""
    documents: list[Document] = []
    for n in range(1, draw(st.integers(2, 12))):
        kind = draw(st.sampled_from(("new", "new", "copy", "version")))
        story = f"a{draw(st.integers(1, n))}"
        corrections: tuple[Correction, ...] = ()
        if n > 2 and draw(st.booleans()):
            ids = draw(st.lists(st.integers(1, n - 1), min_size=2, max_size=2, unique=True))
            own, into = f"a{ids[0]}", f"a{ids[1]}"
            merge = Correction(kind="merge", story=own, into=into)
            split = Correction(kind="split", story=own, into=into, articles=(into,))
            corrections = (draw(st.sampled_from((merge, split))),)
        if kind == "version" and documents:
            before = draw(st.sampled_from(documents))
            documents.append(report(
                n, before.relation.story_id, id=before.article.id, kind="version", version=n,
                first_seen=before.relation.first_seen, corrections=corrections,
            ))  # fmt: skip
        else:
            duplicate = "a1" if kind == "copy" else None
            documents.append(report(n, story, kind=kind if kind == "copy" else "new", duplicate_of=duplicate,
                                    corrections=corrections))  # fmt: skip
    return documents


@given(histories(), st.data())
def test_repeats_change_nothing(documents: list[Document], data: st.DataObject) -> None:
    """After a kill the last documents come again, with some of the records of the last one written."""
    expected = stories_of(*documents)
    stories: dict[str, Story] = {}

    def step(one: Document, most: int = 99) -> None:
        for story in updates.changed_by(one, lambda ids: {id: stories[id] for id in ids if id in stories})[:most]:
            stories[story.id] = story

    for n, one in enumerate(documents):
        step(one, data.draw(st.sampled_from((0, 1, 99))))
        step(one)
        step(documents[max(0, n - data.draw(st.integers(0, 1)))]) if n == len(documents) - 1 else None
        step(one)
    assert stories == expected


@given(histories())
def test_each_article_is_in_one_story(documents: list[Document]) -> None:
    stories = stories_of(*documents)
    listed = [one.id for story in stories.values() for one in story.articles]
    assert sorted(listed) == sorted(set(listed))
    assert sum(story.size for story in stories.values()) == len(listed)


def vote(n: int, for_: int, source: str = "", **more: Any) -> Document:
    """Report `n` with facts about a vote."""
    one = report(n, source=source or f"Outlet {n}", **more)

    def stated(value: str | int) -> Stated:
        return Stated(value=value, sentence=f"The chamber voted {value}.", start=0, end=1, field="text")

    facts = Facts(
        topic="foreign-troop-authorization", host=stated("NO"), outcome=stated("authorised"),
        vote=Vote(for_=stated(for_), against=stated(25)),
    )  # fmt: skip
    return msgspec.structs.replace(one, tags=msgspec.structs.replace(one.tags, facts=(facts,)))


def fact(story: Story, field: str) -> StoryFact:
    return next(one for one in story.facts if one.field == field)


def test_what_reports_say_stands_side_by_side() -> None:
    story = stories_of(vote(1, 73), vote(2, 73), vote(3, 75))["a1"]
    found = fact(story, "vote")
    assert found.differs
    assert [(one.value, one.source) for one in found.said] == [
        ("73-25", "Outlet 1"),
        ("73-25", "Outlet 2"),
        ("75-25", "Outlet 3"),
    ]
    assert not fact(story, "host").differs
    assert story.hosts == ("NO",)
    assert story.facts[0] == found  # what differs comes first


def test_a_version_takes_back_what_its_article_said() -> None:
    again = vote(3, 73, id="a2", version=2, first_seen=SEEN + 2 * HOUR, source="Outlet 2")
    assert fact(stories_of(vote(1, 73), vote(2, 75))["a1"], "vote").differs
    assert not fact(stories_of(vote(1, 73), vote(2, 75), again)["a1"], "vote").differs


def test_who_copied_it_from_whom() -> None:
    copied = vote(3, 75, kind="copy", duplicate_of="a2")
    found = fact(stories_of(vote(1, 75), vote(2, 75), copied)["a1"], "vote")
    assert [one.copied_from for one in found.said] == [None, None, "a2"]


def test_a_split_takes_what_its_articles_said_along() -> None:
    split = Correction(kind="split", story="a1", into="a2", articles=("a2",))
    stories = stories_of(vote(1, 73), vote(2, 75), report(3, corrections=(split,)))
    assert [fact(stories[id], "vote").said[0].value for id in ("a1", "a2")] == ["73-25", "75-25"]
    assert not fact(stories["a1"], "vote").differs
    merge = Correction(kind="merge", story="a2", into="a1")
    stories = stories_of(vote(1, 73), vote(2, 75, story="a2"), report(3, corrections=(merge,)))
    assert fact(stories["a1"], "vote").differs


def test_a_record_stays_small_whatever_its_articles_say() -> None:
    story = stories_of(*(vote(n, 60 + n % 30) for n in range(1, 260)))["a1"]
    assert len(fact(story, "vote").said) <= 12
    assert len(encode(story)) < 150_000
