"""Extracts the traits of a text: numbers, dates, names and negations, small enough to keep for years."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

from msgspec.structs import replace

from pipeline.core.stories import figures
from pipeline.core.stories.capitals import names_in
from pipeline.core.stories.spoken_days import day_in_words
from pipeline.core.text import words
from pipeline.core.text.languages import month_names, vocabulary, weekday_names, words_of_all
from pipeline.core.text.prose import Body, body
from pipeline.records import Article, Facts, Traits

READ, WORDS = 20_000, 4_000  # characters and words of a text that are read for traits
NUMBERS, DATES, NAMES, NEGATIONS = 48, 16, 48, 16  # maximum kept of each, in order of first appearance
APART = 3  # words between the two parts of a negation
COUNTED = 12  # amounts kept with what they count
FACTS = 16  # votes and outcomes of the facts
LONG = 40  # characters kept of each
TITLE = 300
NOTICE = 120  # words; a page's whole text may be a promotion or a notice of this length


class Opening(NamedTuple):
    """What stories are told apart by in the opening of an article; each as in `Traits`."""

    amounts: tuple[str, ...]
    dates: tuple[str, ...]
    names: tuple[str, ...]


def traits(title: str, prose: Body, language: str | None) -> Traits:
    """Traits of title and prose. `language` (ISO 639-1) decides which words are months and negations."""
    read = words.words(title) + prose.words[:WORDS]
    found, dates, spoken = _seen(f"{title}\n{prose.text[:READ]}", read, language or "")
    return Traits(
        title=title[:TITLE],
        words=hashlib.blake2b(" ".join(prose.words).encode(), digest_size=12).hexdigest(),
        length=len(prose.words),
        numbers=_first(NUMBERS, found.numbers),
        amounts=_first(NUMBERS, (*found.amounts, *(amount for amount, _ in spoken))),
        counted=_first(COUNTED, (*found.counted, *(f"{amount} {noun}" for amount, noun in spoken if noun))),
        votes=_first(FACTS, found.votes),
        outcomes=_first(FACTS, figures.outcomes(read, language or "")),
        dates=_first(DATES, dates),
        names=_first(NAMES, names_in(prose.text[:READ], language)),
        negations=tuple(value[:LONG] for value in islice(_negations(read, language or ""), NEGATIONS)),
        about=len(prose.words) > NOTICE or _about(title, prose.words),
    )


def opening_traits(title: str, prose: Body, language: str | None) -> Opening:
    """Those of the traits of title and prose that stories are told apart by."""
    read = words.words(title) + prose.words[:WORDS]
    found, dates, spoken = _seen(f"{title}\n{prose.text[:READ]}", read, language or "")
    return Opening(
        amounts=_first(NUMBERS, (*found.amounts, *(amount for amount, _ in spoken))),
        dates=_first(DATES, dates),
        names=_first(NAMES, names_in(prose.text[:READ], language)),
    )


def _seen(text: str, read: Sequence[str], language: str) -> tuple[_Figures, list[str], list[tuple[str, str]]]:
    """Numbers in digits, dates, and amounts in words. `read`: the folded words of `text`."""
    dates = _dates(read, language)
    characters = _dates_in_characters(text)
    found = _numbers(text, [*dates.spent, *characters.spent], language)
    spoken = list(figures.spoken(read, language, dates.used))
    return found, [*dates.found, *characters.found, *found.dates, *figures.days(read, language)], spoken


def traits_of(article: Article, facts: Iterable[Facts]) -> Traits:
    """Traits of an article and of the facts found in it. About 2 ms for 800 words."""
    return with_facts(traits(article.title.value, body(article.text), article.language), facts)


def with_facts(found: Traits, facts: Iterable[Facts]) -> Traits:
    """The traits with the votes and outcomes of the facts, in the order of their topics."""
    votes, outcomes = list(found.votes), list(found.outcomes)
    for one in sorted(facts, key=lambda facts: facts.topic):
        if one.outcome:
            outcomes.append(f"{one.topic} {one.outcome.value}")
        if one.vote:
            counts = (("for", one.vote.for_), ("against", one.vote.against), ("abstaining", one.vote.abstain))
            votes += [f"{count.value} {side}" for side, count in counts if count]
    return replace(found, votes=_first(FACTS, votes), outcomes=_first(2 * FACTS, outcomes))


def telling(title: str) -> frozenset[str]:
    """The beginnings of the longer words of a title, without case and endings; pairs where each character is a word."""
    read = words.words(title)
    pairs = (f"{one}{other}" for one, other in pairwise(read) if len(one) == len(other) == 1 and not one.isascii())
    return frozenset((*(word[:4] for word in read if len(word) > 3), *pairs))


def _about(title: str, prose: list[str]) -> bool:
    """Whether a text has one of the title's telling words; of a long title's in a script without spaces several."""
    wanted = telling(title)
    return not wanted or len(wanted & telling(" ".join(prose))) > sum(len(part) < 4 for part in wanted) / 8


def _first(limit: int, values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value[:LONG] for value in islice(dict.fromkeys(values), limit))


# -- numbers ----------------------------------------------------------------------------------------------------------

# A date in digits, or a number: groups of three after . , ' or a thin or plain space are thousands; other digits after
# . or , are decimals. Patterns start with a plain class and look behind afterwards, which is five times as fast.
_NUMBER = re.compile(
    r"\d(?<!\d\d)(?:(?P<date>\d{3}-\d\d?-\d\d?(?!\d)|\d?([./])\d\d?\2(?:\d\d){1,2}(?!\d))"
    r"|(?:\d{0,2}(?:[., '’\u00a0\u2009\u202f]\d{3}(?!\d)){1,6}|\d{0,20})(?:[.,]\d{1,6}(?!\d))?(?:\s?%)?)"
)
_SCORE = re.compile(r"(?<![\w.,-])(\d{1,3}) ?[-–:] ?(\d{1,3})(?![\w.,-]*\d)")  # also of a vote; and a time of day
_SEPARATOR = re.compile(r"[., '’\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_OF_A_NAME = re.compile(r"(?:[A-Za-z]-?|[A-Za-z]\d[.,]?)\Z")  # the letters before the digits of G20, F-16


class _Figures(NamedTuple):
    numbers: list[str]
    dates: list[str]
    amounts: list[str]
    counted: list[str]
    votes: list[str]


def _numbers(text: str, spent: Iterable[str], language: str) -> _Figures:
    """Numbers, without those `spent` on dates in words, and dates in digits; the numbers with their units, and with the
    word for what they count; those of votes."""
    numbers: list[str] = []
    dates: list[str] = []
    amounts: list[str] = []
    counted: list[str] = []
    votes: list[str] = []
    used = Counter(spent)
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - 2) : match.start()]
        if match["date"]:
            dates.append(match.group())
        elif not _OF_A_NAME.search(before):
            number = _number(match.group())
            if used[number]:
                used[number] -= 1
                continue
            numbers.append("-" + number if len(before) == 2 and before[0].isspace() and before[1] in "-−" else number)
            if len(amounts) < NUMBERS:
                amounts.append(figures.amount(numbers[-1], text, *match.span()))
                if amounts[-1] == number and (said := figures.vote(number, text, *match.span(), language)):
                    votes.append(said)
                elif amounts[-1] == number and (noun := figures.noun(text, match.end())):
                    counted.append(f"{number} {noun}")
    scores = [f"{score[1]}-{score[2]}" for score in islice(_SCORE.finditer(text), FACTS)]
    return _Figures(numbers, dates, [*amounts, *scores], counted, votes)


def _number(raw: str) -> str:
    """`1,200`, `1.200` and `1 200` are 1200; `12,5 %` is 12.5%. Any script's digits become ASCII."""
    percent = raw.endswith("%")
    raw = raw.rstrip("% \u00a0\u2009\u202f\n")
    raw = (raw if raw.startswith("0") else _SEPARATOR.sub("", raw)).replace(",", ".")
    if not raw.isascii():
        raw = "".join(str(int(char)) if char.isdigit() else char for char in raw)
    return raw + "%" * percent


