"""Stems words with the Snowball stemmers.

A dictionary of lemmas (simplemma) would group more irregular forms (de, tr), but its tables for twelve languages take
most of a gigabyte and a minute to load, and an unknown word takes 15 to 85 µs; Snowball has no tables and takes 4 µs.
If a stemmer separates two forms, a rule lists both: `~aprobar`, `~aprueba`."""

from __future__ import annotations

from functools import cache
from typing import Any

import Stemmer

from pipeline.core.text.folding import fold

_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali",
    "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
#: The languages that the installed release has a stemmer for.
LANGUAGES = tuple(language for language, name in _ALGORITHMS.items() if name in Stemmer.algorithms())

_TURKISH = str.maketrans({"I": "ı", "İ": "i"})  # two letters each, which `str.lower` would merge


def stemmed(language: str) -> bool:
    """Whether there is a stemmer for `language` (ISO 639-1). The installed release may lack newer ones."""
    return _stemmer(language) is not None


def stem(word: str, language: str) -> str:
    """The folded stem of one word as written, or the folded word if the language has no stemmer.

    Accents distinguish endings (`autorizó`, `autorizo`), so the stemmer gets them.
    """
    stemmer = _stemmer(language)
    if stemmer is None:
        return fold(word)
    return fold(stemmer.stemWord((word.translate(_TURKISH) if language == "tr" else word).lower()))


def stem_token(word: str, language: str) -> str:
    """The extra token of a word as written: its stem, marked with the language; `~:` and the folded word without
    stemmer."""
    return f"~{language if stemmed(language) else ''}:{stem(word, language)}"


class _StemTokens(dict[tuple[str, str], str]):
    def __missing__(self, key: tuple[str, str]) -> str:
        if len(self) >= 1 << 16:
            self.clear()
        self[key] = token = stem_token(*key)
        return token


#: A word as written and a language -> its token, cached: stemming takes longer than all else that is done to a word.
stem_tokens_of = _StemTokens()


def stem_tokens(word: str) -> tuple[str, ...]:
    """The tokens of a word in every language."""
    return tuple(stem_token(word, language) for language in ("", *LANGUAGES))


@cache
def _stemmer(language: str) -> Any:
    name = _ALGORITHMS.get(language)
    return Stemmer.Stemmer(name, 0) if name in Stemmer.algorithms() else None  # 0: callers cache
