"""The facts about the stay of the forces that the shipped rules find. The sentences are the tests' own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.config.folder import rules_of
from pipeline.core.tagging.judged import judge_article
from pipeline.records import Facts

SHIPPED = rules_of(Path("config"))
TOPIC = "foreign-troop-authorization"
PUBLISHED = date(2027, 2, 20)


def facts_in(text: str, language: str, title: str = "") -> Facts:
    """The facts of the first event, as if the article had the topic."""
    topic = judge_article(SHIPPED, title, text, language, PUBLISHED).assuming([TOPIC]).topic(TOPIC)
    assert topic.facts
    return topic.facts[0]


# ruff: noqa: E501

PLACES = [
    ("en", "Ghana lets French marines into Takoradi", "Ghana's parliament on Tuesday approved the entry of 200 French marines for six months.", ["Takoradi"]),
    ("en", "Vlorë to host Turkish frigates", "Albania's parliament has approved the stay of Turkish warships and their crews until 30 June.", ["Vlorë"]),
    ("en", "", "Benin's National Assembly approved the deployment of French drones and 90 soldiers. They will operate from Parakou.", ["Parakou"]),
    ("es", "", "La Asamblea de Bolivia autorizó el ingreso de 60 militares chinos, que operarán desde Trinidad y Riberalta.", ["Trinidad", "Riberalta"]),
    ("fr", "", "L'Assemblée du Bénin a autorisé l'arrivée de 80 soldats belges. Ils opéreront depuis Parakou.", ["Parakou"]),
    ("it", "", "Il Parlamento di Cipro ha approvato la presenza di 50 militari francesi, che opereranno da Pafo.", ["Pafo"]),
    ("pl", "", "Parlament Estonii zgodził się na pobyt 150 żołnierzy duńskich. Żołnierze będą stacjonować w Võru i Tapie.", ["Võru", "Tapie"]),
    ("ru", "", "Парламент Армении одобрил пребывание 90 французских военных. Военные будут работать из Капана.", ["Капана"]),
    ("hu", "", "Az albán parlament jóváhagyta a török katonák belépését. A katonák Kuçovában állomásoznak majd.", ["Kuçovában"]),
    ("hu", "", "A horvát parlament engedélyezte 200 olasz katona belépését. Az egység Slunjba érkezik, később Kninben gyakorlatozik.", ["Slunjba", "Kninben"]),
    ("hu", "", "A kormány hozzájárult, hogy francia katonák Várpalotán gyakorlatozzanak.", ["Várpalotán"]),
    ("fi", "", "Viron parlamentti hyväksyi 150 tanskalaisen sotilaan tulon maahan. Sotilaat sijoitetaan Tapaan ja Võrussa harjoitellaan.", ["Tapaan", "Võrussa"]),
    ("fi", "", "Norjan hallitus päätti, että amerikkalaiset sotilaat saavat harjoitella Setermoenissa kesäkuun loppuun.", ["Setermoenissa"]),
    ("fi", "", "Venäläiset sotilaat ovat olleet Gjumrissa vuodesta 1995. Armenian parlamentti jatkoi sopimusta.", ["Gjumrissa"]),
    ("en", "", "Norway's parliament approved the stay of 300 US marines. They will train at Setermoen in Troms.", ["Setermoen"]),
    ("es", "", "El Congreso de Bolivia autorizó el ingreso de 40 zapadores brasileños a Guayaramerín, en el Beni.", ["Guayaramerín"]),
    ("fr", "", "L'Assemblée du Bénin a autorisé l'arrivée de 90 marins français au port de Cotonou pour lutter contre la piraterie dans le golfe de Guinée.", ["port de Cotonou"]),
    ("pt", "", "A Assembleia de Cabo Verde aprovou a estadia de 60 fuzileiros espanhóis no Mindelo para combater a pirataria no Golfo da Guiné.", ["Mindelo"]),
    ("tr", "", "Arnavutluk Meclisi Türk denizcilerin Avlonya'da kalmasına izin verdi. Görevleri Akdeniz'de devriye gezmek.", ["Avlonya"]),
    ("id", "", "Parlemen Timor Leste menyetujui kehadiran 80 tentara Australia di Baucau untuk menjaga Laut Timor.", ["Baucau"]),
    ("en", "", "Cyprus's parliament approved the stay of 120 French airmen at Paphos. The British bases at Akrotiri and Dhekelia are not affected.", ["Paphos"]),
    ("ru", "", "Армения отозвала разрешение на пребывание российских пограничников в Мегри. Базы в Гюмри решение не касается.", ["Мегри"]),
    ("de", "", "Das Parlament Zyperns hat die Stationierung von 120 französischen Soldaten in Paphos gebilligt. Der Stützpunkt Akrotiri ist davon nicht betroffen.", ["Paphos"]),
    ("es", "", "La Asamblea de Panamá autorizó a 80 militares colombianos en Metetí. La medida no afecta a la base de Rodman.", ["Metetí"]),
    ("fr", "", "Le président doit promulguer la loi avant l'arrivée de Pierre Lefort. L'Assemblée du Bénin a autorisé 90 soldats français à Parakou.", ["Parakou"]),
    ("en", "", "The Togolese Assembly approved the entry of 70 Ghanaian soldiers. The State Department and Secretary of State John Marsh welcomed it.", []),
    ("el", "", "Η Βουλή ενέκρινε την παραμονή 120 Αμερικανών στρατιωτών στη Λάρισα. Στην Αθήνα χιλιάδες διαδήλωσαν.", ["Λάρισα"]),
    ("sv", "", "Norges Storting godkände att 300 amerikanska soldater vistas i landet. De ska förläggas till Setermoen och Bardufoss.", ["Setermoen", "Bardufoss"]),
    ("da", "", "Folketinget i Danmark vedtog, at 200 amerikanske soldater må opholde sig i Karup og Aalborg.", ["Karup", "Aalborg"]),
    ("nl", "", "Het parlement van Estland keurde het verblijf van 120 Nederlandse militairen goed. Ze worden gelegerd in Tapa en Võru.", ["Tapa", "Võru"]),
    ("no", "", "Regjeringen i Norge sa ja til amerikanske soldater. Avtalen gjelder fire steder. De er Evenes, Ramsund, Rygge og Sola.", ["Evenes", "Ramsund", "Rygge", "Sola"]),
    ("cs", "", "Vláda schválila pobyt 300 amerických vojáků. Budou cvičit v Boleticích a Hradišti.", ["Boleticích", "Hradišti"]),
]  # fmt: skip


@pytest.mark.parametrize(("language", "title", "text", "expected"), PLACES)
def test_places(language: str, title: str, text: str, expected: list[str]) -> None:
    found = facts_in(text, language, title).places
    assert sorted(str(one.value) for one in found) == sorted(expected)


UNITS = [
    ("en", "", "Norway's government approved the visit of the USS Harlan County and its crew.", ["USS Harlan County"]),
    ("pt", "", "A Assembleia de Cabo Verde autorizou a entrada da fragata Álvares Cabral e dos seus 180 militares.", ["fragata Álvares Cabral"]),
    ("fr", "", "L'Assemblée du Togo a autorisé le séjour du détachement de l'opération Corymbe jusqu'au 30 juin.", ["opération Corymbe"]),
    ("de", "", "Das Parlament Albaniens hat den Aufenthalt von Soldaten der 10. Panzerdivision gebilligt.", ["10. Panzerdivision"]),
    ("ru", "", "Парламент Армении продлил пребывание 102-й базы российских военных до 2030 года.", ["102-й базы"]),
    ("uk", "", "Парламент Вірменії продовжив перебування російських військових 102-ї бази.", ["102-ї бази"]),
    ("pl", "", "Parlament Estonii zgodził się na pobyt żołnierzy brytyjskich z 4. Brygady Lekkiej.", ["4. Brygady Lekkiej"]),
    ("en", "", "Chad's government approved the entry of 80 soldiers. Similar missions such as MINUSMA in Mali ended years ago.", []),
    ("en", "", "Ghana's army will host the troops, parliament decided; 90 French soldiers will train with the Ghana Navy.", []),
]  # fmt: skip


@pytest.mark.parametrize(("language", "title", "text", "expected"), UNITS)
def test_units(language: str, title: str, text: str, expected: list[str]) -> None:
    found = facts_in(text, language, title).units
    assert sorted(str(one.value) for one in found) == sorted(expected)


PURPOSES = [
    ("en", "", "Ghana's parliament approved the entry of 90 French soldiers to train local special forces.", "train local special forces"),
    ("fr", "", "L'Assemblée du Togo a autorisé l'entrée de 60 soldats belges afin de former les commandos togolais.", "former les commandos togolais"),
    ("es", "", "La Asamblea de Panamá autorizó el ingreso de 80 militares para participar en ejercicios combinados.", "ejercicios combinados"),
    ("hu", "", "A parlament jóváhagyta 60 török katona belépését közös gyakorlat céljából.", "A parlament jóváhagyta 60 török katona belépését közös gyakorlat"),
    ("de", "", "Das Parlament Albaniens hat 60 türkischen Soldaten die Einreise erlaubt, um Minen zu räumen.", "Minen zu räumen"),
    ("nl", "", "Het parlement van Benin keurde de komst van 60 Belgische militairen goed. Lokale politie bewaakt de konvooien.", None),
]  # fmt: skip


@pytest.mark.parametrize(("language", "title", "text", "expected"), PURPOSES)
def test_purpose(language: str, title: str, text: str, expected: str | None) -> None:
    found = facts_in(text, language, title).purpose
    assert (found and found.value) == expected


ARMED = [
    ("en", "", "Ghana's parliament approved the entry of 90 French soldiers, who may carry their weapons.", "yes"),
    ("en", "", "Ghana's parliament approved the entry of 90 unarmed French soldiers.", "no"),
    ("es", "", "La Asamblea de Panamá autorizó el ingreso de 80 militares colombianos con su armamento.", "yes"),
    ("fr", "", "L'Assemblée du Togo a autorisé l'entrée de 60 soldats belges sans armes.", "no"),
    ("de", "", "Das Parlament Albaniens hat 60 türkischen Soldaten die Einreise erlaubt. Waffen dürfen sie nicht tragen.", "no"),
    ("ru", "", "Парламент Армении разрешил въезд 80 французских военных с оружием и техникой.", "yes"),
    ("ar", "", "وافق البرلمان الأردني على دخول 200 جندي فرنسي ويسمح لهم بحمل السلاح.", "yes"),
    ("en", "", "Ghana's parliament approved the entry of 90 French soldiers. France will also pay for rifles for the Ghanaian army.", None),
    ("it", "", "Il Parlamento albanese ha autorizzato l'ingresso di 60 soldati turchi. La polizia locale è armata.", None),
    ("id", "", "Parlemen Timor Leste menyetujui kehadiran 80 tentara Australia tanpa senjata.", "no"),
    ("pl", "", "Parlament Estonii zgodził się na pobyt 150 żołnierzy duńskich z bronią i amunicją.", "yes"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "title", "text", "expected"), ARMED)
def test_armed(language: str, title: str, text: str, expected: str | None) -> None:
    found = facts_in(text, language, title).armed
    assert (found and found.value) == expected


WEAPONS: list[tuple[str, str, str, list[str]]] = [
    ("en", "", "Ghana's parliament approved the entry of 90 French soldiers. Rebels armed with rifles attacked a post last week.", []),
]  # fmt: skip


@pytest.mark.parametrize(("language", "title", "text", "expected"), WEAPONS)
def test_weapons(language: str, title: str, text: str, expected: list[str]) -> None:
    found = facts_in(text, language, title).weapons
    assert [str(one.value) for one in found] == expected


ENDS = [
    ("en", "", "Togo's parliament prolonged the stay of 90 French soldiers, whose mandate expires on 30 June 2027, until 31 December 2027.", "2027-12-31"),
    ("de", "", "Das Parlament Albaniens hat die Stationierung von 60 türkischen Soldaten bis 30. Juni 2027 erlaubt.", "2027-06-30"),
    ("fr", "", "L'Assemblée du Togo a refusé de prolonger le séjour de 60 soldats belges, qui doivent partir d'ici le 30 juin 2027.", "2027-06-30"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "title", "text", "expected"), ENDS)
def test_last_day(language: str, title: str, text: str, expected: str | None) -> None:
    period = facts_in(text, language, title).period
    assert period is not None
    assert (period.end and period.end.value) == expected


NUMBERS = [
    ("en", "", "Ghana's parliament approved the entry of 165 French personnel, 120 from the army and 45 from the navy.", 165),
    ("en", "", "Ghana's parliament approved the entry of French troops: 120 from the army and 45 from the navy.", None),
    ("en", "", "Ghana's parliament approved the entry of French soldiers by 94 members to 31.", None),
    ("sv", "", "Tchads regering uppmanar de omkring tusen fransmännen att lämna landet.", 1000),
    ("en", "", "Fiji's soldiers may enter Vanuatu, its cabinet decided. There are under 80 of them.", 80),
]  # fmt: skip


@pytest.mark.parametrize(("language", "title", "text", "expected"), NUMBERS)
def test_personnel(language: str, title: str, text: str, expected: int | None) -> None:
    found = facts_in(text, language, title).personnel
    assert (found and found.max and found.max.value) == expected
