"""An article finds its story; stories that turn out to be one, or two, are corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from pipeline.core.stories.place import Options, better_half, claims
from pipeline.core.stories.regroup import two_groups
from pipeline.core.stories.story import Place, Stories
from pipeline.core.stories.window import Window
from pipeline.records import Correction, Story, StoryArticle, StoryRequest
from tests.core.stories.rows import Belongs, filled, id_of, row, text
from tests.core.stories.rows import entry as entry_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NEAR = 1000


def nothing(ids: Sequence[str]) -> Mapping[str, Story]:
    return {}


def placed(window: Window, score: Belongs, number: int, get: Any = nothing, **lists: Any) -> Place:
    return Stories(window, score, get).place(id_of(number), row(number, near=NEAR, **lists), 0.0)


def test_an_article_joins_the_story_that_it_belongs_to_or_opens_one() -> None:
    window = filled({1: [1, 2], 3: [3, 4]})
    score = Belongs([[1, 2, 10], [3, 4]])
    assert placed(window, score, 10) == Place(id_of(1))
    assert placed(window, score, 11) == Place(id_of(11))


@pytest.mark.parametrize(("near", "joined"), [(1, False), (2, True)])
def test_one_near_pair_never_decides_alone(near: int, joined: bool) -> None:
    """Of a story of six, so many articles are near."""
    window = filled({1: range(1, 7)})
    pairs = {(10, n): 0.95 if n <= near else 0.1 for n in range(1, 7)}
    score = Belongs([range(1, 7)], pairs)
    assert (placed(window, score, 10).story == id_of(1)) is joined


def test_the_better_half() -> None:
    assert better_half(np.array([0.9])) == 0.9
    assert better_half(np.array([0.1, 0.9])) == 0.9
    assert better_half(np.array([0.1, 0.9, 0.5])) == pytest.approx(0.7)


def test_rare_names_make_a_candidate_of_what_no_vector_leads_to() -> None:
    window = Window(14 * 86400.0)
    window.add(entry_of(1), row(1, names=[77]), text())
    score = Belongs([[1, 10]])
    assert claims(row(10, names=[77]), 0.0, window, score, Options())[0].probability == 0.9
    assert claims(row(10), 0.0, window, score, Options()) == []


def test_articles_of_another_time_are_not_compared() -> None:
    window = filled({1: [1]})
    far = 15 * 86400.0
    assert claims(row(10, near=NEAR), far, window, Belongs([[1, 10]]), Options()) == []


# -- merges ------------------------------------------------------------------------------


def test_an_article_that_links_two_stories_merges_them() -> None:
    window = filled({1: [1, 2], 3: [3, 4]})
    score = Belongs([[1, 2, 10], [3, 4]], {(10, 3): 0.8, (10, 4): 0.8} | {(a, b): 0.6 for a in (1, 2) for b in (3, 4)})
    merge = Correction(kind="merge", story=id_of(3), into=id_of(1))
    assert placed(window, score, 10) == Place(id_of(1), (merge,))


def test_stories_that_have_little_in_common_stay_two() -> None:
    window = filled({1: [1, 2], 3: [3, 4]})
    score = Belongs([[1, 2, 10], [3, 4]], {(10, 3): 0.8, (10, 4): 0.8, (1, 3): 0.6})
    assert placed(window, score, 10) == Place(id_of(1))


def record(number: int, articles: Sequence[int] = (), **more: Any) -> Story:
    listed = tuple(
        StoryArticle(id=id_of(n), seq=n, seen=NOW, source="s", title="t", url="https://s.example/") for n in articles
    )  # fmt: skip
    return Story(id=id_of(number), seq=1, opened=NOW, changed=NOW, articles=listed, size=len(listed), **more)


@pytest.mark.parametrize(
    "kept",
    [
        {1: {"kept": (Correction(kind="split", story=id_of(1), into=id_of(3), articles=("x",), by="person"),)}},
        {3: {"kept": (Correction(kind="split", story=id_of(1), into=id_of(3), articles=("x",), by="person"),)}},
        {1: {"moved": {"x": id_of(3)}}},
        {3: {"split_from": id_of(1)}},
    ],
)
def test_what_was_split_is_not_merged_again(kept: dict[int, Any]) -> None:
    window = filled({1: [1, 2], 3: [3, 4]})
    records = {id_of(n): record(n, **kept.get(n, {})) for n in (1, 3)}
    assert (
        placed(
            window, Belongs([[1, 2, 3, 4, 10]]), 10, lambda ids: {id: records[id] for id in ids if id in records}
        ).corrections
        == ()
    )


# -- splits ------------------------------------------------------------------------------


def test_two_groups() -> None:
    table = np.full((5, 5), 0.1)
    for group in ([0, 2], [1, 3, 4]):
        table[np.ix_(group, group)] = 0.9
    assert two_groups(table).tolist() == [False, True, False, True, True]


def test_a_story_that_is_two_is_split_when_it_reaches_a_size() -> None:
    window = filled({1: [1, 2, 3]})
    score = Belongs([[1, 2], [3, 10]], {(10, 1): 0.6, (10, 2): 0.0})
    split = Correction(kind="split", story=id_of(1), into=id_of(3), articles=(id_of(3),))
    assert placed(window, score, 10) == Place(id_of(3), (split,))
    assert placed(filled({1: [1, 2, 3, 4]}), score, 10).corrections == ()  # it is not due


def test_copies_go_with_their_original_and_the_first_article_keeps_the_id() -> None:
    window = filled({1: [1, 2, 3, 4, 5]})
    for number, original in ((6, 4), (7, 1)):
        window.add(entry_of(number, 1, original=id_of(original)), row(number, near=NEAR), text())
    score = Belongs([[1, 2, 3, 10], [4, 5]])
    split = Correction(kind="split", story=id_of(1), into=id_of(4), articles=(id_of(4), id_of(5), id_of(6)))
    assert placed(window, score, 10) == Place(id_of(1), (split,))


def test_what_a_person_joined_is_not_split() -> None:
    window = filled({1: [1, 2, 3]})
    score = Belongs([[1, 2], [3, 10]], {(10, 1): 0.6, (10, 2): 0.0})
    joined = record(1, kept=(Correction(kind="merge", story=id_of(3), into=id_of(1), by="person"),))
    assert placed(window, score, 10, lambda ids: {id_of(1): joined}).corrections == ()


# -- what people ask ------------------------------------------------------------------------------


def asked(kind: Any, story: int, records: Mapping[str, Story], **more: Any) -> Correction | str:
    request = StoryRequest(at=NOW, kind=kind, story=id_of(story), **more)
    stories = Stories(
        filled({1: [1, 2, 3], 5: [5]}), Belongs([]), lambda ids: {id: records[id] for id in ids if id in records}
    )
    return stories.requested(request)


def test_requests_become_corrections() -> None:
    records = {one.id: one for one in (record(1, [1, 2, 3]), record(5, [5]), record(9, redirect=id_of(5)))}
    merge = Correction(kind="merge", story=id_of(5), into=id_of(1), by="person")
    assert asked("merge", 5, records, into=id_of(1)) == merge
    assert asked("merge", 9, records, into=id_of(1)) == merge
    split = Correction(kind="split", story=id_of(1), into=id_of(2), articles=(id_of(2),), by="person")
    assert asked("split", 1, records, articles=(id_of(2), id_of(77))) == split
    assert asked("split", 1, records, articles=(id_of(2),), into=id_of(5)) == Correction(
        kind="split", story=id_of(1), into=id_of(5), articles=(id_of(2),), by="person"
    )


def test_requests_that_ask_for_nothing() -> None:
    records = {id_of(1): record(1, [1, 2, 3])}
    assert asked("merge", 1, records, into=id_of(42)) == "no_story"
    assert asked("split", 42, records, articles=(id_of(2),)) == "no_story"
    assert asked("split", 1, records, articles=(id_of(5),)) == "no_articles"
    assert asked("split", 1, records, articles=tuple(map(id_of, (1, 2, 3)))) == "all_articles"
