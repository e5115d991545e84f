"""Which links lead to another page of the same article, and how the pages are joined."""

from __future__ import annotations

import pytest

from pipeline.core.pages import markup
from pipeline.core.pages.page_addresses import Place, place_of
from pipeline.core.pages.pagination import Pages, following
from pipeline.core.pages.several import join_blocks

A = "https://news.example/2026/03/story-of-rain"


@pytest.mark.parametrize(
    ("article", "link", "number"),
    [
        (A, f"{A}?page=2", 2),
        (A, f"{A}/?seite=3", 3),
        (A, f"{A}/2", 2),
        (A, f"{A}/2/", 2),
        (A, f"{A}/page/2/", 2),
        (A, f"{A}/seite-2", 2),
        (A, f"{A}-page-2", 2),
        (A, f"{A}-2", 2),
        (A, f"{A}.2.html", 2),
        (f"{A}.html", f"{A}_2.html", 2),
        (f"{A}.html", f"{A}-p2.html", 2),
        (f"{A},1.html", f"{A},2.html", 2),
        (f"{A}?utm_source=rss", f"{A}?page=2", 2),
        (f"{A}?id=7&page=1", f"{A}?page=2&id=7", 2),
        (f"{A}/page/1", f"{A}/page/2", 2),
        (f"{A}/", f"{A}/page-2.html", 2),
        ("https://news.example/view.php?id=7", "https://news.example/view.php?id=7&page=2", 2),
        ("https://www.news.example/a/story-of-rain", "https://news.example/a/story-of-rain/2", 2),
        (A, A, 0),
        (f"{A}?page=1", A, 0),
        (A, f"{A}?page=1", 1),  # the second page, where counting starts at 0
        (A, "https://news.example/2026/03/story-of-rains/2", None),
        (A, "https://news.example/2026/03/other-story", None),
        (A, "https://other.example/2026/03/story-of-rain/2", None),
        (A, "https://blog.news.example/2026/03/story-of-rain/2", None),
        (A, f"{A}-2026", None),
        (A, f"{A}?comments=2", None),
        (A, f"{A}?page=2&sort=new", None),
        (A, f"{A}/photos/2", None),
        ("https://news.example/article-1", "https://news.example/article-2", None),
        ("https://news.example/view.php?id=7", "https://news.example/view.php?id=8", None),
        ("https://news.example/", "https://news.example/?page=2", None),
        ("https://news.example/", "https://news.example/page/2", None),
        ("https://news.example/world", "https://news.example/2", None),
    ],
)
def test_addresses(article: str, link: str, number: int | None) -> None:
    place = place_of(link, article)
    assert (place.number if place else None) == number
    assert place is None or not place.whole


@pytest.mark.parametrize("more", ["?view=all", "?page=all", "/komplettansicht", "/all", "?singlepage=1", "?print=1"])
def test_addresses_of_whole_articles(more: str) -> None:
    assert place_of(A + more, A) == Place(whole=True)


def ahead(links: str, at: str = A, number: int = 1, read: int = 1) -> list[str]:
    tree = markup.parse(f"<html><head></head><body><p>Text.</p>{links}</body></html>".encode())
    assert tree is not None
    return [each.url for each in following(tree, at, Pages((A,), number, read))]


