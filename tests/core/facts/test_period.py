"""From when until when they are to stay. All articles appeared on 10 March 2027."""

# ruff: noqa: E501

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.facts.period import find_period
from tests.core.facts.scenes import scene, words


def stay(text: str, language: str, title: str = "") -> str:
    """The period as "2027-04-01/2027-09-30"; a missing day is empty."""
    found = find_period(scene(text, language, title))
    return f"{found.start.value if found.start else ''}/{found.end.value if found.end else ''}" if found else ""


SPRING = "2027-04-01/2027-09-30"
STATED = [
    ("es", "El Congreso autorizó el ingreso de tropas de EE. UU. del 1 de abril al 30 de septiembre.", SPRING),
    ("es", "El Senado autorizó el ingreso de soldados brasileños por seis meses a partir del 1 de abril.", SPRING),
    ("es", "El Gobierno prorrogó hasta el 31 de diciembre la permanencia de las tropas rusas.", "/2027-12-31"),
    ("es", "El Congreso aprobó el ingreso de tropas. Permanecerán en Iquitos desde abril hasta septiembre.", SPRING),
    ("en", "Parliament approved the entry of US troops from 1 April to 30 September.", SPRING),
    ("en", "The House let French soldiers in for six months starting on April 1.", SPRING),
    ("en", "The cabinet extended the stay of Russian troops until December 31.", "/2027-12-31"),
    ("en", "Parliament admitted US Marines. They may stay until the end of the year.", "/2027-12-31"),
    ("en", "The government told the Russian troops to be out of the country by 30 April.", "/2027-04-30"),
    ("pt", "O Congresso autorizou a permanência de tropas dos EUA de 1 de abril a 30 de setembro.", SPRING),
    ("pt", "O Senado autorizou a entrada de militares franceses por seis meses, a contar de 1 de abril.", SPRING),
    ("pt", "O Governo prorrogou até 31 de dezembro a presença dos militares russos.", "/2027-12-31"),
    ("fr", "Le Parlement a autorisé le séjour de soldats français du 1er avril au 30 septembre.", SPRING),
    ("fr", "Le Parlement a autorisé l'entrée de soldats russes pour six mois à compter du 1er avril.", SPRING),
    ("fr", "Le gouvernement prolonge jusqu'au 31 décembre le séjour des soldats russes.", "/2027-12-31"),
    ("de", "Das Parlament hat den Aufenthalt von US-Soldaten vom 1. April bis 30. September genehmigt.", SPRING),
    ("de", "Das Parlament genehmigte den Einsatz französischer Soldaten ab 1. April für sechs Monate.", SPRING),
    ("de", "Die Regierung verlängert den Aufenthalt russischer Truppen bis zum 31. Dezember.", "/2027-12-31"),
    ("it", "Il Parlamento ha autorizzato la permanenza di militari turchi dal 1° aprile al 30 settembre.", SPRING),
    ("it", "Il governo ha autorizzato l'ingresso di soldati francesi per sei mesi a partire dal 1° aprile.", SPRING),
    ("it", "Il governo proroga fino al 31 dicembre la permanenza dei militari russi.", "/2027-12-31"),
    ("pl", "Sejm zgodził się na pobyt wojsk brytyjskich od 1 kwietnia do 30 września.", SPRING),
    ("pl", "Rząd zgodził się na pobyt żołnierzy USA na sześć miesięcy od 1 kwietnia.", SPRING),
    ("pl", "Rząd przedłużył pobyt wojsk rosyjskich do 31 grudnia.", "/2027-12-31"),
    ("ro", "Parlamentul a aprobat staționarea militarilor francezi de la 1 aprilie până la 30 septembrie.", SPRING),
    ("ro", "Guvernul a aprobat prezența trupelor americane pentru șase luni, începând cu 1 aprilie.", SPRING),
    ("ro", "Guvernul a prelungit până la 31 decembrie prezența trupelor ruse.", "/2027-12-31"),
    ("uk", "Рада дозволила перебування військ Британії з 1 квітня до 30 вересня.", SPRING),
    ("uk", "Уряд дозволив перебування канадських військових на шість місяців з 1 квітня.", SPRING),
    ("uk", "Уряд продовжив перебування російських військ до 31 грудня.", "/2027-12-31"),
    ("ru", "Парламент разрешил пребывание войск США с 1 апреля по 30 сентября.", SPRING),
    ("ru", "Правительство разрешило пребывание китайских военных на шесть месяцев с 1 апреля.", SPRING),
    ("ru", "Правительство продлило пребывание российских войск до 31 декабря.", "/2027-12-31"),
    ("tr", "Meclis, ABD askerlerinin 1 Nisan'dan 30 Eylül'e kadar ülkede bulunmasına izin verdi.", SPRING),
    ("tr", "Meclis, Fransız askerlerinin 1 Nisan'dan itibaren altı ay ülkede kalmasına izin verdi.", SPRING),
    ("tr", "Hükümet, Rus askerlerinin görev süresini 31 Aralık'a kadar uzattı.", "/2027-12-31"),
    ("id", "DPR menyetujui kehadiran tentara Australia mulai 1 April sampai 30 September.", SPRING),
    ("id", "Pemerintah mengizinkan tentara Turki tinggal selama enam bulan terhitung mulai 1 April.", SPRING),
    ("id", "Pemerintah memperpanjang izin tinggal tentara Rusia hingga 31 Desember.", "/2027-12-31"),
]


