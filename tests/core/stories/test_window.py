"""What is found in the window, and that neither evictions, growth nor restarts change it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.stories.window import CENTRAL, RARE, SPAN, Window
from tests.core.stories.rows import DAY, WINDOW, entry, filled, id_of, row, text


def articles(window: Window, rows: Any) -> list[int]:
    return [int(window.article(int(one)), 16) for one in rows]


def test_rare_names_lead_to_an_article_and_common_ones_do_not() -> None:
    window = Window(WINDOW)
    for number in range(1, RARE + 10):
        window.add(entry(number), row(number, names=[7], numbers=[number]), text())
    found, weights = window.same_names(row(500, names=[7], numbers=[3, 4]))
    assert articles(window, found) == [3, 4]
    assert (weights > 0).all()
    for number in range(1, 20):
        window.forget(id_of(number))
    found, _ = window.same_names(row(500, names=[7]))
    assert articles(window, found) == list(range(20, RARE + 10))


def test_equal_facts_lead_to_the_newest_articles() -> None:
    window = Window(WINDOW)
    for number in range(1, 100):
        window.add(entry(number), row(number, host=[5], senders=[9, 8]), text())
    window.add(entry(100), row(100, host=[6], senders=[9]), text())
    found = articles(window, window.same_facts(row(500, host=[5], senders=[8, 7])))
    assert found[-1] == 99
    assert len(found) == 64
    assert articles(window, window.same_facts(row(500, host=[5], senders=[7]))) == []


def test_near_vectors_are_found_and_far_ones_are_not() -> None:
    window = Window(WINDOW)
    for number in range(1, 2000):
        window.add(entry(number), row(number, near=9000 if number % 100 == 0 else None, share=0.97), text())
    found, cosines = window.same_subject(row(5000, near=9000, share=0.97), 48)
    assert sorted(articles(window, found)) == list(range(100, 2000, 100))
    assert (np.diff(cosines) <= 0).all()


def test_texts_that_share_hashes() -> None:
    window = Window(WINDOW)
    window.add(entry(1), row(1), text(range(100, 164)))
    window.add(entry(2), row(2), text(range(131, 195)))
    window.add(entry(3), row(3), text(range(1000, 1010)))
    found, shared = window.same_text(text(range(120, 184))["sample"][0])
    assert articles(window, found) == [1, 2]
    assert shared.tolist() == [12, 32]  # of the lowest 32 of each


def test_what_left_the_window_is_not_found() -> None:
    window = Window(WINDOW)
    window.add(entry(1, seen=0.0), row(1, near=9), text([5]))
    window.see(WINDOW - 1)
    assert articles(window, window.same_subject(row(2, near=9), 5)[0]) == [1]
    window.see(WINDOW + SPAN)
    assert not len(window.same_subject(row(2, near=9), 5)[0])
    assert not len(window.same_text(text([5])["sample"][0])[0])
    assert (len(window), len(window.stories)) == (0, 0)
    window.add(entry(3, seen=0.0), row(3, near=9), text())  # too late
    assert len(window) == 0


def test_a_new_version_takes_the_place_of_the_old() -> None:
    window = Window(WINDOW)
    window.add(entry(1), row(1, names=[7]), text())
    window.add(entry(2, story=1), row(2, names=[7]), text())
    window.add(entry(1), row(1, names=[8]), text())
    assert articles(window, window.same_names(row(9, names=[7]))[0]) == [2]
    assert articles(window, window.same_names(row(9, names=[8]))[0]) == [1]
    assert window.stories.size(window.stories.number(id_of(1))) == 2


def test_stories_merge_and_split() -> None:
    window = filled({1: range(1, 6), 10: range(10, 13)})
    window.merge(id_of(10), id_of(1))
    assert articles(window, window.stories.members(window.stories.number(id_of(1)))) == [1, 2, 3, 4, 5, 10, 11, 12]
    assert window.stories.number(id_of(10)) == -1
    window.move([id_of(2), id_of(11), id_of(99)], id_of(2))
    assert [window.story_of(id_of(n)) for n in (1, 2, 11, 12)] == [id_of(1), id_of(2), id_of(2), id_of(1)]
    window.add(entry(20, story=2), row(20), text())
    assert articles(window, window.stories.members(window.stories.number(id_of(2)))) == [2, 11, 20]
    window.move([id_of(1)], id_of(1))  # it is there
    assert window.stories.size(window.stories.number(id_of(1))) == 6


def test_representatives_are_the_first_and_the_most_central() -> None:
    window = Window(WINDOW)
    window.add(entry(1), row(1), text())
    for number in range(2, 30):
        window.add(entry(number, story=1), row(number, near=100, share=0.9 if number < 12 else 0.3), text())
    window.add(entry(40, story=1, original=id_of(2)), row(40, near=100, share=0.95), text())  # a copy
    found = articles(window, window.representatives(window.stories.number(id_of(1))))
    assert len(found) == CENTRAL
    assert found[0] == 1
    assert all(2 <= number < 12 for number in found[1:])


# -- the same after everything ------------------------------------------------------------------------------


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[int, int, float, list[int]]]:
    """Articles: number, story, seen, and names; some come again."""
    return draw(
        st.lists(
            st.tuples(
                st.integers(1, 30), st.integers(1, 6), st.floats(0, 40 * DAY).map(lambda n: n // 60 * 60),
                st.lists(st.integers(1, 9), max_size=4, unique=True),
            ),
            max_size=60,
        )
    )  # fmt: skip


def play(steps: list[tuple[int, int, float, list[int]]]) -> Window:
    window = Window(WINDOW)
    for number, story, seen, names in steps:
        window.add(entry(number, story, seen), make(number, names), text([n * 50 for n in names]))
    return window


def make(number: int, names: list[int]) -> Any:
    return row(number, near=100 + number % 3, names=names, host=names[:1], senders=names[1:2])


def everything(window: Window) -> Any:
    """All that can be asked."""
    asked = [make(900 + number, [number, number + 1, 9]) for number in range(1, 9)]
    lookups = [
        (
            articles(window, window.same_names(one)[0]), window.same_names(one)[1].tolist(),
            articles(window, window.same_subject(one, 20)[0]), articles(window, window.same_facts(one)),
            articles(window, window.same_text(text(one["names"][0, :3] * 50)["sample"][0])[0]),
        )
        for one in asked
    ]  # fmt: skip
    numbers = [window.stories.number(id_of(number)) for number in range(1, 7)]
    stories = [
        (articles(window, window.stories.members(n)), articles(window, window.representatives(n))) if n >= 0 else None
        for n in numbers
    ]
    return lookups, stories, window.rarity(np.arange(1, 10, dtype=np.uint32)).tolist(), len(window)


@settings(max_examples=60, deadline=None)
@given(histories())
def test_only_what_is_in_the_window_counts(steps: list[tuple[int, int, float, list[int]]]) -> None:
    """A window that saw everything finds the same as one that was given only what is left, as after a restart."""
    whole = play(steps)
    newest = max((seen for _, _, seen, _ in steps), default=0.0)
    last = {number: place for place, (number, *_) in enumerate(steps)}
    left = [step for place, step in enumerate(steps) if last[step[0]] == place and step[2] >= newest - WINDOW - SPAN]
    again = play(left)
    again.see(newest)
    assert everything(whole) == everything(again)


@pytest.mark.slow
def test_growth_and_reuse_change_nothing() -> None:
    """Many more articles than rows at the start, over a longer time than the window."""
    steps = [(n, n % 700 + 1, n * 60.0, [n % 97 + 1, n % 89 + 100]) for n in range(1, 30_000)]
    whole = play(steps)
    begin = steps[-1][2] - WINDOW - SPAN
    again = play([step for step in steps if step[2] >= begin])
    again.see(steps[-1][2])
    assert everything(whole) == everything(again)
    assert whole.columns.capacity < 33_000
