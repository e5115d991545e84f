from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.query.snippets import CLOSE, OPEN, WIDTH, marked, plain, snippet
from pipeline.records import Span

FILLER = " ".join(f"filler{n}" for n in range(60))


def span_of(text: str, word: str, after: int = 0) -> Span:
    start = text.index(word, after)
    return Span(field="text", start=start, end=start + len(word), text=word)


def test_a_title_with_its_words_marked() -> None:
    text = "Troops\nof the U.S. enter"
    spans = [span_of(text, "U.S"), span_of(text, "Troops")]
    assert marked(text, spans) == f"{OPEN}Troops{CLOSE} of the {OPEN}U.S{CLOSE}. enter"


def test_overlapping_spans_become_one() -> None:
    text = "the united states army"
    assert marked(text, [span_of(text, "united states"), span_of(text, "states army")]) == (
        f"the {OPEN}united states army{CLOSE}"
    )


def test_the_snippet_is_where_most_of_the_words_are() -> None:
    text = f"troops {FILLER} congress lets armed troops in {FILLER}"
    at = text.index("congress")
    found = snippet(text, [span_of(text, "troops"), span_of(text, "congress"), span_of(text, "troops", at)])
    assert f"{OPEN}congress{CLOSE} lets armed {OPEN}troops{CLOSE} in" in found
    assert found.startswith("…filler")
    assert found.endswith("…")
    assert all(word.startswith("filler") for word in found.strip("…").split()[-3:])


def test_without_spans_the_text_begins() -> None:
    assert snippet(f"First words. {FILLER}", []).startswith("First words. filler0")
    assert snippet("short", []) == "short"


def test_a_text_cannot_bring_marks_of_its_own() -> None:
    assert snippet(f"a{OPEN}b{CLOSE}c\x1b[31m", []) == "a b c [31m"


@pytest.mark.parametrize("text", ["国会批准" * 300, "รัฐสภา" * 300, "x" * 2000])
def test_text_without_spaces_is_cut_too(text: str) -> None:
    middle = Span(field="text", start=800, end=804, text=text[800:804])
    found = snippet(text, [middle])
    assert f"{OPEN}{text[800:804]}{CLOSE}" in found
    assert len(found) < WIDTH + 10


@given(st.text(max_size=600), st.data())
def test_a_snippet_is_a_part_of_the_text_and_short(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(1, 30)), max_size=5))
    spans = [
        Span(field="text", start=start, end=min(start + n, len(text)), text="")
        for start, n in cuts
        if start < len(text)
    ]
    found = snippet(text, spans)
    assert len(plain(found)) <= WIDTH + 40
    assert found.count(OPEN) == found.count(CLOSE)
    assert bool(spans) == (OPEN in found)
    assert plain(found).strip("…").strip() in marked(text, [])
