"""Extracts the traits of a text: numbers, dates, names and negations, small enough to keep for years.

Boilerplate around an article (bylines, "updated 3 minutes ago", counters) changes on every fetch and is removed first.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from babel import Locale, UnknownLocaleError

from pipeline.core.text import words
from pipeline.records import Traits

READ, WORDS = 20_000, 4_000  # characters and words of a text that are read for traits
NUMBERS, DATES, NAMES, NEGATIONS = 48, 16, 48, 16  # maximum kept of each, in order of first appearance
LONG = 40  # characters kept of each
SHORT = 12  # words; a shorter paragraph without an end of sentence is boilerplate
TITLE = 300

_END = re.compile(r"[.!?…。！？｡؟۔।॥።။។][\"'”’»›)\]」』]*\s*$")
# "Updated …", "5 min read", "12 comments": starts of lines, and counters, in the languages of most outlets; stems only.
_BOILERPLATE = re.compile(
    r"(?i)^\W*(?:last )?(?:updated?|published|posted|actualiza|publica|atualiza|aggiorna|pubblica|mis [àa] jour|publié|"
    r"modifié|aktualisi|veröffentlicht|stand:|bijgewerkt|обновлено|опубликовано|güncelle|更新|发布|發布|公開)"
    r"|\d\s*(?:min(?:ute)?s?(?: read| ago)|comments?\b|shares?\b|views?\b|comentarios?\b|commentaires?\b|kommentare?\b)"
)


class Body(NamedTuple):
    """The prose of an article and its folded words."""

    text: str
    words: list[str]


def body(text: str) -> Body:
    """`text` without boilerplate. A text of nearly only short lines (a list, a score sheet) is kept whole."""
    kept = [line for line in text.split("\n") if _prose(line)]
    prose = "\n".join(kept)
    if 2 * len(prose) < len(text):
        prose = text
    return Body(prose, words.words(prose))


def _prose(line: str) -> bool:
    if len(line) > 12 * SHORT:
        return True
    if not line or line.isspace() or _BOILERPLATE.search(line):
        return False
    return bool(_END.search(line)) or len(words.words(line)) >= SHORT


def traits(title: str, prose: Body, language: str | None) -> Traits:
    """Traits of title and prose. `language` (ISO 639-1) decides which words are months and negations."""
    read = words.words(title) + prose.words[:WORDS]
    dates, spent = _dates(read, language or "")
    numbers, more = _numbers(f"{title}\n{prose.text[:READ]}", spent)
    return Traits(
        title=title[:TITLE],
        words=hashlib.blake2b(" ".join(prose.words).encode(), digest_size=12).hexdigest(),
        length=len(prose.words),
        numbers=_first(NUMBERS, numbers),
        dates=_first(DATES, dates + more),
        names=_first(NAMES, _names(prose.text[:READ], language)),
        negations=tuple(value[:LONG] for value in islice(_negations(read, language or ""), NEGATIONS)),
    )


def _first(limit: int, values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value[:LONG] for value in islice(dict.fromkeys(values), limit))


# -- numbers ----------------------------------------------------------------------------------------------------------

# A date in digits, or a number: groups of three after . , ' or a thin or plain space are thousands; other digits after
# . or , are decimals. Patterns start with a plain class and look behind afterwards, which is five times as fast.
_NUMBER = re.compile(
    r"\d(?<!\d\d)(?:(?P<date>\d{3}-\d\d?-\d\d?(?!\d)|\d?([./])\d\d?\2(?:\d\d){1,2}(?!\d))"
    r"|(?:\d{0,2}(?:[., '’\u00a0\u2009\u202f]\d{3}(?!\d)){1,6}|\d{0,20})(?:[.,]\d{1,6}(?!\d))?(?:\s?%)?)"
)
_SEPARATOR = re.compile(r"[., '’\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_OF_A_NAME = re.compile(r"(?:[A-Za-z]-?|[A-Za-z]\d[.,]?)$")  # the letters before the digits of G20, F-16


def _numbers(text: str, spent: Iterable[str]) -> tuple[list[str], list[str]]:
    """Numbers, without those `spent` on dates in words, and dates in digits."""
    numbers: list[str] = []
    dates: list[str] = []
    used = Counter(spent)
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - 2) : match.start()]
        if match["date"]:
            dates.append(match.group())
        elif not _OF_A_NAME.search(before):
            number = _number(match.group())
            if used[number]:
                used[number] -= 1
            else:
                numbers.append(
                    "-" + number if len(before) == 2 and before[0].isspace() and before[1] in "-−" else number
                )
    return numbers, dates


def _number(raw: str) -> str:
    """`1,200`, `1.200` and `1 200` are 1200; `12,5 %` is 12.5%. Any script's digits become ASCII."""
    percent = raw.endswith("%")
    raw = raw.rstrip("% \u00a0\u2009\u202f\n")
    raw = (raw if raw.startswith("0") else _SEPARATOR.sub("", raw)).replace(",", ".")
    if not raw.isascii():
        raw = "".join(str(int(char)) if char.isdigit() else char for char in raw)
    return raw + "%" * percent


# -- dates ------------------------------------------------------------------------------------------------------------

_MODAL = frozenset({"may", "march"})  # also ordinary English words: months only next to a number
_BETWEEN = frozenset({"de", "del", "d", "of", "the"})
_DAY = re.compile(r"(\d\d?)(?:er|st|nd|rd|th|o)?")


class _Calendar(NamedTuple):
    months: dict[str, str]
    days: dict[str, str]
    openings: frozenset[str]  # first words of the names of days


