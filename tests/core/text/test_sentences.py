import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.text.sentences import LONGEST_SENTENCE, sentences


@pytest.mark.parametrize(
    "whole",
    [
        [
            "Las tropas de EE.UU. llegaron.",
            "El Sr. Paz y el Dr. J. Gil firmaron con EE. UU. un acuerdo.",
            "¿Sí?",
            "No.",
        ],
        ["The U.S. Senate voted.", "It was 3.5 to 2, Mr. Hall said… and left."],
        ["They left the U.S.", "The vote came later."],
        ["Am 14. Dezember stimmte das Haus zu.", 'Er sagte: "Ja."', "Dann ging er."],
        ["国会は可決した。", "軍が来る！", "本当？"],
        ["ذهب الجيش؟", "نعم."],
        ["संसद ने मंजूरी दी।", "सेना आई।"],
        ["В 2025 г. парламент одобрил ввод войск.", "Голосов было 300."],
        ["Art. 5 e inc. 2 valen.", "Fim."],
        ["Stop!", "Really?", "Yes..."],
    ],
)
def test_splits(whole: list[str]) -> None:
    joined = "".join(s if s[-1] in "。！？" else s + " " for s in whole)
    assert [joined[a:b] for a, b in sentences(joined)] == whole


def test_a_newline_ends_a_sentence() -> None:
    text = "A headline without stop\nThe Sr. Paz\n\n  Next "
    assert [text[a:b] for a, b in sentences(text)] == ["A headline without stop", "The Sr. Paz", "Next"]


@given(st.text(alphabet='aB.。!?\n "”U3é', max_size=200))
def test_spans_are_in_order_and_leave_out_only_blanks(text: str) -> None:
    last = 0
    for start, end in sentences(text):
        assert start >= last
        assert end > start
        assert not text[last:start].strip()
        last = end
    assert not text[last:].strip()


@pytest.mark.parametrize("unit", ["x", "x ", ". ", "U.", "...", "\"'", "国", "«", "1.", "!?", '."', "。"])
@pytest.mark.parametrize("end", ["", "x"])  # a mark with a letter behind it ends nothing, however many there are
def test_linear_and_bounded_on_hostile_text(unit: str, end: str) -> None:
    text = unit * (200_000 // len(unit)) + end
    start = time.process_time()
    spans = sentences(text)
    assert time.process_time() - start < 2
    assert max(b - a for a, b in spans) <= LONGEST_SENTENCE