@pytest.mark.parametrize(("language", "text", "expected"), STATED)
def test_told(language: str, text: str, expected: str) -> None:
    assert stay(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        # What expires is not what is granted
        (
            "es",
            "El Gobierno prorrogó hasta el 31 de diciembre el permiso de las tropas rusas, que vencía el 31 de marzo.",
            "/2027-12-31",
        ),
        (
            "en",
            "The stay of French troops was extended to 30 June 2028. The previous permit was due to expire on 31 March.",
            "/2028-06-30",
        ),
        (
            "ru",
            "Парламент продлил пребывание турецких военных. Прежнее разрешение истекает 1 апреля, новое будет действовать по 31 декабря.",
            "/2027-12-31",
        ),
        # A debate, a vote, the day of an act
        ("en", "Parliament debated the entry of US troops and adjourned until 15 March.", ""),
        ("es", "El Congreso debatió el ingreso de tropas de EE. UU.; la sesión se reanudará el 15 de marzo.", ""),
        ("de", "Das Parlament erlaubte die Einreise französischer Soldaten mit dem Gesetz vom 11. Februar.", ""),
        ("uk", "Парламент обговорив допуск військ США і переніс голосування на 15 березня.", ""),
        # No start, no end
        ("en", "Parliament let French soldiers in for six months.", ""),
        ("it", "Il governo autorizza la presenza di soldati francesi per ventiquattro mesi.", ""),
        ("en", "The government let US troops stay until spring.", ""),
        # Years ago
        (
            "en",
            "Parliament let French soldiers in. In 2019 Russian troops had been there from 1 May to 30 June 2019.",
            "",
        ),
        (
            "fr",
            "Le gouvernement a autorisé l'entrée de soldats français. Présent depuis 2013, le détachement compte deux avions.",
            "",
        ),
    ],
)
def test_other_dates(language: str, text: str, expected: str) -> None:
    assert stay(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "es",
            "El Congreso autorizó el ingreso de tropas de EE. UU. entre abril y septiembre.",
            "2027-04-01/2027-09-30",
        ),
        (
            "es",
            "El Congreso autorizó el ingreso de tropas de EE. UU. durante todo el año 2028.",
            "2028-01-01/2028-12-31",
        ),
        (
            "es",
            "El Congreso autorizó la presencia de tropas por el plazo de 30 días desde el 1 de abril.",
            "2027-04-01/2027-04-30",
        ),
        ("es", "Las tropas chilenas llegarán el 5 de abril y se marcharán el 25 de abril.", "2027-04-05/2027-04-25"),
        (
            "es",
            "El Senado autorizó la entrada de tropas de Chile del 5 al 25 de junio de este año.",
            "2027-06-05/2027-06-25",
        ),
        ("es", "Las tropas rusas deberán salir antes del 30 de abril.", "/2027-04-30"),
        ("en", "Parliament let US troops in between April and September.", "2027-04-01/2027-09-30"),
        ("en", "The troops may stay from April 2027 until March 2029.", "2027-04-01/2029-03-31"),
        ("en", "The 12-month deployment of French troops begins on 1 May.", "2027-05-01/2028-04-30"),
        ("en", "Parliament let the US soldiers stay until March next year.", "/2028-03-31"),
        ("en", "Parliament let US troops stay throughout 2028.", "2028-01-01/2028-12-31"),
        ("en", "The deployment of 40 soldiers will run from 4 to 25 April.", "2027-04-04/2027-04-25"),
        ("en", "The French soldiers must leave no later than April 30.", "/2027-04-30"),
        ("en", "The troops are due to arrive on 5 April and stay for three weeks.", "2027-04-05/2027-04-25"),
        ("en", "The licence for the troops is valid until 30 June 2028.", "/2028-06-30"),
        ("en", "Russian soldiers were given until midnight on 30 April to leave.", "/2027-04-30"),
        ("de", "Das Parlament lässt US-Soldaten zwischen April und September ins Land.", "2027-04-01/2027-09-30"),
        ("de", "Die Soldaten dürfen von April 2027 bis März 2029 bleiben.", "2027-04-01/2029-03-31"),
        ("de", "Das zwölfmonatige Mandat der US-Soldaten beginnt am 1. Mai.", "2027-05-01/2028-04-30"),
        ("de", "Die Soldaten dürfen bis März nächsten Jahres bleiben.", "/2028-03-31"),
        ("de", "Die russischen Soldaten müssen das Land bis 30. April verlassen.", "/2027-04-30"),
        ("de", "Die Soldaten treffen am 5. April ein und bleiben drei Wochen.", "2027-04-05/2027-04-25"),
        ("fr", "Les soldats français resteront d'avril à septembre.", "2027-04-01/2027-09-30"),
        ("fr", "Les troupes pourront rester jusqu'en mars 2029.", "/2029-03-31"),
        (
            "fr",
            "Le Parlement autorise le séjour de troupes américaines pour toute l'année 2028.",
            "2028-01-01/2028-12-31",
        ),
        ("fr", "Les soldats russes doivent partir avant le 30 avril.", "/2027-04-30"),
        ("fr", "Les soldats arriveront le 5 avril pour trois semaines.", "2027-04-05/2027-04-25"),
        ("fr", "Le séjour des soldats, d'une durée de six mois, commencera le 1er avril.", "2027-04-01/2027-09-30"),
        ("it", "I soldati francesi resteranno da aprile a settembre.", "2027-04-01/2027-09-30"),
        ("it", "Il Parlamento autorizza l'ingresso di truppe tra aprile e settembre.", "2027-04-01/2027-09-30"),
        ("it", "Le truppe potranno restare fino a marzo 2029.", "/2029-03-31"),
        ("it", "I soldati arriveranno il 5 aprile e rimarranno tre settimane.", "2027-04-05/2027-04-25"),
        ("it", "I militari russi dovranno partire entro la fine di aprile.", "/2027-04-30"),
        ("pl", "Sejm zgodził się na pobyt wojsk między kwietniem a wrześniem.", "2027-04-01/2027-09-30"),
        ("pl", "Wojska mogą pozostać do marca 2029 roku.", "/2029-03-31"),
        ("pl", "Sejm zgodził się na pobyt wojsk w dniach 5–25 czerwca.", "2027-06-05/2027-06-25"),
        ("pl", "Żołnierze przyjadą 5 kwietnia i zostaną trzy tygodnie.", "2027-04-05/2027-04-25"),
        ("pl", "Zgoda na pobyt wojsk obowiązuje przez cały 2028 rok.", "2028-01-01/2028-12-31"),
        ("ro", "Parlamentul a aprobat prezența trupelor în perioada 5-25 iunie.", "2027-06-05/2027-06-25"),
        (
            "ro",
            "Parlamentul a aprobat prezența trupelor în perioada 1 aprilie - 30 septembrie.",
            "2027-04-01/2027-09-30",
        ),
        ("ro", "Trupele pot rămâne până în martie 2029.", "/2029-03-31"),
        ("ro", "Militarii vor sosi pe 5 aprilie și vor rămâne trei săptămâni.", "2027-04-05/2027-04-25"),
        ("ro", "Parlamentul a aprobat intrarea trupelor între aprilie și septembrie.", "2027-04-01/2027-09-30"),
        ("uk", "Рада дозволила перебування військ у період з 5 до 25 червня.", "2027-06-05/2027-06-25"),
        ("uk", "Війська можуть залишатися до березня 2029 року.", "/2029-03-31"),
        ("uk", "Рада дозволила перебування військ упродовж 2028 року.", "2028-01-01/2028-12-31"),
        ("uk", "Військові прибудуть 5 квітня і залишаться на три тижні.", "2027-04-05/2027-04-25"),
        ("ru", "Парламент разрешил пребывание войск в период с 5 по 25 июня.", "2027-06-05/2027-06-25"),
        ("ru", "Войска могут оставаться до марта 2029 года.", "/2029-03-31"),
        ("ru", "Парламент разрешил пребывание войск в течение 2028 года.", "2028-01-01/2028-12-31"),
        ("ru", "Военные прибудут 5 апреля и останутся на три недели.", "2027-04-05/2027-04-25"),
        ("ru", "Российские военные должны покинуть страну не позднее 30 апреля.", "/2027-04-30"),
        ("tr", "Meclis askerlerin nisan ile eylül arasında ülkede bulunmasına izin verdi.", "2027-04-01/2027-09-30"),
        (
            "tr",
            "Meclis askerlerin 5-25 Haziran tarihleri arasında ülkede bulunmasına izin verdi.",
            "2027-06-05/2027-06-25",
        ),
        ("tr", "Askerler Mart 2029'a kadar kalabilecek.", "/2029-03-31"),
        ("tr", "Askerler nisan ayından eylül ayına kadar kalacak.", "2027-04-01/2027-09-30"),
        (
            "tr",
            "Meclis, askerlerin 1 Nisan - 30 Eylül 2027 tarihlerinde kalmasına izin verdi.",
            "2027-04-01/2027-09-30",
        ),
        ("tr", "Rus askerleri 30 Nisan'a kadar ülkeyi terk edecek.", "/2027-04-30"),
        ("tr", "Askerler 5 Nisan'da gelecek ve üç hafta kalacak.", "2027-04-05/2027-04-25"),
        ("id", "DPR menyetujui kehadiran tentara pada 5-25 Juni.", "2027-06-05/2027-06-25"),
        ("id", "Tentara boleh tinggal sampai Maret 2029.", "/2029-03-31"),
        ("id", "DPR menyetujui kehadiran tentara antara April dan September.", "2027-04-01/2027-09-30"),
        ("id", "Tentara Rusia harus pergi sebelum 30 April.", "/2027-04-30"),
        ("id", "Tentara akan tiba pada 5 April dan tinggal tiga pekan.", "2027-04-05/2027-04-25"),
        ("pt", "O Congresso autorizou a entrada de tropas entre abril e setembro.", "2027-04-01/2027-09-30"),
        ("pt", "As tropas poderão ficar até março de 2029.", "/2029-03-31"),
        ("pt", "As tropas russas têm de sair até 30 de abril.", "/2027-04-30"),
        ("pt", "O Congresso autorizou a presença de tropas ao longo de 2028.", "2028-01-01/2028-12-31"),
    ],
)
def test_other_ways_to_say_so(language: str, text: str, expected: str) -> None:
    assert stay(text, language) == expected


