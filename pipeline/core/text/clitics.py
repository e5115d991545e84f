"""Finds the words that a written word may consist of, where small words are written together with others: the Arabic
"وبالقوات" is and + with + the + forces. vocabulary/clitics-*.toml has them.

Snowball's stemmer for Arabic takes letters off the word itself (برلمان, وزير and فرنسا lose their first). So nothing is
taken away here: every reading is kept, and a term is found if it is one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.core.text.folding import folds
from pipeline.core.text.languages import vocabulary

_SHORTEST = 3  # letters of a word; fewer are left by chance


@dataclass(frozen=True, slots=True)
class Clitics:
    """The table of one language; vocabulary/clitics-ar.toml explains each key."""

    before: tuple[str, ...]
    article: str
    shortening: tuple[str, ...]
    endings: tuple[str, ...]
    duals: tuple[str, ...]
    pronouns: tuple[str, ...]
    feminine: str
    feminine_inside: str
    persons: tuple[str, ...]
    person: str
    adjectives: tuple[str, ...]


@cache
def clitics_of(language: str) -> Clitics | None:
    """What a language writes together with words; None if it has no table."""
    table = vocabulary("clitics", language)
    if not table:
        return None

    def listed(key: str) -> tuple[str, ...]:
        return tuple(table[key].split())

    return Clitics(
        listed("before"), table["article"], listed("shortening"), listed("endings"), listed("duals"),
        listed("pronouns"), table["feminine"], table["feminine_inside"], listed("persons"), table["person"],
        listed("adjectives"),
    )  # fmt: skip


def bases(word: str, known: Clitics) -> frozenset[str]:
    """The readings of a word as written, folded, the word itself among them."""
    whole, found = folds[word], {folds[word]}
    if not whole or whole.isascii():
        return frozenset(found)
    found |= _without_endings(whole, known) if len(whole) >= _SHORTEST else set()
    for before in known.before:
        if whole.startswith(before) and len(whole) - len(before) >= _SHORTEST:
            rest = whole[len(before) :]
            found |= _without_endings(rest, known)
            found |= _without_endings(known.article + rest, known) if before in known.shortening else set()
    return frozenset(found)


def is_definite(word: str, known: Clitics) -> bool:
    """Whether a folded word has the article."""
    definite = (one for one in known.before if one.endswith(known.article) or one in known.shortening)
    return word.startswith(tuple(definite))


def is_adjective(word: str, known: Clitics) -> bool:
    """Whether a folded word is probably an adjective with the article: "الجوية"."""
    return word.startswith(known.article) and word.endswith(known.adjectives)


def _without_endings(word: str, known: Clitics) -> set[str]:
    found = {word}
    for pronoun in ("", *known.pronouns):
        if word.endswith(pronoun) and len(word) - len(pronoun) >= _SHORTEST:
            stem = word[: len(word) - len(pronoun)]
            found.add(stem)
            if pronoun and stem.endswith(known.feminine_inside):
                found.add(stem[: -len(known.feminine_inside)] + known.feminine)
            found |= {stem[: -len(end)] + known.feminine for end in known.duals if stem.endswith(end)}
            cut = (end for end in known.endings if stem.endswith(end) and len(stem) - len(end) >= _SHORTEST)
            found |= {stem[: -len(end)] for end in cut}
    if word.startswith(known.persons):
        found |= {known.person + one[1:] for one in set(found) if one[0] == word[0]}
    return found
