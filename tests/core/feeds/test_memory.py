"""Which entries are new, by what was listed before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.feeds.identity import KEY_LENGTH
from pipeline.core.feeds.memory import KEPT, KEPT_SHARED, listed_after, news_of, shared_after
from pipeline.core.urls import article_id
from tests.core.feeds.test_identity import SITE, found, item, state

PAGE = f"{SITE}/advice/tarn"


def titles(items: Any) -> list[str]:
    return [one.title for one in items]


def test_a_bulletin_issued_again_at_its_address_is_another_article() -> None:
    first = found(item(14, PAGE, date=1))
    second = found(item(15, PAGE, date=2))
    news = news_of(state(first), second.entries)
    (again,) = news.fresh
    assert (again.url, again.link) == (PAGE, "own")
    assert again.article not in (None, article_id(PAGE))
    both = state(second, state(first))
    assert news_of(both, second.entries).fresh == ()
    assert news_of(both, first.entries).fresh == ()  # a cache served the older feed


@pytest.mark.parametrize(
    ("more", "fresh", "corrected"),
    [
        ({}, 0, 0),
        ({"guid": "new"}, 0, 0),
        ({"date": 4}, 0, 0),
        ({"guid": "new", "date": 4}, 0, 0),
        ({"title": "Corrected"}, 0, 1),
        ({"title": "NOTA 1!"}, 0, 0),
        ({"title": "Corrected", "date": 4}, 0, 1),
        ({"title": "Corrected", "guid": "new"}, 0, 1),
        ({"title": "Corrected", "date": None, "guid": "new"}, 0, 1),  # it may be the same: there is nothing to compare
        ({"title": "Other", "guid": "new", "date": 4}, 1, 0),
        ({"link": f"{SITE}/moved"}, 0, 0),  # guid, date and title are the same
        ({"link": f"{SITE}/other", "title": "Other"}, 1, 0),
    ],
)
def test_a_known_entry_that_changed(more: dict[str, Any], fresh: int, corrected: int) -> None:
    before = state(found(item(1, date=1)))
    news = news_of(before, found(item(1, **{"date": 1} | more)).entries)
    assert (len(news.fresh), len(news.corrected)) == (fresh, corrected)


@pytest.mark.parametrize(
    "moved",
    [
        lambda n: item(n, guid=f"new-{n}"),  # another system with the same addresses
        lambda n: item(n, f"https://new.example/{n}/"),
        lambda n: item(n, f"https://new.example/{n}/", guid=f"new-{n}"),
        lambda n: item(n, f"http://www.faro.example/n/{n}/amp?utm_source=x", guid=f"new-{n}", date=None),
    ],
)
def test_a_site_that_moves_is_not_new(moved: Any) -> None:
    numbers = range(30)
    before = state(found(*(item(n) for n in numbers)))
    assert titles(news_of(before, found(*(moved(n) for n in (*numbers, 31))).entries).fresh) == ["Nota 31"]


def test_a_feed_that_changes_all_titles_corrects_nothing() -> None:
    before = state(found(*(item(n) for n in range(12))))
    news = news_of(before, found(*(item(n, title=f"New {n}") for n in range(12))).entries)
    assert (news.fresh, news.corrected, news.noisy) == ((), (), True)


def test_an_entry_without_a_page_is_read_again_whenever_it_changes() -> None:
    before = state(found(item(1, "", text="First.")))
    assert news_of(before, found(item(1, "", text="First.")).entries).corrected == ()
    (changed,) = news_of(before, found(item(1, "", text="First. Second.")).entries).corrected
    assert changed.link == "none"


def test_a_link_that_comes_to_be_shared_does_not_repeat_its_first_entry() -> None:
    alone = found(item(1, PAGE))
    both = found(item(1, PAGE), item(2, PAGE, date=4))
    assert titles(news_of(state(alone), both.entries).fresh) == ["Nota 2"]
    later = state(both, state(alone))
    assert news_of(later, found(item(2, PAGE, date=4), shared=later.shared).entries).fresh == ()


def test_old_entries_that_come_back_are_known() -> None:
    before = state(found(*(item(n) for n in range(100))))
    before = state(found(*(item(n) for n in range(100, 200))), before)
    assert news_of(before, found(*(item(n) for n in range(50))).entries).fresh == ()


@settings(deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.booleans())
def test_memory_is_bounded(sizes: list[int], again: bool) -> None:
    before, n = None, 0
    for size in sizes:
        n += 0 if again else size
        parsed = found(*(item(n + i, title=f"{n} {size} {i}", guid=f"{n} {size}", date=size % 9) for i in range(size)))
        before = state(parsed, before)
        assert len(before.listed) <= len(parsed.entries) + max(KEPT, len(parsed.entries))
        assert len(set(before.listed)) == len(before.listed)
        assert [each[:KEY_LENGTH] for each in before.listed[: len(parsed.entries)]] == [
            one.key for one in parsed.entries
        ]


def test_an_empty_feed_forgets_nothing() -> None:
    before = state(found(item(1)))
    assert listed_after(before, ()) == before.listed


def test_shared_links_are_bounded() -> None:
    kept: tuple[str, ...] = ()
    for n in range(200):
        kept = shared_after(kept, (str(n), str(n + 1)))
        assert len(set(kept)) == len(kept) <= KEPT_SHARED
    assert kept[:2] == ("199", "200")
