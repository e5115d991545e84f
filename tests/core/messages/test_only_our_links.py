"""Whatever a title, outlet, sentence, fact or rule says: the only links are ours, and nobody is mentioned."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt

from pipeline.core.messages.foreign import HAIR, tame
from pipeline.core.messages.form import Limit, Medium
from pipeline.core.messages.write import subject, written
from pipeline.records import Change, Message, Quote, Span
from tests.core.messages.samples import MADRID, STORY, hostile, message, vote

OURS = "https://news.example.org/a1"
LINKIFY = LinkifyIt(options={"fuzzy_link": True, "fuzzy_email": True, "fuzzy_ip": True})
LINKIFY.tlds(["example", "test", "рф", "テスト"], True)
GFM = MarkdownIt("gfm-like")
FORGED = {
    "image", "html_inline", "html_block", "code_inline", "code_block", "fence", "heading_open", "table_open", "hr",
    "s_open",
}  # fmt: skip
#: Any of these, with a character behind it, is a mention, a channel or a command somewhere.
MENTION = re.compile(r"@[^\s]|<[@#!:/]|(?<!\S)#\w|(?<!\S)/[a-z]")


def forged(text: str) -> Message:
    """A message in which every text from outside is `text`."""
    one = vote(
        title=text,
        source=text,
        name=text,
        language=text[:5] or None,
        branch=text,
        topics=(text,),
        fact_lines=(text,),
        quotes=(Quote(field="text", text=text),),
        matched=(Span(field="text", start=0, end=4, text=text),),
        changes=(Change(kind="number", before=text, after=text), Change(kind=text, before="", after=text)),
        version=2,
    )
    return message(one, name=text, severity=text, text=text, story=STORY)


def bodies(text: str, medium: Medium) -> str:
    kinds = ("alert", "follow_up", "digest", "report")
    return "\n\n".join(
        part.title + "\n\n" + part.body
        for kind in kinds
        for part in written(changed(forged(text), kind), medium, Limit(title=0), MADRID)
    )


def changed(one: Message, kind: str) -> Message:
    from msgspec.structs import replace

    return replace(one, kind=kind)


class Tags(HTMLParser):
    """Collects tags with their attributes, and the text outside of links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))
        self.inside += tag == "a"

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag == "a"

    def handle_data(self, data: str) -> None:
        self.text += "\n" if self.inside else data


def links_in(text: str) -> set[str]:
    return {found.url for found in LINKIFY.match(text) or []}


@given(hostile)
@settings(max_examples=300)
def test_a_tame_text_has_no_link_and_no_mention(text: str) -> None:
    safe = tame(text)
    assert not links_in(safe)
    assert not MENTION.search(safe)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u200b]", safe)
    assert not re.search(r"://\S|\bwww\.\S|\]\(", safe)


@given(hostile)
@settings(max_examples=30)
def test_plain_text_has_only_our_links(text: str) -> None:
    body = bodies(text, Medium.PLAIN)
    assert links_in(body) == {OURS}
    assert not MENTION.search(body)
    assert not links_in(subject(forged(text), MADRID))


@given(hostile)
@settings(max_examples=30)
@pytest.mark.parametrize("medium", [Medium.MARKDOWN, Medium.DISCORD])
def test_markdown_has_only_our_links(medium: Medium, text: str) -> None:
    tokens = [token for block in GFM.parse(bodies(text, medium)) for token in (block, *(block.children or ()))]
    assert {token.attrs["href"] for token in tokens if token.type == "link_open"} == {OURS}
    assert not {token.type for token in tokens} & FORGED
    assert not MENTION.search("\n".join(token.content for token in tokens if token.type == "text"))


@given(hostile)
@settings(max_examples=30)
def test_slack_has_only_our_links(text: str) -> None:
    body = bodies(text, Medium.SLACK)
    assert {found.split("|")[0] for found in re.findall(r"<([^>]*)>", body)} == {OURS}
    outside = re.sub(r"(?m)<[^>\n]*>|^> ", "\n", body)
    assert not re.search(r"[<>`~_]|&(?!amp;|lt;|gt;)", outside)
    assert not links_in(outside)
    assert not MENTION.search(outside.replace("*", ""))


@given(hostile)
@settings(max_examples=30)
@pytest.mark.parametrize(
    ("medium", "allowed"),
    [(Medium.TELEGRAM, {"b", "u", "blockquote", "a"}), (Medium.HTML, {"b", "u", "blockquote", "a", "p", "br"})],
)
def test_html_has_only_our_tags_and_links(medium: Medium, allowed: set[str], text: str) -> None:
    parser = Tags()
    parser.feed(bodies(text, medium))
    parser.close()
    assert {tag for tag, _ in parser.tags} <= allowed
    assert {value for _, attrs in parser.tags for name, value in attrs if name == "href"} == {OURS}
    assert {name for _, attrs in parser.tags for name, _ in attrs} <= {"href", "dir"}
    assert not links_in(parser.text)
    assert not MENTION.search(parser.text)


@given(hostile)
@settings(max_examples=30)
def test_a_tame_text_can_still_be_read(text: str) -> None:
    """Nothing that can be seen is lost: without the breaks it is the text, in one line."""
    from pipeline.core.query.snippets import plain
    from pipeline.core.text.tidy import CONTROL, visible

    def letters(value: str) -> str:
        return "".join(char for char in visible(CONTROL.sub(" ", plain(value))) if not char.isspace())

    assert letters(tame(text)).replace(HAIR, "") == letters(text.replace("\ue000", "").replace("\ue001", ""))
