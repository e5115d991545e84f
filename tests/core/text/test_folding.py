"""The normal form: characters that mean the same become the same, letters of their own stay apart."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.text.folding import fold

LETTERS = st.sampled_from("aZéßœİıςΣЙёїم\u064e\u0640گ国ｶﾞกๅ각हि्\u0301\u0308\u200c\u200d\u00ad½①⑴")
TEXT = st.text(st.one_of(LETTERS, st.characters(exclude_categories=("Cs", "Cn"))), max_size=20)

#: Script or what it shows -> groups of spellings that are one, and that differ from the other groups.
GROUPS: dict[str, tuple[tuple[str, ...], ...]] = {
    "Latin": (("Perú", "peru", "PERU", "Peru\u0301", "ＰＥＲＵ", "𝐏𝐞𝐫𝐮", "Pe\u00adru", "Pe\u200bru"), ("Pera",)),
    "German": (("Straße", "STRASSE", "STRAẞE"), ("Strase",)),
    "ligatures": (("ﬁnal", "final"), ("œuvre", "oeuvre"), ("ǆ", "Ǆ", "dz"), ("ĳs", "ijs")),
    "Turkish": (("İstanbul", "istanbul", "ıstanbul", "ISTANBUL"),),
    "Nordic and Slavic": (("Øresund", "oresund"), ("Łódź", "lodz"), ("Đurđa", "durda"), ("Þór", "thor")),
    "Greek": (("Μητσοτάκης", "ΜΗΤΣΟΤΑΚΗΣ", "μητσοτακησ", "Μητσοτα\u0301κης"), ("Ἀθῆναι", "ΑΘΗΝΑΙ"), ("µ", "μ")),
    "Russian": (("Королёв", "Королев", "КОРОЛЁВ", "Короле\u0308в"), ("йод", "и\u0306од"), ("иод", "и\u0301од")),
    "Ukrainian": (("їжак", "ЇЖАК", "і\u0308жак"), ("іжак",), ("ґанок",), ("ганок",), ("Куп\u02bcянськ", "Купянськ")),
    "Belarusian": (("ў", "у\u0306"), ("у", "у\u0301")),
    "Arabic": (("أحمد", "احمد", "أَحْمَد", "احـمـد", "ﺍﺣﻤﺪ"), ("مدرسة", "مدرسه"), ("على", "علي"), ("٣", "3")),
    "Persian": (("کتاب", "كتاب"), ("خانۀ", "خانه", "خانهٔ"), ("۷۸", "٧٨", "78"), ("گل",), ("كل",)),
    "Urdu": (("کی",), ("کے",)),
    "Hebrew": (("שָׁלוֹם", "שלום"), ("ײ", "יי"), ("ך",), ("כ",)),
    "Devanagari": (("फ़ौज", "फौज", "फ\u093cौज"), ("माँ", "मां"), ("क्ष", "क्\u200dष", "क्\u200cष")),
    "Bengali": (("৩", "3"), ("ৎ", "ত্\u200d"), ("ড়",), ("ড",)),
    "Malayalam": (("അവൻ", "അവന്\u200d"),),
    "kana": (("ｶﾞ", "ガ", "カ\u3099"), ("が",), ("カ",), ("ー", "ｰ")),
    "Hangul": (("국", "\u1100\u116e\u11a8"),),
    "Han": (("人", "⼈"), ("国",), ("國",)),
    "numbers": (("①", "1", "１", "¹", "⑴", "๑", "१"), ("½",), ("12",)),
    "keywords": (("L’Exemple", "l'exemple", "L\u200b'Exemple"), ("a\u00a0b", "A b"), ("x‑y", "x-y", "X–Y")),
}  # fmt: skip


@pytest.mark.parametrize("groups", GROUPS.values(), ids=GROUPS)
def test_spellings_of_one_word_are_one_and_others_are_not(groups: tuple[tuple[str, ...], ...]) -> None:
    folded = [{fold(spelling) for spelling in group} for group in groups]
    assert [len(forms) for forms in folded] == [1] * len(groups), folded
    assert len({next(iter(forms)) for forms in folded}) == len(groups), folded


@given(TEXT)
def test_folding_twice_changes_nothing_and_composition_does_not_matter(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded


@pytest.mark.slow
def test_every_character_has_a_form_that_stays() -> None:
    chars = (chr(code) for code in range(sys.maxunicode + 1))
    assigned = [char for char in chars if unicodedata.category(char) not in ("Cs", "Cn", "Co")]
    assert [char for char in assigned if fold(fold(char)) != fold(char)] == []


@pytest.mark.slow
def test_the_form_of_a_letter_or_digit_has_no_punctuation_or_space() -> None:
    chars = (chr(code) for code in range(sys.maxunicode + 1))
    letters = [char for char in chars if unicodedata.category(char)[0] in "LMN"]
    assert [char for char in letters if any(unicodedata.category(one)[0] not in "LMN" for one in fold(char))] == []