@pytest.mark.parametrize(("language", "text"), [case[:2] for case in STATED])
def test_leaves_stand_on_the_words(language: str, text: str) -> None:
    found = find_period(scene(text, language))
    assert found
    for leaf in (found.start, found.end):
        if leaf:
            date.fromisoformat(str(leaf.value))
            said = words(leaf, "", text)
            assert said in leaf.sentence
            assert (
                leaf.implied
                or any(char.isdigit() for char in said)
                or leaf.value in ("2027-04-01", "2027-09-30", "2027-12-31")
            )


def test_the_end_of_a_length_of_time_is_worked_out() -> None:
    text = "The House let French soldiers in for six months starting on April 1."
    found = find_period(scene(text, "en"))
    assert found
    assert found.end
    assert found.end.implied
    assert words(found.end, "", text) == "six months"


@given(
    st.text("until from 1 May 2027 to 30 June six months, troops stay. \n", max_size=80),
    st.sampled_from(["en", "de", "tr"]),
)
def test_any_text(text: str, language: str) -> None:
    found = find_period(scene(text, language))
    for leaf in (found.start, found.end) if found else ():
        assert leaf is None or 0 <= leaf.start < leaf.end <= len(text)


def test_an_article_without_a_date_has_its_dates_too() -> None:
    text = "Parliament approved the entry of US troops from 1 April 2027."
    found = find_period(replace(scene(text, "en"), published=None))
    assert found
    assert found.start
    assert found.start.value == "2027-04-01"
