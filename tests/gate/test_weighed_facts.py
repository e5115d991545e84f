"""Facts that are weighed by evidence: classes of sentences, with the shipped rules. The sentences are the tests' own."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from tests.gate.test_stay_facts import facts_in

PURPOSES = [
    # A time stands between the verb and its object
    ("fr", "Les députés togolais ont autorisé l'arrivée de 60 soldats belges. Ils assureront pendant un an la formation des démineurs.", "formation des démineurs"),
    # What the forces will do, go on doing or come to do
    ("en", "Ghana's parliament approved the entry of 90 French soldiers. The troops will carry out a flood relief drill.", "carry out a flood relief drill"),
    ("pt", "O parlamento de Cabo Verde autorizou a estadia de 60 militares franceses. Os militares vêm apoiar as patrulhas de pesca.", "apoiar as patrulhas de pesca"),
    ("sv", "Islands allting godkände vistelsen för 80 danska soldater. Soldaterna ska bevaka hamnen.", "ska bevaka hamnen"),
    ("pl", "Parlament Estonii zgodził się na pobyt 150 żołnierzy duńskich. Żołnierze będą szkolić saperów.", "szkolić saperów"),
    # The noun is part of a compound
    ("de", "Das Parlament Albaniens hat 60 türkischen Soldaten die Einreise für die Gebirgsübung erlaubt.", "Gebirgsübung"),
    # Nothing but a place, a name of the forces, or a task of somebody else
    ("en", "Ghana's parliament approved the entry of 90 French soldiers to operate in Tamale.", None),
    ("es", "La Asamblea de Panamá autorizó el ingreso de 80 militares. El permiso vence a fin de año.", None),
    ("it", "Il Parlamento albanese ha autorizzato l'ingresso di 80 soldati. La polizia sorveglia lo stadio.", None),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "expected"), PURPOSES)
def test_purpose(language: str, text: str, expected: str | None) -> None:
    found = facts_in(text, language).purpose
    assert (found is None) if expected is None else (found and expected in str(found.value))


ARMED = [
    ("en", "Ghana's parliament approved the entry of 90 French soldiers. They will be unarmed; the army has bought tanks.", "no"),
    ("es", "La Asamblea de Panamá autorizó el ingreso de 80 militares con armas cortas.", "yes"),
    ("pl", "Parlament Estonii zgodził się na pobyt 150 żołnierzy duńskich. Estonia dostanie broń za 200 milionów.", None),
    ("en", "Ghana's parliament approved the entry of 90 French soldiers. Two armed drones crashed last week.", None),
    # Words that only look like arms: a verb, riflemen, armed groups
    ("cs", "Vláda Česka souhlasila s pobytem 60 francouzských vojáků. Dělá to každý podzim.", None),
    ("cs", "Vláda Česka souhlasila s pobytem 60 francouzských vojáků. Vojáci přivezou děla.", "yes"),
    ("ro", "Parlamentul Moldovei a aprobat sosirea a 60 de pușcași marini americani. Pușcașii au venit ieri.", None),
    ("ar", "أقر برلمان بنين دخول 60 جنديا فرنسيا. وتقاتل البلاد الجماعات المسلحة في الشمال.", None),
    ("sk", "Vláda Maďarska povolila 60 francúzskym vojakom pobyt. Vojaci privezú bojové vozidlá.", "yes"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "expected"), ARMED)
def test_armed(language: str, text: str, expected: str | None) -> None:
    found = facts_in(text, language).armed
    assert (found and found.value) == expected


BODIES = [
    # The chamber decides, a minister speaks
    ("en", "Ghana's parliament approved the entry of 90 French soldiers. Defence Minister Kojo Mensah announced it on Tuesday.", "Ghana's parliament"),
    ("es", "El ministro de Defensa celebró el voto. La Asamblea Nacional de Panamá autorizó el ingreso de 80 militares colombianos.", "La Asamblea Nacional de Panamá"),
    ("de", "Das Parlament Albaniens hat 60 türkischen Soldaten die Einreise erlaubt, teilte die Regierung mit.", "Das Parlament Albaniens"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "expected"), BODIES)
def test_body(language: str, text: str, expected: str) -> None:
    found = facts_in(text, language).body
    assert found
    assert found.value == expected


SIGNED = [
    # A treaty is dated by its signature, also an old one, not by the vote
    ("fr", "L'Assemblée du Togo a ratifié mercredi le traité de défense signé avec la Belgique le 9 octobre 2026 sur la présence de soldats belges.", "2026-10-09"),
    ("it", "Il Parlamento albanese ha ratificato l'accordo sulla presenza di soldati turchi. L'intesa è stata firmata ad Ankara lo scorso 3 novembre.", "2026-11-03"),
    # A signature that is ahead is no date
    ("es", "El gabinete de Belice aprobó el acuerdo sobre la presencia de soldados británicos. La firma está prevista para el 28 de marzo.", None),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "expected"), SIGNED)
def test_date_of_a_treaty(language: str, text: str, expected: str | None) -> None:
    instrument = facts_in(text, language).instrument
    assert (instrument and instrument.date and instrument.date.value) == expected


EXPECTED = [
    ("en", "Ghana's parliament approved the entry of French soldiers. The first are expected on 1 April and will stay for six months.", "2027-04-01", "2027-09-30"),
    ("fr", "Les députés togolais ont autorisé l'arrivée de soldats belges, attendus le 1er avril. Ils resteront six mois.", "2027-04-01", "2027-09-30"),
    ("de", "Das Parlament Albaniens genehmigte den Aufenthalt türkischer Soldaten. Sie werden am 5. April erwartet und bleiben drei Wochen.", "2027-04-05", "2027-04-25"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "first", "last"), EXPECTED)
def test_the_day_of_an_expected_arrival(language: str, text: str, first: str, last: str) -> None:
    period = facts_in(text, language).period
    assert period
    assert period.start
    assert period.end
    assert (period.start.value, period.end.value) == (first, last)


def test_a_chinese_number_ends_at_its_digits() -> None:
    found = facts_in("贝宁议会通过第2719号决议，批准60名法国士兵入境。", "zh").instrument
    assert found
    assert found.number
    assert found.number.value == "2719"
