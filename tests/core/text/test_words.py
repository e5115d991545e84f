from __future__ import annotations

import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.text import words as w
from pipeline.core.text.folding import fold
from tests.core.text.words_table import TABLE

LETTERS = st.sampled_from("aZ9éßœİςΣЙم国ーกด你한हि्े\u0301_'’.-– \n①½𠮷😀")
TEXT = st.text(st.one_of(LETTERS, st.characters(exclude_categories=("Cs", "Cn"))), max_size=60)


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_words_of_a_text(text: str, expected: tuple[str, ...]) -> None:
    assert tuple(token.word for token in w.tokenize(text)) == expected
    assert tuple(w.words(text)) == expected
    assert w.count(text) == len(expected)


@given(TEXT)
def test_spans_are_in_order_and_fold_to_their_words(text: str) -> None:
    tokens = w.tokenize(text)
    assert all(a.end <= b.start and a.position < b.position for a, b in pairwise(tokens))
    assert all(token.start < token.end and fold(text[token.start : token.end]) == token.word for token in tokens)
    assert [token.word for token in tokens] == [word for word in w.words(text) if word]
    assert [(token.start, token.end) for token in tokens] == [w.spans(text)[token.position] for token in tokens]


def assigned() -> list[str]:
    chars = (chr(code) for code in range(sys.maxunicode + 1))
    return [char for char in chars if unicodedata.category(char) not in ("Cs", "Cn")]


def test_the_fast_way_is_the_same_way() -> None:
    plain = [char for char in assigned() if w._plain.fullmatch(char)]
    assert len(plain) > 12_000
    text = " ".join(f"a{char}b" for char in plain)
    assert [match.span() for match in w._plain_token.finditer(text)] == [
        match.span() for match in w._token.finditer(text)
    ]


def test_a_word_too_long_is_dropped_but_keeps_its_position() -> None:
    text = f"one {'x' * (w.LONGEST_WORD + 1)} two {'y' * w.LONGEST_WORD}"
    assert [(token.word[:3], token.position) for token in w.tokenize(text)] == [("one", 0), ("two", 2), ("yyy", 3)]
    assert w.words(text)[1] == ""
