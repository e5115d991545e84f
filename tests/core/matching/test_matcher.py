"""Queries that are looked up together match exactly where each matches alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.matching.frequencies import Frequencies
from pipeline.core.matching.matcher import Matcher
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds
from pipeline.core.query.names import name_list
from pipeline.core.query.parse import parse
from pipeline.core.query.spelling import parts_of
from pipeline.core.query.tree import And, InList, Near, Node, Not, Or, Phrase, Stem, Word, phrase
from pipeline.core.text.typed import phrase_parts
from pipeline.records import Document
from tests.builders import document
from tests.core.query.queries import DOCUMENTS, LEAVES, NODES, flat, negated

FIELDS = st.sampled_from([None, None, "title", "text"])
#: What is typed in quotation marks: acronyms, compounds, numbers, symbols, hashtags, three words and more.
TYPED = (
    "U.S. troops", "cease-fire", "cease-fire vote", "the cease-fire vote", "3,500 troops", "Su-27", "Su 27 pilots",
    "armed forces", "armed forces vote", "#ArmedForcesVote", "of the armed forces", "Peru's vote", "AT&T", "a b c d e",
    "国会 vote", "vote U.S.", "l'OTAN", "cease-fire cease-fire cease-fire cease-fire cease-fire",
)  # fmt: skip
#: What documents are made of; lines end in them too.
CHUNKS = (
    "U.S.", "US", "troops", "cease-fire", "ceasefire", "cease", "fire", "vote", "the", "3,500", "3.500", "3 500",
    "Su-27", "Su27", "su", "27", "pilots", "armed", "forces", "#ArmedForces", "#ArmedForcesVote", "#cease_fire", "of",
    "Peru's", "Peru", "AT&T", "a", "b", "c", "d", "e", "国会", "l'OTAN", "army", "voto", "voted", "ban", "band", ".\n",
    "\n", "!", "#b",
)  # fmt: skip
NAMES = [
    name_list("forces", [parts_of("armed forces"), parts_of("army"), parts_of("U.S. troops"), parts_of("Su-27")]),
    name_list("votes", [parts_of("vote"), parts_of("cease-fire vote")]),
]
PHRASES = st.builds(Phrase, st.sampled_from(TYPED).map(phrase_parts), st.sampled_from([0, 0, 0, 2]), FIELDS)
LISTED = st.builds(InList, st.sampled_from(NAMES), FIELDS)
STEMS = st.builds(Stem, st.sampled_from(["vote", "voted", "armed", "nothing"]), FIELDS)
NEARS = st.builds(
    lambda left, right, field: Near(replace(left, field=None), replace(right, field=None), 3, field=field),
    PHRASES, st.one_of(PHRASES, LISTED), FIELDS,
)  # fmt: skip
_LEAVES = st.one_of(LEAVES, PHRASES, LISTED, STEMS, NEARS)
_TREES = st.recursive(
    _LEAVES,
    lambda parts: st.one_of(
        st.lists(parts, min_size=2, max_size=3).map(lambda p: flat(And, p)),
        st.lists(parts, min_size=2, max_size=3).map(lambda p: flat(Or, p)),
        parts.map(negated),
    ),
    max_leaves=8,
)
_TEXTS = st.lists(st.sampled_from(CHUNKS), max_size=14).map(" ".join)
_DOCUMENTS = st.one_of(
    DOCUMENTS,
    st.builds(document, _TEXTS, _TEXTS, language=st.sampled_from(["en", "es", "xx", None])),
)


@settings(max_examples=300)
@given(st.lists(st.one_of(NODES, _TREES), max_size=8), st.lists(_DOCUMENTS, min_size=1, max_size=3))
def test_all_together_match_where_each_matches_alone(nodes: list[Node], documents: list[Document]) -> None:
    learnt = Frequencies()
    first = Matcher(nodes)
    for one in documents:
        expected = [number for number, node in enumerate(nodes) if holds(node, DocumentView(one))]
        assert first.matches(DocumentView(one), learnt) == expected
    again = first.anchored(learnt.shares())
    for one in documents:
        expected = [number for number, node in enumerate(nodes) if holds(node, DocumentView(one))]
        assert again.matches(DocumentView(one)) == expected
        assert set(expected) <= again.candidates(DocumentView(one))


@pytest.mark.parametrize("words", TYPED)
@pytest.mark.parametrize("field", [None, "title", "text"])
@pytest.mark.parametrize("text", [
    "U.S. troops", "US troops", "a cease-fire vote", "the ceasefire vote", "the cease fire vote", "3 500 troops",
    "Su27 pilots", "Su 27 pilots", "#ArmedForces", "#ArmedForcesVote", "#armedforces vote", "armed forces\nvote",
    "of the armed forces vote", "the\ncease-fire", "Perus vote", "AT&T a b c d e", "a b c d\ne", "#abcde", "国会 vote",
    "vote US", "vote\nU.S.", "L'OTAN", "cease-fire " * 5,
])  # fmt: skip
def test_a_phrase_in_every_way_it_is_written(words: str, field: str | None, text: str) -> None:
    node = Phrase(phrase_parts(words), 0, field)
    for one in (document(text, "x"), document("x", text), document("x " + text, text + " y\nz")):
        expected = holds(node, DocumentView(one))
        for query, is_so in ((node, expected), (Not(node), not expected)):
            assert (Matcher([query]).matches(DocumentView(one)) == [0]) == is_so


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("troops", {"troops"}),
        ("us troops", {"troops"}),
        ("troops OR soldiers", {"troops", "soldiers"}),
        ("us (troops OR soldiers)", {"troops", "soldiers"}),
        ("(us OR uk) authorisation", {"authorisation"}),
        ('"armed forces" of', {("armed", "forces")}),
        ('"armed forces act"', {("armed", "forces"), "#armedforcesact"}),
        ('"force armament"~3', {"armament"}),
        ("authori*", {"authori*"}),
        ("title:authorisation", {"title:authorisation"}),
        ("troops -congress", {"troops"}),
        ("a topic:coup", {"topic:coup"}),
        ("language:es parliament", {"parliament"}),
        ("language:es", {"language:es"}),
        ("us NEAR/3 armament", {"armament"}),
        ("version:2", None),
        ("troops OR version:2", None),
        ("troops AND version:2", {"troops"}),
    ],
)
def test_what_a_query_is_found_by(query: str, expected: set[object] | None) -> None:
    matcher = Matcher([parse(query).node])
    assert (set(matcher.anchors) or None) == expected
    assert matcher.always == ([] if expected else [0])


def test_what_is_rare_is_learnt_from_documents() -> None:
    matcher, learnt = Matcher([parse("of the").node, parse("the authorisation").node]), Frequencies()
    assert set(matcher.anchors) == {"the", "authorisation"}
    for _ in range(200):
        matcher.matches(DocumentView(document("", "The authorisation of authorisation: the")), learnt)
    for number in range(2_000):
        matcher.matches(DocumentView(document("", "Of authorisation" if number % 50 else "of the")), learnt)
    assert set(matcher.anchored(learnt.shares()).anchors) == {"the"}


def test_equal_parts_of_queries_are_evaluated_once() -> None:
    queries = [parse(f"word{n} (version:1 OR version:3)").node for n in range(50)]
    view = _Counting(document("", " ".join(f"word{n}" for n in range(50))))
    assert Matcher(queries).matches(view) == list(range(50))
    assert view.asked == ["version"]


class _Counting(DocumentView):
    def __init__(self, one: Document) -> None:
        super().__init__(one)
        self.asked: list[str] = []

    def value(self, field: str) -> object:
        if field not in ("title", "text"):
            self.asked.append(field)
        return super().value(field)


def test_many_names_and_queries_cost_a_document_nothing() -> None:
    names = name_list("big", [((("person",),), ((f"surname{n}",),)) for n in range(20_000)])
    other = [Or((phrase((f"word{n}", "other")), Word(f"third{n}"))) for n in range(20_000)]
    matcher = Matcher([InList(names), *other])
    for text, expected in (
        ("It was Person Surname777, word12 other. Third9", [0, 10, 13]),
        ("It was person surname778x, word12\nOther", []),
    ):
        assert matcher.matches(DocumentView(document("", text))) == expected
    assert matcher.candidates(DocumentView(document("", "A person, and others"))) == set()
