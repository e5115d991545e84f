"""The normal form in which words and keywords are compared, the same for texts, queries and vocabulary.

Compatibility forms become ordinary ones (NFKC), case is folded in full (ß is ss, final ς is σ), digits of every script
are ASCII. Then, per script, what writers leave out or exchange: accents of Latin and Greek; stress marks of Cyrillic;
vowel marks, tatweel and letter variants of Arabic and Persian; points of Hebrew; the nukta of Devanagari; the width of
kana. Letters of their own stay: й, ї, ў, ґ; hiragana and katakana; ي and ے. docs/decisions/0029-words.md says why.
"""

from __future__ import annotations

from unicodedata import category, digit, name, normalize

#: Letters of Latin alphabets in use that are no letter with an accent in Unicode, and what they are written as without.
_LATIN = {
    "a": "əɐɑ", "b": "ɓƀ", "c": "ƈȼ", "d": "đðɗɖƌ", "e": "ɛǝ", "f": "ƒ", "g": "ɠǥ", "h": "ħɦⱨ", "i": "ıɨɩ", "j": "ɉȷ",
    "k": "ƙĸⱪ", "l": "łƚɫⱡ", "m": "ɱ", "n": "ŋɲɳƞ", "o": "øɔɵ", "p": "ƥ", "r": "ɍɽ", "s": "ʂ", "t": "ŧƭʈ", "u": "ʉ",
    "v": "ʋ", "w": "ʍ", "y": "ƴɏ", "z": "ƶȥʐⱬ", "ae": "æ", "oe": "œ", "th": "þ", "aa": "ꜳ", "ou": "ȣ",
}  # fmt: skip
#: Letters of other scripts that are written for one another.
_VARIANTS = {
    "ا": "آأإٱٲٳ", "ي": "ىی", "ك": "ک", "ه": "ةۀہۂۃ", "ے": "ۓ",  # Arabic, Persian, Urdu
    "е": "ёѐ", "и": "ѝ",  # Cyrillic
    "ं": "ँ",  # Devanagari
    "וו": "װ", "וי": "ױ", "יי": "ײ",  # Yiddish
    "ত্": "ৎ", "ണ്": "ൺ", "ന്": "ൻ", "ര്": "ർ", "ല്": "ൽ", "ള്": "ൾ", "ക്": "ൿ",  # once spelt with a joiner
}  # fmt: skip
_PUNCTUATION = {"'": "‘’‛′`´＇", '"': "“”„‟«»″", "-": "‐‑‒–—−⁃﹘־"}

#: First and last code point of what is left out: marks on letters, and characters that are not seen.
_LEFT_OUT = (
    (0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x02B9, 0x02BF), (0x02C8, 0x02CB),
    (0x02EE, 0x02EE), (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2),
    (0x05C4, 0x05C5), (0x05C7, 0x05C7), (0x0610, 0x061A), (0x061C, 0x061C), (0x0640, 0x0640), (0x064B, 0x065F),
    (0x0670, 0x0670), (0x06D6, 0x06DC), (0x06DF, 0x06E4), (0x06E7, 0x06E8), (0x06EA, 0x06ED), (0x0711, 0x0711),
    (0x0730, 0x074A), (0x08CA, 0x08E1), (0x08E3, 0x08FF), (0x093C, 0x093C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),
    (0x20D0, 0x20F0), (0x3164, 0x3164), (0xA66F, 0xA672), (0xA674, 0xA67D), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0xE0000, 0xE0FFF),
)  # fmt: skip


class _Characters(dict[int, str]):
    """Code point -> what it becomes."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = self._folded(chr(code))
        return folded

    def _folded(self, char: str) -> str:
        plain = normalize("NFKC", char)
        if "⁄" in plain:  # ½ is not 12
            return char
        if plain != char:
            word = category(char)[0] in "LMN"  # ⑴ is 1, not (1): a word has no punctuation in it
            return "".join(self[ord(one)] for one in plain if not word or category(one)[0] in "LMN")
        if category(char) == "Nd":
            return str(digit(char))
        bare = normalize("NFD", char)[0]
        if bare != char and name(bare, "").startswith(("LATIN ", "GREEK ", "DEVANAGARI ")):
            return self[ord(bare)]
        if (low := char.casefold()) != char:
            return "".join(map(self.__getitem__, map(ord, low)))
        return char


_characters = _Characters({
    **{code: "" for first, last in _LEFT_OUT for code in range(first, last + 1)},
    **{
        ord(char): to
        for table in (_LATIN, _VARIANTS, _PUNCTUATION)
        for to, chars in table.items() for char in chars
    },
})  # fmt: skip


def fold(text: str) -> str:
    """The normal form of a word or keyword; its length may change (`Straße`), and a word of marks only becomes "".

    Folding twice changes nothing. Punctuation inside a keyword stays, in its plain form.
    """
    if text.isascii():
        return text.lower()
    return normalize("NFC", normalize("NFC", text).translate(_characters))


class _Folds(dict[str, str]):
    """A cache of folded words, of about 10 MB: half of every text are the same few hundred words."""

    def __missing__(self, word: str) -> str:
        if len(self) >= 1 << 16:
            self.clear()
        self[word] = folded = fold(word)
        return folded


#: A word -> its normal form, cached. For look-ups only.
folds = _Folds()
