"""Dates in running text. All of them as if read on Saturday, 20 February 2027."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.expressions.date_phrases import date_phrases
from pipeline.core.expressions.durations import durations
from pipeline.core.text.reading import read
from tests.languages import LANGUAGES

READ_ON = date(2027, 2, 20)


def shown(text: str, language: str, published: date | None = READ_ON) -> str:
    """Kind and days of each telling: "range 2027-03-01/2027-06-30, until /2027-05-31"."""
    reading = read("", text)
    every = [
        one for s in reading.sentences for one in date_phrases(reading, s.first, s.last, language, published)
        if one.kind not in ("on", "during", "date")
    ]  # fmt: skip
    return ", ".join(f"{one.kind} {one.start or ''}/{one.end or ''}" for one in every)


def lasting(text: str, language: str) -> list[tuple[int, int]]:
    reading = read("", text)
    return [(one.months, one.days) for s in reading.sentences for one in durations(reading, s.first, s.last, language)]


MARCH_TO_JUNE = "range 2027-03-01/2027-06-30"
DAYS = "range 2027-05-03/2027-05-17"
MONTHS = "range 2027-07-01/2027-11-30"
SINCE = "from 2027-03-01/"
TILL = "until /2027-12-31"
TILL_YEAR = "until /2028-05-31"
END_OF_MONTH = "until /2027-08-31"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "del 1 de marzo al 30 de junio", MARCH_TO_JUNE),
        ("es", "desde el 1.º de marzo hasta el 30 de junio de 2027", MARCH_TO_JUNE),
        ("es", "entre el 3 y el 17 de mayo", DAYS),
        ("es", "de julio a noviembre", MONTHS),
        ("es", "a partir del primero de marzo", SINCE),
        ("es", "hasta el próximo 31 de diciembre", TILL),
        ("es", "hasta el 31 de mayo de 2028", TILL_YEAR),
        ("es", "hasta finales de agosto", END_OF_MONTH),
        ("es", "hasta fin de año", TILL),
        ("cs", "od 1. března do 30. června", MARCH_TO_JUNE),
        ("cs", "od 3. do 17. května", DAYS),
        ("cs", "od 1. března", SINCE),
        ("cs", "do 31. května 2028", TILL_YEAR),
        ("cs", "do konce srpna", END_OF_MONTH),
        ("cs", "do konce roku", TILL),
        ("sk", "od 1. marca do 30. júna", MARCH_TO_JUNE),
        ("sk", "od 3. do 17. mája", DAYS),
        ("sk", "od 1. marca", SINCE),
        ("sk", "do 31. mája 2028", TILL_YEAR),
        ("sk", "do konca augusta", END_OF_MONTH),
        ("hu", "március 1-jétől június 30-ig", MARCH_TO_JUNE),
        ("hu", "május 3. és 17. között", DAYS),
        ("hu", "március 1-jétől", SINCE),
        ("hu", "2028. május 31-ig", TILL_YEAR),
        ("hu", "2027. március 1-jétől június 30-ig", MARCH_TO_JUNE),
        ("hu", "augusztus végéig", END_OF_MONTH),
        ("hu", "az év végéig", TILL),
        ("el", "από την 1η Μαρτίου έως τις 30 Ιουνίου", MARCH_TO_JUNE),
        ("el", "από τις 3 έως τις 17 Μαΐου", DAYS),
        ("el", "από την 1η Μαρτίου", SINCE),
        ("el", "μέχρι τις 31 Μαΐου 2028", TILL_YEAR),
        ("el", "έως τα τέλη Αυγούστου", END_OF_MONTH),
        ("nl", "van 1 maart tot 30 juni", MARCH_TO_JUNE),
        ("nl", "tussen 3 en 17 mei", DAYS),
        ("nl", "vanaf 1 maart", SINCE),
        ("nl", "tot en met 31 mei 2028", TILL_YEAR),
        ("nl", "tot eind augustus", END_OF_MONTH),
        ("sv", "från den 1 mars till den 30 juni", MARCH_TO_JUNE),
        ("sv", "mellan den 3 och den 17 maj", DAYS),
        ("sv", "från och med den 1 mars", SINCE),
        ("sv", "till och med den 31 maj 2028", TILL_YEAR),
        ("sv", "till slutet av augusti", END_OF_MONTH),
        ("no", "fra 1. mars til 30. juni", MARCH_TO_JUNE),
        ("no", "mellom 3. og 17. mai", DAYS),
        ("no", "fra og med 1. mars", SINCE),
        ("no", "fram til 31. mai 2028", TILL_YEAR),
        ("no", "til utgangen av august", END_OF_MONTH),
        ("da", "fra den 1. marts til den 30. juni", MARCH_TO_JUNE),
        ("da", "mellem den 3. og den 17. maj", DAYS),
        ("da", "fra og med 1. marts", SINCE),
        ("da", "indtil den 31. maj 2028", TILL_YEAR),
        ("da", "til slutningen af august", END_OF_MONTH),
        ("fi", "1. maaliskuuta alkaen", SINCE),
        ("fi", "31. toukokuuta 2028 saakka", TILL_YEAR),
        ("fi", "elokuun loppuun saakka", END_OF_MONTH),
        ("en", "from March 1 to June 30", MARCH_TO_JUNE),
        ("en", "from 1 March until 30 June 2027", MARCH_TO_JUNE),
        ("en", "between May 3 and 17", DAYS),
        ("en", "between 3 and 17 May", DAYS),
        ("en", "from July to November", MONTHS),
        ("en", "starting on 1 March", SINCE),
        ("en", "until December 31", TILL),
        ("en", "through May 31, 2028", TILL_YEAR),
        ("en", "until the end of August", END_OF_MONTH),
        ("en", "until the end of the year", TILL),
        ("pt", "de 1.º de março a 30 de junho", MARCH_TO_JUNE),
        ("pt", "de 1 de março até 30 de junho de 2027", MARCH_TO_JUNE),
        ("pt", "entre 3 e 17 de maio", DAYS),
        ("pt", "de julho a novembro", MONTHS),
        ("pt", "a partir de 1º de março", SINCE),
        ("pt", "até 31 de dezembro", TILL),
        ("pt", "até ao dia 31 de maio de 2028", TILL_YEAR),
        ("pt", "até ao final de agosto", END_OF_MONTH),
        ("pt", "até o fim do ano", TILL),
        ("fr", "du 1er mars au 30 juin", MARCH_TO_JUNE),
        ("fr", "à partir du 1er mars et jusqu'au 30 juin 2027", MARCH_TO_JUNE),
        ("fr", "entre le 3 et le 17 mai", DAYS),
        ("fr", "de juillet à novembre", MONTHS),
        ("fr", "à compter du 1er mars", SINCE),
        ("fr", "jusqu'au vendredi 31 décembre", TILL),
        ("fr", "jusqu'au 31 mai 2028", TILL_YEAR),
        ("fr", "jusqu'à la fin du mois d'août", END_OF_MONTH),
        ("fr", "jusqu'à fin août", END_OF_MONTH),
        ("fr", "jusqu'à la fin de l'année", TILL),
        ("de", "vom 1. März bis zum 30. Juni", MARCH_TO_JUNE),
        ("de", "vom 1. März 2027 bis 30. Juni 2027", MARCH_TO_JUNE),
        ("de", "zwischen dem 3. und dem 17. Mai", DAYS),
        ("de", "vom 3. bis 17. Mai", DAYS),
        ("de", "von Juli bis November", MONTHS),
        ("de", "ab dem 1. März", SINCE),
        ("de", "vom 1. März an", SINCE),
        ("de", "bis zum 31. Dezember", TILL),
        ("de", "bis einschließlich 31. Mai 2028", TILL_YEAR),
        ("de", "bis Ende August", END_OF_MONTH),
        ("de", "bis Jahresende", TILL),
        ("de", "bis zum Jahresende", TILL),
        ("it", "dal 1° marzo al 30 giugno", MARCH_TO_JUNE),
        ("it", "dal primo marzo fino al 30 giugno 2027", MARCH_TO_JUNE),
        ("it", "tra il 3 e il 17 maggio", DAYS),
        ("it", "da luglio a novembre", MONTHS),
        ("it", "a decorrere da lunedì 1 marzo", SINCE),
        ("it", "fino al 31 dicembre", TILL),
        ("it", "entro il 31 maggio 2028", TILL_YEAR),
        ("it", "fino alla fine di agosto", END_OF_MONTH),
        ("it", "fino a fine anno", TILL),
        ("pl", "od 1 marca do 30 czerwca", MARCH_TO_JUNE),
        ("pl", "od 1 marca 2027 r. do 30 czerwca 2027 r.", MARCH_TO_JUNE),
        ("pl", "między 3 a 17 maja", DAYS),
        ("pl", "od lipca do listopada", MONTHS),
        ("pl", "począwszy od 1 marca", SINCE),
        ("pl", "do 31 grudnia", TILL),
        ("pl", "do 31 maja 2028 roku", TILL_YEAR),
        ("pl", "do końca sierpnia", END_OF_MONTH),
        ("pl", "do końca roku", TILL),
        ("ro", "de la 1 martie până la 30 iunie", MARCH_TO_JUNE),
        ("ro", "între 1 martie și 30 iunie 2027", MARCH_TO_JUNE),
        ("ro", "între 3 și 17 mai", DAYS),
        ("ro", "din iulie până în noiembrie", MONTHS),
        ("ro", "începând cu 1 martie", SINCE),
        ("ro", "până la 31 decembrie", TILL),
        ("ro", "până pe 31 mai 2028", TILL_YEAR),
        ("ro", "până la sfârșitul lunii august", END_OF_MONTH),
        ("ro", "până la sfârșitul anului", TILL),
        ("uk", "з 1 березня до 30 червня", MARCH_TO_JUNE),
        ("uk", "з 1 березня по 30 червня 2027 року", MARCH_TO_JUNE),
        ("uk", "між 3 та 17 травня", DAYS),
        ("uk", "з липня до листопада", MONTHS),
        ("uk", "починаючи з 1 березня", SINCE),
        ("uk", "до 31 грудня", TILL),
        ("uk", "до 31 травня 2028 року", TILL_YEAR),
        ("uk", "до кінця серпня", END_OF_MONTH),
        ("uk", "до кінця року", TILL),
        ("ru", "с 1 марта по 30 июня", MARCH_TO_JUNE),
        ("ru", "с 1 марта до 30 июня 2027 года", MARCH_TO_JUNE),
        ("ru", "с 3 по 17 мая", DAYS),
        ("ru", "с июля по ноябрь", MONTHS),
        ("ru", "начиная с 1 марта", SINCE),
        ("ru", "до 31 декабря", TILL),
        ("ru", "по 31 мая 2028 года включительно", TILL_YEAR),
        ("ru", "до конца августа", END_OF_MONTH),
        ("ru", "до конца года", TILL),
        ("tr", "1 Mart'tan 30 Haziran'a kadar", MARCH_TO_JUNE),
        ("tr", "1 Mart ile 30 Haziran 2027 tarihleri arasında", MARCH_TO_JUNE),
        ("tr", "3-17 Mayıs", DAYS),
        ("tr", "temmuzdan kasıma kadar", MONTHS),
        ("tr", "1 Mart'tan itibaren", SINCE),
        ("tr", "31 Aralık'a kadar", TILL),
        ("tr", "31 Mayıs 2028'e kadar", TILL_YEAR),
        ("tr", "ağustos sonuna kadar", END_OF_MONTH),
        ("tr", "yıl sonuna kadar", TILL),
        ("id", "dari 1 Maret sampai 30 Juni", MARCH_TO_JUNE),
        ("id", "mulai 1 Maret hingga 30 Juni 2027", MARCH_TO_JUNE),
        ("id", "antara 3 dan 17 Mei", DAYS),
        ("id", "dari Juli hingga November", MONTHS),
        ("id", "terhitung mulai tanggal 1 Maret", SINCE),
        ("id", "hingga 31 Desember", TILL),
        ("id", "sampai dengan 31 Mei 2028", TILL_YEAR),
        ("id", "sampai akhir Agustus", END_OF_MONTH),
        ("id", "sampai akhir tahun", TILL),
        # Years, and ranges across them
        ("en", "from 1 October to 31 January", "range 2027-10-01/2028-01-31"),
        ("es", "del 1 de septiembre de 2027 al 31 de agosto", "range 2027-09-01/2028-08-31"),
        ("de", "vom 1. November bis 31. Januar 2028", "range 2027-11-01/2028-01-31"),
        ("de", "vom 01.03.2027 bis 30.06.2027", MARCH_TO_JUNE),
        ("en", "from 2027-03-01 to 2027-06-30", MARCH_TO_JUNE),
        ("es", "del 01/03/2027 al 30/06/2027", MARCH_TO_JUNE),
        ("de", "bis 2044", "until /2044-12-31"),
        # Relative to the day it was read on
        ("en", "from today until next Friday", "range 2027-02-20/2027-02-26"),
        ("id", "mulai Senin depan", "from 2027-02-22/"),
        ("de", "ab dem kommenden Montag", "from 2027-02-22/"),
        ("es", "a partir del próximo lunes", "from 2027-02-22/"),
        ("en", "from next month", SINCE),
        ("en", "until the end of next year", "until /2028-12-31"),
        # What no calendar can settle, or is no date of the sort
        ("en", "until spring; until mid-May; as long as needed", ""),
        ("es", "hasta mediados de mayo", ""),
        ("en", "they may go until further notice", ""),
        ("en", "from 30 February", ""),
        ("de", "das Gesetz vom 11. Februar", ""),
        ("fr", "la loi du 28 janvier", ""),
        ("ru", "решение от 13 января", ""),
    ],
)  # fmt: skip
def test_days(language: str, text: str, expected: str) -> None:
    assert shown(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "durante noventa días; por seis meses; por un año", [(0, 90), (6, 0), (12, 0)]),
        ("en", "for ninety days; a six-month stay; for a year; two weeks", [(0, 90), (6, 0), (12, 0), (0, 14)]),
        ("pt", "por 120 dias; de dois anos", [(0, 120), (24, 0)]),
        ("fr", "pour dix-huit mois; pendant un an", [(18, 0), (12, 0)]),
        ("de", "für sechs Monate; ein Jahr lang; ein halbes Jahr", [(6, 0), (12, 0), (6, 0)]),
        ("it", "per ventiquattro mesi; per otto settimane", [(24, 0), (0, 56)]),
        ("pl", "na sześć miesięcy; na pół roku; na dwa lata", [(6, 0), (6, 0), (24, 0)]),
        ("ro", "de 18 luni; pentru un an; 20 de zile", [(18, 0), (12, 0), (0, 20)]),
        ("uk", "на вісімнадцять місяців; на півроку", [(18, 0), (6, 0)]),
        ("ru", "на шесть месяцев; на полгода; на два года", [(6, 0), (6, 0), (24, 0)]),
        ("tr", "altı ay süreyle; bir yıl boyunca; 90 gün", [(6, 0), (12, 0), (0, 90)]),
        ("id", "selama empat bulan; setahun; 90 hari", [(4, 0), (12, 0), (0, 90)]),
        ("es", "hace dos años; cada seis meses; dos horas", []),
        ("en", "three years ago; every six months; two hours", []),
        ("de", "vor zwei Jahren; alle sechs Monate; zwei Stunden", []),
        ("fr", "il y a deux ans; deux heures", []),
        ("tr", "iki yıl önce; iki saat", []),
    ],
)
def test_how_long(language: str, text: str, expected: list[tuple[int, int]]) -> None:
    assert lasting(text, language) == expected


def test_a_length_of_time_counts_both_days() -> None:
    reading = read("", "for six months; for ninety days; for a month")
    six, ninety, month = durations(reading, 0, len(reading.words), "en")
    assert six.end(date(2027, 3, 1)) == date(2027, 8, 31)
    assert ninety.end(date(2027, 2, 15)) == date(2027, 5, 15)
    assert month.end(date(2027, 1, 31)) == date(2027, 2, 27)


def test_without_a_day_of_publication_only_years_that_are_said_count() -> None:
    assert shown("from 1 March to 30 June 2027, until 5 May, until today", "en", None) == "range 2027-03-01/2027-06-30"


WORDS = "1 28 31 de del al hasta el marzo June 3. bis zum Ende März 2027 9999 Monday next - , until to six months"


@given(
    st.lists(st.sampled_from(WORDS.split())),
    st.sampled_from([*LANGUAGES, "ja", None]),
    st.dates(date(1990, 1, 1), date(2100, 12, 31)),
)
def test_any_words_on_any_day(listed: list[str], language: str | None, published: date) -> None:
    reading = read("", " ".join(listed))
    for sentence in reading.sentences:
        for one in date_phrases(reading, sentence.first, sentence.last, language, published):
            assert sentence.first <= one.first < one.last <= sentence.last
            assert one.start or one.end
            assert not (one.start and one.end) or one.start <= one.end
        for duration in durations(reading, sentence.first, sentence.last, language):
            assert sentence.first <= duration.first < duration.last <= sentence.last
