"""The words that names start with."""

from __future__ import annotations

import pytest

from pipeline.core.places.names import names_of


@pytest.mark.parametrize("language", ["en", "de", "ru", "fi", None])
def test_no_name_is_passed_over(language: str | None) -> None:
    names = names_of(language)
    for name in (*names.countries, *names.forms, *names.nations.demonyms, *names.gazetteer.names):
        words = name.split(" ")
        start = names.start(words[0].upper())
        assert start, name
        assert start.longest >= len(words), name
        assert start.alone if len(words) == 1 else names.continues(words[0], words[1]), name


def test_common_words_start_no_name_alone() -> None:
    names = names_of("en")
    assert names.start("harvest") is None
    the = names.start("The")
    assert the
    assert not the.alone
    assert names.continues("the", "hague")
    assert not names.continues("the", "council")
