"""What changed, from what to what, as people read it: edits in many languages, from the text to the words."""

from __future__ import annotations

import pytest

from pipeline.core.documents.change_words import in_words
from pipeline.core.stories import versions
from pipeline.core.stories.spellings import same_name
from pipeline.core.stories.traits import traits
from pipeline.core.text.prose import body

#: language, sentence, what is replaced, by what, what is said
EDITS = [
    # votes, without the number once more
    ("en", "The senate passed the bill with 73 votes in favour and 25 against.", "73", "75", "73 → 75 for"),
    ("en", "The senate voted 73-25 to pass the bill on Tuesday.", "73-25", "75-23", "73-25 → 75-23"),
    ("es", "El Congreso aprobó la ley con 73 votos a favor y 25 en contra.", "73", "75", "73 → 75 for"),
    ("de", "Der Bundestag stimmte mit 320 Stimmen dafür und 280 dagegen ab.", "280", "270", "280 → 270 against"),
    ("fr", "Le texte a recueilli 120 voix pour et 98 voix contre au Sénat.", "98", "89", "98 → 89 against"),
    # numbers with what they count
    ("en", "At least 12 people were killed and 30 injured near Oslo.", "12", "14", "12 → 14 people"),
    ("en", "At least 12 people were killed and 30 injured near Oslo.", "30", "45", "30 → 45 injured"),
    ("en", "At least 12 were killed near Oslo.", "12", "14", "12 → 14"),
    ("en", "Some 300 soldiers will arrive in June.", "300", "3,000", "300 → 3000 soldiers"),
    ("en", "Between 300 and 400 soldiers will stay.", "400", "500", "400 → 500 soldiers"),
    ("es", "Al menos doce personas murieron en el accidente de Bilbao.", "doce", "catorce", "12 → 14 personas"),
    ("pt", "Pelo menos 12 pessoas morreram no acidente em Braga.", "12", "15", "12 → 15 pessoas"),
    ("it", "Almeno dodici persone sono morte a Torino.", "dodici", "quattordici", "12 → 14 persone"),
    ("ru", "В аварии погибли 12 человек, ещё 30 получили ранения.", "12", "14", "12 → 14 человек"),
    ("uk", "В аварії загинули 12 людей, ще 30 дістали поранення.", "12", "14", "12 → 14 людей"),
    ("pl", "W wypadku zginęło 12 osób, a 30 zostało rannych.", "12", "14", "12 → 14 osób"),
    ("tr", "Kazada 12 kişi öldü, 30 kişi yaralandı.", "12", "14", "12 → 14 kişi"),
    ("zh", "事故造成12人死亡,30人受伤。", "12", "14", "12 → 14 人"),
    ("ja", "この事故で12人が死亡し、30人がけがをした。", "12", "14", "12 → 14 人"),
    ("ar", "قتل 12 شخصا وأصيب 30 في الحادث.", "12", "14", "12 → 14 شخصا"),
    ("id", "Kecelakaan itu menewaskan 12 orang dan melukai 30 orang.", "12", "14", "12 → 14 orang"),
    ("sv", "Tolv personer dog i olyckan utanför Malmö.", "Tolv", "Fjorton", "12 → 14 personer"),
    # amounts and units
    ("en", "The fund has $500 million for the repair of roads.", "500", "650", "$500 million → $650 million"),
    ("en", "The firm said revenue was 3.2 billion euros.", "3.2", "3.4", "€3.2 billion → €3.4 billion"),
    ("en", "The emergency lasts for 30 days in the north.", "30", "60", "30 → 60 days"),
    ("en", "He was sentenced to nine years in prison.", "nine", "five", "9 → 5 years"),
    ("de", "Die Inflation lag bei 5,2 Prozent im Land.", "5,2", "5,4", "5.2% → 5.4%"),
    # dates, in digits, characters and words
    ("en", "The talks begin on 4 May 2026 in the capital.", "4 May", "14 May", "4 May 2026 → 14 May 2026"),
    ("en", "The talks begin on May 4 in the capital.", "May 4", "June 4", "4 May → 4 June"),
    ("en", "The talks begin on the fourth of May in the capital.", "fourth", "fifth", "4 May → 5 May"),
    ("en", "The talks begin on the twenty-first of May in the capital.", "first", "second", "21 May → 22 May"),
    ("es", "Las tropas llegarán el cuatro de diciembre al puerto.", "cuatro", "catorce", "4 December → 14 December"),
    ("es", "Llegarán el treinta y uno de mayo al puerto.", "treinta y uno", "treinta", "31 May → 30 May"),
    ("de", "Die Gespräche beginnen am vierten Mai in Wien.", "vierten", "sechsten", "4 May → 6 May"),
    ("ru", "Переговоры начнутся четвертого мая в столице.", "четвертого", "пятого", "4 May → 5 May"),
    ("zh", "会谈将于2026年5月4日在首都举行。", "4日", "14日", "4 May 2026 → 14 May 2026"),
    ("ko", "회담은 5월 4일 수도에서 열린다.", "4일", "14일", "4 May → 14 May"),
    ("es", "El fallo se conocerá el lunes en la capital.", "lunes", "jueves", "Monday → Thursday"),
    # names as a whole
    ("en", "The order was signed by Jon Smith of the harbour office.", "Jon Smith", "Peter Brown",
     "Jon Smith → Peter Brown"),
    ("en", "The order names Sergei Ivanov and Anna Weber here.", "Anna Weber", "Anna Keller", "Weber → Keller"),
    # negations
    ("en", "The minister will attend the meeting.", "will", "will not", "+ “not attend”"),
    ("fr", "Le ministre participera à la réunion.", "participera", "ne participera pas", "+ “ne participera pas a”"),
    # outcomes
    ("es", "El Congreso aprobó el ingreso de tropas.", "aprobó", "rechazó", "approved → rejected"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "old", "new", "said"), EDITS, ids=lambda value: str(value)[:16])
def test_it_is_said_from_what_to_what(language: str, text: str, old: str, new: str, said: str) -> None:
    assert old in text
    one, other = (traits("A day", body(each), language) for each in (text, text.replace(old, new, 1)))
    found = versions.changes(one, other)
    assert (in_words(found), versions.material(found)) == (said, True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Müller", "Mueller", True), ("Müller", "Muller", True), ("Ødegård", "Odegard", True),
        ("Zelensky", "Zelenskyy", True), ("Zelensky", "Zelenskiy", True), ("Mohamed", "Mohammed", True),
        ("Kyiv", "Kiev", True), ("Weiß", "Weiss", True), ("Philip", "Phillip", True),
        ("Jon", "John", False), ("Anna", "Ana", False), ("Mueller", "Muller", False), ("Dupont", "Durand", False),
        ("Ivanov", "Ivanova", False), ("Lavrov", "Lavro", False),
    ],
)  # fmt: skip
def test_a_spelling_is_no_other_name(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same
    assert same_name(other, one) is same
