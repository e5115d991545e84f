"""The traits of a text: numbers, dates, names and negations, small enough to remember for years. Compares nothing.

What surrounds an article (bylines, "updated 3 minutes ago", counters) changes at every look and is left out first.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from babel import Locale, UnknownLocaleError

from pipeline.core import words
from pipeline.records import Traits

READ = 20_000  # characters of a text whose traits are taken
NUMBERS, DATES, NAMES, NEGATIONS = 48, 16, 48, 16  # kept of each, in order of first appearance
SHORT = 12  # words; a shorter paragraph without an end of sentence is furniture
TITLE = 300

_END = re.compile(r"[.!?…。！？｡؟۔।॥።။។][\"'”’»›)\]」』]*\s*$")
# "Updated …", "5 min read", "12 comments": line openings and counters in the languages of most outlets, stems only.
_FURNITURE = re.compile(
    r"(?i)^\W*(?:last )?(?:updated?|published|posted|actualiza|publica|atualiza|aggiorna|pubblica|mis [àa] jour|publié|"
    r"modifié|aktualisi|veröffentlicht|stand:|bijgewerkt|обновлено|опубликовано|güncelle|更新|发布|發布|公開)"
    r"|\d\s*(?:min(?:ute)?s?(?: read| ago)|comments?\b|shares?\b|views?\b|comentarios?\b|commentaires?\b|kommentare?\b)"
)


class Body(NamedTuple):
    """The prose of an article and its folded words."""

    text: str
    words: list[str]


def body(text: str) -> Body:
    """`text` without its furniture. A text that is nearly all short lines (a list, a score sheet) is kept whole."""
    kept = [line for line in text.split("\n") if _prose(line)]
    prose = "\n".join(kept)
    if 2 * len(prose) < len(text):
        prose = text
    return Body(prose, words.words(prose))


def _prose(line: str) -> bool:
    if len(line) > 12 * SHORT:
        return True
    # A word is at least one character and a space: the split is only of short lines.
    if _FURNITURE.search(line):
        return False
    return bool(_END.search(line)) or len(words.words(line)) >= SHORT


def traits(title: str, prose: Body, language: str | None) -> Traits:
    """Traits of title and prose. `language`: ISO 639-1, decides what a month and a negation are."""
    text = f"{title}\n{prose.text[:READ]}"
    dates, rest = _dates(text, language or "")
    return Traits(
        title=title[:TITLE],
        words=hashlib.blake2b(" ".join(prose.words).encode(), digest_size=12).hexdigest(),
        length=len(prose.words),
        numbers=_first(NUMBERS, map(_number, _NUMBER.finditer(rest))),
        dates=_first(DATES, dates),
        names=_first(NAMES, _names(prose.text[:READ], language)),
        negations=tuple(islice(_negations(text.lower(), language), NEGATIONS)),
    )


def _first(limit: int, values: object) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(values), limit))  # type: ignore[call-overload]


# -- numbers ----------------------------------------------------------------------------------------------------------

# Groups of three after . , ' or a thin or plain space are thousands; what else follows . or , are decimals. Not the
# digits of a name (G20, F-16).
_NUMBER = re.compile(
    r"(?<![A-Za-z\d])(?<![A-Za-z]-)(?:(?<=\s)[-−])?"
    r"(?:\d{1,3}(?:[., '’\u00a0\u2009\u202f]\d{3}(?!\d))+|\d{1,20})(?:[.,]\d{1,6}(?!\d))?(?:\s?%)?"
)
_SEPARATOR = re.compile(r"[., '’\u00a0\u2009\u202f](?=\d{3}(?!\d))")


def _number(match: re.Match[str]) -> str:
    """`1,200`, `1.200` and `1 200` are 1200; `12,5 %` is 12.5%. Any script's digits become ASCII."""
    raw = match.group().replace("−", "-")
    percent = raw.endswith("%")
    raw = raw.rstrip("% \u00a0\u2009\u202f")
    raw = (raw if raw.startswith("0") else _SEPARATOR.sub("", raw)).replace(",", ".")
    if not raw.isascii():
        raw = "".join(str(int(char)) if char.isdigit() else char for char in raw)
    return raw + "%" * percent


# -- dates ------------------------------------------------------------------------------------------------------------

_NUMERIC = r"(?<!\d)(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}([./])\d{1,2}\1\d{2,4})(?!\d)"


class _Calendar(NamedTuple):
    pattern: re.Pattern[str]
    months: dict[str, str]
    days: dict[str, str]


@lru_cache(maxsize=64)
def _calendar(language: str) -> _Calendar | None:
    """Months and weekdays as CLDR writes them in `language`; None where CLDR counts months by digits (zh, ja, ko)."""
    try:
        locale = Locale(language)
    except (UnknownLocaleError, ValueError):
        return None
    months = {
        name: str(number)
        for form in ("format", "stand-alone")
        for number, name in locale.months[form]["wide"].items()
        if name.isalpha()
    }
    days = {name: f"w{number}" for number, name in locale.days["format"]["wide"].items()}
    if not months:
        return None
    names = sorted({form for name in (*months, *days) for form in (name, name.capitalize())}, key=len, reverse=True)
    month = "|".join(map(re.escape, names))
    pattern = re.compile(
        rf"(?<!\w)(?:(\d{{1,2}})(?:\.|º|er|st|nd|rd|th)?(?:\s(?:de|d'|of))?\s)?({month})(?!\w)"
        rf"(?:\s(\d{{1,2}})(?:st|nd|rd|th)?(?![\d.,]?\d))?(?:,?\s(?:de\s|del\s)?(\d{{4}})(?!\d))?"
    )
    fold = {name.lower(): value for name, value in months.items()}
    return _Calendar(pattern, fold, {name.lower(): value for name, value in days.items()})


