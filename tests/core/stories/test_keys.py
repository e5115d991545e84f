"""Keys of names, words and numbers; and the days and years of an opening."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.core.stories.days import EPOCH, days_of, eastern_dates, years_of
from pipeline.core.stories.keys import name_key, name_keys, number_keys, word_keys
from pipeline.core.text import words


@pytest.mark.parametrize("spellings", [
    "Zelensky Zelenskyy Selenskyj Zełenski Зеленський Зеленского ゼレンスキー",
    "Putin Poutine Putinem Путин Путина Путіну",
    "Macron Макрон Макроном マクロン",
    "Netanyahu Netanjahu Нетаньяху نتنياهو",
    "Erdoğan Erdogan Эрдоган",
    "Yerevan Ереван Երևան",
    "Hanoi Hanoï Ханой",
])  # fmt: skip
def test_spellings_of_a_name_have_one_key(spellings: str) -> None:
    assert len(set(map(name_key, spellings.split()))) == 1


def test_names_have_different_keys() -> None:
    names = ["Putin", "Zelensky", "Macron", "Trudeau", "Oslo", "Osaka", "Lee", "Li", "Merz", "Scholz", "Anna", "Hanna"]
    assert len(set(map(name_key, names))) == len(names)


def test_what_is_left_of_a_name_is_enough_or_it_has_no_key() -> None:
    assert name_keys(["Xi", "I", "—", ""]) == [name_key("Xi")]
    assert name_key("والقاهرة") == name_key("القاهرة") == name_key("قاهرة")


def test_words_are_known_by_their_beginnings() -> None:
    assert word_keys(words.words("The ministers, the ministry")) == word_keys(["ministerial"])
    assert word_keys(words.words("in 2026 a b c")) == []
    assert len(word_keys(words.words("議會周四"))) == 3


def test_small_numbers_and_years_say_nothing() -> None:
    assert number_keys(["3", "12", "2026", "1999", "-4"]) == []
    assert number_keys(["12%", "73-25", "5000000 $", "5000000 $", "21"]) == number_keys(
        ["12%", "73-25", "5000000 $", "21"]
    )


@pytest.mark.parametrize(("dates", "expected"), [
    (["w1"], ["2026-03-03"]),  # the report is of Wednesday
    (["w2", "today"], ["2026-03-04"]),
    (["w3"], ["2026-02-26"]),
    (["yesterday", "tomorrow"], ["2026-03-03", "2026-03-05"]),
    (["3-14"], ["2026-03-14"]),
    (["12-24"], ["2025-12-24"]),
    (["2024-2-29", "2025-2-29"], ["2024-02-29"]),
    (["2026-01-31", "01.02.2026", "3/4/2026", "5"], ["2026-01-31", "2026-02-01"]),
    (["1812-6-24"], []),
])  # fmt: skip
def test_days(dates: list[str], expected: list[str]) -> None:
    days = [(date.fromisoformat(day) - EPOCH).days for day in expected]
    assert days_of(dates, date(2026, 3, 4)) == days


def test_eastern_dates() -> None:
    text = "周一开盘 星期日收盘 金曜日 토요일 12月3日 3월 14일 4月号"
    assert list(eastern_dates(text)) == ["w0", "w6", "w4", "w5", "12-3", "3-14"]


def test_years() -> None:
    assert list(years_of("From 2019 to 2026, then 2019; 12026 and 20260101, 1815")) == [2019, 2026]