@lru_cache(maxsize=64)
def _calendar(language: str) -> _Calendar:
    """Folded names of months and weekdays in `language`, from CLDR. Empty for an unknown language; zh, ja and ko write
    months in digits, which are numbers."""
    try:
        locale = Locale(language)
    except (UnknownLocaleError, ValueError):
        return _Calendar({}, {}, frozenset())
    months, days = (
        {
            " ".join(words.words(name)): str(number)
            for form in ("format", "stand-alone")
            for number, name in table[form]["wide"].items()
            if not any(char.isdigit() for char in name)
        }
        for table in (locale.months, locale.days)
    )
    return _Calendar(months, days, frozenset(name.split(" ")[0] for name in days))


def _dates(read: Sequence[str], language: str) -> tuple[list[str], list[str]]:
    """Dates in words, as `[year-]month[-day]` or `w0` (Monday) to `w6`; and the numbers that belong to them."""
    calendar = _calendar(language)
    found: list[str] = []
    spent: list[str] = []
    for place, word in enumerate(read):
        if word in calendar.months:
            day, year = _around(read, place)
            if day or year or word not in _MODAL:
                found.append("-".join(part for part in (year, calendar.months[word], day) if part))
                spent += [part for part in (day, year) if part]
        elif word in calendar.openings:
            day_name = calendar.days.get(word) or calendar.days.get(" ".join(read[place : place + 2]))
            found += [f"w{day_name}"] if day_name else []
    return found, spent


def _around(read: Sequence[str], place: int) -> tuple[str, str]:
    """Day and year next to the month at `place`, each "" if absent."""
    before = [word for word in read[max(0, place - 2) : place] if word not in _BETWEEN][-1:]
    after = [word for word in read[place + 1 : place + 5] if word not in _BETWEEN][:2]
    days = (_DAY.fullmatch(word) for word in (*before, *after[:1]))
    day = next((match[1] for match in days if match), "")
    year = next((word for word in after if word.isdecimal() and len(word) == 4), "")
    return day, year


# -- names ------------------------------------------------------------------------------------------------------------

# Letters with upper and lower case are below U+0590 and in the Latin and Greek extensions.
_UPPER = "".join(chr(code) for code in (*range(0x590), *range(0x1E00, 0x2000)) if chr(code).isupper())
_PARTICLE = r"(?:of|de|del|de la|de los|das?|dos?|di|du|des|van|von|zu|bin|ibn|al|el)"
_WORD = rf"[{_UPPER}]\w*(?:[-&]\w+)*"
_NAME = re.compile(rf"{_WORD}(?:[ \u00a0](?:{_PARTICLE}[ \u00a0])?{_WORD})*")
_OPENS = frozenset('.!?…:;»”"“„«¿¡([—–-•*\n')
_CAPITAL_NOUNS = frozenset({"de", "lb"})  # German and Luxembourgish write every noun with a capital
_CALENDAR = (
    "I Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August "
    "September October November December Mr Mrs Ms Dr The"
)
_PLAIN = frozenset(_CALENDAR.split())  # capitalised in English, but not names


def _names(text: str, language: str | None) -> list[str]:
    """Words of capitalised sequences, and acronyms. The first word of a sentence does not count; scripts without case
    have no names; in German only sequences of two words and acronyms count."""
    found: list[str] = []
    nouns = language in _CAPITAL_NOUNS
    for match in _NAME.finditer(text):
        before = text[max(0, match.start() - 3) : match.start()]
        if before[-1:].isalnum():
            continue  # inside a word
        parts = [word for word in match.group().replace("\u00a0", " ").split(" ") if word[0].isupper()]
        before = before.rstrip(" \u00a0")
        if (not before or before[-1] in _OPENS) and not _acronym(parts[0]):
            parts = parts[1:]
        if nouns and len(parts) == 1 and not _acronym(parts[0]):
            continue
        found += [word for word in parts if len(word) > 1 and word not in _PLAIN]
    return found


def _acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()


# -- negations --------------------------------------------------------------------------------------------------------

#: Folded words. In `didn't` the `t` is a negation, because the word before it ends in n.
_NOT = {
    language: frozenset(line.split())
    for language, line in {
        "en": "not no never neither nor none nobody nothing without cannot t",
        "es": "no ni nunca jamas tampoco ningun ninguno ninguna ningunos ningunas nadie nada sin",
        "pt": "nao nem nunca jamais tampouco nenhum nenhuma ninguem nada sem",
        "fr": "ne n pas ni jamais aucun aucune personne rien sans non",
        "de": "nicht nichts nie niemals niemand kein keine keinen keinem keiner keines weder ohne",
        "it": "non mai nessun nessuno nessuna niente nulla senza neppure",
        "nl": "niet niets nooit niemand geen zonder",
        "sv": "inte ej aldrig ingen inga inget utan",
        "da": "ikke aldrig ingen intet uden",
        "no": "ikke aldri ingen uten",
        "pl": "nie nigdy nikt zaden zadna zadne bez",
        "ca": "no ni mai cap ningu res sense",
        "ro": "nu niciodata nimeni nici fara",
        "ru": "не нет ни никогда никто без",
        "uk": "не ні ніколи ніхто без",
        "tr": "degil hic asla yok",
        "id": "tidak bukan belum tanpa",
        "ar": "لا لم لن ليس ليست دون بدون",
        "zh": "不 没 沒 未 无 無 非",
    }.items()
}


def _negations(read: Sequence[str], language: str) -> Iterator[str]:
    """Each negation with the word after it, including repeats: `not approved`. None in a language without a list."""
    negative = _NOT.get(language, frozenset())
    for place, word in enumerate(read):
        if word in negative and (word != "t" or (place and read[place - 1].endswith("n"))):
            shown = f"{read[place - 1]}'t" if word == "t" else word
            yield " ".join((shown, *read[place + 1 : place + 2]))
