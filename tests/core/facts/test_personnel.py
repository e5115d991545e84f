"""How many come, and what they are counted in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.facts.personnel import find_personnel
from pipeline.core.facts.votes import find_vote
from pipeline.records import Personnel
from tests.core.facts.scenes import found, words


def personnel(text: str, language: str, title: str = "") -> Personnel | None:
    article = found(text, language, title)
    return find_personnel(article.scene, find_vote(article.scene), article.parties)


def counted(text: str, language: str, title: str = "") -> str:
    """The number as "200-300 soldiers"; a missing bound is empty."""
    number = personnel(text, language, title)
    if number is None:
        return ""
    low, high, unit = (leaf.value if leaf else "" for leaf in (number.min, number.max, number.unit))
    return f"{low}-{high} {unit}".strip()


STATED = [
    ("es", "El Congreso autorizó el ingreso de 430 militares de EE. UU.", "430-430 militares"),
    ("es", "El Senado aprobó la entrada de hasta 1.200 soldados de Brasil.", "-1200 soldados"),
    ("es", "El Congreso autorizó el ingreso de cuatrocientos treinta efectivos estadounidenses.", "430-430 efectivos"),
    ("es", "El Gobierno autorizó la entrada de entre 200 y 300 instructores rusos.", "200-300 instructores"),
    (
        "es",
        "El contingente de tropas de Colombia no podrá exceder de 120 infantes de marina.",
        "-120 infantes de marina",
    ),
    (
        "es",
        "El Senado autorizó el ingreso de un contingente de Francia integrado por unas cien personas.",
        "100-100 personas",
    ),
    ("en", "Parliament approved the entry of 430 US soldiers.", "430-430 US soldiers"),
    ("en", "The Senate let in up to 1,200 French troops.", "-1200 French troops"),
    ("en", "The cabinet cleared at least two dozen Turkish trainers to enter the country.", "24- Turkish trainers"),
    (
        "en",
        "The bill would admit between two hundred and three hundred Kenyan police officers and soldiers.",
        "200-300 Kenyan police",
    ),
    ("en", "The government let in more than 800 Russian servicemen.", "800- Russian servicemen"),
    ("pt", "O Congresso autorizou o ingresso de 430 militares dos EUA.", "430-430 militares"),
    ("pt", "O Senado aprovou a entrada de até 1.200 soldados franceses.", "-1200 soldados"),
    ("pt", "O despacho fixa em 180 o número máximo de militares alemães autorizados a entrar.", "-180 militares"),
    ("fr", "Le Parlement a autorisé l'entrée de 430 militaires américains.", "430-430 militaires"),
    ("fr", "Le gouvernement accepte l'entrée de jusqu'à 1 200 soldats français.", "-1200 soldats"),
    ("fr", "Le gouvernement a autorisé la venue d'une quarantaine d'instructeurs russes.", "40-40 instructeurs"),
    ("fr", "Le Parlement a autorisé l'entrée de formateurs italiens, jusqu'à 85 au total.", "-85 formateurs"),
    ("de", "Das Parlament hat die Einreise von 430 US-Soldaten genehmigt.", "430-430 US-Soldaten"),
    (
        "de",
        "Das Kabinett erlaubte den Einsatz von bis zu 1.200 rumänischen Soldatinnen und Soldaten.",
        "-1200 rumänischen Soldatinnen und Soldaten",
    ),
    ("de", "Das Kabinett genehmigte die Aufnahme von einundsiebzig Ausbildern aus Frankreich.", "71-71 Ausbildern"),
    (
        "de",
        "Genehmigt ist der Aufenthalt von rund 1900 Soldaten aus Kanada sowie 600 aus Spanien.",
        "2500-2500 Soldaten",
    ),
    ("it", "Il Parlamento ha autorizzato l'ingresso di 430 militari turchi.", "430-430 militari"),
    ("it", "Il governo ha autorizzato l'arrivo di tra 800 e 1.000 uomini dell'esercito francese.", "800-1000 uomini"),
    ("it", "Il governo ha dato il via libera all'arrivo di non più di 45 genieri irlandesi.", "-45 genieri"),
    ("pl", "Sejm zgodził się na pobyt 430 żołnierzy brytyjskich.", "430-430 żołnierzy"),
    ("pl", "Rząd zgodził się na wjazd od 2,5 do 3 tys. żołnierzy USA.", "2500-3000 żołnierzy"),
    ("pl", "Rząd zgodził się na wjazd stu czterdziestu instruktorów z Niemiec.", "140-140 instruktorów"),
    ("ro", "Parlamentul a aprobat intrarea a 430 de militari francezi.", "430-430 militari"),
    ("ro", "Guvernul a aprobat venirea a cel mult o sută treizeci de instructori polonezi.", "-130 instructori"),
    ("uk", "Рада дозволила в'їзд 430 британських військовослужбовців.", "430-430 британських військовослужбовців"),
    ("uk", "Уряд дозволив в'їзд шістдесятьох інструкторів з Канади.", "60-60 інструкторів"),
    (
        "uk",
        "За законом у країні перебуватимуть солдати Швеції — не менше чотирьохсот і не більше шестисот.",
        "400-600 солдати",
    ),
    ("ru", "Парламент разрешил въезд до 430 российских военнослужащих.", "-430 российских военнослужащих"),
    ("ru", "Правительство разрешило въезд полутора тысяч китайских военных.", "1500-1500 китайских военных"),
    ("tr", "Meclis, 430 Amerikan askerinin ülkeye girişine izin verdi.", "430-430 Amerikan askerinin"),
    ("tr", "Meclis en çok 240 yabancı askerin gelişini onayladı.", "-240 yabancı askerin"),
    ("tr", "Hükümet 62 bin Amerikan askerinin ülkeye girişine izin verdi.", "62000-62000 Amerikan askerinin"),
    ("id", "DPR menyetujui masuknya 430 tentara Australia.", "430-430 tentara"),
    ("id", "Pemerintah mengizinkan masuknya paling banyak dua ratus prajurit Turki.", "-200 prajurit"),
]


@pytest.mark.parametrize(("language", "text", "expected"), STATED)
def test_told(language: str, text: str, expected: str) -> None:
    assert counted(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "El Congreso autorizó por 71 votos contra 34 el ingreso de tropas de EE. UU. por 90 días."),
        ("en", "Parliament let US troops in. Two of its members were absent; 40 people protested outside."),
        ("en", "In 2024 soldiers of the US Army came. Parliament has let them in again until 2028."),
        ("de", "Das Parlament erlaubte die Einreise der 10. Panzerdivision der US-Armee."),
        ("fr", "Le gouvernement autorise l'arrivée de soldats français. Le cyclone avait fait 40 morts."),
        ("id", "Parlemen menyetujui kedatangan dua kompi zeni Portugal."),
        ("uk", "Дві години депутати сперечалися про румунських військових, яких хоче впустити уряд."),
        ("it", "Il governo autorizza l'ingresso di truppe francesi e trecento borse di studio per infermieri."),
        ("es", "El Gobierno autoriza el ingreso de un soldado y de dos buques de guerra de Chile."),
    ],
)
def test_what_counts_no_soldiers(language: str, text: str) -> None:
    assert counted(text, language) == ""


def test_those_of_an_earlier_year_are_not_those_who_come() -> None:
    text = "Parliament approved the entry of 80 French soldiers. In 2019 it had let in 500 Russian soldiers."
    assert counted(text, "en") == "80-80 French soldiers"
    assert (
        counted("In 2019 parliament had let in 500 Russian soldiers. It now admits 80 French soldiers.", "en")
        == "80-80 French soldiers"
    )


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "en",
            "Some 900 US soldiers are already in the country. Parliament approved the entry of 80 more troops.",
            "80-80 more troops",
        ),
        (
            "de",
            "Im Land sind bereits 900 US-Soldaten. Das Parlament genehmigte die Einreise von 80 Pionieren.",
            "80-80 Pionieren",
        ),
        (
            "es",
            "Ya hay 900 soldados de EE. UU. en el país. El Congreso autorizó el ingreso de 80 instructores.",
            "80-80 instructores",
        ),
    ],
)
def test_those_who_are_there_already_do_not_come(language: str, text: str, expected: str) -> None:
    assert counted(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "El Congreso autorizó el ingreso de un contingente de 150 uniformados de Chile.", "150-150 uniformados"),
        (
            "es",
            "El Congreso autorizó el ingreso de 150 integrantes de la Guardia Nacional de Virginia.",
            "150-150 integrantes",
        ),
        ("es", "El Congreso autorizó tropas de Chile; el número de soldados no superará los 400.", "-400 soldados"),
        ("en", "The cabinet cleared a 30-strong French army team to enter the country.", "30-30"),
        ("en", "Parliament approved a force of 200 from Kenya.", "200-200"),
        ("en", "Parliament let US troops in; the number of soldiers is capped at 300.", "-300 soldiers"),
        ("en", "Parliament approved the entry of a dozen Turkish instructors.", "12-12 Turkish instructors"),
        ("en", "Parliament approved the entry of a 120-member Kenyan military contingent.", "120-120"),
        ("de", "Das Kabinett erlaubt einer 30-köpfigen französischen Einheit die Einreise.", "30-30"),
        ("de", "Das Kabinett genehmigt die Stationierung von 200 Bundeswehrsoldaten.", "200-200 Bundeswehrsoldaten"),
        ("de", "Ein 300 Mann starkes Bataillon der US-Armee darf ins Land.", "300-300 Mann"),
        ("fr", "Le Parlement autorise l'entrée d'un contingent russe fort de 200 hommes.", "200-200 hommes"),
        (
            "fr",
            "Le Parlement autorise l'entrée de troupes russes; l'effectif est plafonné à 300 soldats.",
            "-300 soldats",
        ),
        ("it", "Il Parlamento autorizza l'ingresso di un contingente francese di 200 unità.", "200-200 unit\u00e0"),
        ("it", "Il Parlamento autorizza l'ingresso di 200 effettivi francesi.", "200-200 effettivi"),
        ("pl", "Sejm zgodził się na pobyt 200-osobowego kontyngentu USA.", "200-200"),
        ("pl", "Sejm zgodził się na pobyt kontyngentu USA liczącego do 200 osób.", "-200 os\u00f3b"),
        ("ro", "Parlamentul a aprobat intrarea unui contingent de 200 de militari francezi.", "200-200 militari"),
        ("uk", "Рада дозволила в'їзд контингенту Польщі чисельністю до 200 осіб.", "-200 \u043e\u0441\u0456\u0431"),
        (
            "ru",
            "Парламент разрешил ввод контингента США численностью до 200 человек.",
            "-200 \u0447\u0435\u043b\u043e\u0432\u0435\u043a",
        ),
        (
            "ru",
            "Парламент разрешил ввод отряда США из 200 человек.",
            "200-200 \u0447\u0435\u043b\u043e\u0432\u0435\u043a",
        ),
        ("tr", "Meclis 200 kişilik Fransız birliğinin gelişine izin verdi.", "200-200 ki\u015filik"),
        ("id", "DPR menyetujui masuknya pasukan Australia berkekuatan 200 orang.", "200-200 orang"),
        ("pt", "O Congresso autorizou a entrada de um contingente francês de 200 militares.", "200-200 militares"),
        ("pt", "O Congresso autorizou a entrada de tropas francesas, num total de 200 efetivos.", "200-200 efetivos"),
    ],
)
def test_other_ways_to_say_so(language: str, text: str, expected: str) -> None:
    assert counted(text, language) == expected


@pytest.mark.parametrize(("language", "text"), [case[:2] for case in STATED])
def test_leaves_stand_on_the_words(language: str, text: str) -> None:
    found = personnel(text, language)
    assert found
    assert found.unit is None or words(found.unit, "", text) == found.unit.value
    for leaf in (found.min, found.max):
        if leaf:
            said = words(leaf, "", text)
            digits = "".join(filter(str.isdecimal, said))
            assert said
            assert not digits or str(leaf.value) in digits or len(digits) > 3 or int(leaf.value) >= 1000


@given(st.text("up to 1.200 soldiers and, 30 men of France\\n", max_size=80), st.sampled_from(["en", "fr", "tr"]))
def test_any_text(text: str, language: str) -> None:
    found = personnel(text, language)
    for leaf in (found.min, found.max, found.unit) if found else ():
        assert leaf is None or 0 <= leaf.start < leaf.end <= len(text)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        # A pronoun, or none, for the forces of the sentence before
        ("en", "Ghana's parliament approved the entry of French soldiers. They number between 120 and 150.", "120-150"),
        ("es", "El Senado de Bolivia autorizó el ingreso de soldados chilenos. Son cuarenta y cinco.", "45-45"),
        ("pt", "O Parlamento do Gabão autorizou a entrada de soldados turcos. São vinte, por dois meses.", "20-20"),
        # The host's own soldiers are not counted
        (
            "es",
            "El Senado de Bolivia autorizó el ingreso de soldados chilenos. Irán 300 soldados bolivianos y 60 soldados "
            "chilenos.",
            "60-60 soldados",
        ),
        (
            "en",
            "Ghana's parliament approved the entry of French soldiers. Forty Ghanaian soldiers will guard them.",
            "",
        ),
    ],
)
def test_whose_soldiers_are_counted(language: str, text: str, expected: str) -> None:
    assert counted(text, language) == expected


VAGUE = [
    ("en", "Norway's parliament authorised the entry of dozens of US soldiers.", "dozens"),
    ("en", "Norway's parliament authorised the entry of 430 US soldiers, and dozens of officers.", ""),
    ("en", "Norway's parliament authorised the entry of US soldiers. Hundreds of people protested.", ""),
    ("es", "El Congreso de Bolivia autorizó el ingreso de decenas de militares de Brasil.", "decenas"),
    ("fr", "Le Parlement du Tchad a autorisé l'entrée de plusieurs centaines de soldats.", "plusieurs centaines"),
    ("de", "Der Bundestag hat die Einreise von Hunderten Soldaten aus den USA genehmigt.", "Hunderten"),
    ("pt", "O Congresso autorizou a entrada de centenas de militares dos Estados Unidos no Brasil.", "centenas"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "expected"), VAGUE)
def test_a_vague_number_is_stated_where_there_is_no_other(language: str, text: str, expected: str) -> None:
    number = personnel(text, language)
    assert (str(number.vague.value) if number and number.vague else "") == expected
