"""Which of a page's headlines is trusted."""

from __future__ import annotations

import pytest

from pipeline.core.pages import markup, metadata
from pipeline.core.pages.headlines import choose_h1, rank
from pipeline.records import Sourced
from tests.core.pages.pages import SEEN


@pytest.mark.parametrize(
    ("h1", "window", "best"),
    [
        ("Schools open again", "Schools open again – Island News Online — islandnews.example", "Schools open again"),
        ("Island News", "Schools open again on Monday – Island News", "Schools open again on Monday"),
        ("Quick links", "Relay team wins the northern title - Athletics Union", "Relay team wins the northern title - "
         "Athletics Union"),
        ("Relay team wins the northern title in the rain", "Athletics Union", "Relay team wins the northern title in "
         "the rain"),
        ("Rain", "Rain in Lima - El Diario", "Rain"),
    ],
)  # fmt: skip
def test_a_logo_in_h1_is_not_a_headline(h1: str, window: str, best: str) -> None:
    ranked = rank([Sourced(h1, "html"), Sourced(window, "html")], window, h1, "", "https://www.x.example/a")
    assert ranked[0].value == best


QUAY = "Council votes to widen the quay"
OG = '<meta property="og:title" content="{}">'
SITE = '<meta property="og:site_name" content="{}">'


@pytest.mark.parametrize(
    ("head", "body", "best"),
    [
        # og:title or <title> say only where the page is from
        (f"<title>{QUAY} - Coastwire</title>{OG.format('Coastwire')}", QUAY, QUAY),
        (f"<title>Coastwire</title>{OG.format('Coastwire')}", QUAY, QUAY),
        (f"<title>x</title>{OG.format('COASTWIRE')}{SITE.format('Coastwire')}", QUAY, QUAY),
        (f"{OG.format('coastwire.example')}{SITE.format('Coastwire')}", QUAY, QUAY),
        (f"<title>Home</title>{OG.format('Home')}", QUAY, QUAY),
        ("<title>Startseite</title>", QUAY, QUAY),
        (OG.format("Artículo"), QUAY, QUAY),
        (OG.format("Untitled document"), QUAY, QUAY),
        # the site's name in all places
        (f"<title>{QUAY} | Coastwire</title>{SITE.format('Coastwire')}", "", QUAY),
        (f"<title>{QUAY} - coastwire.example</title>{SITE.format('Coastwire')}", "", QUAY),
        (f"<title>Coastwire » {QUAY}</title>{SITE.format('Coastwire')}", "", QUAY),
        (f"<title>北岸码头将扩建-海岸通讯社</title>{SITE.format('海岸通讯社')}", "", "北岸码头将扩建"),
        (f"<title>{QUAY} - Towns - Today</title>", QUAY, QUAY),
        # a short headline beside a long name
        (f"<title>Rain | The Long Name of a Local Paper</title>{OG.format('Rain')}"
         f"{SITE.format('The Long Name of a Local Paper')}", "Rain", "Rain"),
        # escaped twice
        (OG.format("Quay &amp;quot;too narrow&amp;quot; &amp;amp; old"), "", 'Quay "too narrow" & old'),
        ("<title>The quay&amp;amp;#8217;s end nears</title>", "", "The quay’s end nears"),
        # nested in unknown elements
        (f"<brand:tag><title>{QUAY}</title></brand:tag>", "", QUAY),
        # a line above it, in the same <h1>
        (f"<title>{QUAY} | Coastwire</title>", f"<span>Towns</span> <span>{QUAY}</span>", QUAY),
        (f"<title>{QUAY} | Coastwire</title>", f"After long debate: {QUAY} by two metres",
         f"After long debate: {QUAY} by two metres"),
    ],
)  # fmt: skip
def test_what_is_no_headline(head: str, body: str, best: str) -> None:
    h1 = f"<h1>{body}</h1>" if body else ""
    tree = markup.parse(f"<html><head>{head}</head><body>{h1}<p>x</p></body></html>".encode())
    assert tree is not None
    assert metadata.read(tree, "https://www.example.org/a", SEEN, source="Coastwire").headlines[0].value == best


def test_the_title_of_a_picture_is_not_that_of_the_page() -> None:
    tree = markup.parse(b"<html><body><svg><title>Menu</title></svg><h1>Rain in Lima</h1><p>x</p></body></html>")
    assert tree is not None
    assert [title.value for title in metadata.read(tree, "https://www.example.org/a", SEEN).headlines] == [
        "Rain in Lima"
    ]


@pytest.mark.parametrize(
    ("body", "best"),
    [
        (f"<h2>Sunday, 1 March</h2><h3 class='post-title'>{QUAY}</h3>", QUAY),
        (f"<h2 itemprop='headline'>{QUAY}</h2><h2>Other news of the day</h2>", QUAY),
        ("<h2>Other news of the whole day</h2>", f"A blog of the coast: {QUAY}"),
    ],
)
def test_a_lower_heading_is_the_headline_of_a_page_without_h1(body: str, best: str) -> None:
    page = f"<html><head><title>A blog of the coast: {QUAY}</title></head><body>{body}<p>x</p></body></html>"
    tree = markup.parse(page.encode())
    assert tree is not None
    assert metadata.read(tree, "https://www.example.org/a", SEEN).headlines[0].value == best


@pytest.mark.parametrize(
    ("headings", "window", "og", "place"),
    [
        (["Coastwire", QUAY], f"{QUAY} | Coastwire", "", 1),
        ([QUAY, "Coastwire"], f"{QUAY} | Coastwire", QUAY, 0),
        (["Menu", "Search", QUAY], f"{QUAY} | Coastwire", "", 2),
        ([QUAY, "Read more about it"], "Something else", "", 0),
        (["Menu"], QUAY, QUAY, 0),
        ([], QUAY, QUAY, None),
    ],
)
def test_of_several_h1_the_headline(headings: list[str], window: str, og: str, place: int | None) -> None:
    assert choose_h1(headings, window, og) == place
