"""Numbers of people killed, hurt and so on, where a report says them without doubt."""

from __future__ import annotations

import pytest

from pipeline.core.stories.tolls import tolls

CASES = [
    ("en", "Quake kills 17 people", "At least 17 people were killed and 40 injured.", {"killed": 17, "injured": 40}),
    ("en", "Bus falls off bridge", "Police said 1,200 people were evacuated; nobody was hurt.", {"displaced": 1200}),
    ("en", "Storm", "12 people are missing. Last year 30 people were missing after a storm.", {}),
    ("en", "Fire", "In 2019 dead trees burnt. 2019 dead were found.", {}),
    ("en", "Score", "The team won 3-2. Dead ball in minute 90.", {}),
    ("en", "Ferry", "None of the 12 passengers was injured. No one was killed.", {}),
    ("en", "Mine", "Three hundred people were killed and twenty-two injured.", {"killed": 300, "injured": 22}),
    ("en", "Raid", "The police arrested dozens of protesters.", {"arrested": "dozens"}),
    ("en", "Dozens killed", "At least 43 people were killed in the blast.", {"killed": 43}),
    ("en", "Dozens killed", "As many as 600 people were killed in the blast.", {}),
    ("en", "Flood", "Tens of thousands of people were displaced.", {"displaced": "tens of thousands"}),
    ("en", "Flood", "Between 200 and 300 people are missing.", {"missing": "200-300"}),
    ("es", "Sismo", "Al menos 17 muertos y 40 heridos dejó el temblor.", {"killed": 17, "injured": 40}),
    ("es", "Sismo", "Decenas de personas murieron y doscientas personas resultaron heridas.",
     {"killed": "decenas", "injured": 200}),
    ("fr", "Séisme", "Le bilan est de 17 morts et 40 blessés, selon la police.", {"killed": 17, "injured": 40}),
    ("fr", "Séisme", "Des dizaines de personnes ont été tuées, trois cents blessées.",
     {"killed": "dizaines", "injured": 300}),
    ("de", "Beben", "Bei dem Beben kamen 17 Menschen um, 40 wurden verletzt. 17 Tote, sagt die Polizei.",
     {"killed": 17, "injured": 40}),
    ("de", "Dutzende Tote bei Beben", "Dreihundert Menschen wurden verletzt.", {"killed": "dutzende", "injured": 300}),
    ("pt", "Chuva", "A chuva deixou 3 mortos e 1.500 desalojados.", {"killed": 3, "displaced": 1500}),
    ("pt", "Chuva", "Dezenas de pessoas morreram; vinte e duas ficaram feridas.", {"killed": "dezenas", "injured": 22}),
    ("it", "Frana", "La frana ha fatto 4 morti e 12 dispersi.", {"killed": 4, "missing": 12}),
    ("it", "Frana", "Decine di persone sono morte, duecento persone ferite.", {"killed": "decine", "injured": 200}),
    ("nl", "Brand", "Bij de brand zijn 17 mensen omgekomen en tientallen gewond geraakt.",
     {"killed": 17, "injured": "tientallen"}),
    ("sv", "Brand", "Minst 17 människor har dött och hundratals skadades.", {"killed": 17, "injured": "hundratals"}),
    ("da", "Brand", "17 mennesker er omkommet, og tre hundrede blev såret.", {"killed": 17, "injured": 300}),
    ("no", "Brann", "17 personer er drept og tolv skadd.", {"killed": 17, "injured": 12}),
    ("fi", "Palo", "Palossa kuoli 17 ihmistä. 17 ihmistä kuoli ja kymmeniä loukkaantui.",
     {"killed": 17, "injured": "kymmeniä"}),
    ("pl", "Pożar", "Zginęło 17 osób, a dwieście osób zostało rannych.", {"killed": 17, "injured": 200}),
    ("pl", "Pożar", "Kilkadziesiąt osób nie żyje.", {"killed": "kilkadziesiąt"}),
    ("cs", "Požár", "Zahynulo 17 lidí a desítky osob jsou zraněny. Desítky zraněných jsou v nemocnici.",
     {"killed": 17, "injured": "desítky"}),
    ("sk", "Požiar", "Zahynulo 17 ľudí, stovky zranených.", {"killed": 17, "injured": "stovky"}),
    ("hu", "Tűz", "Tizenhét ember meghalt, több tucat ember megsérült.", {"killed": 17, "injured": "több tucat"}),
    ("ro", "Incendiu", "17 persoane au murit și zeci de persoane au fost rănite.", {"killed": 17, "injured": "zeci"}),
    ("ru", "Пожар", "Погибли 17 человек, десятки пострадавших в больнице.", {"killed": 17, "injured": "десятки"}),
    ("ru", "Пожар", "Погибли триста человек, около сотни пострадавших.", {"killed": 300}),
    ("uk", "Пожежа", "Загинули 17 людей, сотні поранених.", {"killed": 17, "injured": "сотні"}),
    ("tr", "Yangın", "17 kişi öldü, yüzlerce kişi yaralandı.", {"killed": 17, "injured": "yüzlerce"}),
    ("el", "Φωτιά", "17 άνθρωποι σκοτώθηκαν και δεκάδες τραυματίστηκαν.", {"killed": 17, "injured": "δεκάδες"}),
    ("ar", "حريق", "مقتل 17 شخصا وإصابة عشرات الأشخاص.", {"killed": 17, "injured": "عشرات"}),
    ("ar", "حريق", "17 قتيلا في الحريق.", {"killed": 17}),
    ("id", "Kebakaran", "17 orang tewas dan puluhan orang terluka.", {"killed": 17, "injured": "puluhan"}),
    ("zh", "火灾", "火灾造成17人死亡，数十人受伤。", {"killed": 17, "injured": "数十"}),
    ("zh", "火灾", "三百人遇难。", {"killed": 300}),
    ("xx", "Frana", "4 morti", {}),
]  # fmt: skip


@pytest.mark.parametrize(("language", "title", "text", "expected"), CASES)
def test_tolls(language: str, title: str, text: str, expected: dict[str, int | str]) -> None:
    assert {one.field: one.value for one in tolls(title, text, language)} == expected


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("At least 17 people were killed.", 17, None), ("Up to 300 people were killed.", None, 300),
        ("17 people were killed.", 17, 17), ("Dozens of people were killed.", 9, 240),
        ("17 people were killed. At least 17 people were killed.", 17, 17),
    ],
)  # fmt: skip
def test_the_bounds_of_a_toll(text: str, low: int | None, high: int | None) -> None:
    (found,) = tolls("", text, "en")
    assert (found.low, found.high) == (low, high)
