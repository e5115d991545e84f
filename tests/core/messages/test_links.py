"""Links: only http and https, without user names, the host in ASCII, and nothing that ends them early."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.core.messages.content import Link
from pipeline.core.messages.form import Limit, Medium, Voice
from pipeline.core.messages.links import address, article_link
from pipeline.core.messages.media import link
from pipeline.core.messages.write import written
from tests.core.messages.samples import message, vote


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://news.example.org/a", "https://news.example.org/a"),
        ("https://bank.example@evil.example/a", "https://evil.example/a"),
        ("https://user:secret@news.example.org/a", "https://news.example.org/a"),
        ("https://аррlе.example/a", "https://xn--l-7sbq6ba.example/a"),
        ("https://news.example.org/a(b)c", "https://news.example.org/a%28b%29c"),
        ("https://news.example.org/a|b>c", "https://news.example.org/a%7Cb%3Ec"),
        ("https://news.example.org/a'b*c\"d", "https://news.example.org/a%27b%2Ac%22d"),
        ("https://news.example.org/Inc.", "https://news.example.org/Inc%2E"),
        ("https://news.example.org/a b\nc", "https://news.example.org/a%20bc"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("ftp://news.example.org/a", ""),
        ("//news.example.org/a", ""),
        ("", ""),
        ("https://", ""),
    ],
)
def test_address(url: str, expected: str) -> None:
    assert address(url) == expected


def test_a_lookalike_host_shows() -> None:
    found = article_link("https://www.аррlе.example/a")
    assert found is not None
    assert found.label == "Article on xn--l-7sbq6ba.example"


def test_without_an_address_there_is_no_link_and_the_message_is_sent() -> None:
    for medium in Medium:
        [part] = written(message(vote(url="javascript:alert(1)")), medium, Limit(), Voice())
        assert "javascript" not in part.body
        assert "El Congreso admite" in part.body


PATHS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(PATHS)
def test_a_link_is_one_token_in_every_medium(path: str) -> None:
    found = address(f"https://news.example.org/{path}")
    if not found:
        return
    one = Link("Article", found)
    tokens = [token for block in MarkdownIt().parse(link(one, Medium.MARKDOWN)) for token in block.children or ()]
    assert [token.type for token in tokens] == ["link_open", "text", "link_close"]
    assert MarkdownIt().normalizeLink(found) == tokens[0].attrs["href"]
    assert link(one, Medium.SLACK).count("|") == link(one, Medium.SLACK).count("<") == 1
    assert link(one, Medium.HTML).count('"') == 2
    assert len(link(one, Medium.PLAIN).split()) == 2


def test_links_to_kibana_and_the_console_are_there_when_configured() -> None:
    voice = Voice(kibana=KibanaLink("https://kibana.example.org", "", "news"), console="https://console.example.org/")
    [part] = written(message(), Medium.PLAIN, Limit(), voice)
    assert "\nKibana: https://kibana.example.org/app/discover#/?" in part.body
    assert "\nConsole: https://console.example.org/alerts/" in part.body
    [part] = written(message(), Medium.DISCORD, Limit(title=0), voice)
    assert "[Kibana on kibana.example.org](<https://kibana.example.org/app/discover#/" in part.body
