"""The pure parts of scripts/load: rates, lags, quantiles, made-up articles. What needs servers is run by hand."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.load import articles
from scripts.load.figures import Batch, lags, quantile, rate, ratio, spent, steady, table

moments = st.floats(0, 1000, allow_nan=False)


@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        ([(0.0, 10), (10.0, 90)], 9.0),  # the first tenth is warm-up
        ([(10.0, 90), (0.0, 10)], 9.0),  # in any order
        ([(float(n), 1) for n in range(101)], 1.0),
        ([(0.0, 5), (100.0, 5), (101.0, 90)], 90.0),  # a slow start does not count
        ([(0.0, 500), (1.0, 500), (2.0, 500)], 500.0),  # what finished at the first time was started before it
    ],
)
def test_rate(batches: list[Batch], expected: float) -> None:
    assert rate(batches) == pytest.approx(expected)


@pytest.mark.parametrize("batches", [[], [(1.0, 5)], [(1.0, 5), (1.0, 7)]])
def test_no_rate_without_time(batches: list[Batch]) -> None:
    with pytest.raises(ValueError, match="finished"):
        rate(batches)


@given(st.lists(st.tuples(moments, st.integers(1, 100)), min_size=2, unique_by=lambda batch: batch[0]))
def test_the_steady_stretch_leaves_a_tenth_out(batches: list[Batch]) -> None:
    total = sum(count for _, count in batches)
    ordered = sorted(batches)
    done = next(d for d in accumulate(count for _, count in ordered) if d >= 0.1 * total)
    if done == total:
        with pytest.raises(ValueError, match="at once"):
            steady(batches)
    else:
        begin, end, count = steady(batches)
        assert begin < end == ordered[-1][0]
        assert count == total - done


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [(0.0, 10.0, 5.0), (0.0, 5.0, 2.0), (2.5, 5.0, 1.0), (5.0, 10.0, 3.0), (-5.0, 20.0, 5.0), (7.0, 7.0, 0.0)],
)
def test_spent_between_samples(begin: float, end: float, expected: float) -> None:
    assert spent([(0.0, 1.0), (5.0, 3.0), (10.0, 6.0)], begin, end) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("came", "went", "expected"),
    [
        ([], [], []),
        ([0.0, 1.0, 2.0], [0.5, 1.5, 2.5], [(0.0, 1), (1.0, 1), (2.0, 1), (3.0, 0)]),
        ([0.0, 0.0, 0.0], [3.0, 2.0, 1.0], [(0.0, 3), (1.0, 2), (2.0, 1), (3.0, 0)]),
        ([5.0, 6.0], [], [(0.0, 1), (1.0, 2)]),  # what never ends stays
    ],
)
def test_lags(came: list[float], went: list[float], expected: list[tuple[float, int]]) -> None:
    assert lags(came, went, 1.0) == expected


@given(st.lists(st.tuples(moments, st.floats(0, 50)), min_size=1))
def test_a_lag_is_never_negative_and_ends_at_zero(records: list[tuple[float, float]]) -> None:
    found = lags([at for at, _ in records], [at + late for at, late in records], 10.0)
    assert all(0 <= lag <= len(records) for _, lag in found)
    assert found[-1][1] == 0


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 5), (0.51, 6), (0.9, 9), (0.95, 10), (1.0, 10)])
def test_quantile(share: float, expected: int) -> None:
    assert quantile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], share) == expected


def test_no_quantile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)


def test_a_ratio_is_that_of_the_medians() -> None:
    assert ratio([1, 2, 90], [4, 4, 0.1]) == 0.5


def test_table() -> None:
    assert table(["a", "b"], [["x", 1234.5], ["y", 0.12345], ["z", None]]).splitlines() == [
        "| a | b |", "| --- | --: |", "| x | 1,234 |", "| y | 0.123 |", "| z |  |",
    ]  # fmt: skip


def test_articles_are_always_the_same_and_unlike_each_other() -> None:
    first = [articles.article(n) for n in range(50)]
    assert first == [articles.article(n) for n in range(50)]
    assert len({title for title, _ in first}) == len({text for _, text in first}) == 50
    assert [("sentinel" in text) for _, text in first] == [n % articles.RARE == 0 for n in range(50)]
    assert all(2000 < len(text) < 5000 for _, text in first)