# -- dates ------------------------------------------------------------------------------------------------------------

_DAY = re.compile(r"(\d\d?)(?:er|st|nd|rd|th|o)?")


class _Calendar(NamedTuple):
    months: dict[str, str]
    days: dict[str, str]
    openings: frozenset[str]  # first words of the names of days
    first: frozenset[str]  # these and the months


@lru_cache(maxsize=64)
def _calendar(language: str) -> _Calendar:
    """Folded names of months and weekdays in `language`, from CLDR. Empty for an unknown language; zh, ja and ko write
    months in digits, which are numbers."""
    months, days = (
        {" ".join(words.words(name)): str(number) for name, number in names if not any(map(str.isdigit, name))}
        for names in (month_names(language), weekday_names(language))
    )
    openings = frozenset(name.split(" ")[0] for name in days)
    return _Calendar(months, days, openings, openings.union(months))


class _Dates(NamedTuple):
    """Dates, the numbers that belong to them, and the places of words that do."""

    found: list[str]
    spent: list[str]
    used: frozenset[int] = frozenset()


def _dates(read: Sequence[str], language: str) -> _Dates:
    """Dates in words, as `[year-]month[-day]` or `w0` (Monday) to `w6`."""
    calendar = _calendar(language)
    found: list[str] = []
    spent: list[str] = []
    used: set[int] = set()
    for place, word in [(place, word) for place, word in enumerate(read) if word in calendar.first]:
        if word in calendar.months:
            day, year = _around(read, place)
            if not day:
                day, count, end = _spoken_day(read, place, language)
                used.update(range(end - count, end))
            if day or year or word not in words_of_all("traits", "ambiguous_months"):
                found.append("-".join(part for part in (year, calendar.months[word], day) if part))
                spent += [part for part in (day, year) if part]
        else:
            day_name = calendar.days.get(word) or calendar.days.get(" ".join(read[place : place + 2]))
            found += [f"w{day_name}"] if day_name else []
    return _Dates(found, spent, frozenset(used))


