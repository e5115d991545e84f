"""Small documents and random query trees, for tests of everything that reads queries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from pipeline.core.query.tree import And, Equal, Node, Not, Or, Phrase, Prefix, Range, Word
from pipeline.records import Article, Dated, Document, Relation, Sourced, Tags, Topic

SEEN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
VOCABULARY = ("army", "armada", "arm", "vote", "voto", "senate", "us", "of", "a", "ban", "band", "国", "会", "1", "y")


def document(title: str = "", text: str = "", **changes: Any) -> Document:
    """A document of these words; `changes` by the names of query fields where they have one."""
    article = Article(
        id=changes.get("id", "a1"),
        url=changes.get("url", "https://www.news.example.org/world/1"),
        feed="example-world",
        source=changes.get("source", "El Ejemplo"),
        title=Sourced(value=title, source="feed"),
        text=text,
        content_hash="0",
        seen=SEEN,
        language=changes.get("language", "en"),
        country=changes.get("outlet_country", "PE"),
        published=Dated(value=changes["published"], source="feed", raw="") if "published" in changes else None,
        author=Sourced(value=changes["author"], source="meta") if "author" in changes else None,
        section=changes.get("section"),
        backlog=changes.get("backlog", False),
    )
    tags = Tags(
        rules="r",
        topics=tuple(Topic(id=topic, score=1.0) for topic in changes.get("topics", ())),
        countries=changes.get("countries", ()),
    )
    relation = Relation(
        kind=changes.get("kind", "new"),
        first_seen=changes.get("first_seen", SEEN),
        seq=changes.get("seq", 1),
        version=changes.get("version", 1),
        story_id=changes.get("story", "s1"),
        duplicate_of=changes.get("duplicate_of"),
        material=changes.get("material", True),
    )
    return Document(article=article, tags=tags, relation=relation)


_words = st.sampled_from(VOCABULARY)
_text_fields = st.sampled_from([None, None, None, "title", "text"])
_leaves = st.one_of(
    st.builds(Word, _words, _text_fields),
    st.builds(Word, _words, _text_fields),
    st.builds(Phrase, st.lists(_words, min_size=2, max_size=4).map(tuple), st.integers(0, 4), _text_fields),
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
