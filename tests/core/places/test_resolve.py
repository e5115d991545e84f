import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.places.gazetteer import country_names, load_gazetteer
from pipeline.core.places.resolve import MOST_PLACES, find_places
from pipeline.core.text.reading import read


def countries(text: str, language: str | None = "en", title: str = "") -> list[str]:
    return list(find_places(read(title, text), language)[0])


def places(text: str, language: str = "en", title: str = "") -> list[tuple[str, str, bool]]:
    return [(p.name, p.country, p.ambiguous) for p in find_places(read(title, text), language)[1]]


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("es", "EE. UU., EE.UU. y EEUU; luego Corea del Norte.", ["US", "KP"]),
        ("en", "The U.S. and the US and the USA met Peru.", ["US", "PE"]),
        ("pt", "Os EUA e o Reino Unido.", ["US", "GB"]),
        ("fr", "La Côte d’Ivoire et les États-Unis d'Amérique.", ["CI", "US"]),
        ("de", "Die Vereinigten Staaten, Großbritannien und die VAE.", ["US", "GB", "AE"]),
        ("nl", "De VS en Nederland.", ["US", "NL"]),
        ("ru", "Президент России говорил о Перу, США и Украине.", ["RU", "PE", "US", "UA"]),
        ("pl", "Rząd Polski i Ukrainy.", ["PL", "UA"]),
        ("tr", "Türkiye'nin ve Almanya'nın", ["TR", "DE"]),
        ("ar", "الولايات المتحدة وبيرو", ["US", "PE"]),
        ("zh", "中国和美国会谈", ["CN", "US"]),
        ("ja", "中国と米国と日本", ["CN", "US", "JP"]),
        ("en", "Bosnia and Herzegovina, Burma, Myanmar, Ivory Coast.", ["MM", "BA", "CI"]),
        ("es", "porcelana china y chile picante; nos vemos en la turquía", []),
        ("en", "Peru v Chile", ["PE", "CL"]),
        (None, "Peru. Chile. Chile.", ["CL", "PE"]),
        ("xx", "Peru", ["PE"]),
        ("en", "They told us. PERU VS CHILE.", ["PE", "CL"]),
        ("en", "Michael Jordan scored. Then Jim Jordan spoke.", []),
        ("en", "In Jordan, ministers met.", ["JO"]),
        ("pt", "Piratas no golfo da Guiné, no Golfo do México e no Novo México.", ["US"]),
        ("en", "Drills in the South China Sea off New Mexico.", ["US"]),
        ("es", "Los departamentos de Loreto y San Martín.", []),  # not the island, nor a town in Mexico
    ],
)
def test_countries_most_mentioned_first(language: str | None, text: str, wanted: list[str]) -> None:
    assert countries(text, language) == wanted


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("es", "Llegaron a Lima y Cusco.", [("Lima", "PE", False), ("Cusco", "PE", False)]),
        ("es", "Llegó a Córdoba, Argentina.", [("Córdoba", "AR", False)]),
        ("es", "Viajó de Madrid a Córdoba.", [("Madrid", "ES", False), ("Córdoba", "ES", False)]),
        ("es", "Viajó a Granada.", [("Granada", "ES", True)]),
        ("fr", "Un incendie à Nice, en France.", [("Nice", "FR", False)]),
        ("en", "Nice weather. Reading is fun. Mobile phones. March came.", []),
        ("en", "They met in Moscow.", [("Moscow", "RU", False)]),
        ("ru", "Встреча прошла: Москва.", [("Moscow", "RU", False)]),
        ("zh", "在北京会谈", [("Beijing", "CN", False)]),
        ("en", "Paris Hilton said so.", []),
        ("en", "Officials in Birmingham, Alabama, United States.", [("Birmingham", "US", False)]),
        ("es", "Cooperan con las Fuerzas Especiales de la Marina. Estados Unidos.", []),
        ("de", "Die Lage der Länder: Löhne in Deutschland, wo Mitte und Rast sind. Venezuela.", []),
        ("de", "Wahl in Essen, Deutschland. Reise nach München.", [("Essen", "DE", False), ("Munich", "DE", False)]),
        ("de", "Das Essen in Deutschland. Gerne.", []),
        ("en", "Google and the White House, United States. MERS in Germany.", []),
        ("it", "Commessa a Genova.", [("Genoa", "IT", False)]),
        ("es", "De Moscú a Nueva York.", [("Moscow", "RU", False), ("New York City", "US", False)]),
        ("de", "Gipfel in Genf in der Schweiz.", [("Geneva", "CH", False)]),
    ],
)
def test_places(language: str, text: str, wanted: list[tuple[str, str, bool]]) -> None:
    assert places(text, language) == wanted


