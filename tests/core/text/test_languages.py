"""Language codes, CLDR's names of months and days, and the tables of core/vocabulary."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core import vocabulary as data
from pipeline.core.text import languages
from pipeline.core.text.words import words
from tests.languages import LANGUAGES


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("pt-BR", "pt"),
        ("PT_br", "pt"),
        ("es", "es"),
        ("nb-NO", "no"),
        ("nn", "no"),
        ("fil", "fil"),
        ("", None),
        (None, None),
    ],
)
def test_a_tag_has_a_base_code(tag: str | None, code: str | None) -> None:
    assert languages.base_code(tag) == code


def test_months_and_weekdays_have_names_and_numbers() -> None:
    assert ("enero", 1) in languages.month_names("es")
    assert ("ene", 1) in languages.month_names("es", "abbreviated")
    assert ("мая", 5) in languages.month_names("ru", contexts=("format",))
    assert ("май", 5) not in languages.month_names("ru", contexts=("format",))
    assert ("Sonntag", 6) in languages.weekday_names("de")
    assert languages.month_names("xx") == languages.weekday_names(None) == []
    assert {"march", "marzo"} <= languages.calendar_words("es")


def test_codes_are_those_of_cldr() -> None:
    assert {"es", "id", "fil"} <= languages.known_codes()
    assert not {"xx", "en_GB"} & languages.known_codes()


def test_a_table_is_that_of_the_language() -> None:
    assert languages.vocabulary("numbers", "es-MX")["ones"]["2"] == "dos"
    assert languages.vocabulary("numbers", None)["ones"]["2"] == "two"
    for unknown in ("xx", "../../x", "x" * 500, "\0"):
        assert languages.vocabulary("numbers", unknown) == {}


def test_a_language_has_a_grammar() -> None:
    assert languages.grammar_of("de").capital_nouns
    assert languages.grammar_of("it").country == "IT"
    assert languages.grammar_of("xx") == languages.grammar_of(None) == languages.Grammar()


def test_each_language_has_every_table() -> None:
    for name in ("dates", "nations", "numbers"):
        assert all(languages.vocabulary(name, language) for language in LANGUAGES)
    assert set(LANGUAGES) <= set(languages.vocabulary("phrases"))


def test_words_of_all_languages_are_single_words() -> None:
    """An entry that folding parts in two would match by half."""
    for table in ("places", "numbers", "traits"):
        for key, listed in languages.vocabulary(table).items():
            for entry in listed.values() if all(isinstance(entry, str) for entry in listed.values()) else ():
                assert all(len(words(word)) == 1 for word in entry.split()), (table, key, entry)


def test_every_table_says_what_it_is() -> None:
    for file in Path(data.__file__).parent.glob("*.toml"):
        assert file.read_text(encoding="utf-8").startswith("#"), file.name
