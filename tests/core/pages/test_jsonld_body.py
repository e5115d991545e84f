"""The text in JSON-LD: articleBody in its forms, and the updates of a live blog."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.core.pages import extract, jsonld
from tests.core.pages.pages import article

FIRST = "The council met on Tuesday and voted for the new budget of the harbour town after four hours of debate."
SECOND = "Fishermen asked for more time, because the pier will stand where their nets are dried in summer."

BODIES: dict[str, tuple[Any, str]] = {
    "plain": (f"{FIRST}\n\n{SECOND}", f"{FIRST}\n{SECOND}"),
    "HTML": (f"<p>{FIRST}</p><p>{SECOND}</p>", f"{FIRST}\n{SECOND}"),
    "escaped HTML": (f"&lt;p&gt;{FIRST}&lt;/p&gt;&lt;p&gt;{SECOND}&lt;/p&gt;", f"{FIRST}\n{SECOND}"),
    "a list": ([FIRST, SECOND], f"{FIRST}\n{SECOND}"),
    "a typed value": ({"@value": FIRST}, FIRST),
    "glued paragraphs": (f"{FIRST}{SECOND}{FIRST}", f"{FIRST}\n{SECOND}\n{FIRST}"),
    "one address in the text": (f"{FIRST} Write to info.Desk or call.", f"{FIRST} Write to info.Desk or call."),
    "entities": ("Fish &amp; chips &quot;to go&quot;.", 'Fish & chips "to go".'),
    "a number": (7, ""),
    "nothing": (None, ""),
}


@pytest.mark.parametrize("name", BODIES)
def test_article_body(name: str) -> None:
    value, text = BODIES[name]
    assert extract.fragment(jsonld.body({"@type": "NewsArticle", "articleBody": value})) == text


UPDATES: dict[str, tuple[Any, str]] = {
    "headlines and texts": (
        [{"headline": "Vote", "articleBody": FIRST}, {"headline": "Protest", "articleBody": f"<p>{SECOND}</p>"}],
        f"Vote\n{FIRST}\nProtest\n{SECOND}"),
    "one update": ({"headline": "Vote & more", "articleBody": FIRST}, f"Vote & more\n{FIRST}"),
    "without headline": ([{"articleBody": f"{FIRST}\n{SECOND}"}], f"{FIRST}\n{SECOND}"),
    "headline only": ([{"headline": "The council votes."}], "The council votes."),
    "text instead of articleBody": ([{"name": "Vote", "text": FIRST}], f"Vote\n{FIRST}"),
    "no updates": (["x", None, 3, {}], ""),
}  # fmt: skip


@pytest.mark.parametrize("name", UPDATES)
@pytest.mark.parametrize("lead", ["", "The day in the harbour town, minute by minute."])
def test_the_updates_of_a_live_blog(name: str, lead: str) -> None:
    value, text = UPDATES[name]
    node = {"@type": "LiveBlogPosting", "articleBody": lead, "liveBlogUpdate": value}
    assert extract.fragment(jsonld.body(node)) == "\n".join(filter(None, (lead, text)))


def test_a_live_blog_that_scripts_show() -> None:
    updates = [
        {"@type": "BlogPosting", "headline": f"Update {n}", "articleBody": f"At {n} o'clock: {FIRST}"}
        for n in range(5, 0, -1)
    ]
    node = {"@type": "LiveBlogPosting", "headline": "The day in the harbour", "liveBlogUpdate": updates}
    found = article(
        f'<html><head><title>The day in the harbour</title><script type="application/ld+json">{json.dumps(node)}'
        "</script></head><body><div id='live'>Loading updates</div></body></html>"
    )
    assert found.text_from == "json-ld"
    assert found.text.split("\n") == [
        line for n in range(5, 0, -1) for line in (f"Update {n}", f"At {n} o'clock: {FIRST}")
    ]


def test_many_updates_are_bounded() -> None:
    node = {"@type": "LiveBlogPosting", "liveBlogUpdate": [{"articleBody": FIRST}] * 2000}
    assert jsonld.body(node).count("<p>") == jsonld.UPDATES
