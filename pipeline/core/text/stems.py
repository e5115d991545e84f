"""What the forms of a word have in common, by the Snowball stemmers. The one place that knows them; judges no meaning.

Snowball, not a dictionary of lemmas: simplemma groups more irregular forms (de, tr), but its tables of twelve languages
take most of a gigabyte and a minute to load, and a word it does not know 15 to 85 µs; these take nothing and four.
What a stemmer keeps apart is one more word in the rule: `~aprobar`, `~aprueba`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import Stemmer

from pipeline.core.text.words import fold

_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali",
    "nl": "dutch", "no": "norwegian", "nb": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
_TURKISH = str.maketrans({"I": "ı", "İ": "i"})  # two letters each, which `str.lower` makes one


def stemmed(language: str) -> bool:
    """There is a stemmer for `language` (ISO 639-1). The installed release may lack one of the newer."""
    return _stemmer(language) is not None


def stem(word: str, language: str) -> str:
    """The stem of one word as written, folded as words are compared; of a language without a stemmer, the folded word.

    Accents tell endings apart (`autorizó`, `autorizo`), so the stemmer sees them.
    """
    stemmer = _stemmer(language)
    if stemmer is None:
        return fold(word)
    return fold(stemmer.stemWord((word.translate(_TURKISH) if language == "tr" else word).lower()))


@cache
def _stemmer(language: str) -> Any:
    name = _ALGORITHMS.get(language)
    return Stemmer.Stemmer(name, 0) if name in Stemmer.algorithms() else None  # 0: callers remember
