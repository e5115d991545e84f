"""What changed, in a few words."""

from __future__ import annotations

import pytest

from pipeline.core.documents.change_words import in_words
from pipeline.records import Change


def change(kind: str, before: str = "", after: str = "", what: str = "") -> Change:
    return Change(kind=kind, before=before, after=after, what=what)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([], ""),
        ([change("number", "3500", "4200")], "3500 → 4200"),
        ([change("date", "", "12 May"), change("name", "Ruiz")], "+ 12 May, - Ruiz"),
        ([change("title", "A", "B"), change("text")], "headline, wording"),
        ([change("vote", "73 for", "75 for")], "73 → 75 for"),
        ([change("vote", "73 for", "73 against")], "73 for → 73 against"),
        ([change("vote", "", "2 abstaining")], "+ 2 abstaining"),
        ([change("number", "12", "14", "people")], "12 → 14 people"),
        ([change("number", "", "14", "people")], "+ 14 people"),
        ([change("number", "12", "", "people")], "- 12 people"),
        ([change("number", "500000000 $", "650000000 $")], "$500 million → $650 million"),
        ([change("number", "5000000 $", "5000000 €")], "$5 million → €5 million"),
        ([change("number", "30 d", "60 d")], "30 → 60 days"),
        ([change("number", "30 d", "30 mo")], "30 days → 30 months"),
        ([change("number", "12345", "1512345")], "12,345 → 1,512,345"),
        ([change("number", "5.2%", "5.4%")], "5.2% → 5.4%"),
        ([change("number", "73-25", "75-23")], "73-25 → 75-23"),
        ([change("number", "-5 m", "-7 m")], "-5 → -7 m"),
        ([change("date", "2026-12-4", "2026-12-14")], "4 December 2026 → 14 December 2026"),
        ([change("date", "w0", "w3")], "Monday → Thursday"),
        ([change("date", "5-4", "today")], "4 May → today"),
        ([change("date", "04/05/2026", "2026-5")], "04/05/2026 → May 2026"),
        ([change("outcome", "foreign_troops proposed", "foreign_troops authorised")], "proposed → authorised"),
        ([change("outcome", "approved", "rejected")], "approved → rejected"),
        ([change("negation", "", "not attend")], "+ “not attend”"),
        ([change("number", str(n), str(n + 1)) for n in range(6)], "0 → 1, 1 → 2, 2 → 3, 3 → 4 and 2 more"),
    ],
)
def test_in_words(changes: list[Change], said: str) -> None:
    assert in_words(changes) == said
