"""News agencies that a text credits, in the forms of many languages; and mentions that are no credits."""

from __future__ import annotations

import pytest

from pipeline.core.stories.agencies import credited, credits_of
from tests.builders import article

PROSE = (
    "The council met on Tuesday and agreed on a budget for the harbour, the mayor said after a long debate in the hall."
)

DATELINES = [
    ("PARIS, May 4 (AFP) — The council met", "afp"),
    ("PARIS (AP) — The council met", "ap"),
    ("Madrid, 12 may (EFE).- El pleno aprobó el plan.", "efe"),
    ("BERLIN, May 4 (Reuters) - The council met", "reuters"),
    ("Berlin (dpa) - Der Rat hat beschlossen.", "dpa"),
    ("Berlin (dpa/lnw) - Der Rat hat beschlossen.", "dpa"),
    ("Roma, 4 mag. (askanews) - Il consiglio ha deciso", "askanews"),
    ("(ANSA) - ROMA, 04 MAG - Il consiglio ha deciso", "ansa"),
    ("МОСКВА, 17 ноя — РИА Новости. Совет решил", "ria"),
    ("ТАСС, 17 мая. Совет решил", "tass"),
    ("МОСКВА, 17 мая. /ТАСС/. Совет решил", "tass"),
    ("Москва. 14 ноября. INTERFAX.RU - Совет решил", "interfax"),
    ("新华社北京5月4日电(记者张三)市议会通过", "xinhua"),
    ("【ソウル共同】市議会は", "kyodo"),
    ("【ワシントン時事】市議会は", "jiji"),
    ("(서울=연합뉴스) 홍길동 기자 = 시의회는", "yonhap"),
    ("(中央社記者張三台北4日電)市議會", "cna"),
    ("New Delhi, May 4 (PTI) The council met", "pti"),
    ("New Delhi [India], May 4 (ANI): The council met", "ani"),
    ("Jakarta (ANTARA) - Dewan kota menyetujui", "antara"),
    ("KUALA LUMPUR, May 4 (Bernama) -- The council met", "bernama"),
    ("الرياض 4 مايو 2026 (واس) - قال المجلس", "spa"),
    ("القاهرة في 4 مايو /أ ش أ/ قال المجلس", "mena"),
    ("Lisboa, 04 mai 2026 (Lusa) – A câmara decidiu", "lusa"),
    ("SEOUL, May 4 (Yonhap) -- The council met", "yonhap"),
    ("Praha 4. května (ČTK) - Rada rozhodla", "ctk"),
    ("Budapest, 2026. május 4., hétfő (MTI) - A tanács döntött", "mti"),
    ("ANKARA (AA) - Belediye meclisi toplandı", "aa"),
    ("EFE.- El pleno aprobó el plan.", "efe"),
    ("LONDON - Reuters - The council met", "reuters"),
    ("København /ritzau/ - Byrådet besluttede", "ritzau"),
    ("Oslo (NTB): Bystyret vedtok", "ntb"),
    ("КИЇВ. УНН. Рада вирішила", "unn"),
    ("Київ, 4 травня (Укрінформ) Рада вирішила", "ukrinform"),
    ("(AGERPRES) - Consiliul a decis", "agerpres"),
    ("София, 4 май (БТА) - Съветът реши", "bta"),
    ("Wien (APA) - Der Rat hat beschlossen", "apa"),
    ("Bern, 4. Mai (awp/sda) - Der Rat hat beschlossen", "keystone-sda"),
    ("La Paz, 4 may (Prensa Latina) El concejo aprobó", "pl"),
    ("DOHA, May 4 (QNA) - The council met", "qna"),
    ("LA PAZ (Xinhua) -- El concejo aprobó", "xinhua"),
    ("NAGOYA, May 4 (Kyodo) -- The council met", "kyodo"),
    ("BRASÍLIA (Agência Brasil) - A câmara decidiu", "agenciabrasil"),
    ("Zagreb, 4. svibnja (Hina) - Vijeće je odlučilo", "hina"),
]

LINES = [
    ("By Ann Smith, Associated Press", "ap"),
    ("Ana Ruiz | EFE", "efe"),
    ("Madrid / EFE", "efe"),
    ("REUTERS/Berlin", "reuters"),
    ("AFP - 4 mai 2026", "afp"),
    ("PTI | New Delhi", "pti"),
    ("Von Hans Meier, dpa", "dpa"),
    ("Le Soir avec AFP", "afp"),
    ("Redacción / EFE", "efe"),
    ("STT", "stt"),
    ("TT-AFP", "tt"),
    ("AFP", "afp"),
    ("(Reuters)", "reuters"),
    ("Fuente: EFE", "efe"),
    ("Quelle: dpa", "dpa"),
    ("Con información de EFE y AP", "efe ap"),
    ("Com informações da Agência Brasil e da Reuters", "agenciabrasil reuters"),
    ("Mit Material von dpa", "dpa"),
    ("EFE/ml", "efe"),
    ("EFE ml/js", "efe"),
    ("来源：新华社", "xinhua"),
    ("(With inputs from ANI and PTI)", "ani pti"),
    ("Copyright 2026 The Associated Press. All rights reserved.", "ap"),
    ("© 2026 AFP", "afp"),
    ("Источник: ТАСС", "tass"),
    ("Kaynak: AA", "aa"),
    ("Źródło: PAP", "pap"),
    ("Bron: ANP", "anp"),
    ("Forrás: MTI", "mti"),
    ("Fonte: Ansa", "ansa"),
    ("Πηγή: ΑΠΕ-ΜΠΕ", "ana"),
    ("The Associated Press contributed to this report.", "ap"),
    ("Associated Press writer Ann Smith in Geneva contributed to this report.", "ap"),
]

