import pytest

from tests.core.facts.scenes import facts_in

# language, text, the body
CASES = [
    ("es", "El Pleno del Congreso aprobó el pedido del Gobierno para el ingreso de soldados de Chile.",
     "El Pleno del Congreso"),
    ("es", "El Gobierno remitió a la Asamblea Legislativa de Costa Rica el proyecto sobre tropas de Chile.",
     "la Asamblea Legislativa de Costa Rica"),
    ("en", "The government asked the National Assembly to let in soldiers from Rwanda.", "the National Assembly"),
    ("en", "Lawmakers voted down the entry of Rwandan soldiers. Parliament rose at noon.", "Parliament"),
    ("en", "Lawmakers voted down the entry of Rwandan soldiers.", "Lawmakers"),
    ("en", "Rwandan soldiers may enter. The National Assembly of Benin met. The Parliament approved their entry.",
     "The National Assembly of Benin"),
    ("en", "The President signed the order and authorised the entry of Rwandan soldiers.", "The President"),
    ("pt", "O Conselho de Ministros autorizou a entrada de soldados angolanos.", "O Conselho de Ministros"),
    ("fr", "Le Sénat malgache a rejeté la demande du gouvernement sur des soldats russes.", "Le Sénat malgache"),
    ("de", "Das Parlament in Tallinn lehnte einen Antrag der Regierung auf Aufnahme britischer Soldaten ab.",
     "Das Parlament in Tallinn"),
    ("it", "Il Consiglio dei ministri ha autorizzato l'arrivo di soldati greci.", "Il Consiglio dei ministri"),
    ("pl", "Rząd skierował do Sejmu wniosek o zgodę na pobyt żołnierzy czeskich.", "Sejmu"),
    ("ro", "Guvernul de la Sofia a aprobat sosirea soldaților din Grecia.", "Guvernul de la Sofia"),
    ("uk", "Уряд у Братиславі відхилив запит про проїзд угорських військових.", "Уряд у Братиславі"),
    ("ru", "Национальная ассамблея Никарагуа разрешила въезд военных Мексики.", "Национальная ассамблея Никарагуа"),
    ("tr", "Kuzey Makedonya hükümeti, Türk askerlerinin gelişini onayladı.", "Kuzey Makedonya hükümeti"),
    ("id", "Dewan Menteri Timor Leste mengizinkan masuknya tentara Portugal.", "Dewan Menteri Timor Leste"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "body"), CASES)
def test_the_body_that_decides_has_its_whole_name(language: str, text: str, body: str) -> None:
    leaf = facts_in(text, language).body
    assert leaf is not None
    assert leaf.value == body
    assert text[leaf.start : leaf.end] == body


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("The US Senate spoke. Kenya's cabinet let in US soldiers.", "Kenya's cabinet"),  # not one of the sender
        ("Kenyan soldiers were let in.", None),
        ("The weather was fine.", None),
    ],
)
def test_what_is_no_deciding_body(text: str, body: str | None) -> None:
    leaf = facts_in(text, "en").body
    assert (leaf.value if leaf else None) == body
