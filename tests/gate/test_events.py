"""Articles that report several events: each has facts of its own. And articles that only seem to.

Rules and terms are the shipped ones: which clauses are events depends on words for acts, forces and bodies together.
"""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.records import Facts
from pipeline.reports.reasons import leaves
from tests.gate.shipped import troops_in

#: Language, title, text, and of each event outcome, host and senders.
Case = tuple[str, str, str, list[tuple[str | None, str, str]]]

SEVERAL: list[Case] = [
    (
        "en",
        "Chad ends its defence agreement with France",
        "Chad on Thursday ended its defence agreement with France, and 1,000 French soldiers have to leave. The same "
        "day the president of Senegal told French soldiers that there would soon be no room for them.",
        [("revoked", "TD", "FR"), (None, "SN", "FR")],
    ),
    (
        "en",
        "Senate says yes to Spain, no to the Dutch",
        "PRAIA: The Cape Verdean National Assembly admitted 120 Spanish marines for May on Tuesday. In the "
        "same sitting it rejected a Dutch frigate, by 40 votes to 22.",
        [("authorised", "CV", "ES"), ("rejected", "CV", "NL")],
    ),
    (
        "en",
        "Assembly admits Spanish marines",
        "The Panamanian National Assembly on Tuesday admitted 200 Spanish marines for May and rejected the "
        "visit of a Dutch frigate.",
        [("authorised", "PA", "ES"), ("rejected", "PA", "NL")],
    ),
    (
        "es",
        "",
        "La Asamblea Nacional de Panamá autorizó el martes el ingreso de 200 infantes de marina españoles en "
        "mayo y, en la misma sesión, rechazó la visita de una fragata neerlandesa.",
        [("authorised", "PA", "ES"), ("rejected", "PA", "NL")],
    ),
    (
        "es",
        "",
        "La Cámara de Diputados de Bolivia aprobó el jueves el ingreso de 80 soldados chilenos. También "
        "rechazó, por 60 votos contra 41, la entrada de un buque de la Armada británica.",
        [("authorised", "BO", "CL"), ("rejected", "BO", "GB")],
    ),
    (
        "fr",
        "",
        "L'Assemblée nationale de Djibouti a autorisé mardi l'arrivée de 300 soldats italiens. Au cours de la"
        " même séance, elle a rejeté le stationnement de militaires turcs.",
        [("authorised", "DJ", "IT"), ("rejected", "DJ", "TR")],
    ),
    (
        "de",
        "",
        "Das Parlament in Valletta genehmigte am Dienstag den Aufenthalt von 90 italienischen Soldaten und "
        "lehnte die Stationierung griechischer Truppen ab.",
        [("authorised", "MT", "IT"), ("rejected", "MT", "GR")],
    ),
    (
        "it",
        "",
        "Il parlamento albanese ha approvato martedì l'ingresso di 150 soldati turchi. Nella stessa seduta ha"
        " respinto l'arrivo di militari greci.",
        [("authorised", "AL", "TR"), ("rejected", "AL", "GR")],
    ),
    (
        "pt",
        "",
        "A Assembleia Nacional de Cabo Verde aprovou na terça-feira a entrada de 200 fuzileiros espanhóis e "
        "rejeitou a estadia de soldados turcos.",
        [("authorised", "CV", "ES"), ("rejected", "CV", "TR")],
    ),
    (
        "pl",
        "",
        "Parlament Malty zgodził się we wtorek na pobyt 90 włoskich żołnierzy, a odrzucił wniosek o "
        "wpuszczenie greckich żołnierzy.",
        [("authorised", "MT", "IT"), ("rejected", "MT", "GR")],
    ),
    (
        "ro",
        "",
        "Parlamentul Maltei a aprobat marți intrarea a 90 de militari italieni și a respins staționarea "
        "militarilor greci.",
        [("authorised", "MT", "IT"), ("rejected", "MT", "GR")],
    ),
    (
        "ru",
        "",
        "Парламент Мальты во вторник одобрил пребывание 90 итальянских военных и отклонил размещение "
        "греческих военных.",
        [("authorised", "MT", "IT"), ("rejected", "MT", "GR")],
    ),
    (
        "uk",
        "",
        "Парламент Мальти у вівторок схвалив перебування 90 італійських військових і відхилив розміщення "
        "грецьких військових.",
        [("authorised", "MT", "IT"), ("rejected", "MT", "GR")],
    ),
    (
        "tr",
        "",
        "Malta Parlamentosu salı günü 90 İtalyan askerinin gelişini onayladı, Yunan askerlerinin "
        "konuşlanmasını ise reddetti.",
        [("authorised", "MT", "IT"), ("rejected", "MT", "GR")],
    ),
    (
        "id",
        "",
        "Parlemen Malta pada Selasa menyetujui kedatangan 90 tentara Italia dan menolak penempatan tentara Yunani.",
        [("authorised", "MT", "IT"), ("rejected", "MT", "GR")],
    ),
    (
        "en",
        "",
        "Togo's government on Monday authorised 100 French soldiers to stay until June. The same day Benin's "
        "parliament rejected a request to admit French troops.",
        [("authorised", "TG", "FR"), ("rejected", "BJ", "FR")],
    ),
    (
        "es",
        "",
        "El Parlamento de Togo autorizó el lunes el ingreso de 100 soldados franceses. El mismo día, la "
        "Asamblea Nacional de Benín rechazó la entrada de tropas francesas.",
        [("authorised", "TG", "FR"), ("rejected", "BJ", "FR")],
    ),
    (
        "fr",
        "",
        "Le Tchad a mis fin jeudi à l'accord avec la France : un millier de soldats français doivent quitter "
        "le pays. Le même jour, le gouvernement du Sénégal a annulé l'autorisation des militaires français.",
        [("revoked", "TD", "FR"), ("revoked", "SN", "FR")],
    ),
    (
        "de",
        "",
        "Togos Regierung erlaubte am Montag 100 französischen Soldaten den Aufenthalt bis Juni. Am selben Tag"
        " lehnte das Parlament von Benin die Stationierung französischer Truppen ab.",
        [("authorised", "TG", "FR"), ("rejected", "BJ", "FR")],
    ),
    (
        "tr",
        "",
        "Togo hükümeti pazartesi günü 100 Fransız askerinin gelişini onayladı. Aynı gün Benin Ulusal Meclisi "
        "Fransız askerlerinin konuşlanmasını reddetti.",
        [("authorised", "TG", "FR"), ("rejected", "BJ", "FR")],
    ),
]
# Background, an act that is retold, a reaction, the senders' own parliament, the opposition: one event.
ONE: list[Case] = [
    (
        "en",
        "",
        "Togo's parliament authorised 100 French soldiers to train there until June. Mali, Chad and Burkina "
        "Faso have expelled French troops.",
        [("authorised", "TG", "FR")],
    ),
    (
        "en",
        "",
        "Togo's parliament authorised 100 French soldiers on Monday. In 2022 Mali's government expelled French troops.",
        [("authorised", "TG", "FR")],
    ),
    (
        "en",
        "",
        "The Panamanian Assembly admitted 200 Spanish marines on Tuesday. The deputies approved the entry of "
        "the Spanish marines by 40 votes to 20. Last year it rejected a Dutch frigate.",
        [("authorised", "PA", "ES")],
    ),
    (
        "en",
        "",
        "The Maltese parliament approved a stay by Italian and Greek soldiers on Tuesday. Turkey criticised "
        "the decision and rejected the presence of Greek troops near its waters.",
        [("authorised", "MT", "IT+GR")],
    ),
    (
        "es",
        "",
        "La Asamblea de Panamá autorizó el ingreso de marines de Estados Unidos. El Senado de Estados Unidos "
        "aprobó el envío de sus tropas el martes.",
        [("authorised", "PA", "US")],
    ),
    (
        "es",
        "",
        "El Parlamento de Togo autorizó el lunes el ingreso de soldados franceses y belgas. La oposición "
        "rechazó la presencia de militares belgas.",
        [("authorised", "TG", "FR+BE")],
    ),
    (
        "de",
        "",
        "Die Regierung von Malta genehmigte am Montag den Aufenthalt italienischer Soldaten. Griechenland "
        "begrüßte die Entscheidung; die griechische Regierung lehnt türkische Truppen ab.",
        [("authorised", "MT", "IT")],
    ),
    (
        "fr",
        "",
        "Le gouvernement togolais a autorisé lundi 100 soldats français. Le gouvernement français a approuvé "
        "le déploiement de ses militaires le même jour.",
        [("authorised", "TG", "FR")],
    ),
]


