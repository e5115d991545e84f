"""Random queries and documents of the same few words, for tests of everything that reads queries."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from pipeline.core.query.tree import (
    And,
    Apart,
    Equal,
    Exists,
    Near,
    Node,
    Not,
    Or,
    Prefix,
    Range,
    Stem,
    Word,
    phrase,
)
from tests.builders import document

VOCABULARY = (
    "army", "armada", "arm", "vote", "voto", "senate", "us", "of", "a", "ban", "band", "国", "会", "сто", "y",
)  # fmt: skip


_words = st.sampled_from(VOCABULARY)
_text_fields = st.sampled_from([None, None, None, "title", "text"])
_leaves = st.one_of(
    st.builds(Word, _words, _text_fields),
    st.builds(Word, _words, _text_fields),
    st.builds(phrase, st.lists(_words, min_size=2, max_size=4).map(tuple), st.integers(0, 4), _text_fields),
    st.builds(Prefix, st.sampled_from(["ar", "arm", "vot", "ban", "se"]), _text_fields),
    st.builds(Equal, st.just("language"), st.sampled_from(["en", "es"])),
    st.builds(Equal, st.just("topic"), st.sampled_from(["coup", "troops"])),
    st.builds(Equal, st.just("source"), st.sampled_from(["El País", 'A "B" \\ C', "or", "x:y"])),
    st.builds(Range, st.just("version"), st.sampled_from(["1", "2"]), st.none(), st.booleans()),
    st.builds(Range, st.just("first_seen"), st.just("2026-01-01T00:00:00Z"), st.just("now-1d"), st.just(True)),
)


def _composed(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=2, max_size=3)
    return st.one_of(several.map(lambda p: flat(And, p)), several.map(lambda p: flat(Or, p)), parts.map(negated))


def flat(kind: type[And] | type[Or], parts: list[Node]) -> Node:
    return kind(tuple(leaf for part in parts for leaf in (part.parts if isinstance(part, kind) else (part,))))


def negated(node: Node) -> Node:
    return node.part if isinstance(node, Not) else Not(node)


#: What has a place in a text, without a field, as operands of nearness.
_operands = st.one_of(
    st.builds(Word, _words),
    st.builds(Word, st.sampled_from(["=us", "=nato"])),
    st.builds(Prefix, st.sampled_from(["ar", "vot"])),
    st.builds(Stem, st.sampled_from(["authorise", "voto"])),
    st.builds(phrase, st.lists(_words, min_size=2, max_size=3).map(tuple), st.integers(0, 2)),
    st.builds(lambda a, b: Or((Word(a), Word(b))), _words, _words),
)
_pairs = st.recursive(
    _operands,
    lambda inner: st.builds(
        lambda kind, left, right, distance, ordered, within: kind(
            left, right, distance, ordered, "paragraph" if distance else within
        ),
        st.sampled_from([Near, Apart]), inner, inner, st.one_of(st.none(), st.integers(1, 500)), st.booleans(),
        st.sampled_from(["paragraph", "sentence"]),
    ),
    max_leaves=4,
)  # fmt: skip

#: Every kind of leaf.
LEAVES: st.SearchStrategy[Node] = st.one_of(
    st.builds(lambda node, field: replace(node, field=field), _pairs.filter(lambda n: not isinstance(n, Or)),
              _text_fields),
    st.builds(Exists, st.sampled_from(["title", "author", "published", "version"])),
    _leaves,
)  # fmt: skip

#: Trees as the dialect makes them: flat, no double negation. Some only negate, which the dialect refuses.
NODES: st.SearchStrategy[Node] = st.recursive(_leaves, _composed, max_leaves=8)

DOCUMENTS = st.builds(
    document,
    st.lists(_words, max_size=6).map(" ".join),
    st.lists(_words, max_size=25).map(" ".join),
    language=st.sampled_from(["en", "es", None]),
    topics=st.sampled_from([(), ("coup",), ("troops", "coup")]),
    version=st.integers(1, 2),
    source=st.sampled_from(["EL PAIS", "Or"]),
)
