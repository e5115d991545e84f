"""Parses a query for the naive evaluator, by a small recursive descent.

Written from docs/queries.md alone, like naive.py. It also notes which operators a query uses.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.parity.splitting import ends_alone, fold, split
from tests.parity.ways import Alternatives, typed

TEXTS = ("title", "text")
DATES = ("published", "first_seen", "period_end")
NUMBERS = ("version", "seq", "word_count", "personnel", "votes_for", "independent")
FIELDS = (*TEXTS, *DATES, *NUMBERS, "topic", "country", "outlet_country", "language", "source", "feed", "site", "place",
          "author", "section", "kind", "story", "duplicate_of", "id", "outcome", "host", "sender", "instrument",
          "armed", "weapon", "agency")  # fmt: skip

#: What a query can use, by the names that `read` gives.
OPERATORS = (
    "word", "phrase", "near", "prefix", "several words", "blank", "AND", "OR", "NOT", "-", "+", "group", "text field",
    "keyword field", "date field", "number field", "field group", "inclusive range", "exclusive range", "open range",
    "comparison", "whole period", "moment", "now", "NEAR", "PRE", "ADJ", "SENTENCE", "PARAGRAPH", "apart", "capitals",
    "stem", "list", "exists",
)  # fmt: skip

#: The lists of names that queries may use.
LISTS = {
    "forces": (
        "foreign troops",
        "tropas extranjeras",
        "Truppen",
        "U.S. soldiers",
        "Su-27",
        "войск",
        "군사 기지를",
        "国会",
    ),
    "houses": ("Congress", "=NATO", "el Senado", "Верховна Рада", "Quốc hội", "AT&T", "presidente"),
}
_OPERATOR = re.compile(r"\s+(NOT\s+)?(NEAR/(?P<near>\d+)|PRE/(?P<pre>\d+|[sp])|ADJ|SENTENCE|PARAGRAPH)(?=\s)")


@dataclass(frozen=True)
class Leaf:
    kind: str  # words, prefix, stem, list, equals, exists, within
    field: str | None
    words: tuple[str, ...] = ()
    slop: int = 0
    ends: tuple[tuple[str, Any], ...] = ()  # sign and value, all of which must hold
    parts: tuple[Alternatives, ...] = ()  # of words
    names: tuple[tuple[Alternatives, ...], ...] = ()  # of a list


@dataclass(frozen=True)
class Pair:
    """NEAR and the like. `distance` None: anywhere in the paragraph or sentence. `negated`: NOT NEAR."""

    left: Any
    right: Any
    distance: int | None
    ordered: bool
    scope: str
    negated: bool
    field: str | None
    kind: str = "pair"


Tree = Leaf | Pair | tuple[str, list[Any]]  # ("and" | "or" | "not", trees)


class Refused(ValueError):
    """Not a valid query, or not one that this parser supports."""


@dataclass
class Reading:
    tree: Tree
    uses: set[str]
    fields: set[str]


def read(query: str, now: datetime) -> Reading:
    """Parse `query`. Raises Refused."""
    found = _Descent(_straight(unicodedata.normalize("NFC", query)), now)
    tree = found.either(None)
    if found.at != len(found.query):
        raise Refused(f"{query!r}: {found.query[found.at :]!r} is left over")
    return Reading(tree, found.uses, found.fields)


def _straight(query: str) -> str:
    """With every quotation mark as \", without what is invisible."""
    return re.sub("[“”„‟«»＂]", '"', query.replace("\u00ad", ""))


