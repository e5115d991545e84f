"""Reads the phrases of vocabulary/antecedents.toml, by table and language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pipeline.core.text.languages import base_code, vocabulary
from pipeline.core.text.words import words


def is_listed(table: str, language: str | None, found: Sequence[str]) -> bool:
    """Whether one of the listed words or phrases is among these words; "*" after one stands for any ending."""
    text = f" {' '.join(found)} "
    return any(phrase in text for phrase in _patterns(table, language))


@cache
def phrases(table: str, language: str | None) -> tuple[tuple[str, ...], ...]:
    """The words of each listed phrase, folded, without "*"."""
    return tuple(tuple(words(one)) for one in _listed(table, language).split(",") if words(one))


@cache
def endings(table: str, language: str | None) -> tuple[str, ...]:
    """The listed words, folded, as endings or beginnings of others."""
    return tuple(words(_listed(table, language)))


@cache
def _patterns(table: str, language: str | None) -> tuple[str, ...]:
    every = [one.strip() for one in _listed(table, language).split(",") if words(one)]
    return tuple(f" {' '.join(words(one))}{'' if one.endswith('*') else ' '}" for one in every)


def _listed(table: str, language: str | None) -> str:
    listed: str = vocabulary("antecedents")[table].get(base_code(language) or "en", "")
    return listed