def test_georgia() -> None:
    assert countries("In Tbilisi, Georgia's parliament voted. The United States objected.") == ["GE", "US"]
    assert countries("Voters in Georgia. In Atlanta, the United States watched.") == ["US"]
    assert countries("Georgia's government resigned.") == ["GE"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Georgian soldiers met American advisers.", ["GE", "US"]),
        ("Georgia's parliament let US troops in.", ["GE", "US"]),
        ("Georgia, Armenia and the United States hold a drill.", ["GE", "AM", "US"]),
        ("Georgia's governor praised American soldiers.", ["US"]),
        ("The Georgia Tech team won. Georgia cheered Atlanta.", ["US"]),
    ],
)
def test_georgia_is_settled_by_what_stands_around_it(text: str, wanted: list[str]) -> None:
    assert countries(text) == wanted


@pytest.mark.parametrize(
    ("language", "text", "country", "place"),
    [
        ("es", "La policía española llegó a Granada.", ["ES"], [("Granada", "ES", False)]),
        ("es", "En Granada, Nicaragua, hubo fiesta.", ["NI"], [("Granada", "NI", False)]),
        ("es", "Ayudan a Granada los gobiernos de Barbados y Trinidad y Tobago.", ["GD", "BB", "TT"], []),
        ("es", "Viajó a Granada.", [], [("Granada", "ES", True)]),
        ("fr", "La Grenade a voté.", ["GD"], []),
        ("fr", "Un incendie à Grenade, en Espagne.", ["ES"], [("Granada", "ES", False)]),
        ("en", "Grenada voted.", ["GD"], []),
    ],
)
def test_granada(language: str, text: str, country: list[str], place: list[tuple[str, str, bool]]) -> None:
    assert countries(text, language) == country
    assert places(text, language) == place


@pytest.mark.parametrize(
    ("language", "text", "ambiguous"),
    [
        ("es", "Operan en la región de Cusco, Perú.", True),
        ("es", "Operan en la región Cusco y en la ciudad de Cusco, Perú.", False),
        ("es", "Operan en Cusco, Perú.", False),
        ("en", "Shelling in Kherson Oblast, Ukraine.", True),
        ("en", "Shelling in Kherson, Ukraine.", False),
    ],
)
def test_a_region_is_not_quite_its_city(language: str, text: str, ambiguous: bool) -> None:
    assert [place[2] for place in places(text, language)] == [ambiguous]


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("uk", "Переговори у Києві, а потім у Варшаві.", ["Kyiv", "Warsaw"]),
        ("ru", "Приехал из Москвы в Пекин и к Вашингтону.", ["Moscow", "Beijing", "Washington"]),
        ("pl", "Wrócił z Moskwy do Warszawy, był w Waszyngtonie.", ["Moscow", "Warsaw", "Washington"]),
    ],
)
def test_large_cities_are_known_in_their_cases(language: str, text: str, wanted: list[str]) -> None:
    assert [place[0] for place in places(text, language)] == wanted


def test_a_headline_in_capitals_proves_no_name() -> None:
    assert places("x", title="Nice Weather Brings Reading Fans Out") == []
    assert places("The city of Nice, France.", title="Nice Weather Brings Fans Out")[0][:2] == ("Nice", "FR")


def test_places_point_into_the_original_and_count_once() -> None:
    title, text = "Cusco espera", "En Cuzco, y otra vez en Cusco (Perú)."
    found = find_places(read(title, text), "es")
    (place,) = found[1]
    assert (place.name, place.field, title[place.start : place.end]) == ("Cusco", "title", "Cusco")
    assert -14 < place.lat < -13
    assert found[0] == ("PE",)


def test_at_most_so_many_places() -> None:
    names = sorted({c.name for c in load_gazetteer().cities if c.country == "DE" and c.population > 100_000})
    assert len(names) > MOST_PLACES
    assert len(find_places(read("", "Deutschland: " + ", ".join(names)), "de")[1]) == MOST_PLACES


def test_every_language_knows_the_large_countries() -> None:
    for language in ("es", "en", "pt", "fr", "de", "it", "pl", "ro", "uk", "ru", "tr", "id", "ar", "zh", "hi"):
        assert {c.code for c in country_names(language).values()} >= {"US", "RU", "CN", "PE", "BR", "DE", "FR", "UA"}


@settings(deadline=None)  # the first text of a language reads its names
@given(st.text(max_size=200), st.sampled_from(["es", "ru", "th", None]))
def test_any_text_is_read(text: str, language: str | None) -> None:
    for place in find_places(read("", text), language)[1]:
        assert text[place.start : place.end]


@pytest.mark.parametrize(
    "text",
    [
        "The United States votes. Senators such as Elizabeth Warren spoke, and billionaires fear Warren.",
        "The United States has papers: the readers of the Hollywood Reporter and of the Denver Post, says the report.",
    ],
)
def test_a_part_of_a_longer_name_is_no_place_even_where_its_country_is_named(text: str) -> None:
    assert places(text) == []
    assert countries(text) == ["US"]


def test_a_city_that_opens_a_sentence_is_one_where_its_country_is_named() -> None:
    assert places("Switzerland waits. Lausanne had acted before the summer.") == [("Lausanne", "CH", False)]