@dataclass
class _Descent:
    """A parser at position `at`. `under`: the field of the current group."""

    query: str
    now: datetime
    at: int = 0
    uses: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)

    # -- operators, lowest precedence first

    def either(self, under: str | None) -> Tree:
        parts, blanks = [], False
        while True:
            part, blank = self.every(under)
            parts.append(part)
            blanks = blanks or blank
            if not self.took("OR"):
                break
            self.uses.add("OR")
        if blanks and len(parts) > 1:
            raise Refused(f"OR beside a blank in {self.query!r}")
        return parts[0] if len(parts) == 1 else ("or", parts)

    def every(self, under: str | None) -> tuple[Tree, bool]:
        """Parse a conjunction; also returns whether a space stood for AND."""
        parts, blank = [self.signed(under)], False
        while not self.ends() and not self.sees("OR"):
            if self.took("AND"):
                self.uses.add("AND")
            else:
                self.uses.add("blank")
                blank = True
            parts.append(self.signed(under))
        return (parts[0] if len(parts) == 1 else ("and", parts)), blank

    def signed(self, under: str | None) -> Tree:
        for sign in ("NOT", "-", "+"):
            if self.took(sign):
                self.uses.add(sign)
                part = self.signed(under)
                return part if sign == "+" else ("not", [part])
        left = self.one(under)
        while found := self.matched(_OPERATOR.pattern):
            self.matched(r"\s*")
            left = self.pair(found, left, self.one(under), under)
        return left

    def pair(self, found: re.Match[str], left: Tree, right: Tree, under: str | None) -> Pair:
        name, near, pre = found[2].split("/")[0], found["near"], found["pre"]
        self.uses |= {name, "apart"} if found[1] else {name}
        distance = int(near) if near else int(pre) if pre and pre.isdigit() else 1 if name == "ADJ" else None
        scope = "sentence" if name == "SENTENCE" or pre == "s" else "paragraph"
        if any(isinstance(part, tuple) and part[0] != "or" for part in (left, right)):
            raise Refused(f"AND or NOT beside {name} in {self.query!r}")
        return Pair(left, right, distance, name in ("PRE", "ADJ"), scope, bool(found[1]), under)

    def one(self, under: str | None) -> Tree:
        if self.took("("):
            self.uses.add("group" if under is None else "field group")
            tree = self.either(under)
            if not self.took(")"):
                raise Refused(f"no ) in {self.query!r}")
            return tree
        if exists := self.matched(r"_exists_:(\w+)|(\w+):\*(?=[\s)]|$)"):
            self.uses.add("exists")
            self.fields.add(exists[1] or exists[2])
            return Leaf("exists", exists[1] or exists[2])
        if name := self.matched(r"([A-Za-z_]+):"):
            if under is not None or name[1] not in FIELDS:
                raise Refused(f"field {name[1]} in {self.query!r}")
            self.fields.add(name[1])
            return self.one(name[1])
        if under in DATES or under in NUMBERS:
            return self.within(under)
        return self.words(under)

    # -- leaves

    def words(self, under: str | None) -> Leaf:
        if under is not None:
            self.uses.add("text field" if under in TEXTS else "keyword field")
        if special := self.matched(r"([~=@])([^\s()]+)"):
            return self.special(special[1], special[2], under)
        if quoted := self.matched(r'"((?:[^"\\]|\\.)*)"(?:~(\d+))?'):
            text, slop = _bare(quoted[1]), int(quoted[2] or 0)
            self.uses.add("near" if quoted[2] else "phrase")
        else:
            raw = self.matched(r"((?:[^\s()\"\\]|\\.)+)")
            if not raw:
                raise Refused(f"no word at {self.at} of {self.query!r}")
            text, slop = _bare(raw[1]), 0
            if raw[1].endswith("*"):
                self.uses.add("prefix")
                stem = text[:-1]
                if ends_alone(stem):
                    return Leaf("words", under, parts=tuple(((word,),) for word in split(stem)))
                return Leaf("prefix", under, tuple(split(stem)))
            if under is None or under in TEXTS:
                self.uses.add("several words" if len(split(text)) > 1 else "word")
        if under is not None and under not in TEXTS:
            return Leaf("equals", under, (fold(text.strip()),))
        return Leaf("words", under, slop=slop, parts=typed(text, loose=slop > 0))

    def special(self, sign: str, text: str, under: str | None) -> Leaf:
        self.uses.add({"~": "stem", "=": "capitals", "@": "list"}[sign])
        if sign == "~":
            return Leaf("stem", under, (text,))
        if sign == "=":
            return Leaf("words", under, parts=((("=" + "".join(split(text)),),),))
        return Leaf("list", under, names=tuple(map(_name, LISTS[text])))

    def within(self, name: str) -> Leaf:
        self.uses.add("date field" if name in DATES else "number field")
        value = (lambda text: (int(text), None)) if name in NUMBERS else self.moment
        if ends := self.matched(r'([\[{])\s*("[^"]*"|\S+)\s+TO\s+("[^"]*"|[^\s\]}]+)\s*([\]}])'):
            opening, low, high, closing = ends.groups()
            self.uses.add("exclusive range" if "{" in opening or "}" in closing else "inclusive range")
            both = [(">=" if opening == "[" else ">", low), ("<=" if closing == "]" else "<", high)]
            if "*" in (low, high):
                self.uses.add("open range")
            return Leaf("within", name, ends=tuple(_compared(s, value(v)) for s, v in both if v != "*"))
        if sided := self.matched(r'(>=|<=|>|<)("[^"]*"|[^\s()]+)'):
            self.uses.add("comparison")
            return Leaf("within", name, ends=(_compared(sided[1], value(sided[2])),))
        plain = self.matched(r'("[^"]*"|[^\s()]+)')
        if not plain:
            raise Refused(f"no value at {self.at} of {self.query!r}")
        start, after = value(plain[1])
        return Leaf("within", name, ends=(_compared(">=", (start, after)), _compared("<=", (start, after))))

    def moment(self, text: str) -> tuple[datetime, datetime | None]:
        """When the period starts, and for a whole day, month or year when the next one starts."""
        text = text.strip('"')
        if text.startswith("now"):
            self.uses.add("now")
            return _relative(text, self.now), None
        if "T" in text or " " in text:
            self.uses.add("moment")
            exact = datetime.fromisoformat(text)
            return (exact if exact.tzinfo else exact.replace(tzinfo=UTC)), None
        self.uses.add("whole period")
        year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
        start = datetime(year, month or 1, day or 1, tzinfo=UTC)
        if day:
            return start, start + timedelta(days=1)
        later = (year + 1, 1) if month in (0, 12) else (year, month + 1)
        return start, datetime(*later, 1, tzinfo=UTC)

    # -- text

    def matched(self, pattern: str) -> re.Match[str] | None:
        """Consume and return what matches here."""
        found = re.compile(pattern).match(self.query, self.at)
        if found:
            self.at = found.end()
        return found

    def ends(self) -> bool:
        self.matched(r"\s*")
        return self.at == len(self.query) or self.query[self.at] == ")"

    def sees(self, sign: str) -> bool:
        pattern = re.escape(sign) + (r"(?=[\s()]|$)" if sign.isalpha() else "")
        return re.compile(pattern).match(self.query, self.at) is not None

    def took(self, sign: str) -> bool:
        self.matched(r"\s*")
        if not self.sees(sign):
            return False
        self.at += len(sign)
        return True


def _name(name: str) -> tuple[Alternatives, ...]:
    return ((("=" + fold(name[1:]),),),) if name.startswith("=") else typed(name)


def _bare(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _relative(text: str, now: datetime) -> datetime:
    if text == "now":
        return now
    units = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
    return now + timedelta(**{units[text[-1]]: int(text[3:-1])})


def _compared(sign: str, value: tuple[Any, Any]) -> tuple[str, Any]:
    """A comparison with a whole period as one with a time: after 2026 means from 2027 on, up to 2026 means before
    2027."""
    start, after = value
    if after is None:
        return sign, start
    return {">": (">=", after), ">=": (">=", start), "<": ("<", start), "<=": ("<", after)}[sign]
