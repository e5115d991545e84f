"""Other ways to write a word, as far as the texts and queries of the parity test have them, for the naive evaluator.

Written from docs/queries.md and docs/decisions/0035-variants.md alone: each way is one pattern over a whole paragraph,
and the words before it are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.parity.splitting import cut, fold, split

Alternatives = tuple[tuple[str, ...], ...]

_L, _D = r"[^\W\d_]", r"\d"
_HYPHEN = r"\-\u2010\u2011\u2013"
#: Kind -> what is written so. Of two kinds at one place the first counts in what is typed.
PATTERNS = {
    "name": re.compile(rf"(?<![\w&])(?:\w+[+#]+(?![\w+#])|{_L}\w*(?:&{_L}\w*)+(?!\w)|@\w+)|(?<!\S)\.{_L}+(?!\w)"),
    "sum": re.compile(r"[$€£]\d+(?![\w.,]\d)|(?<![\w.,$€£])\d+ ?[%€](?!\w)"),
    "number": re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?:([.,])\d{3}(?:\1\d{3})*|(?: \d{3})+)(?![\w]|[.,]\d)"),
    "decimal": re.compile(r"(?<![\w.,])\d+[.,]\d{1,2}(?![\w]|[.,]\d)"),
    "initials": re.compile(rf"(?<![\w.]){_L}(?:\.{_L})+\.?(?!\w)|(?<![\w.])({_L})\1\. ?({_L})\2\."),
    "tag": re.compile(r"(?<![\w#])#[^\W_]+(?!\w)"),
    "joined": re.compile(rf"(?<![\w{_HYPHEN}'’])[^\W_]+(?:[{_HYPHEN}][^\W_]+)+(?!\w)"),
    "zwnj": re.compile("(?<!\\w)[\u0620-\u06ff]+\u200c[\u0620-\u06ff]+(?!\\w)"),
    "name of two": re.compile(r"(?<![\w'’])[^\W\d_]+['’״][^\W\d_]+(?![\w'’])"),
    "mixed": re.compile(rf"(?<![\w{_HYPHEN}]){_L}+\d+(?![\w{_HYPHEN}])|(?<![\w{_HYPHEN}])\d+{_L}+(?![\w{_HYPHEN}])"),
}  # fmt: skip
#: Articles and the like before an apostrophe, which are no part of a name, and what is contracted after one.
ELIDED = frozenset(("l", "d", "j", "m", "n", "s", "t", "c", "qu", "dell", "nell", "un", "all", "sull", "dall", "quell"))
CONTRACTED = frozenset(["s", "t", "d", "m", "ll", "re", "ve", "da", "de"])
LOUD = 4  # words in capitals in a row in which capitals mean nothing


class Way(NamedTuple):
    """`word` stands for the words `first` to `last`."""

    kind: str
    word: str
    first: int
    last: int


def ways(paragraph: str) -> Iterator[Way]:
    """Every other way to write words of the paragraph. "" hides the words: none of them is found alone."""
    for kind, pattern in PATTERNS.items():
        for match in pattern.finditer(paragraph):
            words = split(match[0])
            first = len(split(paragraph[: match.start()]))
            if words:
                yield from (Way(kind, word, first + a, first + b) for word, a, b in _of(kind, match[0], words))
    yield from _capitals(paragraph)


def _of(kind: str, text: str, words: list[str]) -> Iterator[tuple[str, int, int]]:
    last, joined = len(words) - 1, "".join(words)
    match kind:
        case "name":
            yield fold(text), 0, last
        case "sum":
            number = re.sub(r"\D", "", fold(text))
            yield (number + "%" if "%" in text else re.sub(r"[\w ]", "", text) + number), 0, last
        case "number":
            yield re.sub(r"\D", "", fold(text)), 0, last
            yield "", 0, last
        case "decimal":
            yield re.sub(r"\D", ".", fold(text)), 0, last
            yield "", 0, last
        case "initials":
            yield from ((word, 0, last) for word in (joined, "=" + joined))
        case "tag":
            yield from ((part, 0, 0) for part in humps(text[1:]) if len(humps(text[1:])) > 1)
            yield "#" + joined, 0, 0
        case "mixed":
            yield from ((part, 0, 0) for part in re.findall(r"\d+|\D+", joined) if len(words) == 1)
        case "name of two":
            yield from _of_two(text, words)
        case _:
            if not re.search(r"\d\W\d", text):
                yield joined, 0, last


def _of_two(text: str, words: list[str]) -> Iterator[tuple[str, int, int]]:
    """Peru's, O'Brien, Sana'a; not l'OTAN and we'll."""
    one, other = words[0], words[-1]
    tail = re.split("['’״]", text)[-1]
    if other == "s":
        yield one, 0, 1
        if len(one) < 4 or tail.islower():
            return
    names = text[0].isupper() and tail[0].isupper()
    if (other not in CONTRACTED or not tail.islower()) and (names or one not in ELIDED):
        yield one + other, 0, 1


