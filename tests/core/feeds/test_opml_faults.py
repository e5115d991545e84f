"""OPML files that are not well-formed, or odd in another way: every outline is read or named."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.feeds.opml import Opml, read_opml

URL = "https://a.example/rss"


def opml(*outlines: str, head: str = '<?xml version="1.0"?>') -> str:
    return f'{head}<opml version="1.0"><head><title>x</title></head><body>\n' + "\n".join(outlines) + "</body></opml>"


def read(text: str | bytes) -> Opml:
    return read_opml(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("outline", "name", "url"),
    [
        (f'<outline text="The "Post", first" xmlUrl="{URL}" type="rss"/>', 'The "Post", first', URL),
        (f'<outline text="A" description="<a href="https://b.example/" class="x">u</a>" xmlUrl="{URL}"/>', "A", URL),
        (f'<outline text="A" description="a <b title="no" type="no">b</b>" type="rss" xmlUrl="{URL}"/>', "A", URL),
        (f"""<outline text='L'Est' xmlUrl='{URL}'/>""", "L'Est", URL),
        (f'<outline text="A > B" xmlUrl="{URL}"/>', "A > B", URL),
        (f'<outline text="A < B" xmlUrl="{URL}"/>', "A < B", URL),
        ('<outline text="A & B" xmlUrl="https://a.example/?b=2&copy=3"/>', "A & B", "https://a.example/?b=2&copy=3"),
        ('<outline text="A" xmlUrl="https://a.example/?a=1&amp;b=2"/>', "A", "https://a.example/?a=1&b=2"),
        (f'<outline text="Caf&eacute;&nbsp;&#8211; x" xmlUrl="{URL}"/>', "Café\xa0– x", URL),
        (f'<outline text="A" xmlUrl={URL} type=rss />', "A", URL),
        (f'<outline text="The Post xmlUrl="{URL}"/>', "The Post", URL),
        (f'<outline text="A" xmlUrl="{URL}">', "A", URL),
        (f'<outline text="A" xmlUrl="{URL}"></outline>', "A", URL),
        (f'<OUTLINE TEXT="A" XMLURL="{URL}"/>', "A", URL),
        (f'<outline title="A" xmlurl="{URL}"/>', "A", URL),
        (f'<outline text="A" xml_url="{URL}" html_url="https://a.example/"/>', "A", URL),
        (f'<outline text="A" type="rss" url="{URL}"/>', "A", URL),
        (f'<outline text="A"\n  xmlUrl="{URL}"\n/>', "A", URL),
        (f'<outline text="A" xmlUrl=" {URL} "/>', "A", URL),
        ('<outline text="A" xmlUrl="http://user@a.example/X?utm_source=x#f"/>', "A", "http://user@a.example/X?utm_source=x#f"),
    ],
)  # fmt: skip
def test_a_feed_with_its_name_and_its_address_as_it_stands(outline: str, name: str, url: str) -> None:
    found = read(opml('<outline text="First" xmlUrl="https://first.example/"/>', outline,
                      '<outline text="Last" xmlUrl="https://last.example/"/>'))  # fmt: skip
    assert [(feed.name, feed.url) for feed in found.feeds] == [
        ("First", "https://first.example/"), (name, url), ("Last", "https://last.example/"),
    ]  # fmt: skip
    assert (found.refused, found.changed, found.merged) == ([], [], [])


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("feed://a.example/rss", "http://a.example/rss"),
        ("rss://a.example/rss", "http://a.example/rss"),
        ("feed:https://a.example/rss", URL),
        ("feed://https://a.example/rss", URL),
        ("https:/a.example/rss", URL),
        ("//a.example/rss", URL),
        ("www.a.example/rss", "https://www.a.example/rss"),
        ("a.example/rss", URL),
        ("https://a.example/?a=1&amp;amp;b=2", "https://a.example/?a=1&b=2"),
    ],
)
def test_an_address_that_is_not_taken_as_it_stands_is_named(written: str, url: str) -> None:
    found = read(opml(f'<outline text="A" xmlUrl="{written}"/>'))
    assert [feed.url for feed in found.feeds] == [url]
    ((line, name, why),) = [(one.line, one.name, one.why) for one in found.changed]
    assert (line, name) == (2, "A")
    assert why.endswith(f"is read as {url}")


