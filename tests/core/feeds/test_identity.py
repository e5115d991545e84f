"""What identifies the entries of one feed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.feeds.identity import KEY_LENGTH, Entry, fragment_of, same_entry
from pipeline.core.feeds.memory import listed_after, news_of, shared_after
from pipeline.core.feeds.parse import Parsed, parse_feed
from pipeline.core.urls import article_id
from pipeline.records import FeedState
from tests.core.feeds.bodies import FEED, SEEN, items, read

SITE = "https://faro.example"
DAY = "Sun, 22 Nov 2026 0{}:00:00 GMT"


def item(n: int, link: str | None = None, **more: Any) -> str:
    """One entry; `more`: guid, permalink, title, date (hour), text."""
    fields = {"guid": f"g{n}", "permalink": "false", "title": f"Nota {n}", "date": n % 5, "text": ""} | more
    link = f"{SITE}/n/{n}" if link is None else link
    return "".join(
        (
            f"<item><title>{fields['title']}</title>",
            f"<link>{link}</link>" if link else "",
            f'<guid isPermaLink="{fields["permalink"]}">{fields["guid"]}</guid>' if fields["guid"] else "",
            f"<pubDate>{DAY.format(fields['date'])}</pubDate>" if fields["date"] is not None else "",
            f"<description>{fields['text']}</description></item>",
        )
    )


def feed(*entries: str) -> str:
    return f'<rss version="2.0"><channel><title>T</title><link>{SITE}/</link>{"".join(entries)}</channel></rss>'


def found(*entries: str, shared: tuple[str, ...] = ()) -> Parsed:
    return parse_feed(feed(*entries).encode(), "", FEED, FEED.url, SEEN, shared)


def state(parsed: Parsed, before: FeedState | None = None) -> FeedState:
    """What poll remembers after it has read the feed."""
    return FeedState(
        feed="faro", polled_at=SEEN, next_at=SEEN, interval=900, listed=listed_after(before, parsed.entries),
        shared=shared_after(before.shared if before else (), parsed.shared),
        updated={entry.key: entry.item.updated.value for entry in parsed.entries if entry.item.updated},
    )  # fmt: skip


def adds_up(parsed: Parsed) -> bool:
    return parsed.listed == len(parsed.entries) + sum(count for _, count in parsed.drops)


def test_entries_that_share_a_link_are_themselves_and_keep_their_text() -> None:
    page = f"{SITE}/advisories/"
    parsed = found(*(item(n, page, text=f"Advisory {n}") for n in range(3)))
    assert [(one.link, one.url, one.summary) for one in items(parsed)] == [
        ("shared", page, f"Advisory {n}") for n in range(3)
    ]
    assert len({one.article for one in items(parsed)}) == 3
    assert article_id(page) not in {one.article for one in items(parsed)}
    assert parsed.shared == (article_id(page)[:KEY_LENGTH],)
    many = found(*(item(n, page) for n in range(9)))
    assert {one.link for one in items(many)} == {"none"}  # its page would be fetched nine times


@pytest.mark.parametrize("home", [f"{SITE}/", SITE, "http://www.faro.example/", f"{SITE}/?utm_source=rss"])
def test_a_permalink_guid_wins_over_a_link_to_the_home_page(home: str) -> None:
    one = found(item(1, home, guid=f"{SITE}/a1", permalink="true"))
    assert [(item.url, item.link) for item in items(one)] == [(f"{SITE}/a1", "own")]
    three = found(*(item(n, home, guid=f"{SITE}/a{n}", permalink="true") for n in range(3)))
    assert [item.url for item in items(three)] == [f"{SITE}/a{n}" for n in range(3)]


def test_a_guid_that_is_no_permalink_is_no_address() -> None:
    parsed = found(*(item(n, f"{SITE}/", guid=f"{SITE}/id/{n}") for n in range(3)))
    assert {(item.link, item.url) for item in items(parsed)} == {("none", f"{SITE}/")}
    alone = found(item(1, "", guid=f"{SITE}/id/1"))  # nothing else leads to it
    assert [(item.link, item.url) for item in items(alone)] == [("own", f"{SITE}/id/1")]


@pytest.mark.parametrize(
    "link",
    ["", "N/A", "none", "#", "-", "javascript:void(0)", "mailto:a@b.example", "http://", "about:blank", f"{SITE}/"],
)
def test_an_entry_without_a_usable_link_is_made_of_the_feed(link: str) -> None:
    (one,) = items(found(item(1, link, text="Text")))
    assert (one.link, one.url, one.summary) == ("none", f"{SITE}/", "Text")
    assert one.article is not None
    (again,) = items(found(item(1, link, title="Corrected", text="Text")))
    assert again.article == one.article  # by the guid
    (other,) = items(parse_feed(feed(item(1, link)).encode(), "", FEED, FEED.url, SEEN))
    assert other.article == one.article


def test_without_a_guid_title_and_date_identify_it() -> None:
    ids = {
        one.article
        for parsed in (
            found(item(1, "", guid="", title="Rain", date=1), item(2, "", guid="", title="Rain", date=2)),
            found(item(1, "", guid="", title="Rain", date=1)),
        )
        for one in items(parsed)
    }
    assert len(ids) == 2


def test_one_guid_for_all_identifies_none() -> None:
    parsed = found(*(item(n, "", guid="item") for n in range(4)))
    assert len({one.article for one in items(parsed)}) == 4


@pytest.mark.parametrize(
    ("fragment", "kept"),
    [
        ("v2", "v2"), ("comment-17", "comment-17"), ("!/a", ""), ("/a", ""), ("comments", ""), ("comment", ""),
        ("respond", ""), ("xtor=RSS-1", ""), ("utm_source=rss&utm_medium=x", ""), ("more-12", ""),
        ("id=7&utm_x=1", "id=7"), ("ref=rss", ""), (":~:text=a", ""), ("", ""),
    ],
)  # fmt: skip
def test_fragments(fragment: str, kept: str) -> None:
    assert fragment_of(f"https://a.example/b#{fragment}") == kept


def test_entries_that_differ_in_the_fragment_only() -> None:
    parsed = found(*(item(n, f"{SITE}/log#v{n}", text=f"Change {n}") for n in range(5)))
    assert [(one.url, one.link) for one in items(parsed)] == [(f"{SITE}/log#v{n}", "none") for n in range(5)]
    routes = found(*(item(n, f"{SITE}/#!/n/{n}") for n in range(3)))
    assert [(one.url, one.link) for one in items(routes)] == [(f"{SITE}/#!/n/{n}", "own") for n in range(3)]
    places = found(*(item(n, f"{SITE}/n/{n}#comments") for n in range(3)))
    assert [(one.url, one.link) for one in items(places)] == [(f"{SITE}/n/{n}", "own") for n in range(3)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({}, {"title": "Nota 1, corrected"}),
        ({}, {"date": 4}),
        ({"guid": ""}, {"guid": "", "date": 4}),
        ({"guid": ""}, {"guid": "", "title": "Corrected"}),
        ({}, {"guid": "g9"}),  # listed twice by the system
        ({}, {"guid": "", "title": "Other", "date": None}),
    ],
)
def test_an_entry_that_is_listed_twice(first: dict[str, Any], second: dict[str, Any]) -> None:
    parsed = found(item(1, **first), item(1, **second))
    assert len(parsed.entries) == 1
    assert parsed.drops == (("repeated", 1),)
    assert parsed.entries[0].item.link == "own"


def test_an_entry_listed_twice_under_two_addresses() -> None:
    parsed = found(item(1, f"{SITE}/a?visit=1"), item(1, f"{SITE}/a?visit=2"))
    assert (len(parsed.entries), parsed.drops) == (1, (("repeated", 1),))


def test_a_link_that_was_shared_once_identifies_nothing_later() -> None:
    page = f"{SITE}/advisories/"
    both = found(item(1, page), item(2, page))
    alone = found(item(2, page), shared=both.shared)
    assert alone.entries[0].key == both.entries[1].key
    assert found(item(2, page)).entries[0].key == article_id(page)[:KEY_LENGTH]


def test_the_copy_in_an_amp_cache_is_fetched_from_the_publisher() -> None:
    (one,) = items(found(item(1, "https://faro-example.cdn.ampproject.org/c/s/faro.example/amp/n/1")))
    assert one.url == f"{SITE}/amp/n/1"
    assert article_id(one.url) == article_id(f"{SITE}/n/1")


def test_marks_of_one_address() -> None:
    assert same_entry("aaaabbbbcccc", "aaaabbbbdddd")
    assert not same_entry("aaaabbbbcccc", "eeeebbbbdddd")
    assert not same_entry("aaaabbbbcccc", "aaaaeeeedddd")
    assert same_entry("----bbbbcccc", "----bbbbdddd")
    assert not same_entry("--------cccc", "--------dddd")


_links = st.sampled_from(
    ["", "N/A", f"{SITE}/", f"{SITE}/list", f"{SITE}/list#a", f"{SITE}/list#b", f"{SITE}/1", "/1", f"{SITE}/2?sid=1"]
)
_entries = st.lists(
    st.tuples(_links, st.sampled_from(["", "a", "b", "c", f"{SITE}/3"]), st.sampled_from(["", "x", "y", "z"]),
              st.sampled_from([None, 1, 2])),
    max_size=12,
)  # fmt: skip


def _entry(link: str, guid: str, title: str, date: int | None) -> str:
    return item(0, link, guid=guid, title=title, date=date)


@settings(deadline=None)
@given(_entries, st.randoms())
def test_entries_are_items_or_counted_and_order_changes_no_key(entries: list[Any], random: Any) -> None:
    one = found(*(_entry(*entry) for entry in entries))
    assert adds_up(one)
    keys = [entry.key for entry in one.entries]
    assert len(set(keys)) == len(keys)
    for entry in one.entries:
        own: Entry = entry
        assert own.key == (own.item.article or article_id(own.item.url))[:KEY_LENGTH]
    random.shuffle(entries)
    again = found(*(_entry(*entry) for entry in entries))
    assert len(again.entries) == len(keys)
    assert news_of(state(one), again.entries).fresh == ()


def test_empty_entries_are_counted() -> None:
    parsed = read(feed("<item></item>", "<item><guid>1</guid></item>", item(1)))
    assert parsed.drops == (("no_text", 2),)
    assert adds_up(parsed)