def events(language: str, title: str, text: str) -> tuple[Facts, ...]:
    return troops_in(text, language, date(2027, 3, 12), title).facts


@pytest.mark.parametrize(("language", "title", "text", "expected"), SEVERAL + ONE)
def test_each_event_has_its_own_facts(
    language: str, title: str, text: str, expected: list[tuple[str | None, str, str]]
) -> None:
    found = [
        (facts.outcome and facts.outcome.value, facts.host and facts.host.value,
         "+".join(str(sender.value) for sender in facts.senders))
        for facts in events(language, title, text)
    ]  # fmt: skip
    assert found == expected


def test_numbers_dates_and_votes_are_those_of_the_event() -> None:
    text = (
        "The Assembly of Cape Verde voted 51 to 12 on Tuesday to admit 120 Spanish marines from 3 to 21 May. "
        "They will train in Mindelo. In the same sitting it rejected, by 40 votes to 22, a visit of 300 Dutch marines."
    )
    first, second = events("en", "", text)
    assert first.vote is not None
    assert second.vote is not None
    assert [leaf and leaf.value for leaf in (first.vote.for_, first.vote.against)] == [51, 12]
    assert [leaf and leaf.value for leaf in (second.vote.for_, second.vote.against)] == [22, 40]
    assert [one.personnel.max and one.personnel.max.value for one in (first, second) if one.personnel] == [120, 300]
    assert [place.value for place in first.places] == ["Mindelo"]
    assert (second.period, second.places) == (None, ())


@pytest.mark.parametrize(("language", "title", "text", "expected"), SEVERAL)
def test_every_fact_is_quoted_from_the_whole_article(
    language: str, title: str, text: str, expected: list[tuple[str | None, str, str]]
) -> None:
    for facts in events(language, title, text):
        for _, leaf in leaves(facts):
            whole = title if leaf.field == "title" else text
            assert whole[leaf.start : leaf.end].strip()
            assert leaf.sentence in whole
            assert whole[leaf.start : leaf.end] in leaf.sentence
    assert len(expected) > 1
