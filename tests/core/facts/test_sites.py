"""Where in the host country they will be."""

from __future__ import annotations

import pytest

from tests.core.facts.scenes import facts_in, words

PLACES = [
    ("es", "El Congreso del Perú autorizó el ingreso de tropas chilenas. Los soldados permanecerán en la base naval "
     "Punta Ancha y en Iquitos.", ["base naval Punta Ancha", "Iquitos"]),
    ("en", "Kenya's parliament approved the entry of Turkish troops. They will be stationed at Camp Morusi and the "
     "Lokido airstrip.", ["Camp Morusi", "Lokido airstrip"]),
    ("pt", "O Congresso do Brasil autorizou a entrada de tropas indianas. Os militares ficarão em Manaus e em "
     "Tabatinga.", ["Manaus", "Tabatinga"]),
    ("fr", "Les députés du Bénin ont autorisé l'entrée de soldats turcs. Ils seront basés au camp de Bantora et à "
     "Kandi.", ["camp de Bantora", "Kandi"]),
    ("de", "Das Parlament der Slowakei hat türkischen Soldaten die Einreise erlaubt. Sie werden auf dem Flugplatz "
     "Sliač und in Lubotice untergebracht.", ["Flugplatz Sliač", "Lubotice"]),
    ("it", "Il Parlamento albanese ha autorizzato l'ingresso di soldati turchi. Saranno ospitati nella base aerea di "
     "Kuçova.", ["base aerea di Kuçova"]),
    ("pl", "Sejm zgodził się na pobyt wojsk tureckich w Polsce. Żołnierze będą stacjonować w Braniewie oraz w "
     "Bemowie Piskim.", ["Braniewie", "Bemowie Piskim"]),
    ("ro", "Parlamentul României a aprobat intrarea trupelor turce. Militarii vor staționa în poligonul Smârdan.",
     ["poligonul Smârdan"]),
    ("uk", "Рада України схвалила допуск турецьких військ. Військові перебуватимуть на Яворівському полігоні.",
     ["Яворівському полігоні"]),
    ("ru", "Парламент Сербии разрешил въезд турецких войск. Военные будут размещены в Нише.", ["Нише"]),
    ("tr", "Türkiye'de Meclis, Romanya askerlerinin ülkeye girmesine izin verdi. Askerler Erdek ve Aksaz'da "
     "konuşlanacak.", ["Erdek", "Aksaz"]),
    ("id", "Parlemen Indonesia menyetujui masuknya tentara India. Para prajurit akan berada di Pulau Morotai.",
     ["Pulau Morotai"]),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "names"), PLACES)
def test_places_of_the_stay(language: str, text: str, names: list[str]) -> None:
    found = facts_in(text, language).places
    assert sorted(str(place.value) for place in found) == sorted(names)
    assert all(words(place, "", text) == place.value for place in found)


NOWHERE = [
    ("en", "Parliament in Nairobi approved the entry of Turkish troops, the government said at a meeting in Nairobi."),
    ("en", "NAIROBI, March 9 (Wire) - Kenya's parliament approved the entry of Turkish troops."),
    (
        "en",
        "Peru's Congress approved the entry of US troops, who will train with the Command, CCFFAA in Spanish.",
    ),
    ("es", "El Congreso del Perú autorizó el ingreso de tropas chilenas. El ministro habló en la Comisión de Defensa."),
    ("de", "Das Parlament in Bratislava hat türkischen Soldaten aus Izmir die Einreise erlaubt. Sie kommen im März."),
    ("fr", "Les députés du Bénin ont autorisé l'entrée de soldats turcs venus d'Ankara."),
    ("pl", "Rząd w Warszawie zgodził się na pobyt wojsk tureckich w Polsce."),
    ("ro", "Guvernul de la București a aprobat intrarea trupelor turce în România."),
]


@pytest.mark.parametrize(("language", "text"), NOWHERE)
def test_where_a_body_sits_is_no_place_of_the_stay(language: str, text: str) -> None:
    assert facts_in(text, language).places == ()


def test_a_place_of_the_gazetteer_has_its_coordinates() -> None:
    text = "Peru's Congress approved the entry of US troops. They will train in Iquitos and at Camp Nanay."
    found = {str(place.value): place for place in facts_in(text, "en").places}
    assert (found["Iquitos"].country, found["Iquitos"].name, found["Iquitos"].ambiguous) == ("PE", "Iquitos", False)
    assert found["Iquitos"].lat is not None
    assert -5 < found["Iquitos"].lat < -3
    assert (found["Camp Nanay"].country, found["Camp Nanay"].lat) == (None, None)


def test_a_capital_counts_where_they_stay_in_it() -> None:
    text = "Haiti prolonged the stay of Jamaican soldiers. The soldiers will remain in Port-au-Prince until June."
    assert [place.value for place in facts_in(text, "en").places] == ["Port-au-Prince"]
