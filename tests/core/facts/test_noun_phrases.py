"""How far names and phrases go; and that every leaf stands on the words it is said by, whatever the text."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.facts.noun_phrases import clause_end, name_end, small_words
from pipeline.records import Facts, Stated
from tests.core.facts.scenes import facts_in, scene, words

LANGUAGES = ("es", "en", "pt", "fr", "de", "it", "pl", "ro", "uk", "ru", "tr", "id", "cs", "sk", "el")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_its_small_words(language: str) -> None:
    small = small_words(language)
    assert small.joining
    assert small.ends
    assert small.until
    assert small.marks
    assert small.yesterday
    assert small.coming
    assert small.into or small.suffixes


NAMES = [
    ("en", "They stay at Camp Morusi near the river.", "Camp", "Camp Morusi"),
    ("fr", "Ils restent à Villeneuve-sur-Lot, dit-il.", "Villeneuve", "Villeneuve-sur-Lot"),
    ("es", "Van a Puerto de Palos y a Lima.", "Puerto", "Puerto de Palos"),
    ("es", "Van a Lima y a Cusco.", "Lima", "Lima"),
    ("de", "Sie bleiben in Punta del Este bis Mai.", "Punta", "Punta del Este"),
]


@pytest.mark.parametrize(("language", "text", "begins", "name"), NAMES)
def test_a_name_goes_as_far_as_its_capitals(language: str, text: str, begins: str, name: str) -> None:
    found = scene(text, language)
    first = found.reading.written.index(begins)
    assert found.reading.original(first, name_end(found, first)) == name


CLAUSES = [
    ("en", "They come to train the patrol until 30 June.", "train", "train the patrol"),
    ("en", "They come to train the patrol, the minister said.", "train", "train the patrol"),
    ("en", "They come to train the patrol which guards the coast.", "train", "train the patrol"),
    ("es", "Vienen para instruir a la patrulla desde el 3 de mayo.", "instruir", "instruir a la patrulla"),
    ("uk", "Вони прибудуть для навчання бійців з 10 травня.", "навчання", "навчання бійців"),
]


@pytest.mark.parametrize(("language", "text", "begins", "phrase"), CLAUSES)
def test_a_phrase_ends_with_its_clause(language: str, text: str, begins: str, phrase: str) -> None:
    found = scene(text, language)
    first = found.reading.written.index(begins)
    assert found.reading.original(first, clause_end(found, first)) == phrase


_OWN = ("instrument", "armed", "weapons", "units", "places", "purpose")
_PIECES = (
    "Parliament approved the entry of Turkish troops ", "by Decree No. 12/2027 of 3 March ", "to train the patrol, ",
    "they carry assault rifles and MAG 58 machine guns. ", "unarmed ", "the 82nd Airborne Division ", "at Camp Morusi ",
    "in Iquitos and Lima, ", "its mission is: ", "the Official Gazette ", "\n", "No. ", "12", "«", "»", "'", "- ", "(",
    "для розмінування полів ", "закон № 9911-IX від 2 березня ", "Sturmgewehre ", "Panzerbrigade 45 ", "İncirlik'teki ",
    "1521 sayılı karara göre ", "tanpa senjata ", "yesterday ", "\u0301", "º", "A", "of ", "the ", ". ", ")",
)  # fmt: skip


def leaves(facts: Facts) -> Iterator[Stated]:
    for name in _OWN:
        value = getattr(facts, name)
        parts = msgspec.structs.astuple(value) if name == "instrument" and value is not None else value
        many = parts if isinstance(parts, tuple) else (parts,)
        yield from (leaf for leaf in many if isinstance(leaf, Stated))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=30), st.sampled_from(LANGUAGES), st.booleans())
def test_leaves_stand_on_their_words(pieces: list[str], language: str, in_title: bool) -> None:
    whole = "".join(pieces)
    title, text = (whole.replace("\n", " "), "") if in_title else ("", whole)
    facts = facts_in(text, language, title)
    for leaf in leaves(facts):
        where = title if leaf.field == "title" else text
        assert 0 <= leaf.start < leaf.end <= len(where)
        is_date = facts.instrument is not None and leaf is facts.instrument.date
        if leaf is not facts.armed and not is_date:
            assert words(leaf, title, text) == leaf.value


@pytest.mark.parametrize("language", [None, "en-GB", "el", "zh", "xx"])
def test_other_languages_do_no_harm(language: str | None) -> None:
    text = "On Tuesday MPs adopted Act No. 5 to let Turkish troops with rifles into Camp A. 議會批准外國軍隊入境。"
    assert all(words(leaf, "", text) for leaf in leaves(facts_in(text, language)))  # type: ignore[arg-type]


def test_a_hostile_text_takes_no_time() -> None:
    text = "Parliament approved the entry of Turkish troops to train in Camp A and Camp B with rifles, No. 1 " * 2000
    assert len(text) > 190_000
    assert facts_in(text, "en").purpose is not None
