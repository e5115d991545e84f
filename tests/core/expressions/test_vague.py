"""Vague numbers in all languages with number words, and the range that each stands for."""

from __future__ import annotations

from importlib import resources

import pytest

from pipeline.core.expressions.vague import bounds, vague_numbers
from pipeline.core.text.reading import read

TENS, DOZENS, HUNDREDS, THOUSANDS = (8, 200), (9, 240), (80, 2_000), (800, 20_000)
TENS_OF_THOUSANDS = (8_000, 200_000)

CASES = [
    ("en", "Dozens of soldiers came.", [DOZENS]),
    ("en", "Scores were hurt, hundreds fled.", [(16, 400), HUNDREDS]),
    ("en", "Tens of thousands marched.", [TENS_OF_THOUSANDS]),
    ("en", "Several hundred soldiers stay.", [HUNDREDS]),
    ("en", "Three hundred soldiers, two dozen officers, three hundreds.", []),
    ("en", "A few people came.", []),
    ("es", "Decenas de militares y varios cientos de policías.", [TENS, HUNDREDS]),
    ("es", "Decenas de miles de personas.", [TENS_OF_THOUSANDS]),
    ("es", "Trescientos soldados y dos decenas de oficiales.", []),
    ("pt", "Dezenas de soldados, centenas de pessoas.", [TENS, HUNDREDS]),
    ("fr", "Des dizaines de milliers de personnes et quelques centaines de soldats.", [TENS_OF_THOUSANDS, HUNDREDS]),
    ("it", "Decine di soldati, migliaia di persone.", [TENS, THOUSANDS]),
    ("de", "Dutzende Soldaten, mehrere Hundert Menschen, Zehntausende.", [DOZENS, HUNDREDS, TENS_OF_THOUSANDS]),
    ("nl", "Tientallen militairen, honderden mensen.", [TENS, HUNDREDS]),
    ("sv", "Tiotals soldater, tusentals människor.", [TENS, THOUSANDS]),
    ("da", "Snesevis af soldater, hundreder af mennesker.", [(16, 400), HUNDREDS]),
    ("no", "Titalls soldater, flere hundre mennesker.", [TENS, HUNDREDS]),
    ("fi", "Kymmeniä sotilaita, satoja ihmisiä.", [TENS, HUNDREDS]),
    ("pl", "Kilkadziesiąt osób, setki żołnierzy, dziesiątki tysięcy ludzi.", [TENS, HUNDREDS, TENS_OF_THOUSANDS]),
    ("pl", "Trzy tysiące osób, około setki osób.", []),
    ("cs", "Desítky vojáků, několik stovek lidí.", [TENS, HUNDREDS]),
    ("sk", "Desiatky vojakov, tisíce ľudí.", [TENS, THOUSANDS]),
    ("hu", "Több tucat katona, több száz ember.", [DOZENS, HUNDREDS]),
    ("ro", "Zeci de militari, sute de oameni.", [TENS, HUNDREDS]),
    ("ru", "Десятки военных, несколько сотен человек, десятки тысяч.", [TENS, HUNDREDS, TENS_OF_THOUSANDS]),
    ("ru", "Около сотни военных, три тысячи человек.", []),
    ("uk", "Десятки військових, сотні людей.", [TENS, HUNDREDS]),
    ("tr", "Onlarca asker, birkaç yüz kişi, on binlerce insan.", [TENS, HUNDREDS, TENS_OF_THOUSANDS]),
    ("el", "Δεκάδες στρατιώτες, χιλιάδες άνθρωποι.", [TENS, THOUSANDS]),
    ("ar", "عشرات الجنود ومئات الأشخاص.", [TENS, HUNDREDS]),
    ("id", "Puluhan tentara, ratusan orang, puluhan ribu warga.", [TENS, HUNDREDS, TENS_OF_THOUSANDS]),
    ("zh", "数十名士兵，数百人，数万人。", [TENS, HUNDREDS, TENS_OF_THOUSANDS]),
    ("xx", "dozens", []),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "expected"), CASES)
def test_vague_numbers(language: str, text: str, expected: list[tuple[int, int]]) -> None:
    reading = read("", text, language)
    found = [
        (one, reading.original(one.first, one.last))
        for sentence in reading.sentences
        for one in vague_numbers(reading, sentence.first, sentence.last, language)
    ]
    assert [(one.low, one.high) for one, _ in found] == expected
    assert [bounds(written, language) for _, written in found] == expected


def test_every_language_with_number_words_has_vague_ones() -> None:
    folder = resources.files("pipeline.core.vocabulary")
    languages = {name[8:-5] for file in folder.iterdir() if (name := file.name).startswith("numbers-")}
    assert languages == {language for language, _, expected in CASES if expected}
