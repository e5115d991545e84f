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


LISTS = [
    # After a preposition, in a sentence of its own
    ("es", "El Senado de Bolivia autorizó el ingreso de tropas chilenas. Pasarán por Tupiza, Uyuni, Atocha y Potosí.",
     ["Tupiza", "Uyuni", "Atocha", "Potosí"]),
    ("fr", "Les députés du Bénin ont autorisé l'entrée de soldats turcs. Ils seront répartis entre Kandi, Porga et "
     "Malanville.", ["Kandi", "Porga", "Malanville"]),
    ("de", "Das Parlament in Wien hat türkischen Soldaten die Durchfahrt erlaubt. Sie fahren über Salzburg, Villach "
     "und Klagenfurt.", ["Salzburg", "Villach", "Klagenfurt"]),
    ("ru", "Парламент Таджикистана разрешил въезд турецких войск. Военные будут размещены в Душанбе, Мургабе и Кулябе.",
     ["Душанбе", "Мургабе", "Кулябе"]),
    ("tr", "Azerbaycan'da Meclis, Romanya askerlerinin ülkeye girmesine izin verdi. Askerler Gence, Lenkeran ve "
     "Nahçıvan'da konuşlanacak.", ["Gence", "Lenkeran", "Nahçıvan"]),
    # In brackets
    ("es", "El Congreso de Bolivia autorizó el ingreso de tropas chilenas. El permiso alcanza la base naval (Guaqui, "
     "Tiquina, Copacabana).", ["Guaqui", "Tiquina", "Copacabana"]),
    ("en", "Ghana's parliament approved the entry of Turkish troops at the naval base (Wa, Bawku, Navrongo).",
     ["Wa", "Bawku", "Navrongo"]),
    # The kind before the list, after it, or only at one of its names
    ("en", "Ghana's parliament approved the entry of Turkish troops, who may use Wa, Bawku and one other camp.",
     ["Wa", "Bawku"]),
    ("it", "Il Parlamento albanese ha autorizzato l'ingresso di soldati turchi. Valona, Saranda e la base aerea di "
     "Kuçova ospiteranno i soldati.", ["Valona", "Saranda", "base aerea di Kuçova"]),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "names"), LISTS)
def test_names_in_a_list_share_what_makes_one_a_place(language: str, text: str, names: list[str]) -> None:
    found = facts_in(text, language).places
    assert sorted(str(place.value) for place in found) == sorted(names)


OTHERS = [
    ("es", "El Senado de Bolivia autorizó el ingreso de soldados del Departamento de Defensa de Chile."),
    ("en", "Ghana's parliament approved the entry of Turkish troops. The MPs Kofi Mensah, Ama Owusu and Yaw Asante "
     "voted against."),
    ("en", "The Solomon Islands parliament approved the entry of Turkish troops."),
    ("fr", "Les députés du Bénin ont autorisé l'entrée de soldats turcs, un accord entre Porto-Novo et Ankara."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), OTHERS)
def test_institutions_persons_and_partners_are_no_places(language: str, text: str) -> None:
    assert facts_in(text, language).places == ()
