"""Measures how unlikely a decoded text is, so that the right one of several character sets can be chosen.

A text in the wrong charset has control characters, symbols inside words, words of two scripts, words of accented
letters only, capitals after small letters, or characters that its language does not use.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+")
_USUAL_MARKS = frozenset("“”‘’‚„«»‹›…–—―·•°©®™€£§¡¿№×\xa0\xad、。，！？：；（）「」『』《》〈〉【】・～｡－％،؛؟٪‎‏")
_SCRIPTS = (
    (0x00C0, 0x024F, "latin"), (0x1E00, 0x1EFF, "latin"), (0x0370, 0x03FF, "greek"), (0x1F00, 0x1FFF, "greek"),
    (0x0400, 0x052F, "cyrillic"), (0x0590, 0x05FF, "hebrew"), (0x0600, 0x06FF, "arabic"), (0x0E00, 0x0E7F, "thai"),
    (0x3040, 0x30FF, "kana"), (0xFF66, 0xFF9F, "halfwidth"), (0x4E00, 0x9FFF, "han"), (0xAC00, 0xD7A3, "hangul"),
)  # fmt: skip
_BY_SCRIPT = {
    "cyrillic": "be bg kk ky mk mn ru sr tg uk", "greek": "el", "hebrew": "he iw yi", "arabic": "ar fa ku ps ur",
    "thai": "th", "han": "zh", "kana": "ja", "hangul": "ko",
}  # fmt: skip
_SCRIPT_OF = {code: script for script, codes in _BY_SCRIPT.items() for code in codes.split()}
#: Letters beyond ASCII of languages in Latin script, those of loan words included.
_LETTERS = {
    "ca": "àçèéíïòóúü·", "cs": "áčďéěíňóřšťúůýž", "da": "æøåé", "de": "äöüßé", "en": "éèêçñöüïó", "es": "áéíóúüñçºª",
    "et": "äöõüšž", "fi": "äöåšž", "fr": "àâæçèéêëîïôœùûüñ", "gl": "áéíóúüñ", "hr": "čćđšž", "hu": "áéíóöőúüű",
    "it": "àèéìíîòóùú", "lt": "ąčęėįšųūž", "lv": "āčēģīķļņšūž", "nl": "áàäèéëïíóöüç", "no": "æøåéòô", "nb": "æøåéòô",
    "pl": "ąćęłńóśźż", "pt": "áâãàçéêíóôõúüºª", "ro": "ăâîșşțţ", "sk": "áäčďéíĺľňóôŕšťúýž", "sl": "čšžćđ",
    "bs": "čćđšž", "sq": "çë", "sv": "åäöéü", "tr": "çğıöşüâîİû", "az": "əçğıöşüİ",
}  # fmt: skip
#: The hundred most frequent characters of Chinese, simplified and traditional, and those of Japanese and Korean news.
_FREQUENT = frozenset(
    "的一是不了在人有我他这这個們中来來上大為为和国國地到以说說时時要就出会會可也你对對生能而子那得于着下自之年过過发發后後作里裡用道行所然"
    "家种種事成方多经經么去法学學如都同现現当當没沒动動面起看定天分还還进進好小部其些主样樣理心她本前开開但因只从從想实實日军軍者意无無力它与與"
    "长長把机機十民第公此已工使情明性知全三又关關点點正业業外将將两兩高间間由问問很最重并物手应應战戰向头頭文体體政美相见見被利什二等产產或新己"
    "制身果加西斯月话話合回特代内內信表化老给給世位次度门門任常先海通教儿東东声聲提立及比员員解水名真论論处處走义義各入几幾口认認条條平系气氣题題"
    "活尔爾更别別打女变變四神总總何电電数數安少报報才结結反受目太量再感建务務做接必场場件计計管期市直德资資命山金指克许許统統区區保至队隊形社便空决決"
    "首相党選挙議員承認予算港火曜軍府県京都院閣億万円発警察事件裁判"
)


_VOWELS = {"cyrillic": frozenset("аеёиоуыэюяіїєўАЕЁИОУЫЭЮЯІЇЄ"), "greek": frozenset("αεηιουωάέήίόύώΑΕΗΙΟΥΩΆΈΉΊΌΎΏ")}
_IN_WORD = re.compile(r"(?<=[^\W\d_])[°€©®™£§•№×¿¡“„‚‹](?=[^\W\d_])|ς(?=[^\W\d_])")
_AT_ASCII = re.compile(r"[A-Za-z][\u0370-\u0e7f\u4e00-\ud7a3]|[\u0370-\u0e7f\u4e00-\ud7a3][A-Za-z]")


def script(character: str) -> str:
    """The script of a letter beyond ASCII; "" for others."""
    number = ord(character)
    return next((name for first, last, name in _SCRIPTS if first <= number <= last), "")


def implausibility(text: str, language: str = "") -> float:
    """0 for text that reads as text of `language` (ISO 639-1, "" if unknown), about 1 for text in a wrong charset."""
    high = [character for character in text if character > "\x7f"]
    if not high:
        return 0.0
    by_script: dict[str, list[str]] = {}
    for character in high:
        by_script.setdefault(script(character), []).append(character)
    odd = sum(map(_odd, high)) + len(_IN_WORD.findall(text)) + 0.7 * len(_AT_ASCII.findall(text))
    odd += sum(_odd_word(word[0]) for word in _WORD.finditer(text) if not word[0].isascii())
    odd += sum(_odd_script(name, found, by_script) for name, found in by_script.items())
    return (odd + _foreign(language.lower()[:2], by_script)) / len(high)


def _odd(character: str) -> float:
    """How little a character beyond ASCII belongs into a text."""
    if character in _USUAL_MARKS:
        return 0.0
    if character < "\xa0" or character == "\ufffd":
        return 3.0
    category = unicodedata.category(character)
    if category in ("Cn", "Co", "Cs", "Cc"):
        return 3.0
    return 0.7 if category in ("Sk", "Sm", "So", "Sc", "No", "Pi", "Pf", "Po", "Lm") else 0.0


def _odd_word(word: str) -> float:
    """How many letters of `word`, which has some beyond ASCII, speak against it."""
    scripts = [script(character) for character in word if character > "\x7f"]
    found = set(scripts) - {""}
    odd = 1.5 * sum(a.islower() and b.isupper() for a, b in pairwise(word))
    if len(found - {"kana", "han"}) > 1:
        odd += 0.7 * len(scripts)
    if len(word) >= 4 and word.isupper() and "latin" not in found:
        odd += 0.3 * len(scripts)  # the small letters of KOI8 are capitals in other Cyrillic charsets
    if len(word) >= 3 and scripts.count("latin") > 0.6 * len(word):
        odd += 0.8 * len(scripts)
    return odd


def _odd_script(name: str, found: list[str], others: dict[str, list[str]]) -> float:
    """How many of the characters `found` in one script are unlikely together."""
    if name == "halfwidth":
        return 0.7 * len(found)
    if name == "han" and len(found) >= 10:  # a wrong charset of East Asia gives rare characters
        rare = sum(character in _FREQUENT for character in found) < 0.12 * len(found)
        return 0.5 * len(found) * rare + 0.5 * min(len(found), len(others.get("hangul", ())))
    if name in _VOWELS and len(found) >= 10:
        vowels = sum(character in _VOWELS[name] for character in found)
        return 0.7 * len(found) * (not 0.28 * len(found) < vowels < 0.65 * len(found))
    return 0.0


def _foreign(code: str, by_script: dict[str, list[str]]) -> float:
    """How many letters are not of the language; if it is unknown, of the Latin language that fits best."""
    latin = "".join(by_script.get("latin", ())).lower()
    rest = sum(len(found) for name, found in by_script.items() if name not in ("", "latin"))
    wanted = _SCRIPT_OF.get(code)
    if wanted:
        own = len(by_script.get(wanted, ())) + (len(by_script.get("han", ())) if wanted in ("kana", "hangul") else 0)
        return 0.7 * (rest - own + len(latin))
    if code in _LETTERS:
        return 0.4 * (sum(letter not in _LETTERS[code] for letter in latin) + rest)
    return 0.4 * min(sum(letter not in letters for letter in latin) for letters in _LETTERS.values())
