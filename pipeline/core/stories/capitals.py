"""Finds the words of names by their capitals."""

from __future__ import annotations

import re
from functools import cache

from pipeline.core.stories import figures
from pipeline.core.text.languages import grammar_of, month_names, vocabulary, weekday_names
from pipeline.core.text.prose import alternatives

# Letters with upper and lower case are below U+0590 and in the Latin and Greek extensions.
_UPPER = "".join(chr(code) for code in (*range(0x590), *range(0x1E00, 0x2000)) if chr(code).isupper())
_PARTICLE = f"(?:{alternatives('name_particles')})"
_WORD = rf"[{_UPPER}]\w*(?:[-&]\w+)*"
_NAME = re.compile(rf"{_WORD}(?:[ \u00a0](?:{_PARTICLE}[ \u00a0])?{_WORD})*")
_OPENS = frozenset('.!?…:;»”"“„«¿¡([—–-•*\n')


@cache
def _plain() -> frozenset[str]:
    """Capitalised in English and no name."""
    months, days = month_names("en", contexts=("format",)), weekday_names("en", contexts=("format",))
    return frozenset((*vocabulary("traits")["capitalised"]["en"].split(), *(name for name, _ in (*months, *days))))


def names_in(text: str, language: str | None) -> list[str]:
    """Words of capitalised sequences, and acronyms. The first word of a sentence does not count; scripts without case
    have no names; in German only sequences of two words and acronyms count."""
    found: list[str] = []
    nouns, plain = grammar_of(language).capital_nouns, _plain()
    for match in _NAME.finditer(text):
        before = text[max(0, match.start() - 3) : match.start()]
        if before[-1:].isalnum():
            continue  # inside a word
        parts = [word for word in match.group().replace("\u00a0", " ").split(" ") if word[0].isupper()]
        before = before.rstrip(" \u00a0")
        if (not before or before[-1] in _OPENS) and not _acronym(parts[0]):
            parts = parts[1:]
        if nouns:
            parts = [word for word in parts if not figures.counts(word)]
            if len(parts) == 1 and not _acronym(parts[0]):
                continue
        found += [word for word in parts if len(word) > 1 and word not in plain]
    return found


def _acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()
