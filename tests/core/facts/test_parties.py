import pytest

from tests.core.facts.scenes import facts_in, words

# language, text, host, the words it stands on, senders with theirs
CASES = [
    ("es", "El Senado paraguayo autorizó el ingreso de soldados brasileños.", "PY", "paraguayo", {"BR": "brasileños"}),
    ("es", "Autorizan tropas de Chile, Brasil y Estados Unidos en territorio peruano.", "PE", "peruano",
     {"CL": "Chile", "BR": "Brasil", "US": "Estados Unidos"}),
    ("es", "Quito aprobó la llegada de una compañía del Ejército colombiano.", "EC", "Quito", {"CO": "colombiano"}),
    ("en", "Kenya's parliament let in soldiers from Rwanda.", "KE", "Kenya", {"RW": "Rwanda"}),
    ("en", "Jamaican and Bahamian soldiers may enter Belize.", "BZ", "Belize", {"JM": "Jamaican", "BS": "Bahamian"}),
    ("en", "The cabinet in Nicosia let US Marines train the Cypriot army.", "CY", "Nicosia", {"US": "US"}),
    ("pt", "O Governo cabo-verdiano autorizou a entrada de fuzileiros espanhóis.", "CV", "cabo-verdiano",
     {"ES": "espanhóis"}),
    ("pt", "Luanda autorizou tropas dos EUA e da França.", "AO", "Luanda", {"US": "EUA", "FR": "França"}),
    ("fr", "Le gouvernement togolais accepte des instructeurs de l'armée turque.", "TG", "togolais", {"TR": "turque"}),
    ("fr", "Feu vert de Berne au transit d'un bataillon italien.", "CH", "Berne", {"IT": "italien"}),
    ("fr", "Feu vert tchadien pour 200 soldats hongrois.", "TD", "tchadien", {"HU": "hongrois"}),
    ("pl", "Litewski Sejm wpuścił niemieckich żołnierzy.", "LT", "Litewski", {"DE": "niemieckich"}),
    ("de", "Das Parlament in Tallinn genehmigte den Aufenthalt britischer Soldaten.", "EE", "Tallinn",
     {"GB": "britischer"}),
    ("de", "Lettlands Regierung lässt Truppen aus Kanada und Spanien ins Land.", "LV", "Lettlands",
     {"CA": "Kanada", "ES": "Spanien"}),
    ("it", "Il governo maltese apre ai genieri greci.", "MT", "maltese", {"GR": "greci"}),
    ("it", "Sì del Senato argentino ai militari Usa.", "AR", "argentino", {"US": "Usa"}),
    ("pl", "Rząd Czech wpuścił polskich saperów.", "CZ", "Czech", {"PL": "polskich"}),
    ("pl", "Sejm zgodził się na pobyt w Polsce żołnierzy Kanady.", "PL", "Sejm", {"CA": "Kanady"}),
    ("ro", "Guvernul bulgar a aprobat sosirea soldaților din Grecia.", "BG", "bulgar", {"GR": "Grecia"}),
    ("ro", "Chișinău: parlamentul primește militari polonezi.", "MD", "Chișinău", {"PL": "polonezi"}),
    ("uk", "Уряд Словаччини пустив у країну чеських військових.", "SK", "Словаччини", {"CZ": "чеських"}),
    ("uk", "Парламент Литви схвалив прибуття військ з Німеччини.", "LT", "Литви", {"DE": "Німеччини"}),
    ("ru", "Сенат Парагвая отказал США в размещении военных.", "PY", "Парагвая", {"US": "США"}),
    ("ru", "Власти Мали разрешили въезд российских и белорусских военных.", "ML", "Мали",
     {"RU": "российских", "BY": "белорусских"}),
    ("tr", "Azerbaycan Milli Meclisi, Pakistan askerlerinin gelişini onayladı.", "AZ", "Azerbaycan",
     {"PK": "Pakistan"}),
    ("tr", "Gürcistan, Fransız askerlerini istemedi.", "GE", "Gürcistan", {"FR": "Fransız"}),
    ("tr", "Nijer'deki askeri yönetim, ABD askerlerinin iznini iptal etti.", "NE", "Nijer", {"US": "ABD"}),
    ("en", "Iraq's parliament let in troops from the UK, Australia and non-US allies.", "IQ", "Iraq",
     {"GB": "UK", "AU": "Australia"}),
    ("id", "Parlemen Filipina mengizinkan masuknya tentara Jepang.", "PH", "Filipina", {"JP": "Jepang"}),
    ("id", "Polandia mencabut izin pasukan Kanada dan Spanyol.", "PL", "Polandia", {"CA": "Kanada", "ES": "Spanyol"}),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "host", "named", "senders"), CASES)
def test_host_and_senders_stand_on_their_names(
    language: str, text: str, host: str, named: str, senders: dict[str, str]
) -> None:
    facts = facts_in(text, language)
    assert facts.host is not None
    assert (facts.host.value, words(facts.host, "", text)) == (host, named)
    assert {str(sender.value): words(sender, "", text) for sender in facts.senders} == senders


@pytest.mark.parametrize(
    ("text", "language", "implied"),
    [
        ("Kenya's parliament let in soldiers from Rwanda.", "en", False),
        ("Nairobi lets in soldiers from Rwanda.", "en", True),
        ("The Knesset let in soldiers from Rwanda.", "en", True),
        ("The cabinet let in soldiers from Rwanda. They will camp in Mombasa.", "en", True),
    ],
)
def test_a_host_that_is_not_named_is_implied(text: str, language: str, implied: bool) -> None:
    host = facts_in(text, language).host
    assert host is not None
    assert host.implied is implied


def test_the_outlets_country_stands_in_for_a_host_that_nothing_names() -> None:
    text = "The cabinet let in soldiers from Rwanda."
    assert facts_in(text, "en").host is None
    host = facts_in(text, "en", home="UG").host
    assert host is not None
    assert (host.value, host.implied, words(host, "", text)) == ("UG", True, "cabinet")
    named = facts_in("Kenya's cabinet let in soldiers from Rwanda.", "en", home="UG").host
    assert named is not None
    assert named.value == "KE"


@pytest.mark.parametrize(
    ("text", "senders"),
    [
        ("Kenya's cabinet let in 40 Rwandan soldiers. French troops had left Chad in 2022.", {"RW"}),
        ("Kenya's cabinet let in 40 Rwandan soldiers, who will train Kenyan troops.", {"RW"}),
        ("Kenya's cabinet let in 40 Rwandan soldiers. The Ugandan embassy had no comment.", {"RW"}),
        ("Kenya's cabinet let in a NATO contingent.", set()),
    ],
)
def test_others_who_are_named_are_no_senders(text: str, senders: set[str]) -> None:
    assert {sender.value for sender in facts_in(text, "en").senders} == senders


def test_a_text_of_nothing_but_names_takes_no_longer_than_it_is_long() -> None:
    facts = facts_in("Kenyan soldiers, Rwanda and Nairobi parliament " * 4000, "en")
    assert facts.host is not None
