"""Traditional and simplified characters. The sentences are the tests' own."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.text.han import simplified
from pipeline.core.text.reading import LEAD, read


def test_traditional_characters_become_simplified_ones() -> None:
    assert simplified("國會批准駐軍協議，臺灣。") == "国会批准驻军协议，台湾。"
    assert simplified("国会, Parliament 3") == "国会, Parliament 3"


@given(st.text())
def test_positions_stay_and_nothing_changes_twice(text: str) -> None:
    once = simplified(text)
    assert len(once) == len(text)
    assert simplified(once) == once


def test_an_article_in_chinese_is_read_in_simplified_characters_and_quoted_as_written() -> None:
    reading = read("國會", "國會批准了。駐軍來了。", "zh-Hant")
    assert reading.words[:2] == ["国", "会"]
    assert reading.original(0, 2) == "國會"
    assert reading.quote(reading.sentences[1]) == "國會批准了。"
    assert read("國會", "", "ja").words == ["國", "會"]


def test_two_characters_count_as_one_word_of_the_lead() -> None:
    text = "国会开会。" * LEAD
    assert read("", text, "zh").parts["lead"] == 2 * LEAD // 4
    assert read("", text, "ja").parts["lead"] == LEAD // 4