@pytest.mark.parametrize(
    ("links", "url"),
    [
        (f'<link rel="next" href="{A}?page=2">', f"{A}?page=2"),
        (f'<link rel="next" href="{A}-2">', f"{A}-2"),
        ('<a rel="next nofollow" href="?page=2">&raquo;</a>', f"{A}?page=2"),
        ('<a href="story-of-rain/2">Siguiente »</a>', f"{A}/2"),
        ('<a href="/2026/03/story-of-rain/2">Nächste Seite</a>', f"{A}/2"),
        (f'<a href="{A}/2">次のページへ</a>', f"{A}/2"),
        (f'<a href="{A}/2">›</a>', f"{A}/2"),
        (f'<a href="{A}?page=2"><b>2</b></a><a href="{A}?page=3">3</a>', f"{A}?page=2"),
        (f'<a href="{A}?page=2">Page 2 of 3</a>', f"{A}?page=2"),
        (f'<a class="pagination-next" href="{A}-2"><img src="/i.png"></a>', f"{A}-2"),
        (f'<a aria-label="Next page" href="{A}?page=2"></a>', f"{A}?page=2"),
        (f'<a href="{A}?page=1">2</a><a href="{A}?page=2">3</a>', f"{A}?page=1"),  # counted from 0
        ('<a rel="next" href="/2026/03/other-story">Next</a>', None),
        ('<link rel="next" href="/2026/03/page/2">', None),  # of the list
        (f'<a href="{A}-2">Heavy rain once more: what is new</a>', None),
        (f'<a href="{A}-2">2</a>', None),  # it may be another article's
        (f'<a href="{A}?page=2#comments">Next</a>', None),
        (f'<a href="{A}">1</a>', None),
        ("", None),
    ],
)
def test_links_to_the_next_page(links: str, url: str | None) -> None:
    assert ahead(links) == ([url] if url else [])


def test_an_article_whose_name_is_like_that_of_comments() -> None:
    at = "https://news.example/comment-la-ville-paie"
    tree = markup.parse(b'<p>Texte.</p><a rel="next" href="/comment-la-ville-paie?page=2">Page suivante</a>')
    assert tree is not None
    assert [each.url for each in following(tree, at, Pages((at,)))] == [f"{at}?page=2"]


def test_links_of_later_pages() -> None:
    pager = "".join(f'<a href="{A}?page={number}">{number}</a>' for number in range(1, 5))
    assert ahead(pager, f"{A}?page=2", 2, 2) == [f"{A}?page=3"]
    assert ahead(pager, f"{A}?page=4", 4, 4) == []
    zero = "".join(f'<a href="{A}?page={number}">{number + 1}</a>' for number in range(3))
    assert ahead(zero, f"{A}?page=1", 1, 2) == [f"{A}?page=2"]
    assert ahead(zero, f"{A}?page=2", 2, 3) == []


@pytest.mark.parametrize(
    ("link", "whole"),
    [
        (f'<link rel="canonical" href="{A}?view=all">', f"{A}?view=all"),
        (f'<a href="{A}/komplettansicht">Auf einer Seite lesen</a>', f"{A}/komplettansicht"),
        (f'<a href="{A}?print=1">Print</a>', None),
        (f'<link rel="canonical" href="{A}">', None),
    ],
)
def test_the_page_with_all_comes_first(link: str, whole: str | None) -> None:
    following = ahead(f'{link}<a rel="next" href="{A}/2">2</a>')
    assert following == [*([whole] if whole else []), f"{A}/2"]
    assert ahead(link) == []  # there is no other page


def test_a_page_of_thousands_of_links_is_read_quickly() -> None:
    links = "".join(f'<a href="/2026/03/story-of-rain-{number}-and-wind">Rain</a>' for number in range(5_000))
    assert ahead(links) == []


TITLE, BIO = "Rain in the valley", "Ana Ruiz writes about the weather."
ONE = ["The first block of the first page, which says what happened in the valley and when.", "Short."]
TWO = ["The first block of the second page, which says who had to pay for it in the end.", "Last."]


@pytest.mark.parametrize(
    ("old", "new", "joined"),
    [
        (ONE, TWO, [*ONE, *TWO]),
        (ONE, [TITLE, *TWO], [*ONE, *TWO]),
        (ONE, [ONE[0], *TWO], [*ONE, *TWO]),  # the lead stands on each page
        ([*ONE, BIO], [*TWO, BIO], [*ONE, *TWO, BIO]),
        (ONE, [TWO[0], ONE[0], TWO[1]], [*ONE, *TWO]),
        (ONE, [TWO[0], "Short.", TWO[1]], [*ONE, TWO[0], "Short.", TWO[1]]),  # as a question that is asked again
        (ONE, ONE, ONE),
        (ONE, [], ONE),
    ],
)
def test_joining(old: list[str], new: list[str], joined: list[str]) -> None:
    assert join_blocks(old, new, TITLE) == joined
