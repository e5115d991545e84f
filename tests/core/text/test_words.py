from __future__ import annotations

import sys
import unicodedata
from itertools import pairwise

import pytest
import tantivy
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.text import words as w
from tests.core.text.words_table import TABLE

ANALYZER = (
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(w.TOKEN))
    .filter(tantivy.Filter.ascii_fold())
    .filter(tantivy.Filter.lowercase())
    .build()
)
LETTERS = st.sampled_from("aZ9éßœİςΣЙم国ーกด你한हि्े\u0301_'’.-– \n①½𠮷😀")
TEXT = st.text(st.one_of(LETTERS, st.characters(exclude_categories=("Cs", "Cn"))), max_size=60)


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_words_of_a_text(text: str, expected: tuple[str, ...]) -> None:
    assert tuple(token.word for token in w.tokenize(text)) == expected
    assert tuple(w.words(text)) == expected
    assert w.count(text) == len(expected)
    assert tuple(ANALYZER.analyze(text)) == expected


@given(TEXT)
def test_tantivy_has_the_same_words(text: str) -> None:
    assert w.words(text) == ANALYZER.analyze(text)


@given(TEXT)
def test_spans_are_in_order_and_fold_to_their_words(text: str) -> None:
    tokens = w.tokenize(text)
    assert all(a.end <= b.start and a.position < b.position for a, b in pairwise(tokens))
    assert all(token.start < token.end and w.fold(text[token.start : token.end]) == token.word for token in tokens)
    assert [token.word for token in tokens] == [word for word in w.words(text) if word]
    assert [(token.start, token.end) for token in tokens] == [w.spans(text)[token.position] for token in tokens]


def assigned() -> list[str]:
    chars = (chr(code) for code in range(sys.maxunicode + 1))
    return [char for char in chars if unicodedata.category(char) not in ("Cs", "Cn")]


@pytest.mark.slow
def test_every_character_folds_and_splits_as_in_tantivy() -> None:
    # One analysis of all characters; each stands alone between two letters, so that joining shows. Characters that
    # got a case pair after this Python's Unicode version are left out.
    for chunk in range(0, len(chars := assigned()), 20_000):
        text = " ".join(f"a{char}b" for char in chars[chunk : chunk + 20_000])
        ours, theirs = w.words(text), ANALYZER.analyze(text)
        newer = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
        assert all(not a.isascii() and unicodedata.category(b[1:-1]) == "Cn" for a, b in newer), newer


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


@pytest.mark.parametrize(
    ("word", "folded"), [("Σ", "σ"), ("ς", "ς"), ("ΟΔΟΣ", "οδοσ"), ("I", "i"), ("İ", "i"), ("ẞ", "ss")]
)
def test_lower_case_knows_no_neighbours(word: str, folded: str) -> None:
    assert w.fold(word) == folded
