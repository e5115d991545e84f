"""What each feed format gives: entries, dates, keys, limits."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

from pipeline.core.feeds.parse import (
    AUTHOR_LIMIT,
    CONTENT_LIMIT,
    ENTRY_LIMIT,
    GUID_LIMIT,
    SUMMARY_LIMIT,
    TITLE_LIMIT,
)
from pipeline.records import Feed, encode
from tests.core.feeds.bodies import DATA, SEEN, entry, items, read, rss

MESSAGE = 1_000_000  # bytes


def test_rss2() -> None:
    parsed = read((DATA / "rss2.xml").read_bytes())
    first, second, third, fourth, fifth, sixth = items(parsed)
    assert parsed.title == "El Faro de Prueba & Cía"
    assert parsed.every == 1200
    assert dict(parsed.drops) == {"repeated": 1}
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
    for item, title in ((fifth, "Sin enlace"), (sixth, "Otro enlace")):
        assert (item.title, item.link, item.url) == (title, "none", "https://faro.example/")


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
    first, second, third = items(parsed)
    assert dict(parsed.drops) == {"bad_entry": 1}
    assert (third.title, third.link) == ("Ohne Adresse", "none")
    assert (first.title, first.url) == ("Bundestag < Bundesrat & Co", "https://leucht.example/artikel/7")
    assert (first.author, first.language, first.guid) == ("Uwe, Ina", "de", "7")
    assert first.summary == "Kurz & knapp: 3 < 4."
    assert second.url == "https://leucht.example/8"
    assert second.published is not None
    assert second.published.value == datetime(2026, 7, 14, tzinfo=UTC)


def test_the_configured_language_and_name_win() -> None:
    feed = Feed(id="x", name="X", url="https://x.example/", language="fr")
    (item,) = items(read(rss(entry(1), more="<language>en-US</language>"), feed=feed))
    assert (item.language, item.source) == ("fr", "X")


def test_results_can_be_pickled_and_encoded() -> None:
    parsed = read((DATA / "rss2.xml").read_bytes())
    assert pickle.loads(pickle.dumps(parsed)) == parsed
    assert all(len(encode(item)) < 10_000 for item in items(parsed))


def test_a_valid_feed_without_entries() -> None:
    parsed = read(rss())
    assert (parsed.problem, parsed.notes) == (None, ("no_entries",))


def test_invalid_dates_are_counted_and_left_out() -> None:
    bad = ["0000-00-00", "Thu, 99 Foo 20x6", "{{date}}", "1" * 500, "Invalid Date", "-1", "٣", "tomorrow &amp; after"]
    parsed = read(rss(*(entry(n, f"<pubDate>{bad[n % len(bad)]}</pubDate>") for n in range(300))))
    assert len(items(parsed)) == 300
    assert all(item.published is None for item in items(parsed))
    assert parsed.notes == ("bad_dates",)


def test_future_dates_become_the_time_seen_and_keep_their_text() -> None:
    (item,) = items(read(rss(entry(1, "<pubDate>Fri, 25 Dec 2026 10:00:00 GMT</pubDate>"))))
    assert item.published is not None
    assert (item.published.value, item.published.raw) == (SEEN, "Fri, 25 Dec 2026 10:00:00 GMT")


def test_limits_of_entries_and_fields() -> None:
    long = "palabra " * 40_000
    parsed = read(rss(*(entry(n) for n in range(ENTRY_LIMIT + 50))))
    assert len(items(parsed)) == ENTRY_LIMIT
    assert parsed.notes == ("cut_entries",)
    body = rss(
        entry(1, f"<description>{long}</description><author>{long}</author><guid>{long}</guid>").replace("Nota", long)
    )
    (item,) = items(read(body))
    assert [len(part or "") for part in (item.title, item.summary, item.author, item.guid, item.content)] == [
        TITLE_LIMIT, SUMMARY_LIMIT, AUTHOR_LIMIT, GUID_LIMIT, len(long) - 1,
    ]  # fmt: skip
    (item,) = items(read(rss(entry(1).replace("/1<", f"/{'x' * 9000}<"))))
    assert item.link == "none"


def test_the_text_of_the_feed_is_kept_whole_up_to_what_a_message_holds() -> None:
    for text in ("<p>&quot;palabra&quot; \\\n</p>" * 60_000, "<p>議会は承認した。</p>" * 60_000):
        (item,) = items(read(rss(entry(1, f"<description><![CDATA[{text}]]></description>"))))
        assert item.content is not None
        assert text.startswith(item.content)
        assert CONTENT_LIMIT - 20 <= len(encode(item)) <= MESSAGE


def test_keys_depend_on_the_address_not_on_guid_or_title() -> None:
    one = read(rss(entry(1, "<guid>a</guid>"))).entries[0].key
    again = read(rss(entry(1, "<guid>b</guid>").replace("Nota", "Otra").replace("https:", "http:"))).entries[0].key
    other = read(rss(entry(2, "<guid>a</guid>"))).entries[0].key
    assert one == again != other
