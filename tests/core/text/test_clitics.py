"""What an Arabic word may consist of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.text.clitics import bases, clitics_of
from pipeline.core.text.folding import fold


def readings(word: str) -> frozenset[str]:
    arabic = clitics_of("ar")
    assert arabic is not None
    return bases(word, arabic)


@pytest.mark.parametrize(
    ("word", "within"),
    [
        ("قوات", "القوات والقوات للقوات بقوات قواته قواتها وبقواتهم"),
        ("قاعدة", "القاعدة قاعدته بالقاعدة قاعدتين"),
        ("الولايات", "الولايات للولايات بالولايات"),
        ("برلمان", "البرلمان برلمان والبرلمان للبرلمان"),
        ("عسكري", "العسكرية عسكريون العسكريين"),
        ("وافق", "وافقت وافقوا ووافق"),
        ("يسمح", "يسمح تسمح وسيسمح ستسمح يسمحون"),
        ("أجنبي", "الأجنبية اجنبيه"),
    ],
)
def test_a_word_is_found_in_what_is_written_together_with_it(word: str, within: str) -> None:
    assert all(fold(word) in readings(one) for one in within.split())


@pytest.mark.parametrize(
    ("word", "other"), [("قوات", "قنوات"), ("قول", "قوات"), ("برلمان", "الألمان"), ("جنود", "الجنوب")]
)
def test_another_word_is_not(word: str, other: str) -> None:
    assert word not in readings(other)


@given(st.text())
def test_the_word_itself_is_always_there(word: str) -> None:
    assert fold(word) in readings(word)
