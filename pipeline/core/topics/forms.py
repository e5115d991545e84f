"""Compares words in any of their forms, for terms with `~`: by stem, or by what is written together with a word."""

from __future__ import annotations

from collections.abc import Collection

from pipeline.core.text.clitics import bases, clitics_of
from pipeline.core.text.folding import fold
from pipeline.core.text.stems import stem, stemmed


def has_forms(language: str) -> bool:
    """Whether the forms of words in `language` are known."""
    return clitics_of(language) is not None or stemmed(language)


def form_of_term(word: str, language: str) -> str:
    """What the forms of a word in a rule have in common."""
    return fold(word) if clitics_of(language) else stem(word, language)


def forms(written: str, language: str) -> Collection[str]:
    """What a word of an article may have in common with one in a rule."""
    clitics = clitics_of(language)
    return bases(written, clitics) if clitics else (stem(written, language),)
