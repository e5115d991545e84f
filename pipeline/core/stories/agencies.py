"""Reads which news agencies an article credits: in its author, its dateline, a line of its own, or at its end.

Words and names are data: core/vocabulary/agencies.toml. A mention in a sentence ("the minister told Reuters") and the
credit of a picture are no credits of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from pipeline.core.text.languages import vocabulary
from pipeline.core.urls import registrable
from pipeline.records import Article

FIRST, LAST = 10, 5  # paragraphs in which a line of credit is looked for
PROSE = 2  # long paragraphs that may begin with a dateline
LINE = 160  # characters of such a line
HEAD = 120  # characters of a paragraph that may be a dateline
SIGNATURE = 600

_DATA = vocabulary("agencies")
_MARKS: dict[str, str] = {mark: id for id, one in _DATA["agencies"].items() for mark in one.get("marks", ())}
_NAMES: dict[str, str] = {name.casefold(): id for id, one in _DATA["agencies"].items() for name in one.get("names", ())}
_SITES: dict[str, str] = {site: id for id, one in _DATA["agencies"].items() for site in one.get("sites", ())}


def _any(terms: Iterable[str]) -> str:
    return "|".join(re.escape(term) for term in sorted(set(terms), key=len, reverse=True))


def _listed(table: str) -> list[str]:
    return [term for listed in _DATA[table].values() for term in listed]


_OPENINGS = sorted({term.casefold() for term in _listed("openings")}, key=len, reverse=True)
_OPENING = re.compile(
    rf"^\W*(?:{_any(_listed('openings'))})(?:\s*[:：]\s*|\s+(?=\S)|(?<=[\u3000-\u9fff])|['’])\s*", re.I
)
_CLOSING = re.compile(rf"(?:^|\s+|(?<=[\u3000-\u9fff\uac00-\ud7a3]))(?:{_any(_listed('closings'))})\W*$", re.I)
_ARTICLE = re.compile(r"^(?:the|la|le|les|il|el|der|die|das|den|dem|a|o|as|os|l['’]|ao|het|de)\s*(?<=[\s'’])", re.I)
_PICTURE = re.compile(rf"(?<!\w)(?:{_any(_listed('pictures'))})(?!\w)|^[图圖]", re.I)
_SIGNED = [(re.compile(text, re.I), id) for id, listed in _DATA["signatures"].items() for text in listed]

_BREAK = re.compile(
    r"\s*[/|;,=•·&+、，]\s*|\s+[-–—]+\s+|\s*[–—]\s*|\s+(?:and|y|e|et|und|og|och|en|i|и|та|і|a|ve|dan|con|mit|avec)\s+"
)
_PARTS = re.compile(r"[()\[\]（）【】]|\s+(?:with|com|met|med)\s+", re.I)
_BRACKETS = "()[]（）【】"
_DATELINE = re.compile(
    rf"([^{re.escape(_BRACKETS)}]{{0,80}}?)[(\[（【]([^{re.escape(_BRACKETS)}]{{1,60}})[)\]）】]\s*(\S?)"
)
_STEP = re.compile(r"(\s+[-–—]+\s+|\s*[–—]\s*|\.\s?[-–—]+\s*|\s*[|/]\s*|[.,:]\s+)")
_SOLID = re.compile(r"\s*(?:\.?\s?[-–—]+|[|/])\s*")
_UNSPACED = _any(mark for mark in _MARKS if ord(mark[0]) > 0x2E00)
_CJK = re.compile(
    rf"[【（(\[]?(?:据|據)?(?P<a>{_UNSPACED})[^，。,\s]{{0,25}}[电電讯訊]"
    rf"|[【（(\[][^】）)\]]{{0,15}}?(?P<b>{_UNSPACED})[^】）)\]\w]{{0,3}}[】）)\]]"
)
_ENDED = '[.!?…»”"’)\\]。！？」』।]'
_TAIL = re.compile(
    rf"[(\[（【/]\s*([^{re.escape(_BRACKETS)}]{{1,60}}?)\s*[)\]）】/]\s*\.?$"
    rf"|(?<={_ENDED})\s*[–—-]*\s*((?:[^\W\d_]|[^.!?…。\n])[^.!?…。\n]{{0,40}})\.?$"
)
_ASIDE = re.compile(r"^(?:19|20)\d\d\s+|\s+(?:(?:19|20)\d\d|[a-z]{2,4})$")
_REGION = re.compile(r"\s*\[[^\]]{2,30}\]")
_INITIALS = re.compile(r"[a-zà-ÿ]{1,6}|[a-z]{1,4}[./]")
_TRIM = " \t\u00a0.,:;：，。*|-–—\"'«»“”‘’©®()[]（）【】/"


def credited(article: Article) -> tuple[str, ...]:
    """The ids of the agencies that the article credits, in order of appearance. About 0.1 ms."""
    found: dict[str, None] = {}
    site = registrable(article.url) if "://" in article.url else ""
    if own := _SITES.get(site) or _named(article.source):
        found[own] = None
    for byline in (article.author.value if article.author else "", article.byline):
        found |= dict.fromkeys(_in_author(byline))
    found |= dict.fromkeys(credits_of(article.text))
    return tuple(found)


def credits_of(text: str) -> Iterator[str]:
    """The agencies that lines of the text credit."""
    paragraphs = [line for line in map(str.strip, text.split("\n")) if line]
    first, last = paragraphs[:FIRST], paragraphs[FIRST:][-LAST:]
    prose = 0
    for line in first:
        yield from _of_line(line)
        if prose < PROSE:
            yield from _dateline(line)
        prose += len(line) > LINE
    for line in last:
        yield from _of_line(line)
    for line in paragraphs[-LAST:]:
        yield from _signature(line)
        yield from _tail(line)


# -- names ------------------------------------------------------------------------------------------------------------


def _named(piece: str) -> str:
    """The agency that `piece` names, and nothing else; "" if it is not that."""
    bare = piece.strip(_TRIM)
    if found := _MARKS.get(bare) or _NAMES.get(bare.casefold()):
        return found
    short = _ARTICLE.sub("", bare)
    return _NAMES.get(short.casefold(), "") if short != bare else ""


def _agency(piece: str) -> str:
    """The agency that `piece` names, beside words of credit."""
    for bare in _bared(piece.strip(_TRIM)):
        if found := _named(bare):
            return found
    return ""


def _bared(piece: str) -> Iterator[str]:
    """`piece`, and what is left of it without words of credit, a year, and initials."""
    for _ in range(3):
        closed = _CLOSING.sub("", piece).strip(_TRIM)
        low = closed.casefold()
        opened = [term for term in _OPENINGS if low.startswith(term)] if _OPENING.match(closed) else []
        rests = [closed, *(closed[len(term) :].strip(_TRIM) for term in opened)]
        for rest in (piece, *rests):
            yield rest
            yield _ASIDE.sub("", rest)
        if rests[-1] in ("", piece):
            return
        piece = rests[-1]


def _filler(piece: str) -> bool:
    """Whether `piece` may be a place, a date, the name of a person, initials or words of credit."""
    bare = _CLOSING.sub("", _OPENING.sub("", piece + " ").strip(_TRIM))
    parts = bare.split()
    if not parts:
        return True
    if any(map(str.isdigit, bare)):
        return len(parts) <= 7
    return len(parts) <= 5 and all(part[0].isupper() or not part[0].islower() or len(part) <= 3 for part in parts)


def _pieces(text: str) -> list[str]:
    return [piece for piece in _BREAK.split(text) if piece.strip(_TRIM)]


def _of_pieces(text: str) -> list[str]:
    """The agencies in a text that names agencies, places, dates and persons and says nothing else."""
    pieces = [text] if _agency(text) else _pieces(text)
    found = [_agency(piece) for piece in pieces]
    fits = all(id or _filler(piece) or _INITIALS.fullmatch(piece) for id, piece in zip(found, pieces, strict=True))
    return [id for id in found if id] if fits else []


# -- places of credit -------------------------------------------------------------------------------------------------


def _in_author(author: str) -> Iterator[str]:
    """The agencies of a byline: "Ana Ruiz, AFP", "Ana Ruiz (with Reuters)", "Von Max Muster, dpa"."""
    for part in _PARTS.split(author):
        for piece in _pieces(part):
            if not _PICTURE.search(piece) and (found := _agency(piece) or _behind(piece)):
                yield found


def _behind(piece: str) -> str:
    """The agency behind a name: "By ANA RUIZ Associated Press"."""
    parts = _OPENING.sub("", piece).split()
    for count in (1, 2, 3):
        name, agency = parts[:-count], " ".join(parts[-count:])
        if 2 <= len(name) <= 4 and _named(agency) and _filler(" ".join(name)):
            return _named(agency)
    return ""


def _of_line(line: str) -> list[str]:
    """The agencies of a line that is nothing but a credit."""
    if len(line) > LINE or _PICTURE.search(line):
        return []
    found = _of_pieces(line)
    if not found and _OPENING.match(line) and not line.endswith((".", "!", "?")):
        found = [id for id in map(_behind, _pieces(line)) if id]
    return found


def _dateline(line: str) -> list[str]:
    """The agencies of a dateline: "PARIS, May 4 (AFP) —", "МОСКВА, 4 мая — РИА Новости.", "EFE.-"."""
    head = _REGION.sub("", line[:HEAD], count=1) if not line.startswith("[") else line[:HEAD]
    if len(line) <= LINE and _PICTURE.search(head):
        return []
    if (found := _CJK.match(head)) and (mark := found["a"] or found["b"]):
        return [_MARKS[mark]]
    if match := _DATELINE.match(head):
        place, inner, after = match.groups()
        if _heads(place) and not after.islower() and (ids := _of_pieces(inner)):
            return ids
    return _steps(head)


def _heads(place: str) -> bool:
    """Whether a dateline may begin like this, before the agency in brackets."""
    if any(map(str.isdigit, place)):
        return len(place.split()) <= 8
    pieces = [piece for piece in re.split(r"[,–—|]|\.\s", place) if piece.strip(_TRIM)]
    return len(pieces) <= 4 and all(map(_filler, pieces)) and not any(_mentions(piece) for piece in pieces)


@cache
def _names_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_any(name for name in _NAMES if ' ' in name or '-' in name)})", re.I)


def _mentions(text: str) -> bool:
    return bool(_names_pattern().search(text) or re.search(r"(?i)agentur\b|agency\b|agencia\b|agence\b|агентств", text))


def _steps(head: str) -> list[str]:
    """The agency between the steps of a dateline without brackets."""
    parts = _STEP.split(head)
    for at in range(0, min(len(parts) - 1, 9), 2):
        piece, step = parts[at], parts[at + 1]
        rest = "".join(parts[at + 2 :])
        if (ids := _of_pieces(piece) if len(piece) < 40 else []) and rest:
            dated = step.startswith(",") and bool(re.match(r"\d|\S+ \d", rest))
            stopped = step.startswith(".") and at > 0 and rest[:1].isupper()
            return ids if _SOLID.fullmatch(step) or dated or stopped else []
        if not _filler(piece):
            return []
    return []


def _tail(line: str) -> list[str]:
    """The agencies behind the last sentence of a paragraph: "… said. (AFP)"."""
    match = _TAIL.search(line[-120:])
    if not match or _PICTURE.search(match.group()):
        return []
    inner = match[1] or match[2]
    ids = [_agency(piece) for piece in _pieces(inner)]
    if not all(id or _INITIALS.fullmatch(piece) for id, piece in zip(ids, _pieces(inner), strict=True)):
        return []
    before = line[: len(line) - len(match.group())].rstrip()
    if match[1] and before and not re.search(f"{_ENDED}$", before) and _mentions(before[-40:]):
        return []  # "… the Associated Press (AP)."
    return [id for id in ids if id]


def _signature(line: str) -> Iterator[str]:
    if len(line) <= SIGNATURE:
        yield from (id for pattern, id in _SIGNED if pattern.search(line))