def _dates(text: str, language: str) -> tuple[list[str], str]:
    """The dates of `text` as `[year-]month[-day]`, `w0` to `w6` (Monday is 0) or the digits that stood there; and the
    text without them, so that their digits are no numbers."""
    found: list[str] = []

    def numeric(match: re.Match[str]) -> str:
        found.append(match.group())
        return " "

    def written(match: re.Match[str]) -> str:
        day, name, after, year = match.groups()
        assert calendar
        month = calendar.months.get(name.lower())
        if month is None:
            found.append(calendar.days[name.lower()])
            return f"{day or ''} {after or ''} {year or ''}"
        found.append("-".join(part for part in (year, month, day or after) if part))
        return " "

    calendar = _calendar(language)
    if calendar:
        text = calendar.pattern.sub(written, text)
    return found, re.sub(_NUMERIC, numeric, text)


# -- names ------------------------------------------------------------------------------------------------------------

# Letters with two cases live below U+0590 and in the Latin and Greek extensions.
_UPPER = "".join(chr(code) for code in (*range(0x590), *range(0x1E00, 0x2000)) if chr(code).isupper())
_PARTICLE = r"(?:of|de|del|de la|de los|das?|dos?|di|du|des|van|von|zu|bin|ibn|al|el)"
_WORD = rf"[{_UPPER}]\w*(?:[-&]\w+)*"
_NAME = re.compile(rf"(?<!\w)(?<!\d[.,]){_WORD}(?:[ \u00a0](?:{_PARTICLE}[ \u00a0])?{_WORD})*")
_OPENS = frozenset('.!?…:;»”"“„«¿¡([—–-•*\n')
_CAPITAL_NOUNS = frozenset({"de", "lb"})  # German and Luxembourgish write every noun with a capital
_CALENDAR = (
    "I Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August "
    "September October November December Mr Mrs Ms Dr The"
)
_PLAIN = frozenset(_CALENDAR.split())  # capitalised in English and no name


def _names(text: str, language: str | None) -> list[str]:
    """Words of capitalised sequences and acronyms. The first word of a sentence says nothing; scripts without case
    have none; of German only sequences of two and acronyms count."""
    found: list[str] = []
    nouns = language in _CAPITAL_NOUNS
    for match in _NAME.finditer(text):
        parts = [word for word in match.group().replace("\u00a0", " ").split(" ") if word[0].isupper()]
        before = text[max(0, match.start() - 3) : match.start()].rstrip(" \u00a0")
        if (not before or before[-1] in _OPENS) and not _acronym(parts[0]):
            parts = parts[1:]
        if nouns and len(parts) == 1 and not _acronym(parts[0]):
            continue
        found += [word for word in parts if len(word) > 1 and word not in _PLAIN]
    return found


def _acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()


# -- negations --------------------------------------------------------------------------------------------------------

_NOT = {
    "en": r"not|no|never|neither|nor|none|nobody|nothing|without|cannot|\w+n['’]t",
    "es": r"no|ni|nunca|jamás|tampoco|ning[uú]n|ningun[oa]s?|nadie|nada|sin",
    "pt": r"não|nem|nunca|jamais|tampouco|nenhum|nenhuma|ninguém|nada|sem",
    "fr": r"ne|n(?=['’])|pas|ni|jamais|aucune?|personne|rien|sans|non",
    "de": r"nicht|nichts|nie|niemals|niemand|kein|keine[rmns]?|weder|ohne",
    "it": r"non|né|mai|nessun[oa]?|niente|nulla|senza|neppure",
    "nl": r"niet|niets|nooit|niemand|geen|zonder|noch",
    "sv": r"inte|ej|aldrig|ingen|inga|inget|utan",
    "da": r"ikke|aldrig|ingen|intet|uden",
    "no": r"ikke|aldri|ingen|uten",
    "pl": r"nie|nigdy|nikt|żaden|żadn\w+|bez",
    "ca": r"no|ni|mai|cap|ningú|res|sense",
    "ro": r"nu|niciodată|nimeni|nici|fără",
    "ru": r"не|нет|ни|никогда|никто|без",
    "uk": r"не|ні|ніколи|ніхто|без",
    "tr": r"değil|hiç|asla|yok",
    "id": r"tidak|bukan|belum|tanpa",
    "ar": r"لا|لم|لن|ليس|ليست|دون|بدون",
    "zh": "[不没沒未无無非]",
}


@lru_cache(maxsize=64)
def _not(language: str) -> re.Pattern[str] | None:
    words = _NOT.get(language)
    if not words:
        return None
    if language == "zh":
        return re.compile(rf"{words}\w?")
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)(?:\s+\w{{1,30}})?")


def _negations(lower: str, language: str | None) -> list[str]:
    """Each negation with the word after it, repeats too: `not approved`. None in a language without a list."""
    pattern = _not(language or "")
    if not pattern:
        return []
    return [" ".join(found.split()) for found in pattern.findall(lower)]
