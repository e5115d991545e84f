"""What the operators of nearness mean, in words and against a plain evaluator."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds, match
from pipeline.core.query.parse import parse
from pipeline.core.query.places import occurrences
from pipeline.core.query.tree import Apart, Near, Or, Phrase, Word, phrase
from tests.builders import document

TEXT = (
    "Foreign troops arrived before the congress voted. Soldiers stayed home.\n"
    "The strike began.\n"
    "Police broke the strike; the police chief resigned. Police said nothing."
)
CASES = [
    ("troops NEAR/4 congress", True),  # arrived, before, the: three words between
    ("troops NEAR/3 congress", False),
    ("congress NEAR/4 troops", True),
    ("troops PRE/4 congress", True),
    ("congress PRE/4 troops", False),
    ("foreign PRE/1 troops", True),
    ("foreign ADJ troops", True),
    ("troops ADJ foreign", False),
    ("troops SENTENCE voted", True),
    ("troops SENTENCE soldiers", False),
    ("troops PARAGRAPH soldiers", True),
    ("troops PARAGRAPH strike", False),
    ("began NEAR/2 police", False),  # the paragraph ends between them
    ('"began police"', False),
    ('"began police"~5', False),
    ("voted PRE/s troops", False),
    ("troops PRE/s voted", True),
    ("home PRE/p troops", False),
    ("troops PRE/p home", True),
    ("police NOT NEAR/3 strike", True),  # the last one
    ("strike NOT NEAR/1 began", True),
    ("began NOT NEAR/1 strike", False),
    ("began NOT SENTENCE strike", False),
    ("soldiers NOT SENTENCE troops", True),
    ("soldiers NOT PARAGRAPH troops", False),
    ("congress NOT PRE/1 voted", False),
    ("congress NOT PRE/1 troops", True),
    ('"foreign troops" NEAR/3 (congress OR "before the")', True),
    ("sol* NEAR/2 home", True),
    ("troops NEAR/1 troop*", False),  # not the same word twice
    ("police NEAR/20 police", True),
    ("congress NEAR/20 congress", False),
    ("(foreign NEAR/1 troops) NEAR/1 arrived", True),
    ("(foreign NEAR/5 congress) NEAR/1 troops", True),  # troops stand between them
    ("troops NEAR/4 congress NEAR/4 voted", True),
    ("troops SENTENCE congress SENTENCE voted", True),
    ("troops SENTENCE congress SENTENCE home", False),
    ('voted NEAR/1 "the congress"~3', True),
    ('arrived NOT NEAR/2 "before arrived congress"~9', True),  # not the same word twice
    ("title:(troops NEAR/5 congress)", False),
    ("text:(troops NEAR/5 congress)", True),
    ("~arriving NEAR/2 troops", True),
    ("~soldier", True),
    ("~soldiering NEAR/2 ~staying", True),
    ("~policing", True),
    ("_exists_:text", True),
    ("_exists_:author", False),
    ("_exists_:language -_exists_:author", True),
    ("language:* title:*", False),  # the title is empty
]


@pytest.mark.parametrize(("query", "expected"), CASES, ids=[row[0] for row in CASES])
def test_what_is_near(query: str, expected: bool) -> None:
    assert holds(parse(query).node, DocumentView(document("", TEXT))) is expected


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("troops NEAR/4 congress", ["troops", "congress"]),
        ('"foreign troops" NEAR/9 voted', ["Foreign troops", "voted"]),
        ("soldiers NOT SENTENCE troops", ["Soldiers"]),
        ("~stay", ["stayed"]),
    ],
)
def test_what_is_shown_of_it(query: str, words: list[str]) -> None:
    found = match(parse(query).node, DocumentView(document("", TEXT)))
    assert found is not None
    assert [span.text for span in found.spans] == words


@pytest.mark.parametrize(
    ("language", "query", "text"),
    [
        ("en", "~authorise", "It was authorised"),
        ("es", "~autorizar", "Se autorizó el ingreso"),
        ("de", "~Soldat", "Die Soldaten kamen"),
        ("ru", "~солдат", "Пришли солдаты"),
        ("th", "~abc", "abc"),  # no stemmer: the word itself
        ("", "~abc", "abc"),
    ],
)
def test_stems_are_those_of_the_documents_language(language: str, query: str, text: str) -> None:
    assert holds(parse(query).node, DocumentView(document("", text, language=language or None)))


def test_another_languages_stems_are_not_found() -> None:
    view = DocumentView(document("", "It was authorised", language="de"))
    assert not holds(parse("~authorise").node, view)


# -- against all pairs

_words = st.sampled_from("abc")
_operands = st.one_of(
    st.builds(Word, _words),
    st.builds(phrase, st.tuples(_words, _words)),
    st.builds(lambda a, b: Or((Word(a), Word(b))), _words, _words),
    st.just(Phrase(((("a",), ("b", "c")), (("c",),)))),
)
_pairs = st.builds(
    lambda kind, left, right, distance, ordered, within: kind(left, right, distance, ordered, within),
    st.sampled_from([Near, Apart]), _operands, _operands, st.one_of(st.none(), st.integers(1, 4)), st.booleans(),
    st.sampled_from(["paragraph", "sentence"]),
)  # fmt: skip
_texts = st.lists(st.lists(st.lists(_words, min_size=1, max_size=6), min_size=1, max_size=3), min_size=1, max_size=3)


def _found(node: object, words: list[str]) -> list[tuple[int, int]]:
    """First and last index of each occurrence of an operand in a list of words."""
    match node:
        case Word(word):
            return [(i, i) for i, one in enumerate(words) if one == word]
        case Or(parts):
            return [place for part in parts for place in _found(part, words)]
        case Phrase(parts):
            ends = [(i, i) for i in range(len(words))]  # first, and where the next part starts
            for part in parts:
                ends = [
                    (first, at + len(tokens))
                    for first, at in ends
                    for tokens in part
                    if tuple(words[at : at + len(tokens)]) == tokens
                ]
            return [(first, after - 1) for first, after in ends]
    raise TypeError


def _pair(node: Near | Apart, left: tuple[int, int], right: tuple[int, int], sentence: list[int]) -> bool:
    if left[0] <= right[1] and right[0] <= left[1]:
        return False
    if node.within == "sentence" and sentence[min(left[0], right[0])] != sentence[max(left[1], right[1])]:
        return False
    after = right[0] - left[1] if right[0] > left[1] else left[0] - right[1]
    return (not node.ordered or right[0] > left[1]) and (node.distance is None or after <= node.distance)


@given(_pairs, _texts)
def test_near_and_not_near_are_what_all_pairs_say(node: Near | Apart, blocks: list[list[list[str]]]) -> None:
    text = "\n".join(" ".join(f"{' '.join(words)}。" for words in block) for block in blocks)
    expected = False
    for block in blocks:
        words = [word for sentence in block for word in sentence]
        sentence = [number for number, one in enumerate(block) for _ in one]
        lefts, rights = _found(node.left, words), _found(node.right, words)
        beside = [any(_pair(node, left, right, sentence) for right in rights) for left in lefts]
        expected |= any(beside) if isinstance(node, Near) else not all(beside)
    view = DocumentView(document("", text))
    assert holds(node, view) == expected
    for occurrence in occurrences(node, "text", view):
        assert list(occurrence) == sorted(occurrence)


def test_every_place_of_a_phrase_with_moves_counts() -> None:
    view = DocumentView(document(title="", text="រដ្ឋសភា။ ភ្នំពេញ လွှတ်တော်။ ရန်ကုန်"))
    assert not holds(parse('"န ု"~4 NOT SENTENCE "် က န"~4').node, view)


def test_a_stem_is_of_the_word_as_it_is_typed_in_turkish() -> None:
    view = DocumentView(document(title="", text="Iğdır'da erken seçim", language="tr"))
    assert holds(parse("~Iğdır").node, view)
