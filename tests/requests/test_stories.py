"""What people ask of relate, on a real log."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pipeline.backends.log_sqlite import SqliteLog
from pipeline.log.reading import read_all
from pipeline.records import Request, Story, StoryArticle, StoryRequest
from pipeline.requests.asking import Person, Refused
from pipeline.requests.stories import merge, split
from tests.builders import SEEN

ANA = Person("ana", "console")


def story(id: str, *articles: str) -> Story:
    listed = tuple(
        StoryArticle(id=one, seq=n, seen=SEEN, source="The Example", title=one, url=f"https://example.org/{one}")
        for n, one in enumerate(articles, 1)
    )
    return Story(id=id, seq=9, changed=SEEN, opened=SEEN, articles=listed, size=len(listed))


ONE, OTHER = story("s1", "a1", "a2", "a3"), story("s2", "b1")


async def asked(log: SqliteLog) -> list[StoryRequest]:
    found, _ = await read_all(log, "story-requests", StoryRequest)
    return list(found.values())


async def test_what_was_asked_and_by_whom(log: SqliteLog) -> None:
    await merge(log, ANA, SEEN, ONE, OTHER)
    assert await split(log, ANA, SEEN, ONE, ["a2", "a1", "a2"], None) == ("a2", "a1")
    await split(log, ANA, SEEN, ONE, ["a3"], OTHER)
    assert await asked(log) == [
        StoryRequest(at=SEEN, kind="merge", story="s1", into="s2", by="ana"),
        StoryRequest(at=SEEN, kind="split", story="s1", articles=("a2", "a1"), by="ana"),
        StoryRequest(at=SEEN, kind="split", story="s1", into="s2", articles=("a3",), by="ana"),
    ]
    entries, _ = await read_all(log, "control", Request)
    assert [(one.audit.did, one.audit.about) for one in entries.values() if one.audit] == [
        ("merge", ("s1", "s2")), ("split", ("s1", "a2", "a1")), ("split", ("s1", "s2", "a3")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("articles", "into", "why"),
    [
        ([], None, "choose the articles"),
        (["a1", "x"], None, "not in the story s1: x"),
        (["a1", "a2", "a3"], None, "all articles of the story"),
        (["a1", "a2", "a3"], OTHER, "stories merge s1 s2"),
        (["a1"], ONE, "in the story s1 already"),
    ],
)
async def test_a_split_that_cannot_be_is_refused(
    log: SqliteLog, articles: list[str], into: Story | None, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        await split(log, ANA, SEEN, ONE, articles, into)
    assert await asked(log) == []


async def test_a_merge_of_one_story_is_refused(log: SqliteLog) -> None:
    with pytest.raises(Refused, match="both are the story s1"):
        await merge(log, ANA, SEEN, ONE, replace(ONE, title="the same"))
    assert await asked(log) == []