ENDS = [
    (f"{PROSE} (AFP)", "afp"),
    (f"{PROSE} — AFP", "afp"),
    ("市议会通过了预算，市长说。（新华社）", "xinhua"),
    ("Rada przyjęła budżet po długiej dyskusji. (PAP)\nmja/ par/", "pap"),
    (f"{PROSE}\nReporting by Ann Smith in London; Editing by Bob Brown", "reuters"),
    (f"{PROSE}\n(Reporting by Ann Smith; Editing by Bob Brown)", "reuters"),
]

MENTIONS = [
    "The minister told Reuters that the talks had failed.",
    "According to AFP, the talks had failed.",
    "The Associated Press (AP) reported on Monday that the talks failed.",
    "He spoke to the Associated Press (AP).",
    "“It is over,” he told AFP.",
    "Der Chef der Deutschen Presse-Agentur (dpa) Peter Meier sagte, dass es vorbei sei.",
    "Según informó EFE, el pleno se reunió.",
    "Reuters: minister to resign, sources say",
    "Reuters, Bloomberg and AP journalists were barred from the room.",
    "Photo: AFP",
    "Foto: EFE/Archivo",
    "(AP Photo/Ann Smith)",
    "© Reuters file picture",
    "The AA said that roads were icy.",
    "Об этом пишет Рейтер со ссылкой на источники в правительстве.",
    "He works for The Associated Press",
    "A spokesman for Bloomberg declined to comment.",
    "据路透社报道，市议会通过了预算。",
    "The Press Association of Wales met on Monday in Cardiff to elect a chair.",
]


@pytest.mark.parametrize(("text", "agency"), DATELINES)
def test_a_dateline_is_a_credit(text: str, agency: str) -> None:
    assert list(dict.fromkeys(credits_of(f"{text}. {PROSE}\n{PROSE}"))) == [agency]


@pytest.mark.parametrize(("line", "agency"), LINES)
@pytest.mark.parametrize("form", ["{line}\n{prose}\n{prose}", "{prose}\n{prose}\n{line}"])
def test_a_line_of_its_own_is_a_credit(line: str, agency: str, form: str) -> None:
    assert list(dict.fromkeys(credits_of(form.format(line=line, prose=PROSE)))) == agency.split()


@pytest.mark.parametrize(("text", "agency"), ENDS)
def test_the_end_is_a_credit(text: str, agency: str) -> None:
    assert list(dict.fromkeys(credits_of(f"{PROSE}\n{text}"))) == [agency]


@pytest.mark.parametrize("text", MENTIONS)
@pytest.mark.parametrize("form", ["{text}", "{text}\n{prose}", "{prose}\n{text}", "{prose}\n{text}\n{prose}"])
def test_a_mention_is_no_credit(text: str, form: str) -> None:
    assert list(credits_of(form.format(text=text, prose=PROSE))) == []


@pytest.mark.parametrize(
    ("author", "agencies"),
    [
        ("Ana Ruiz, AFP", ("afp",)),
        ("Reuters Staff", ("reuters",)),
        ("By ANN SMITH Associated Press", ("ap",)),
        ("Agencia EFE", ("efe",)),
        ("Von Hans Meier (dpa)", ("dpa",)),
        ("Ann Smith", ()),
        ("Redacción y EFE", ("efe",)),
        ("新华社", ("xinhua",)),
    ],
)
def test_an_author_is_a_credit(author: str, agencies: tuple[str, ...]) -> None:
    assert credited(article(text=PROSE, author=author)) == agencies


def test_articles_of_an_agency_itself_are_its_own() -> None:
    assert credited(article(text=PROSE, url="https://www.reuters.com/world/1")) == ("reuters",)
    assert credited(article(text=PROSE, source="Agencia EFE")) == ("efe",)
    assert credited(article(text=PROSE)) == ()


@pytest.mark.parametrize("text", ["(" * 100_000, "AFP " * 50_000, "/ " * 100_000, "— AFP" * 40_000, "\n" * 200_000])
def test_hostile_texts_cost_no_more_than_others(text: str) -> None:
    list(credits_of(text))


@pytest.mark.parametrize(
    ("byline", "agencies"),
    [
        ("Jane Doe, AFP", ("afp",)), ("Von Max Muster, dpa", ("dpa",)), ("Ana Ruiz (Con información de EFE)", ("efe",)),
        ("Por Ana Ruiz / EFE", ("efe",)), ("Jane Doe and John Roe with Reuters", ("reuters",)),
        ("Par Luc Petit avec AFP", ("afp",)), ("Luc Petit (avec AFP)", ("afp",)), ("Di Anna Neri (ANSA)", ("ansa",)),
        ("Анна Иванова, ТАСС", ("tass",)), ("Jan Kowalski, PAP", ("pap",)),
        ("Max Muster/dpa/Reuters", ("dpa", "reuters")),
        ("Jane Doe | AP", ("ap",)), ("Ana Ruiz; EFE", ("efe",)), ("Ana Ruiz", ()), ("Ana Ruiz, Madrid", ()),
        ("Ana Ruiz y agencias", ()), ("Ana Ruiz (foto: EFE)", ()), ("", ()),
    ],
)  # fmt: skip
def test_agencies_of_a_byline_beside_a_person(byline: str, agencies: tuple[str, ...]) -> None:
    named = article("Title", "A text without a credit.", byline=byline, author="Ana Ruiz")
    assert credited(named) == agencies
