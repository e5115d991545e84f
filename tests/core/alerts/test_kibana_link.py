"""The link to Discover: rison, and the address around it. The decoder here is for tests only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.alerts.kibana_link import MOST, KibanaLink, rison
from tests.builders import SEEN, alert

KIBANA = KibanaLink("https://kibana.example", "", "almenara-documents")


class Decoder:
    """Reads rison as its definition says: strict, without the shortcuts an encoder could share."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def whole(self) -> Any:
        value = self.value()
        assert self.at == len(self.text), self.text[self.at :]
        return value

    def take(self) -> str:
        self.at += 1
        return self.text[self.at - 1]

    def value(self) -> Any:
        mark = self.text[self.at]
        if mark == "!":
            self.take()
            kind = self.take()
            return self.sequence() if kind == "(" else {"t": True, "f": False, "n": None}[kind]
        if mark == "(":
            return self.mapping()
        if mark == "'":
            return self.quoted()
        bare = self.bare()
        if bare[0] in "-0123456789":
            return float(bare) if set(bare) & set(".e") else int(bare)
        return bare

    def sequence(self) -> list[Any]:
        found: list[Any] = []
        while self.text[self.at] != ")":
            if found:
                assert self.take() == ","
            found.append(self.value())
        self.take()
        return found

    def mapping(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self.take()
        while self.text[self.at] != ")":
            if found:
                assert self.take() == ","
            key = self.quoted() if self.text[self.at] == "'" else self.bare()
            assert self.take() == ":"
            found[key] = self.value()
        self.take()
        return found

    def quoted(self) -> str:
        self.take()
        found = ""
        while (char := self.take()) != "'":
            if char == "!":
                char = self.take()
                assert char in "!'"
            found += char
        return found

    def bare(self) -> str:
        begin = self.at
        while self.at < len(self.text) and self.text[self.at] not in " '!:(),*@$":
            self.at += 1
        assert self.at > begin, f"a value is missing at {begin} of {self.text}"
        return self.text[begin : self.at]


def decoded(text: str) -> Any:
    return Decoder(text).whole()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "!n"),
        (True, "!t"),
        (False, "!f"),
        (0, "0"),
        (-1.5, "-1.5"),
        (1e40, "1e40"),
        ("", "''"),
        ("kuery", "kuery"),
        ("now-15m", "now-15m"),
        ("15m", "'15m'"),
        ("-a", "'-a'"),
        ("two words", "'two words'"),
        ("it's on!", "'it!'s on!!'"),
        ("a:b", "'a:b'"),
        ("@timestamp", "'@timestamp'"),
        ('"ñ国"', '"ñ国"'),
        ([], "!()"),
        ([1, "a", None], "!(1,a,!n)"),
        ({}, "()"),
        ({"b": 1, "a": {"c d": []}}, "(a:('c d':!()),b:1)"),
        ("2026-03-02T12:00:00.000Z", "'2026-03-02T12:00:00.000Z'"),
    ],
)
def test_rison(value: Any, text: str) -> None:
    assert rison(value) == text
    assert decoded(text) == value


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(VALUES)
def test_rison_there_and_back(value: Any) -> None:
    assert decoded(rison(value)) == value


@given(st.text(alphabet=" '!:(),*@$-0a\"\\n\u00f1", min_size=1))
def test_rison_of_its_own_marks(value: str) -> None:
    assert decoded(rison([value, {value: value}])) == [value, {value: value}]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_without_a_form(value: float) -> None:
    with pytest.raises(ValueError, match="rison"):
        rison(value)


def state(link: str) -> tuple[str, dict[str, Any]]:
    """The address without its state, and the state as Kibana would read it."""
    before, mark, after = link.partition("#/?")
    assert mark
    return before, {key: decoded(value) for key, [value] in parse_qs(after, strict_parsing=True).items()}


def test_one_article() -> None:
    where, found = state(KIBANA.link([alert("0a1b2c")]))
    assert where == "https://kibana.example/app/discover"
    assert found == {
        "_g": {"time": {"from": "2026-03-01T12:00:00.000Z", "to": "2026-03-03T12:00:00.000Z"}},
        "_a": {
            "dataSource": {"type": "dataView", "dataViewId": "almenara-documents"},
            "query": {"language": "kuery", "query": 'news.article_id : "0a1b2c"'},
        },
    }


@pytest.mark.parametrize(
    ("url", "space", "where"),
    [
        ("https://kibana.example/", "", "https://kibana.example/app/discover"),
        ("http://localhost:5601", "", "http://localhost:5601/app/discover"),
        ("https://kibana.example", "newsroom", "https://kibana.example/s/newsroom/app/discover"),
        ("https://x.example/kibana/", "newsroom", "https://x.example/kibana/s/newsroom/app/discover"),
    ],
)
def test_where_kibana_is(url: str, space: str, where: str) -> None:
    assert state(KibanaLink(url, space, "v").link([alert()]))[0] == where


def test_several_articles_share_a_link() -> None:
    late = SEEN + timedelta(days=9, milliseconds=7)
    alerts = [alert("a1"), alert("b2", first_seen=late), alert("a1", rule="Another")]
    _, found = state(KIBANA.link(alerts))
    assert found["_a"]["query"]["query"] == 'news.article_id : ("a1" or "b2")'
    assert found["_g"]["time"] == {"from": "2026-03-01T12:00:00.000Z", "to": "2026-03-12T12:00:00.007Z"}


def test_a_link_does_not_grow_without_end() -> None:
    alerts = [alert(f"{n:032x}") for n in range(500)]
    assert len(KIBANA.link(alerts)) < 2000
    assert state(KIBANA.link(alerts)) == state(KIBANA.link(alerts[:MOST]))


def test_times_are_in_utc() -> None:
    lima = datetime(2026, 3, 2, 7, 0, tzinfo=timezone(timedelta(hours=-5)))
    assert KIBANA.link([alert(first_seen=lima)]) == KIBANA.link([alert(first_seen=lima.astimezone(UTC))])


@given(st.text(min_size=1))
def test_nothing_ends_a_link_early(article: str) -> None:
    """Chats and mail programs end a link at blanks, quotes and brackets."""
    link = KIBANA.link([alert(article)])
    assert not set(link) & set(" \t\n'\"<>()[]{}*`|\\^")
    assert link.isascii()
    assert urlsplit(link).netloc == "kibana.example"
