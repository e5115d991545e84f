"""Finds the words that a written Arabic word may consist of: "وبالقوات" is and + with + the + forces.

Snowball's stemmer for Arabic takes letters off the word itself (برلمان, وزير and فرنسا lose their first). So nothing is
taken away here: every reading is kept, and a term is found if it is one of them.
"""

from __future__ import annotations

from pipeline.core.text.folding import folds

_SHORTEST = 3  # letters of a word; fewer are left by chance

#: Conjunctions and prepositions, with and without an article, and the sign of the future. Longest first.
_BEFORE = (
    "", "و", "ف", "ب", "ل", "ك", "س", "وب", "ول", "وك", "فب", "فل", "وس", "فس", "ال", "وال", "فال", "بال", "كال",
    "وبال", "وكال", "لل", "ولل", "فلل",
)  # fmt: skip
#: "for the": the article loses its first letter after it.
_FOR_THE = ("لل", "ولل", "فلل")
#: Endings of number, gender and person; in folded letters (a final ة is ه).
_ENDINGS = ("", "ه", "ات", "ون", "ين", "ان", "تين", "تان", "وا", "ت", "تا", "ي", "ا")
#: Of two, where one has ة.
_DUALS = ("تين", "تان")
#: Pronouns that are written together with the word before.
_PRONOUNS = ("", "ه", "ها", "هم", "هما", "هن", "نا", "كم")


def bases(word: str) -> frozenset[str]:
    """The readings of an Arabic word as written, folded, the word itself among them."""
    whole, found = folds[word], {folds[word]}
    if not "\u0620" <= whole[:1] <= "\u064a":
        return frozenset(found)
    for before in _BEFORE:
        if whole.startswith(before) and len(whole) - len(before) >= _SHORTEST:
            rest = whole[len(before) :]
            found |= _without_endings(rest)
            found |= _without_endings("ال" + rest) if before in _FOR_THE else set()
    return frozenset(found)


def _without_endings(word: str) -> set[str]:
    found = {word}
    for pronoun in _PRONOUNS:
        if word.endswith(pronoun) and len(word) - len(pronoun) >= _SHORTEST:
            stem = word[: len(word) - len(pronoun)]
            found.add(stem)
            if pronoun and stem.endswith("ت"):
                found.add(stem[:-1] + "ه")  # "قاعدته" is قاعدة + ه
            found |= {stem[: -len(end)] + "ه" for end in _DUALS if stem.endswith(end)}
            found |= {stem[: -len(end)] for end in _ENDINGS if end and stem.endswith(end) and len(stem) - len(end) > 2}
    if word[0] in "تن":
        found |= {"ي" + one[1:] for one in set(found) if one[0] == word[0]}  # "توافق", "نوافق": forms of يوافق
    return found
