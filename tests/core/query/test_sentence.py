"""Queries in words, and those that can never match."""

from __future__ import annotations

import pytest
from hypothesis import given

from pipeline.core.query.doubts import dead_branches, impossible
from pipeline.core.query.normal import normal
from pipeline.core.query.outline import outline, plain
from pipeline.core.query.parse import parse
from pipeline.core.query.sentence import sentence
from pipeline.core.query.tree import And, Node
from tests.core.query.queries import NODES

SENTENCES = [
    ("troops", 'Articles with "troops", in title or text.'),
    ("title:troops", 'Articles with "troops", in title.'),
    ("troops congress", 'Articles with "troops" and "congress", in title or text.'),
    ("a OR b OR c", 'Articles with "a", "b" or "c", in title or text.'),
    ("troops OR title:army", 'Articles with ("troops", in title or text or "army", in title).'),
    ("troops NEAR/5 congress", 'Articles with "troops" within five words of "congress", in title or text.'),
    ("troops PRE/1 congress", 'Articles with "troops" right before "congress", in title or text.'),
    ("troops PRE/40 congress", 'Articles with "troops" at most 40 words before "congress", in title or text.'),
    ("troops SENTENCE congress", 'Articles with "troops" and "congress" in one sentence, in title or text.'),
    ("troops PRE/p congress", 'Articles with "troops" before "congress" in one paragraph, in title or text.'),
    ("troops NOT NEAR/5 games", 'Articles with "troops" not within five words of "games", in title or text.'),
    ("troops NOT SENTENCE games", 'Articles with "troops" without "games" in its sentence, in title or text.'),
    ('"a b"~1', 'Articles with "a b" (moved by at most one word), in title or text.'),
    ("=US ~vote arm*", 'Articles with "US" in capitals, any form of "vote" and a word that starts with "arm", '
     "in title or text."),
    ("U.S. cease-fire", 'Articles with "US" in capitals and "cease-fire", in title or text.'),
    ("a -b", 'Articles with "a", in title or text, but not "b", in title or text.'),
    ("a topic:coup -kind:copy", 'Articles with "a", in title or text, and topic "coup", but not kind "copy".'),
    ("a -b -c", 'Articles with "a", in title or text, but not "b" or "c", in title or text.'),
    ("a country:(PE OR US)", 'Articles with "a", in title or text, and country "PE" or "US".'),
    ("a (country:PE OR kind:new)", 'Articles with "a", in title or text, and (country "PE" or kind "new").'),
    ("(a OR b) (c OR d)", 'Articles with ("a" or "b") and ("c" or "d"), in title or text.'),
    ("word_count:>300", "Articles with word_count more than 300."),
    ("published:>=2026-03", "Articles with published from 2026-03-01T00:00:00Z."),
    ("_exists_:author", "Articles with an author."),
    ("title:coup (Oslo OR Bergen)", 'Articles with "coup", in title, and "oslo" or "bergen", in title or text.'),
    ("title:coup text:tanks", 'Articles with "coup", in title, and "tanks", in text.'),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), SENTENCES, ids=[row[0] for row in SENTENCES])
def test_a_query_is_a_sentence(query: str, expected: str) -> None:
    assert sentence(parse(query).node) == expected


@given(NODES)
def test_every_query_has_a_sentence(node: Node) -> None:
    assert sentence(node).endswith(".")


def test_a_query_that_everything_matches() -> None:
    assert sentence(And(())) == "All articles."


def test_a_long_list_of_alternatives_is_cut() -> None:
    text = sentence(parse(" OR ".join(f"w{n}x" for n in range(100))).node)
    assert text.endswith("or 89 more, in title or text.")
    assert len(text) < 200


NEVER = [
    ("a -a", "requires and excludes a"),
    ('"foreign troops" -troops', 'requires "troops"'),
    ("(foreign NEAR/5 troops) -troop*", 'requires "troops"'),
    ("title:a -a", "requires"),
    ("a -(b OR a)", "requires and excludes a"),
    ("language:es language:en", "one language"),
    ("language:es language:(en OR pt)", "one language"),
    ("kind:new kind:copy", "one kind"),
    ("kind:nosuch", "only ever new, version, copy"),
    ("outcome:maybe", "only ever authorised"),
    ("country:Peru", "two letters"),
    ("word_count:{5 TO 6}", "no word_count"),
    ("version:<1", "never so low"),
    ("published:2025 published:2026", "exclude each other"),
    ("word_count:>10 word_count:<5", "exclude each other"),
    ("author:ana -_exists_:author", "excludes articles that have it"),
    ("a feed:gone", "feeds.toml has no feed 'gone'"),
    ("kind:x OR kind:y", "only ever"),
]


@pytest.mark.parametrize(("query", "reason"), NEVER, ids=[row[0] for row in NEVER])
def test_what_can_never_match(query: str, reason: str) -> None:
    assert reason in (impossible(parse(query).node, {"feed": {"known"}}) or "")


@pytest.mark.parametrize(
    "query",
    [
        "a -b", "a -title:a", '"a b" -"b a"', "language:es OR language:en", "language:(es OR en) language:en",
        "country:PE country:US", "word_count:[5 TO 6]", "personnel:>10 personnel:<5",
        "published:>now-1d published:2026",
        "kind:new", "feed:known", "a OR kind:x", "(a NOT NEAR/5 b) -c",
        "arm* -army", "topic:coup -topic:troops",
    ],
)  # fmt: skip
def test_what_can(query: str) -> None:
    assert impossible(parse(query).node, {"feed": {"known"}}) is None


def test_a_branch_that_can_never_match_is_named() -> None:
    assert list(dead_branches(parse("a (b OR kind:x)").node)) == [
        "kind:x can never match: kind is only ever new, version, copy"
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a b", "b a"),
        ("(a OR b) c", "c (b OR a)"),
        ("a NEAR/5 b", "b NEAR/5 a"),
        ("a a b", "a AND b"),
        ("a -(b OR c)", "-(c OR b) a"),
    ],
)
def test_what_means_the_same_has_one_form(one: str, other: str) -> None:
    assert normal(parse(one).node) == normal(parse(other).node)


@pytest.mark.parametrize(
    ("one", "other"), [("a PRE/5 b", "b PRE/5 a"), ("a OR b", "a b"), ("a NOT NEAR/5 b", "b NOT NEAR/5 a")]
)
def test_what_does_not_has_two(one: str, other: str) -> None:
    assert normal(parse(one).node) != normal(parse(other).node)


def test_a_tree_is_shown_in_lines() -> None:
    assert outline(parse('title:("a b" PRE/2 cease-fire) -kind:copy').node) == [
        "AND",
        "  NEAR distance=2 ordered within=paragraph field=title",
        "    PHRASE a b",
        "    PHRASE (cease fire | ceasefire)",
        "  NOT",
        "    EQUAL field=kind value=copy",
    ]
    assert plain(parse("a").node) == {"kind": "word", "word": "a", "field": None}
