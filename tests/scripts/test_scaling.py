"""scripts/scaling.py: the plan follows from its figures, and docs/scaling.md shows what it gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scripts.scaling import Plan, limits, read, text

DOCS = Path(__file__).parents[2] / "docs"


def given(**changes: Any) -> Plan:
    plan = read()
    return replace(plan, given={**plan.given, **changes})


def test_the_page_shows_the_tables_as_they_are_computed() -> None:
    page = (DOCS / "scaling.md").read_text(encoding="utf-8")
    missing = [table for table in text(read()).split("\n\n") if table not in page]
    assert not missing, "run `./test python scripts/scaling.py` and put its tables into docs/scaling.md"


def test_rates() -> None:
    plan = given(articles_per_day=86_400, revisits=3.0, feeds=900, polled=[[900, 1.0]])
    assert (plan.new, plan.fetched, plan.polls) == (1.0, 4.0, 1.0)


@pytest.mark.parametrize(
    "name", ["extraction", "writing", "memory", "takeover", "cache", "month", "index", "elastic_cores"]
)
def test_twice_the_articles_need_twice_as_much(name: str) -> None:
    once, twice = given(articles_per_day=10**6), given(articles_per_day=2 * 10**6)
    assert getattr(twice, name) == pytest.approx(2 * getattr(once, name))


def test_at_its_limit_relate_just_takes_the_peak() -> None:
    most = limits(read())["relate: one core"]
    plan = given(articles_per_day=most)
    assert plan.related(plan.window) == pytest.approx(plan.new * plan.peak)
    assert plan.widest == pytest.approx(plan.window)


def test_more_articles_in_the_window_make_relate_slower() -> None:
    plan = read()
    rates = [plan.related(size) for size in (0, 10**5, 10**6, 10**7)]
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize("feeds", [1, 1000, 200_000, 10**7])
def test_workers_and_partitions(feeds: int) -> None:
    plan = given(feeds=feeds)
    assert plan.poll_workers >= 1
    assert plan.partitions >= 2 * plan.poll_workers
    assert plan.partitions.bit_count() == 1


def test_the_shares_of_feeds_are_all() -> None:
    assert sum(share for _, share in read().given["polled"]) == pytest.approx(1)
