"""`almenara stories`: from records in an index to what people and programs read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline.assembly.deployment import deployment_for
from pipeline.core.stories.updates import changed_by
from pipeline.ports import Log
from pipeline.records import Change, Correction, Document, Story, StoryRequest, decode
from tests.builders import SEEN, document
from tests.commands.asking import Ask

HOUR = timedelta(hours=1)


def report(n: int, title: str, story: str = "a1", **more: Any) -> Document:
    fields: dict[str, Any] = {
        "id": f"a{n}", "seq": n, "story_id": story, "source": f"Outlet {n}", "url": f"https://o{n}.example/1",
        "seen": SEEN + n * HOUR, "first_seen": SEEN + n * HOUR,
    }  # fmt: skip
    return document(title, f"{title} again.", **fields | more)


HISTORY = (
    report(1, "Ferry stays", topics=("transport",)),
    report(2, "La barca se queda", language="es", country="ES"),
    report(3, "Ferry stays", kind="copy", duplicate_of="a1"),
    report(4, "Rain in the north", "a4", topics=("weather",)),
    report(5, "Boats go on", "a5"),
    report(6, "Ferry stays for good", corrections=(Correction(kind="merge", story="a5", into="a1"),)),
    report(7, "Ferry stays after all", id="a1", version=2, kind="version", source="Outlet 1", first_seen=SEEN + HOUR,
           changes=(Change(kind="number", before="3500", after="4200"),)),
)  # fmt: skip


def among(stories: dict[str, Story], ids: Sequence[str]) -> dict[str, Story]:
    return {id: stories[id] for id in ids if id in stories}


async def filled(config: Path, documents: tuple[Document, ...] = HISTORY) -> None:
    index = await deployment_for(config).open_index(write=True)
    stories: dict[str, Story] = {}
    for one in documents:
        await index.put([one])
        changed = changed_by(one, partial(among, stories))
        stories |= {story.id: story for story in changed}
        await index.put_stories(changed)
    await index.close()


@pytest.fixture
def written(config: Path) -> None:
    asyncio.run(filled(config))


def listed(ask: Ask, *arguments: str) -> list[str]:
    return [story["id"] for story in json.loads(ask("stories", "list", *arguments, "--json").out)["stories"]]


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ((), ["a1", "a4"]),
        (("--by", "importance"), ["a1", "a4"]),
        (("--limit", "1", "--offset", "1"), ["a4"]),
        (("topic:weather",), ["a4"]),
        (("language:es",), ["a1"]),
        (("boats",), ["a1"]),  # its story was merged
        (("source:\"Outlet 4\" OR title:rain",), ["a4"]),
        (("nothing",), []),
        (("story:a5",), ["a1"]),
        (("title:(rain OR ferry) NOT story:a5",), ["a4"]),
        (("--since", "2026-03-02T18:30"), ["a1"]),
        (("rain", "--since", "2026-03-02T18:30"), []),
    ],
)  # fmt: skip
def test_stories_are_found(ask: Ask, arguments: tuple[str, ...], found: list[str]) -> None:
    assert listed(ask, *arguments) == found


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("story", ["a1", "a5"])
def test_a_search_for_a_story_finds_the_articles_that_are_in_it_now(ask: Ask, story: str) -> None:
    hits = json.loads(ask("search", f"story:{story}", "--json").out)["hits"]
    assert sorted(hit["id"] for hit in hits) == ["a1", "a2", "a3", "a5", "a6"]


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("story", ["a1", "a5"])
def test_so_do_an_export_a_query_and_the_counts_of_rules(ask: Ask, config: Path, story: str) -> None:
    exported = ask("export", "--query", f"story:{story}").out.splitlines()
    assert sorted(json.loads(line)["id"] for line in exported) == ["a1", "a2", "a3", "a5", "a6"]
    (other,) = ask("export", "--query", f"-story:{story} title:(rain OR ferry)").out.splitlines()
    assert json.loads(other)["id"] == "a4"
    found = json.loads(ask("query", f"story:{story} title:boats", "--json").out)
    assert [hit["id"] for hit in found["results"]["hits"]] == ["a5"]
    (config / "alerts.toml").write_text(
        f'[channels.t]\ntype = "terminal"\n[[alert]]\nname = "Ferry"\nquery = "story:{story}"\nchannels = ["t"]\n'
    )
    assert "matches 5 of 6 articles" in " ".join(ask("alerts", "list").out.split())
    tried = json.loads(ask("alerts", "test", "Ferry", "--since", "2026-03-01", "--json").out)
    assert tried["articles"] == 5


@pytest.mark.usefixtures("written")
def test_a_list_for_people(ask: Ask) -> None:
    lines = ask("stories", "list").out.splitlines()
    assert lines[0] == "1. Ferry stays after all"
    assert lines[1].startswith("   5 articles, 4 independent sources, 1 copy · ")
    assert "first: Outlet 1 2026-03-02 13:00 · last: 2026-03-02 19:00" in lines[2]
    assert lines[-1] == "1 to 2 of 2 stories"


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("named", ["a1", "a5", "a2", "a3"])
def test_a_story_is_shown_by_its_id_an_old_id_or_an_article(ask: Ask, named: str) -> None:
    lines = ask("stories", "show", named).out.splitlines()
    assert lines[0] == "Ferry stays after all"
    assert lines[1] == ("a1 (a5 was merged into it)" if named == "a5" else "a1")
    assert [line.rsplit(" ", 1)[1] for line in lines[lines.index("reports") + 1 :][:5]] == [
        "a1",
        "a3",
        "a2",
        "a5",
        "a6",
    ]
    assert "      copied: 2026-03-02 15:00 Outlet 3  a3" in lines
    assert "   2026-03-02 19:00  Outlet 1, version 2: 3500 → 4200" in lines


@pytest.mark.usefixtures("written")
def test_a_story_for_programs(ask: Ask) -> None:
    story = json.loads(ask("stories", "show", "a5", "--json").out)
    assert (story["id"], story["size"], story["copies"], story["independent"]) == ("a1", 5, 1, 4)
    assert [one["id"] for one in story["articles"]] == ["a1", "a2", "a3", "a5", "a6"]
    assert story["growth"]["phase"] == "over"
    [version] = story["versions"]
    assert (version["article"], version["version"], version["changes"]) == (
        "a1", 2, [{"kind": "number", "before": "3500", "after": "4200", "what": ""}],
    )  # fmt: skip


@pytest.mark.usefixtures("written")
def test_errors_say_what_to_do(ask: Ask) -> None:
    assert ask("stories", "show", "zz").err.startswith("no story zz: give the id of a story or of an article")
    assert "is not a time" in ask("stories", "list", "--since", "soon").err
    assert "^" in ask("stories", "list", "topic:(").err


def requests() -> list[StoryRequest]:
    async def read(log: Log) -> list[StoryRequest]:
        return [decode(StoryRequest, one.value or b"") async for one in log.replay("story-requests")]

    return deployment_for(Path("config")).with_log(read)


@pytest.mark.usefixtures("written")
def test_a_merge_is_asked_for(ask: Ask) -> None:
    answer = ask("stories", "merge", "a4", "a5")
    assert (answer.code, answer.err) == (0, "")
    assert 'asked to merge "Rain in the north" (1 article)\n  into "Ferry stays after all" (5 articles)' in answer.out
    assert "a4 will lead to a1, which will have 6 articles" in answer.out
    [request] = requests()
    assert (request.kind, request.story, request.into) == ("merge", "a4", "a1")


@pytest.mark.usefixtures("written")
def test_a_split_is_asked_for(ask: Ask) -> None:
    answer = ask("stories", "split", "a1", "a2", "a3", "--into", "a4")
    assert (answer.code, answer.err) == (0, "")
    assert "3 articles will stay" in answer.out
    [request] = requests()
    assert (request.kind, request.story, request.into, request.articles) == ("split", "a1", "a4", ("a2", "a3"))


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("merge", "a1", "a5"), "both are the story a1 already"),
        (("merge", "a1", "zz"), "no story zz"),
        (("split", "a1", "a4"), "not in the story a1: a4; `almenara stories show a1` lists its articles"),
        (("split", "a4", "a4"), "these are all articles of the story a4: name only those that do not belong to it"),
        (("split", "a4", "a4", "--into", "a1"), "use `almenara stories merge a4 a1`"),
        (("split", "a1", "a2", "--into", "a1"), "the articles are in the story a1 already"),
    ],
)
def test_what_would_change_nothing_is_refused(ask: Ask, arguments: tuple[str, ...], error: str) -> None:
    answer = ask("stories", *arguments)
    assert (answer.code, error in answer.err) == (1, True), answer
    assert requests() == []


def test_nothing_is_indexed_yet(ask: Ask) -> None:
    answer = ask("stories", "list")
    assert (answer.code, "start `almenara run`" in answer.err) == (3, True)
