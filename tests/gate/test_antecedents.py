"""Later words for an act ("the resolution", "la medida"), and sentences that go on about it, mean the act before."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.gate.shipped import troops_in

# language, text, what the act is: number and date, however they are spread over the sentences
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("en", "Belize's House approved Resolution No. 41, which lets 60 Chilean soldiers stay. "
     "The resolution was signed on 4 March 2027.", {"number": "41", "date": "2027-03-04"}),
    ("en", "Belize's House approved a resolution that lets 60 Chilean soldiers stay. "
     "The resolution, No. 41 of 4 March, goes to the president.", {"number": "41", "date": "2027-03-04"}),
    ("en", "Malta's cabinet adopted a decree that admits 60 Greek soldiers. It was issued on Tuesday.",
     {"number": None, "date": "2027-03-09"}),
    ("en", "Belize's House approved Resolution No. 41, which lets Chilean soldiers stay. "
     "Another resolution, No. 42, is on fishing.", {"number": "41", "date": None}),
    ("es", "El Senado boliviano aprobó la Resolución N.º 41, que autoriza el ingreso de 60 soldados chilenos. "
     "La resolución fue promulgada el 4 de marzo de 2027.", {"number": "41", "date": "2027-03-04"}),
    ("es", "El Gobierno boliviano emitió un decreto que autoriza el ingreso de 60 soldados chilenos. "
     "El decreto N.º 512 entra en vigor hoy.", {"number": "512", "date": None}),
    ("pt", "O Parlamento cabo-verdiano aprovou a Resolução n.º 41, que autoriza a entrada de 60 soldados espanhóis. "
     "A resolução foi promulgada a 4 de março de 2027.", {"number": "41", "date": "2027-03-04"}),
    ("fr", "Le Parlement togolais a adopté la loi n° 41, qui autorise 60 soldats italiens à entrer dans le pays. "
     "La loi a été promulguée le 4 mars 2027.", {"number": "41", "date": "2027-03-04"}),
    ("fr", "Le gouvernement togolais a pris un décret qui autorise 60 soldats italiens à entrer dans le pays. "
     "Le décret n° 512 est entré en vigueur.", {"number": "512", "date": None}),
    ("de", "Das Parlament in Tirana billigte ein Gesetz, das 60 griechischen Soldaten den Aufenthalt erlaubt. "
     "Das Gesetz Nr. 41 vom 4. März tritt heute in Kraft.", {"number": "41", "date": "2027-03-04"}),
    ("it", "Il Parlamento maltese ha approvato la legge n. 41, che autorizza l'ingresso di 60 soldati greci. "
     "La legge è stata promulgata il 4 marzo 2027.", {"number": "41", "date": "2027-03-04"}),
    ("ru", "Президент Белоруссии подписал указ, который разрешает въезд 60 сербских военных. "
     "Указ № 41 от 4 марта уже опубликован.", {"number": "41", "date": "2027-03-04"}),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "expected"), CASES)
def test_later_words_for_an_act_mean_the_one_before(language: str, text: str, expected: dict[str, Any]) -> None:
    [facts] = troops_in(text, language, date(2027, 3, 10)).facts
    assert facts.instrument is not None
    found = {name: getattr(facts.instrument, name) for name in expected}
    assert {name: leaf.value if leaf else None for name, leaf in found.items()} == expected
