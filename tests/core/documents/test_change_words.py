"""What changed, in a few words."""

from __future__ import annotations

import pytest

from pipeline.core.documents.change_words import in_words
from pipeline.records import Change


def change(kind: str, before: str = "", after: str = "") -> Change:
    return Change(kind=kind, before=before, after=after)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([], ""),
        ([change("number", "3500", "4200")], "3500 → 4200"),
        ([change("date", "", "12 May"), change("name", "Ruiz")], "+ 12 May, - Ruiz"),
        ([change("title", "A", "B"), change("text")], "headline, wording"),
        ([change("number", str(n), str(n + 1)) for n in range(6)], "0 → 1, 1 → 2, 2 → 3, 3 → 4 and 2 more"),
    ],
)
def test_in_words(changes: list[Change], said: str) -> None:
    assert in_words(changes) == said
