"""Finds the dates in a short text that readers see ("Publicado el 12 de mayo de 2026, 14:30 h"), and what each is.

Only whole dates count, with day, month and year. The words beside a date are in vocabulary/date-labels.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

from pipeline.core.text.date_strings import Moment, read_date
from pipeline.core.text.dated import Hints
from pipeline.core.text.languages import vocabulary

Kind = Literal["published", "modified"]

_DATELINE, _BESIDE = 160, 80  # characters of a line about publication, and of it beside the dates
_STOPS = ".!?…。！？:："
LONGEST = 300  # characters of a text that is searched


class Found(NamedTuple):
    """A date in a text; `kind` None: nothing beside it says what it is."""

    kind: Kind | None
    moment: Moment
    raw: str


_NAME = r"[^\W\d_][^\s\d.,:;/|()\-–]{1,13}"
_OF = r"(?:(?:de|di|of|del|d['’]|du|da|tháng)\s+|\s*)"
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|e|º|ª|°|ος|-го|-е)?\b"
_DATE = rf"""
    (?<![\w.:/-])(?:
      \d{{4}}\s?[年년]\s?\d{{1,2}}\s?[月월]\s?\d{{1,2}}\s?[日일号號]?
    | \d{{4}}(?P<s1>[-/.])\s?\d{{1,2}}(?P=s1)\s?\d{{1,2}}(?![\d/-])
    | \d{{1,2}}(?P<s2>[-/.])\s?\d{{1,2}}(?P=s2)\s?\d{{4}}(?![\d/-])
    | \d{{1,2}}\.\s?\d{{1,2}}\.\d{{2}}(?![\d.])
    | {_DAY}[.,]?[\s\-–]*{_OF}{_NAME}(?:\s?/\s?{_NAME})?\.?,?[\s\-–]*(?:de\s+|del\s+|of\s+|năm\s+)?\d{{4}}(?!\d)
    | {_NAME}\.?\s*{_DAY},?\s*(?:de\s+)?\d{{4}}(?!\d)
    | \d{{4}}\.?\s+(?:m\.\s+)?{_NAME}\s+\d{{1,2}}\b
    | \d{{1,2}}\s+(?:tháng\s+)?\d{{1,2}},?\s+(?:năm\s+)?\d{{4}}(?!\d)
    )"""
_HALF = "(?:오전|오후|上午|下午|午前|午後)?"
_ZONE = r"(?:\s?\(?(?:GMT|UTC|[A-Z]{2,4}T|CET|MSK|WIB)?(?:[+-]\d{1,2}:?\d{0,2})?\b\)?)?"
_CLOCK = rf"""{_HALF}\s?
    (?:\d{{1,2}}(?::|\s?h|\.|[時时시点點]\s?)\d{{2}}(?::\d{{2}})?(?!\d|[./]\d)[分분]?|\d{{1,2}}(?=\s?[ap]\.?\s?m\b))
    (?:\s?(?:Uhr|hrs?|hs|h|[ap]\.?\s?m\b\.?))?{_ZONE}"""
_BETWEEN = rf"""[\s,.|•·–—\-(/]*
    (?:(?:at|um|a\s+las|à|às|as|kl|alle|ore|ob|o|в|о|г|года|le|klo|om|saat|den|h|hora|{_NAME})\b\.?)?[\s,:|•·]*"""
_PHRASE = re.compile(
    rf"(?:(?P<before>\b{_CLOCK})[\s,|•·–—\-]+(?:on\s+|am\s+|del?\s+|le\s+)?)?(?P<date>{_DATE})(?P<after>{_BETWEEN}{_CLOCK})?",
    re.VERBOSE | re.IGNORECASE,
)
_SHORT_YEAR = re.compile(r"(?<!\d)(\d{1,2}\.\s?\d{1,2}\.)(\d{2})(?!\d)")
_NEXT = re.compile(r"\s*[:：]|\s*\d")
_DIGITS = re.compile(r"\d")


@cache
def _labels() -> re.Pattern[str]:
    def terms(table: str) -> str:
        listed = {term for terms in vocabulary("date-labels")[table].values() for term in terms}
        return "|".join(re.escape(term) for term in sorted(listed, key=len, reverse=True))

    return re.compile(
        rf"(?<!\w)(?:(?P<modified>{terms('updated')})|(?P<published>{terms('published')}))", re.IGNORECASE
    )


def labelled(text: str) -> bool:
    """Whether `text` begins with a word such as "Published" or "Stand:"."""
    return _labels().match(text.lstrip(" (|•·–-")) is not None


def is_dateline(text: str) -> bool:
    """Whether a short line says when something was published: it has a date with a label or a time, and no sentence."""
    if len(text) > _DATELINE or text[-1:] in _STOPS or not _DIGITS.search(text):
        return False
    match = _PHRASE.search(text)
    if match is None or len(without_dates(text)) > _BESIDE or text.startswith(("|", "- ")):  # a row of a table, an item
        return False
    before = text[: match.start()].rstrip()
    if _labels().search(before):
        return True
    return bool(match["before"] or match["after"]) and not before.endswith((":", "："))  # "When: …"


def find_dates(text: str, outlet: Hints) -> list[Found]:
    """The dates in `text`, in order."""
    if len(text) > LONGEST or not _DIGITS.search(text):
        return []
    return list(_found(text, outlet))


def without_dates(text: str) -> str:
    """`text` with a bar in place of each thing that looks like a date."""
    return _PHRASE.sub(" | ", text) if _DIGITS.search(text) else text


def _found(text: str, outlet: Hints) -> Iterator[Found]:
    end = 0
    for match in _PHRASE.finditer(text):
        date = _SHORT_YEAR.sub(r"\g<1>20\2", match["date"])
        clock = match["after"] or match["before"]
        moment = (clock and _read(f"{date} {clock}", outlet)) or _read(date, outlet)
        if moment is None:
            continue
        raw = match.group().strip() if moment.precision != "day" else match["date"].strip()
        yield Found(_kind(text, end, match), moment, raw)
        end = match.end()


def _read(raw: str, outlet: Hints) -> Moment | None:
    return read_date(raw.strip(" ,|•·–-("), language=outlet.language, country=outlet.country, zone=outlet.zone)


def _kind(text: str, start: int, match: re.Match[str]) -> Kind | None:
    """What the last label between the previous date and this one says, else one right behind it (Japanese, Chinese)."""
    before = [*_labels().finditer(text, start, match.start())]
    label = before[-1] if before else _labels().match(rest := text[match.end() :].lstrip(" )（("))
    if label and not before and _NEXT.match(rest, label.end()):
        return None  # it belongs to the next date
    return None if label is None else "modified" if label["modified"] else "published"
