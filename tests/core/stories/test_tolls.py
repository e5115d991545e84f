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
    ("es", "Sismo", "Al menos 17 muertos y 40 heridos dejó el temblor.", {"killed": 17, "injured": 40}),
    ("fr", "Séisme", "Le bilan est de 17 morts et 40 blessés, selon la police.", {"killed": 17, "injured": 40}),
    ("de", "Beben", "Bei dem Beben kamen 17 Menschen um, 40 wurden verletzt. 17 Tote, sagt die Polizei.",
     {"killed": 17, "injured": 40}),
    ("pt", "Chuva", "A chuva deixou 3 mortos e 1.500 desalojados.", {"killed": 3, "displaced": 1500}),
    ("it", "Frana", "La frana ha fatto 4 morti e 12 dispersi.", {"killed": 4, "missing": 12}),
    ("xx", "Frana", "4 morti", {}),
]  # fmt: skip


@pytest.mark.parametrize(("language", "title", "text", "expected"), CASES)
def test_tolls(language: str, title: str, text: str, expected: dict[str, int]) -> None:
    assert {one.field: one.value for one in tolls(title, text, language)} == expected