def _spoken_day(read: Sequence[str], place: int, language: str) -> tuple[str, int, int]:
    """The day in words before the month at `place`, how many words it has, and where they end."""
    between = words_of_all("traits", "between_date_parts")
    end = place
    while end > max(0, place - 3) and read[end - 1] in between:
        end -= 1
    day, count = day_in_words(read[max(0, end - 3) : end], language)
    return day, count, end


_CHARACTERS = re.compile(r"(?:(\d{4})\s?[年년]\s?)?(?<!\d)(\d{1,2})\s?[月월](?:\s?(\d{1,2})\s?[日號号일])?")


def _dates_in_characters(text: str) -> _Dates:
    """Dates in Chinese, Japanese and Korean, where months are numbers: 2026年5月4日."""
    found: list[str] = []
    spent: list[str] = []
    if "月" not in text and "월" not in text:
        return _Dates(found, spent)
    for match in islice(_CHARACTERS.finditer(text), DATES):
        parts = [str(int(part)) for part in match.groups() if part]
        found.append("-".join(parts))
        spent += [_number(part) for part in match.groups() if part]
    return _Dates(found, spent)


def _around(read: Sequence[str], place: int) -> tuple[str, str]:
    """Day and year next to the month at `place`, each "" if absent."""
    between = words_of_all("traits", "between_date_parts")
    before = [word for word in read[max(0, place - 2) : place] if word not in between][-1:]
    after = [word for word in read[place + 1 : place + 5] if word not in between][:2]
    days = (_DAY.fullmatch(word) for word in (*before, *after[:1]))
    day = next((match[1] for match in days if match), "")
    year = next((word for word in after if word.isdecimal() and len(word) == 4), "")
    return day, year


# -- negations --------------------------------------------------------------------------------------------------------


@cache
def _negative_words(language: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The words that negate alone, and the first and second words of those that do so together."""
    pairs = vocabulary("traits")["double_negations"].get(language, {})
    listed = (vocabulary("traits")["negations"].get(language, ""), pairs.get("first", ""), pairs.get("second", ""))
    negative, first, second = (frozenset(words.words(text)) for text in listed)
    return negative, first, second


def _negations(read: Sequence[str], language: str) -> Iterator[str]:
    """Each negation with the word after it, including repeats: `not approved`. None in a language without a list."""
    negative, first, second = _negative_words(language)
    done = -1
    for place, word in [(place, word) for place, word in enumerate(read) if word in negative or word in first]:
        ahead = read[place + 1 : place + 2 + APART] if word in first else ()
        if at := next((n for n, other in enumerate(ahead, place + 1) if other in second), 0):
            yield " ".join(read[place : at + 2])  # "ne participera pas" is one negation
            done = at
        elif word in negative and place > done and (word != "t" or (place and read[place - 1].endswith("n"))):
            shown = f"{read[place - 1]}'t" if word == "t" else word
            yield " ".join((shown, *read[place + 1 : place + 2]))
