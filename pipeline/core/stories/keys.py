"""Makes keys of names, words and numbers: 24-bit hashes of forms in which spellings and scripts agree.

A name is brought to Latin letters and reduced to the consonants of its first letters, in classes: Zelensky, Selenskyj,
Зеленського and ゼレンスキー have one key. A word is reduced to its beginning, which most languages do not inflect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

from anyascii import anyascii

from pipeline.core.text.folding import fold

BITS = 24  # of a key: of 60 keys, one in 70,000 agrees with another by chance
BEGINNING = 6  # letters of a name that count
SYLLABLES = 8  # letters of one written in syllables, which have more vowels
MOST = 4  # consonants of a name that count
WORD = 5  # letters of a word that count
SHORT = 4  # letters from which a word says something
CONSONANTS = 2  # of a name whose consonants are enough to know it by

#: Letters that scripts and spellings exchange; "" for those that they leave out: vowels, and h.
_CLASSES = str.maketrans(
    {**dict.fromkeys("aeiouyhj", ""), **dict.fromkeys("ckqx", "k"), **dict.fromkeys("sz", "s"),
     **dict.fromkeys("vwf", "v"), **dict.fromkeys("bp", "p"), **dict.fromkeys("dt", "t"), **dict.fromkeys("lr", "l")}
)  # fmt: skip
_GROUPS = (
    ("kh", "h"),
    ("gh", "g"),
    ("ph", "f"),
    ("sch", "s"),
    ("sh", "s"),
    ("tch", "s"),
    ("ch", "s"),
    ("zh", "s"),
    ("dzh", "s"),
    ("ts", "s"),
)
_GLIDES = str.maketrans("yj", "ii")
_GLIDE = re.compile("^[yj](?=[aeiou])")  # Yerevan and Erevan
_REPEATED = re.compile(r"(.)\1+")
#: Numbers that any two articles may share: small ones, and years.
_COMMON = re.compile(r"-?\d|1\d|20|19\d\d|20\d\d")
_SYLLABIC = re.compile("[぀-ヿㇰ-ㇿ가-힣]")
_SEMITIC = re.compile("[֐-ۿ]")  # w and y are vowels
_PREFIXED = re.compile(r"^(?:وال|بال|لل|ال|כש|וה)(?=\w{3})")  # written together with the next word


def key(kind: str, text: str) -> int:
    """A hash of `text`, never 0; texts of different kinds have different ones."""
    return crc32(f"{kind} {text}".encode()) & ((1 << BITS) - 1) or 1


@lru_cache(maxsize=1 << 16)
def name_key(name: str) -> int:
    """The key of one word of a name; 0 if too little is left of it."""
    letters = _letters(_PREFIXED.sub("", fold(name)))
    for group, one in _GROUPS:
        letters = letters.replace(group, one)
    bare = _REPEATED.sub(r"\1", letters.translate(_CLASSES))[:MOST]
    opening = "a" if letters[:1] in "aeiou" else ""
    if len(bare) < CONSONANTS:
        return key("name", letters.translate(_GLIDES)) if len(letters) > 1 else 0
    return key("name", opening + bare)


def _letters(folded: str) -> str:
    """The first letters of a name in Latin script."""
    latin = "".join(filter(str.isalpha, anyascii(folded).lower()))
    if _SEMITIC.search(folded):
        latin = latin[:1] + latin[1:].replace("w", "")
    latin = _GLIDE.sub("", latin)
    return latin[: SYLLABLES if _SYLLABIC.search(folded) else BEGINNING]


@lru_cache(maxsize=1 << 16)
def word_key(word: str) -> int:
    """The key of a folded word by its beginning."""
    return key("word", word[:WORD])


def word_keys(read: Sequence[str]) -> list[int]:
    """The keys of the longer words of a text, and of its pairs of characters where each is a word, without repeats."""
    pairs = (one + other for one, other in pairwise(read) if len(one) == len(other) == 1 and not one.isascii())
    longer = (word for word in read if len(word) >= SHORT and not word[0].isdigit())
    return list(dict.fromkeys(map(word_key, (*longer, *pairs))))


def name_keys(names: Iterable[str]) -> list[int]:
    """The keys of names, without repeats."""
    return [found for found in dict.fromkeys(map(name_key, names)) if found]


def number_keys(amounts: Iterable[str]) -> list[int]:
    """The keys of the amounts that say something: no small number alone, no year."""
    return list(dict.fromkeys(key("number", amount) for amount in amounts if not _COMMON.fullmatch(amount)))