def humps(tag: str) -> list[str]:
    """The words of a hashtag by its capitals and digits."""
    return [fold(part) for part in re.findall(r"[A-ZÀ-Þ]+(?![a-zß-ÿ])|[A-ZÀ-Þ]?[^\WA-ZÀ-Þ\d_]+|\d+", tag)]


def _capitals(paragraph: str) -> Iterator[Way]:
    """Words in capitals, unless the whole paragraph is, or too many follow one another with only spaces between."""
    if paragraph.isupper() and len(paragraph.split()) > 1:
        return
    run: list[Way] = []
    end = 0
    for at, word in enumerate([*cut(paragraph), ""]):
        start = paragraph.find(word, end) if word else end
        loud = word.isalpha() and word.isupper() and len(word) > 1
        if run and not (loud and paragraph[end:start] == " "):
            yield from run if len(run) < LOUD else ()
            run = []
        if loud:
            run.append(Way("capitals", "=" + fold(word), at, at))
        end = start + len(word)


# -- what is typed


def typed(text: str, loose: bool = False) -> tuple[Alternatives, ...]:
    """The parts of a typed word or phrase, each with the ways to write it. `loose`: with moves."""
    text = " ".join(text.split())
    words, found, parts, at = split(text), list(ways(text)), list[Alternatives](), 0
    while at < len(words):
        chosen = _chosen(at, words, found)
        if chosen is None and not loose and _pair(words[at : at + 2]) and not _starts(found, at + 1):
            one, other = words[at : at + 2]
            chosen = ((one + other,), (one, other)), at + 1
        part, last = chosen or (((words[at],),), at)
        if words[at]:
            parts += [part] if len(part) > 1 else [((word,),) for word in part[0]]
        at = last + 1
    return tuple(parts)


def _starts(found: list[Way], at: int) -> bool:
    return any(way.first == at and way.kind != "capitals" for way in found)


def _chosen(at: int, words: list[str], found: list[Way]) -> tuple[Alternatives, int] | None:
    for kind in PATTERNS:
        here = [way for way in found if way.kind == kind and way.first == at and way.word]
        if not here:
            continue
        way = max(here, key=lambda way: (way.last, len(way.word)))
        apart = tuple(words[at : way.last + 1])
        match kind:
            case "initials" if len(way.word) == 5 and way.word[1] == way.word[2]:  # EE. UU.
                return ((way.word,), apart), way.last
            case "name" | "sum" | "number" | "decimal" | "initials":
                return ((way.word,),), way.last
            case "mixed" | "tag":
                parts = tuple(one.word for one in here if one.word[0] != "#")
                return (((words[at],), parts) if parts else ((words[at],),)), at
            case _ if way.word == words[at]:  # Peru's
                return (apart,), way.last
            case _:
                return ((way.word,), apart), way.last
    return None


def _pair(words: list[str]) -> bool:
    """Su 27, 10 km."""
    return len(words) == 2 and (
        (words[0].isalpha() and words[1].isdigit())
        or (words[0].isdigit() and words[1].isalpha() and len(words[1]) <= 3)
    )
