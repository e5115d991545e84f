"""Both indices find what core/text reads: every way to write a word, in every script, in blocks and sentences."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds
from pipeline.core.query.search import Search
from pipeline.core.query.tree import And, Exists, Near, Node, Not, Or, Phrase, Prefix, Stem, Word, phrase
from pipeline.core.text.typed import alternatives, phrase_parts
from pipeline.records import Document
from tests.contracts.indices import BACKENDS, PARAMS, closed, ids, numbered
from tests.core.text.test_field_words import ONE_WAY, SAME

WRITTEN = tuple(dict.fromkeys(chain(*chain(*SAME.values()), *(row[1] + row[2] for row in ONE_WAY))))
TYPED = tuple(dict.fromkeys(chain(*(groups[0] for groups in SAME.values()), (row[0] for row in ONE_WAY))))
#: Words that stand for one another, and texts made of them.
MIXED = (
    "a", "cease-fire", "ceasefire", "cease", "fire", "Peru's", "Peru", "s", "3,500", "3 500", "500", "U.S.", "US", "us",
    "Su-27", "Su27", "su", "27", "EE. UU.", "AT&T", "C++", "c", "#TropasFuera", "troops", "troop", ".\n", "\n",
)  # fmt: skip
TOKENS = (
    "a", "ceasefire", "cease", "fire", "peru", "s", "3500", "500", "us", "=us", "u", "su27", "su", "27", "eeuu", "at&t",
    "c++", "c", "tropas", "#tropasfuera", "troops",
)  # fmt: skip


@cache
def corpus() -> list[Document]:
    """One document for each way to write something, and mixtures of words."""
    single = [numbered(n, "x", f"x {text} y") for n, text in enumerate(WRITTEN)]
    titles = [numbered(1_000 + n, text, "", language="fa") for n, text in enumerate(WRITTEN[::3])]
    mixed = [
        numbered(2_000 + n, "", " ".join(MIXED[(n * (7 + m) + m * m) % len(MIXED)] for m in range(n % 17)))
        for n in range(150)
    ]
    return [*single, *titles, *mixed]


@pytest.fixture(scope="module", params=PARAMS)
def search(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with asyncio.Runner() as runner:
        index = runner.run(BACKENDS[request.param](request, tmp_path_factory.mktemp("words")))
        for start in range(0, len(corpus()), 100):  # several segments
            runner.run(index.put(corpus()[start : start + 100]))
        yield lambda node: runner.run(index.search(Search(node, limit=1_000, sort="time")))
        runner.run(closed(index))


def expected(node: Node) -> list[str]:
    return sorted(document.article.id for document in corpus() if holds(node, DocumentView(document)))


def differs(search: Any, node: Node) -> object:
    """How the answer of the index differs from what holds; None if it does not."""
    found, wanted = search(node), expected(node)
    same = sorted(ids(found)) == wanted and (found.total, found.exact) == (len(wanted), True)
    return None if same else (node, found.total, sorted(set(wanted) ^ set(ids(found))))


@pytest.mark.slow
def test_every_typed_form_finds_the_same(search: Any) -> None:
    nodes = [Phrase((alternatives(typed),)) for typed in TYPED]
    nodes += [Phrase(phrase_parts(f"x {typed} y"), field="text") for typed in TYPED]
    assert sum(len(expected(node)) for node in nodes) > 3 * len(nodes)
    assert [wrong for node in nodes if (wrong := differs(search, node))] == []


LEAF: st.SearchStrategy[Node] = st.one_of(
    st.builds(Word, st.sampled_from(TOKENS), st.sampled_from((None, "title", "text"))),
    st.builds(Prefix, st.sampled_from(("ce", "cease", "su", "35", "tro"))),
    st.builds(Stem, st.sampled_from(("troops", "cease", "fires"))),
    st.builds(Exists, st.sampled_from(("title", "text"))),
    st.lists(st.sampled_from(TOKENS), min_size=2, max_size=4).map(lambda tokens: phrase(tuple(tokens))),
    st.builds(
        phrase, st.lists(st.sampled_from(TOKENS), min_size=2, max_size=3).map(tuple), st.integers(1, 4)
    ),
    st.sampled_from(("cease-fire", "Su-27", "3,500 troops", "Peru's cease fire", "EE.UU. troops", "a U.S. troop")).map(
        lambda typed: Phrase(phrase_parts(typed))
    ),
    st.builds(
        Near,
        st.sampled_from(TOKENS).map(Word), st.sampled_from(TOKENS).map(Word), st.sampled_from((None, 1, 2, 5)),
        st.booleans(), st.sampled_from(("paragraph", "sentence")),
    ),
)  # fmt: skip
NODES = st.one_of(
    LEAF,
    st.builds(lambda a, b: And((a, b)), LEAF, LEAF),
    st.builds(lambda a, b: And((a, Not(b))), LEAF, LEAF),
    st.builds(lambda a, b: Or((a, b)), LEAF, LEAF),
)


@settings(max_examples=150, deadline=None)
@given(node=NODES)
@pytest.mark.slow
def test_the_index_and_the_evaluator_agree_on_variants(search: Any, node: Node) -> None:
    assert differs(search, node) is None
