"""Tests of views and their addresses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.console.views.kinds import NOW, SEARCH
from pipeline.console.views.view import (
    LAST_PAGE,
    LONGEST_QUERY,
    MOST_VALUES,
    Kind,
    View,
    length_of,
    parse,
    query_string,
)

KIND = Kind("/list", ("topic", "country"), ("importance", "newest"), ("3d", "24h", "all"), ("matched", "differs"))


def read(text: str, kind: Kind = KIND) -> View:
    """The view of what stands behind ? in an address."""
    return parse(kind, parse_qsl(text, keep_blank_values=True))


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("", ""),
        ("sort=importance&span=3d&page=1&sources=1", ""),
        ("page=3&sort=newest", "sort=newest&page=3"),
        ("country=FR&topic=coup&topic=strike", "topic=coup&topic=strike&country=FR"),
        ("topic=coup&topic=coup&topic=", "topic=coup"),
        ("q=+troops+", "q=troops"),
        ("q=a%00b%0Ac", "q=a+b+c"),
        ("q=%3Cscript%3E", "q=%3Cscript%3E"),
        ("sort=<b>&span=9y&page=-3&sources=x&only=all", ""),
        ("page=99999999999999", ""),
        ("page=5000", f"page={LAST_PAGE}"),
        ("page=%D9%A3", ""),  # an Arabic digit
        ("only=differs&only=matched&only=differs", "only=matched&only=differs"),
        ("since=2026-03-01", "since=2026-03-01T00%3A00Z"),
        ("since=2026-03-01T08:30:59%2B02:00&span=24h", "since=2026-03-01T06%3A30Z"),
        ("until=0001-01-01&since=later", ""),
        ("since=2026-03-01&span=24h&until=2026-03-02", "since=2026-03-01T00%3A00Z&until=2026-03-02T00%3A00Z"),
        ("redirect=//evil.example&q=x", "q=x"),
        ("topic=" + "x" * 5000, ""),
        ("q=" + "x" * 5000, "q=" + "x" * LONGEST_QUERY),
        ("&".join(f"topic=t{n}" for n in range(90)), "&".join(f"topic=t{n}" for n in range(MOST_VALUES))),
    ],
)
def test_what_an_address_says(given: str, canonical: str) -> None:
    assert query_string(read(given)) == canonical


def test_days_are_those_of_the_reader() -> None:
    view = parse(KIND, [("since", "2026-07-01")], ZoneInfo("Europe/Madrid"))
    assert view.since == datetime(2026, 6, 30, 22, tzinfo=UTC)


def test_steps_from_a_view() -> None:
    view = read("topic=coup&page=4")
    assert view.toggled("topic", "strike").url == "/list?topic=coup&topic=strike"
    assert view.toggled("topic", "coup").url == "/list"
    assert view.flagged("differs").flagged("matched").url == "/list?topic=coup&only=matched&only=differs"
    assert view.flagged("differs").flagged("differs").url == "/list?topic=coup"
    assert view.over("24h").url == "/list?span=24h&topic=coup"
    assert view.on_page(5).url == "/list?topic=coup&page=5"
    assert view.with_sort("newest").page == 1
    assert view.narrowed()
    assert not read("sort=newest&page=2&span=all").narrowed()


def test_since_when_a_view_shows_something() -> None:
    now = datetime(2026, 3, 5, tzinfo=UTC)
    assert read("").start(now) == now - timedelta(days=3)
    assert read("span=24h").start(now) == now - timedelta(hours=24)
    assert read("span=all").start(now) is None
    assert read("until=2026-03-01").start(now) is None
    assert length_of("all") is None


_texts = st.text(max_size=60)
_pairs = st.lists(
    st.tuples(
        st.sampled_from(["q", "sort", "span", "since", "until", "topic", "country", "only", "sources", "page", "x"])
        | _texts,
        _texts | st.sampled_from(["newest", "24h", "2026-03-01", "differs", "3", "coup"])
        | st.datetimes().map(lambda one: one.isoformat()),
    ),
    max_size=30,
)  # fmt: skip


@given(_pairs, st.sampled_from([KIND, NOW, SEARCH]))
def test_any_address_is_a_view_and_every_view_is_its_address(pairs: list[tuple[str, str]], kind: Kind) -> None:
    view = parse(kind, pairs)
    text = query_string(view)
    assert read(text, kind) == view
    assert query_string(read(text, kind)) == text
    assert urlsplit(view.url).path == kind.path
    assert text.isascii()


@given(_pairs, _texts, st.sampled_from(KIND.filters), st.sampled_from(KIND.flags))
def test_what_is_chosen_and_left_again_changes_nothing(
    pairs: list[tuple[str, str]], value: str, name: str, flag: str
) -> None:
    view = parse(KIND, pairs).on_page(1)
    assert view.flagged(flag).flagged(flag) == view
    value = " ".join(value.split())
    if value and value not in view.chosen.get(name, ()) and len(view.chosen.get(name, ())) < MOST_VALUES:
        assert view.toggled(name, value).toggled(name, value) == view
