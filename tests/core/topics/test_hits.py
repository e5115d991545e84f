from itertools import pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.topics.hits import Chain, Hits, Span

CONCEPTS = ("a", "b", "c")
SPANS = st.lists(st.tuples(st.integers(0, 15), st.integers(1, 3)).map(lambda s: (s[0], s[0] + s[1])), max_size=6)
GAPS = st.integers(0, 3)


def naive(terms: dict[str, dict[int, list[Span]]], rest: list[tuple[int, str]]) -> list[Span]:
    """By trying all ways: of those that begin at one place with one length, the first in order of their parts."""
    found: dict[Span, Span] = {}
    for sentence in terms["a"]:
        choices = [sorted(set(terms[concept].get(sentence, ()))) for concept in ("a", *(c for _, c in rest))]
        for way in product(*choices):
            gaps = [after[0] - before[1] for before, after in pairwise(way)]
            if all(0 <= gap <= most for gap, (most, _) in zip(gaps, rest, strict=True)):
                found.setdefault(way[0], (way[0][0], way[-1][1]))
    return sorted(set(found.values()))


@given(
    st.lists(st.fixed_dictionaries(dict.fromkeys(CONCEPTS, SPANS)), min_size=1, max_size=3), GAPS, GAPS, st.booleans()
)
def test_chains_are_linked_the_nearest_way(
    sentences: list[dict[str, list[Span]]], gap: int, more: int, three: bool
) -> None:
    terms: dict[str, dict[int, list[Span]]] = {concept: {} for concept in CONCEPTS}
    for number, spans in enumerate(sentences):
        for concept in CONCEPTS:
            if spans[concept]:
                place = 100 * number
                terms[concept][number] = [(place + first, place + last) for first, last in spans[concept]]
    terms = {concept: where for concept, where in terms.items() if where} | {"a": terms["a"]}
    rest = [(gap, "b"), (more, "c")] if three else [(gap, "b")]
    parts = ("c", "a", "b") if three else ("b", "a")
    flat = {concept: [span for spans in where.values() for span in spans] for concept, where in terms.items()}
    within = [word // 100 for word in range(100 * len(sentences))]
    hits = Hits(flat, within, {parts[0]: [Chain("abc", "a", tuple(rest), parts)]}, {})
    wanted = naive({c: terms.get(c, {}) for c in CONCEPTS}, rest)
    assert list(hits.get("abc", ())) == wanted
    assert ("abc" in hits) is bool(wanted)
    assert {n for n in hits.where("abc") if hits.spans("abc", n)} == {first // 100 for first, _ in wanted}


def test_an_exception_undoes_what_it_touches_and_chains_may_be_built_on_what_is_left() -> None:
    terms = {"a": [(0, 1), (4, 5), (9, 10)], "a\0": [(4, 6)], "b": [(5, 6), (10, 11)]}
    within = [0] * 8 + [1] * 4
    hits = Hits(terms, within, {"b": [Chain("ab", "a", ((0, "b"),), ("b", "a"))]}, {"a": "a\0"})
    assert dict(hits) == {"a": [(0, 1), (9, 10)], "ab": [(9, 11)], "b": [(5, 6), (10, 11)]}
    assert len(hits) == 3


def test_given_spans_stand_for_terms_and_chains_of_their_concept() -> None:
    chain = Chain("ab", "a", ((1, "b"),), ("b", "a"))
    hits = Hits({"a": [(0, 1)], "b": [(1, 2)]}, [0, 0, 1], {"b": [chain]}, {})
    assert list(hits["ab"]) == [(0, 2)]
    changed = hits.with_spans({"ab": [(2, 3)], "c": [(0, 1)], "b": []})
    assert (list(changed["ab"]), list(changed["c"]), "b" in changed) == ([(2, 3)], [(0, 1)], False)
    assert list(changed.where("ab")) == [1]
    assert (list(hits["ab"]), "c" in hits) == ([(0, 2)], False)  # as it was