@pytest.mark.parametrize(
    ("outline", "why"),
    [
        ('<outline text="A" htmlUrl="https://a.example/"/>', "feeds add https://a.example/"),
        ('<outline text="A" type="include" url="https://a.example/l.opml"/>', "import it by itself"),
        ('<outline text="A" type="link" url="https://a.example/x"/>', "address of a page"),
        ('<outline text="A"/>', "has no address"),
        ("<outline/>", "empty"),
        ('<outline text="A" xmlUrl="/rss"/>', "not a whole address"),
        ('<outline text="A" xmlUrl="file:///etc/passwd"/>', "not an http"),
        ('<outline text="A" xmlUrl="mailto:a@b.example"/>', "not an http"),
        ('<outline text="A" xmlUrl="https://"/>', "https://: "),
    ],
)
def test_an_outline_that_is_no_feed_is_named(outline: str, why: str) -> None:
    found = read(opml(f'<outline text="F" xmlUrl="{URL}"/>', "<!-- <outline/> -->", outline))
    assert len(found.feeds) == 1
    (refused,) = found.refused
    assert refused.line == 4
    assert why in refused.why


def test_groups_duplicates_and_comments() -> None:
    found = read(
        opml(
            f'<outline text="G "1""><outline text="H"><outline text="A" xmlUrl="{URL}"/></outline></outline>',
            '<!-- <outline text="No" xmlUrl="https://no.example/"/> -->', f'<outline text="B" xmlUrl="{URL}/"/>',
        )
    )  # fmt: skip
    assert [(feed.name, feed.groups) for feed in found.feeds] == [("A", ('G "1"', "H"))]
    assert found.groups == 2
    assert [(one.line, one.why) for one in found.merged] == [(4, f"{URL}/ is also in line 2")]


@pytest.mark.parametrize(
    "body",
    [
        opml(f'<outline text="Año" xmlUrl="{URL}"/>').encode("latin-1"),  # says nothing, and is not UTF-8
        opml(f'<outline text="Año" xmlUrl="{URL}"/>', head='<?xml version="1.0" encoding="utf-8"?>').encode("cp1252"),
        opml(f'<outline text="Año" xmlUrl="{URL}"/>', head='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"),
        b"\xef\xbb\xbf\r\n" + opml(f'<outline text="A\xf1o" xmlUrl="{URL}"/>', head="").encode(),
        f'<!-- list --><body><outline text="Año" xmlUrl="{URL}"/></body>'.encode(),
        opml(f'<outline text="Año" xmlUrl="{URL}"/>', head="<!DOCTYPE opml>").encode().split(b"</body>")[0],
    ],
)
def test_encodings_and_roots(body: bytes) -> None:
    assert [(feed.name, feed.url) for feed in read(body).feeds] == [("Año", URL)]


_outline = st.lists(
    st.sampled_from(
        ["<outline ", "</outline>", 'text="', '"', "'", "/>", ">", f'xmlUrl="{URL}"', "<b>", "&", "\n", "a="]
    ),
    max_size=30,
).map("".join)


@given(_outline)
def test_every_outline_is_read_or_named(text: str) -> None:
    found = read(opml(text))
    outlines = len(re.findall(r"<outline\b", opml(text)))
    assert outlines == len(found.feeds) + len(found.merged) + len(found.refused) + found.groups


def test_hostile_files_take_no_time() -> None:
    for bad in ('<outline text="' * 20_000, "<outline a='" + "x" * 500_000, "<outline " + 'text="<a ' * 20_000):
        started = time.process_time()
        read(opml(bad))
        assert time.process_time() - started < 5
