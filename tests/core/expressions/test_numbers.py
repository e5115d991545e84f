"""Numbers in words and digits, and their bounds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.expressions.number_words import table
from pipeline.core.expressions.numbers import numbers
from pipeline.core.expressions.quantities import quantities
from pipeline.core.text.reading import read
from tests.languages import LANGUAGES


def values(text: str, language: str) -> list[int]:
    reading = read("", text)
    found = (numbers(reading, one.first, one.last, language) for one in reading.sentences)
    return [number.value for each in found for number in each]


def bounds(text: str, language: str) -> list[tuple[int | None, int | None]]:
    reading = read("", text)
    found = (quantities(reading, one.first, one.last, language) for one in reading.sentences)
    return [(one.low and one.low.value, one.high and one.high.value) for each in found for one in each]


SPELT = {
    "es": "setenta y un|71 veintidós|22 cien|100 ciento uno|101 quinientas treinta y tres|533 mil cien|1100 "
    "dos mil veintiuno|2021 treinta y cinco mil|35000 dos docenas|24 un centenar|100",
    "en": "seventy-one|71 four hundred and thirty|430 twelve hundred|1200 a hundred|100 two dozen|24 "
    "three thousand five hundred and forty-one|3541 one million two hundred thousand|1200000",
    "pt": "vinte e um|21 cento e vinte e duas|122 mil e cem|1100 dois mil e vinte e um|2021 dezesseis|16 dezasseis|16 "
    "duas dezenas|20 novecentas e noventa e nove|999",
    "fr": "soixante et onze|71 quatre-vingts|80 quatre-vingt-dix-sept|97 nonante-sept|97 mille cent|1100 "
    "trois cent quarante-deux|342 une quarantaine|40 quatre-vingt-un mille|81000",
    "de": "einundsiebzig|71 zweihundertfünfzig|250 eintausendeinhundert|1100 dreiunddreißig|33 zwei Dutzend|24 "
    "neuntausendneunhundertneunundneunzig|9999 hunderteins|101",
    "it": "settantuno|71 ventotto|28 centottanta|180 duecentocinquanta|250 millecento|1100 duemilaventuno|2021 "
    "una settantina|70 settantun|71 trecento|300",
    "pl": "siedemdziesięciu jeden|71 stu czterdziestu|140 dwustu|200 pięćset pięćdziesiąt pięć|555 tysiąc|1000 "
    "dwa tysiące pięciuset|2500 trzydziestu|30 czworo|4",
    "ro": "o sută treizeci|130 douăzeci și unu|21 două sute cincizeci|250 o mie o sută|1100 douăzeci de mii|20000 "
    "nouă sute nouăzeci și nouă|999",
    "nl": "honderdtwintig|120 eenenzeventig|71 tweehonderdvijftig|250 duizend vijfhonderd|1500 vijfentachtig|85",
    "sv": "hundratjugo|120 sjuttioett|71 tvåhundrafemtio|250 tusen femhundra|1500 nittiosju|97",
    "no": "hundre og tjue|120 syttien|71 tohundreogfemti|250 tusen fem hundre|1500 nittisju|97",
    "da": "hundrede og tyve|120 enoghalvfjerds|71 tohundredeoghalvtreds|250 tusind fem hundrede|1500 syvoghalvfems|97",
    "fi": "satakaksikymmentä|120 seitsemänkymmentäyksi|71 kaksisataaviisikymmentä|250 "
    "kahdentoista|12 tuhat viisisataa|1500",
    "cs": "sto dvacet|120 sedmdesát jedna|71 dvě stě padesát|250 dvacetipěti|25 pětadvacet|25 tisíc pět set|1500",
    "sk": "stodvadsať|120 sedemdesiatjeden|71 dvesto päťdesiat|250 tisíc päťsto|1500 štyridsiatich|40",
    "hu": "százhúsz|120 hetvenegy|71 kétszázötven|250 ezerötszáz|1500 huszonöt|25 kilencvenkilenc|99 háromezer|3000",
    "el": "εκατόν είκοσι|120 εβδομήντα ένας|71 διακόσιους πενήντα|250 χίλιοι πεντακόσιοι|1500 τρεις χιλιάδες|3000",
    "uk": "сто двадцять п'ять|125 шістдесятьох|60 дев'яносто сім|97 одна тисяча сто|1100 п'ятсот|500 ста|100 "
    "двісті п’ятдесят|250 півтори тисячі|1500 семеро|7",
    "ru": "сто двадцать|120 семьдесят одного|71 двухсот пятидесяти|250 полторы тысячи|1500 тысяча сто|1100 семеро|7 "
    "девяносто семь|97 сорока|40",
    "tr": "yüz yirmi|120 yüzyirmi|120 yetmiş bir|71 iki bin beş yüz|2500 bin dört yüz|1400 dokuz yüz doksan dokuz|999 "
    "onüç|13",
    "id": "dua ratus|200 tujuh puluh satu|71 dua belas|12 seribu seratus|1100 dua ratus lima puluh ribu|250000 "
    "sebelas|11 dua lusin|24",
}


USUAL = "-300 200- 100- 50 200-300 20-30"

CASES = [
    (language, text.strip(), int(value))
    for language, listed in SPELT.items()
    for text, value in re.findall(r"([^|]+)\|(\d+)", listed)
]


@pytest.mark.parametrize(("language", "text", "value"), CASES)
def test_words(language: str, text: str, value: int) -> None:
    assert values(text, language) == [value]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_table_is_read(language: str) -> None:
    for word, piece in table(language).pieces.items():
        expected = [] if not piece.alone else [piece.value]
        assert values(word, language) == expected, word


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "1.200 soldados, 1,200 o 1 200 o 1\u00a0200", [1200] * 4),
        ("de", "1'200 und 1\u2019200 Mann", [1200, 1200]),
        ("es", "3 mil 500 y 2,5 mil", [3500, 2500]),
        ("pl", "od 2,5 do 3 tys. żołnierzy", [2500, 3000]),
        ("tr", "62 bin asker", [62000]),
        ("en", "68-34", [68, 34]),
        ("en", "No. 96.114a, at 22.15, C-130, 5.5%, 12%, $300, 402/2026, 2026-12-01", []),
        ("pl", "nr 01-50-1-3318/26", []),
        ("id", "R-11/Pres/02/2027 pada (23/3/2027)", []),
        ("en", "between twenty and thirty thousand", [20, 30000]),
        ("en", "two hundred and three hundred", [200, 300]),
        ("es", "entre cien y mil", [100, 1000]),
        ("es", "docenas de soldados y cientos de curiosos", []),
        ("fr", "des centaines d'hommes", []),
        ("ru", "тысячи солдат", []),
        ("en", "thirty, two", [30, 2]),
        ("xx", "71 hombres y setenta", [71]),
    ],
)
def test_digits_and_what_is_no_count(language: str, text: str, expected: list[int]) -> None:
    assert values(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "die 36. Brigade kommt"),
        ("tr", "146'ncı Filo geldi"),
        ("ru", "с 63-й бригадой"),
        ("uk", "128-ї бригади"),
    ],
)
def test_ordinals_are_told_apart(language: str, text: str) -> None:
    reading = read("", text)
    assert [one.ordinal for one in numbers(reading, 0, len(reading.words), language)] == [True]
    assert bounds(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "hasta 300; al menos 200; más de 100; unos 50; entre 200 y 300; de 20 a 30", USUAL),
        ("es", "no podrá exceder de 120; hasta unos 80; 90 como máximo", "-120 -80 -90"),
        ("en", "up to 300; at least 200; more than 100; some 50; between 200 and 300; 20 to 30", USUAL),
        ("en", "no fewer than 400 and no more than 600; 70 at most", "400-600 -70"),
        ("pt", "até 300; pelo menos 200; mais de 100; cerca de 50; entre 200 e 300; de 20 a 30", USUAL),
        ("fr", "jusqu'à 300; au moins 200; plus de 100; environ 50; entre 200 et 300; de 20 à 30", USUAL),
        ("de", "bis zu 300; mindestens 200; mehr als 100; rund 50; zwischen 200 und 300; 20 bis 30", USUAL),
        ("it", "fino a 300; almeno 200; più di 100; circa 50; tra 200 e 300; dai 20 ai 30", USUAL),
        ("pl", "do 300; co najmniej 200; ponad 100; około 50; od 200 do 300; 20-30", USUAL),
        ("ro", "până la 300; cel puțin 200; peste 100; circa 50; între 200 și 300; 20-30", USUAL),
        ("uk", "до 300; щонайменше 200; понад 100; близько 50; від 200 до 300; 20–30", USUAL),
        ("ru", "до 300; не менее 200; более 100; около 50; от 200 до 300; 20–30", USUAL),
        ("tr", "en fazla 300; en az 200; 100'den fazla; yaklaşık 50; 200 ila 300; 20-30", USUAL),
        ("id", "paling banyak 300; sedikitnya 200; lebih dari 100; sekitar 50; antara 200 dan 300; 20-30", USUAL),
        ("es", "de 2 a 3 mil soldados; entre dos y tres mil", "2000-3000 2000-3000"),
        ("de", "zwei- bis dreitausend Mann", "2000-3000"),
        ("en", "by 80 to 41", "80 41"),
    ],
)  # fmt: skip
def test_bounds(language: str, text: str, expected: str) -> None:
    def shown(low: int | None, high: int | None) -> str:
        return str(low) if low == high else f"{low or ''}-{high or ''}"

    assert " ".join(shown(*one) for one in bounds(text, language)) == expected


@given(number=st.integers(0, 999_999), group=st.sampled_from([".", ",", "'", "\u2019", " ", "\u00a0", "\u202f", ""]))
def test_grouped_digits_are_read_back(number: int, group: str) -> None:
    written = f"{number:,}".replace(",", group)
    for language in LANGUAGES:
        assert values(f"x {written} y", language) == [number]


@given(st.text("dreißig und zwei hundert 1.,'-/ 20 bis mil y \n", max_size=60), st.sampled_from([*LANGUAGES, None]))
def test_numbers_lie_in_order_within_their_sentence(text: str, language: str | None) -> None:
    reading = read("", text)
    for one in reading.sentences:
        at = one.first
        for number in numbers(reading, one.first, one.last, language):
            assert at <= number.first < number.last <= one.last
            at = number.last
