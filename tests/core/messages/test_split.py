"""Splitting: nothing is lost, limits are kept, every part is valid by itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.core.messages.form import Limit, Medium, Unit
from pipeline.core.messages.split import LEFT_OUT, REST, measure, split
from pipeline.core.messages.write import written
from pipeline.records import Quote
from tests.core.messages.samples import MADRID, hostile, message, vote

UNITS: tuple[Unit, ...] = ("chars", "utf16", "bytes")
MANY = 100_000

PIECES = st.sampled_from(
    [
        "One sentence. ",
        "Eine Frage? ",
        "国会は承認した。",
        "قال الوزير. ",
        "word ",
        "🇵🇪",
        "👩‍👩‍👧",
        "é",
        "e\u0301",
        "\n",
        "\n\n",
        "नमस्ते ",
    ]
)
TEXTS = st.lists(
    st.one_of(PIECES, st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=9)), max_size=60
).map("".join)


@given(TEXTS, st.integers(20, 90), st.sampled_from(UNITS))
def test_nothing_is_lost_and_the_limit_is_kept(text: str, most: int, unit: Unit) -> None:
    assume("://" not in text)
    parts = split(text, Medium.PLAIN, Limit(body=most, unit=unit, parts=MANY))
    assert all(measure(part, unit) <= most for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)
    assert split(text, Medium.PLAIN, Limit(body=most, unit=unit, parts=MANY)) == parts


@pytest.mark.parametrize(
    ("text", "most", "parts"),
    [
        ("short", 5, ("short",)),
        ("first one\n\nsecond\n\nthird", 20, ("first one\n\nsecond", "third")),
        ("first line\nsecond line", 16, ("first line", "second line")),
        ("One is here. Two is there. Three", 28, ("One is here. Two is there.", "Three")),
        ("国会は承認した。総理は辞任した。", 12, ("国会は承認した。", "総理は辞任した。")),
        ("several words in a row", 15, ("several words", "in a row")),
        ("abcdefghijklmno", 10, ("abcdefghij", "klmno")),
        ("👩‍👩‍👧👩‍👩‍👧", 8, ("👩‍👩‍👧", "👩‍👩‍👧")),
        ("see https://example.org/a-long-path here", 36, ("see https://example.org/a-long-path", "here")),
        ("see https://example.org/abcdefghi", 20, ("see [link left out:", "too long]")),
    ],
)
def test_a_part_ends_at_the_best_border(text: str, most: int, parts: tuple[str, ...]) -> None:
    assert split(text, Medium.PLAIN, Limit(body=most, unit="chars")) == parts


class Nested(HTMLParser):
    """Whether every tag is closed, in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.links: list[str | None] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "br":
            self.open.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert "<" not in data
        assert ">" not in data
        self.text += data

    def handle_entityref(self, name: str) -> None:
        self.text += f"&{name};"

    def handle_charref(self, name: str) -> None:
        self.text += f"&#{name};"


def read(text: str) -> Nested:
    parser = Nested()
    parser.feed(text)
    parser.close()
    assert not parser.open
    return parser


@given(hostile, st.integers(250, 700), st.sampled_from(UNITS), st.sampled_from([Medium.TELEGRAM, Medium.HTML]))
@settings(max_examples=30)
def test_parts_of_html_are_whole(text: str, most: int, unit: Unit, medium: Medium) -> None:
    body = whole(text, medium)
    parts = split(body, medium, Limit(body=most, unit=unit, parts=MANY))
    assert all(measure(part, unit) <= most for part in parts)
    found = [read(part) for part in parts]
    assert [link for part in found for link in part.links] == read(body).links
    assert letters("".join(part.text for part in found)) == letters(read(body).text)


@given(hostile, st.integers(200, 700), st.sampled_from([Medium.MARKDOWN, Medium.DISCORD, Medium.SLACK]))
@settings(max_examples=30)
def test_marks_of_chats_are_closed_and_links_whole(text: str, most: int, medium: Medium) -> None:
    body = whole(text, medium)
    parts = split(body, medium, Limit(body=most, parts=MANY))
    assert all(len(part) <= most for part in parts)
    mark, link = (r"(?<!\\)\*\*", r"\]\(<?https://news.example.org/a1>?\)")
    if medium is Medium.SLACK:
        mark, link = r"\*", r"<https://news.example.org/a1\|[^>]*>"
    for part in parts:
        assert len(re.findall(mark, part)) % 2 == 0
    assert sum(len(re.findall(link, part)) for part in parts) == len(re.findall(link, body)) == 1
    plain = [re.sub(rf"{mark}|(?m:^> ?)", "", part) for part in (*parts, body)]
    assert letters("".join(plain[:-1])) == letters(plain[-1])


def whole(text: str, medium: Medium) -> str:
    """The body of an alert with long sentences, as one part."""
    long = f"A \x02{text}\x03 & then <{text}>. "
    one = vote(title=text, quotes=tuple(Quote(field="text", text=long * 4) for _ in range(3)))
    [part] = written(message(one), medium, Limit(title=0), MADRID)
    return part.body


def letters(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("medium", Medium)
@pytest.mark.parametrize(("most", "unit"), [(70, "bytes"), (160, "chars"), (700, "bytes"), (4096, "utf16")])
def test_a_message_keeps_every_limit(medium: Medium, unit: Unit, most: int) -> None:
    alerts = tuple(vote(article=f"a{n}", story_id=f"s{n}", title=f"Das Parlament 国会 {n} قانون") for n in range(30))
    digest = message(*alerts, kind="digest", held_back=440)
    for limit in (Limit(0, most, unit), Limit(40, most, unit), Limit(250, most, unit, parts=3)):
        parts = written(digest, medium, limit, MADRID)
        assert 1 <= len(parts) <= limit.parts
        assert all(measure(part.body, unit) <= most and measure(part.title, unit) <= limit.title for part in parts)
        if len(parts) > 1:
            numbered = [part.title if limit.title else part.body for part in parts]
            assert all(f"({n}/{len(parts)})" in text for n, text in enumerate(numbered, 1))
        if medium in (Medium.TELEGRAM, Medium.HTML):
            for part in parts:
                read(part.body)


def test_the_last_part_that_is_allowed_says_where_the_rest_is() -> None:
    alerts = tuple(vote(article=f"a{n}", story_id=f"s{n}") for n in range(30))
    parts = written(message(*alerts, kind="digest"), Medium.DISCORD, Limit(0, 2000, parts=2), MADRID)
    assert len(parts) == 2
    assert parts[1].body.endswith(REST)


def test_the_short_form_of_a_text_message_has_title_outlet_time_and_link() -> None:
    [part] = written(message(), Medium.PLAIN, Limit(0, 320), MADRID)
    assert part.body == (
        "[high] El Congreso admite tropas extranjeras (Foreign troops)\n\n"
        "El Faro del Sur (Peru), 29 Nov 2026, 14:05 CET (UTC+1), in Spanish\n"
        "Article: https://news.example.org/a1"
    )


def test_a_link_that_no_part_can_hold_is_left_out() -> None:
    long = message(vote(url="https://news.example.org/" + "a" * 300))
    parts = written(long, Medium.PLAIN, Limit(0, 160), MADRID)
    assert "".join(part.body for part in parts).replace("\n", " ").endswith(LEFT_OUT)
