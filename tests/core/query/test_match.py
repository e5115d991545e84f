from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.documents.fields import (
    QUERY_FIELDS,
    TEXT_FIELDS,
    keyword,
    query_value,
)
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds, match
from pipeline.core.query.parse import parse
from pipeline.core.query.slop import sloppy
from pipeline.core.query.tree import Node
from pipeline.core.query.written import to_text
from pipeline.core.text.folding import fold
from pipeline.records import Document
from tests.builders import document
from tests.core.query.queries import DOCUMENTS, NODES, VOCABULARY

STORY = document(
    "Congreso autoriza ingreso de tropas de EE.UU.",
    "El Congreso del Perú aprobó el ingreso.\nSoldados armados de los Estados Unidos entrarán. 国会批准 tropas.",
    language="es",
    country="PE",
    countries=("PE", "US"),
    topics=("foreign-troop-authorization",),
    author="Ana Díaz",
    published=datetime(2026, 3, 1, 9, tzinfo=UTC),
    url="https://www.noticias.ejemplo.com.pe/x",
    version=2,
)
CASES = [
    ("tropas", "tropas"),
    ("peru", "peru"),
    ("TROPAS congreso", "tropas AND congreso"),
    ("tropas soldado", None),
    ("soldad*", "soldad*"),
    ("title:soldados", None),
    ("text:soldados", "text:soldados"),
    ("soldados OR marines", "soldados"),
    ("tropas (marines OR soldados OR armados)", "tropas AND (soldados OR armados)"),
    ("tropas -marines", "tropas"),
    ("tropas -soldados", None),
    ("tropas -(marines soldados)", "tropas"),
    ("EE.UU.", '"EE.UU."'),
    ("国会", '"国会"'),
    ("会国", None),
    ('"estados unidos"', '"estados unidos"'),
    ('"unidos estados"', None),
    ('"unidos estados"~1', None),
    ('"unidos estados"~2', '"unidos estados"~2'),
    ('"ingreso tropas"', None),
    ('"ingreso tropas"~1', '"ingreso tropas"~1'),
    ('"congreso peru"~1', '"congreso peru"~1'),
    ('"de de"~1', '"de de"~1'),
    ('"de de de"~9', None),
    ('"uu el"', None),  # the end of the title and the start of the text are not side by side
    ("title:tropas text:soldados", "title:tropas AND text:soldados"),
    ("language:ES", "language:ES"),
    ("language:en", None),
    ('author:"ana diaz"', 'author:"ana diaz"'),
    ("author:ana", None),
    ("country:us AND outlet_country:pe", "country:us AND outlet_country:pe"),
    ("topic:foreign-troop-authorization", "topic:foreign-troop-authorization"),
    ("site:ejemplo.com.pe OR site:x.example", "site:ejemplo.com.pe"),
    ("site:pe", "site:pe"),
    ("site:jemplo.com.pe", None),
    ("version:2", "version:2"),
    ("version:>2", None),
    ("published:2026-03-01", "published:[2026-03-01T00:00:00Z TO 2026-03-02T00:00:00Z}"),
    ("published:>=2026-03-02", None),
    ("published:>now-2d", "published:{now-2d TO *]"),
    ("published:>now-1d", None),
    ('source:"el ejemplo" kind:new', 'source:"el ejemplo" AND kind:new'),
]


@pytest.mark.parametrize(("query", "branch"), CASES, ids=[row[0] for row in CASES])
def test_what_matches_and_by_which_branch(query: str, branch: str | None) -> None:
    found = match(parse(query).node, DocumentView(STORY))
    assert (found and to_text(found.branch)) == branch


@pytest.mark.parametrize(
    ("query", "spans"),
    [
        ("tropas", [("title", "tropas"), ("text", "tropas")]),
        ("EE.UU. peru", [("title", "EE.UU"), ("text", "Perú")]),
        ('"ingreso tropas"~1', [("title", "ingreso"), ("title", "tropas")]),
        ("国会", [("text", "国会")]),
        ("arma* -marines", [("text", "armados")]),
        ("language:es", []),
    ],
)
def test_the_places_of_the_words(query: str, spans: list[tuple[str, str]]) -> None:
    found = match(parse(query).node, DocumentView(STORY))
    assert found is not None
    assert [(span.field, span.text) for span in found.spans] == spans
    assert all(query_value(span.field, STORY)[span.start : span.end] == span.text for span in found.spans)


def lucene_moves(positions: tuple[int, ...]) -> int:
    moved = [position - i for i, position in enumerate(positions)]
    return max(moved) - min(moved)


@given(
    st.lists(st.sampled_from("abc"), max_size=9),
    st.lists(st.sampled_from("abc"), min_size=2, max_size=4).map(tuple),
    st.integers(0, 5),
)
def test_near_finds_an_occurrence_whenever_there_is_one(text: list[str], sought: tuple[str, ...], slop: int) -> None:
    places: dict[str, list[tuple[int, int]]] = {}
    for position, word in enumerate(text):
        places.setdefault(word, []).append((position, position))
    possible = product(*([first for first, _ in places.get(word, [])] for word in sought))
    all_of_them = {
        tuple(sorted(found)) for found in possible if len(set(found)) == len(found) and lucene_moves(found) <= slop
    }
    found = [
        tuple(position for first, last in occurrence for position in range(first, last + 1))
        for occurrence in sloppy([places.get(word, []) for word in sought], slop)
    ]
    assert set(found) <= all_of_them
    assert bool(found) == bool(all_of_them)


def naive(node: Node, document: Document) -> bool:
    """What a query means, as plainly as possible; shares with match.py only what a word is."""
    values = {name: query_value(name, document) for name in QUERY_FIELDS}

    def texts(field: str | None) -> list[list[str]]:
        return [[fold(w) for w in values[name].split()] for name in (TEXT_FIELDS if field is None else (field,))]

    kind = type(node).__name__
    n: Any = node
    if kind in ("And", "Or"):
        return (all if kind == "And" else any)([naive(part, document) for part in n.parts])
    if kind == "Not":
        return not naive(n.part, document)
    if kind == "Equal":
        return any(keyword(value) == keyword(n.value) for value in values[n.field])
    if kind == "Range":
        version: int = values["version"]
        return bool(n.field == "version" and version > int(n.low) - n.include_low)
    if kind == "Word":
        return any(n.word in text for text in texts(n.field))
    if kind == "Prefix":
        return any(word.startswith(n.prefix) for text in texts(n.field) for word in text)
    for text in texts(n.field):
        for found in product(*([i for i, w in enumerate(text) if w == word] for ((word,),) in n.parts)):
            if len(set(found)) == len(found) and lucene_moves(found) <= n.slop:
                return True
    return False


@given(NODES, DOCUMENTS)
def test_matching_means_what_it_says(node: Node, document: Document) -> None:
    expected = naive(node, document)
    view = DocumentView(document)
    assert holds(node, view) == expected
    found = match(node, view)
    assert (found is not None) == expected
    if found is not None:
        assert holds(found.branch, view)
        assert all(query_value(s.field, document)[s.start : s.end] == s.text for s in found.spans)


def test_the_vocabulary_of_the_random_tests_is_of_whole_words() -> None:
    assert all(fold(word) == word for word in VOCABULARY)


def test_a_text_made_to_be_slow_is_not() -> None:
    hostile = document("", "a " * 50_000 + "b " * 50_000)
    view = DocumentView(hostile)
    assert not holds(parse('"b a"~100 x').node, view)
    assert holds(parse('"a a a b b b"~100').node, view)
    assert not holds(parse('"b a a"~1').node, view)
