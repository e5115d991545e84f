"""Joins the lines of a PDF to paragraphs: a PDF knows only where characters stand.

Lines come in the order in which the file draws them, which is the order of reading in nearly all that programs make,
columns included.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

_EDGE = 0.12  # share of the page's height at its top and bottom in which running titles and page numbers stand
_SPACED = 1.35  # times the usual step between lines: from there on there is a gap between paragraphs
_SHORT = 0.8  # share of the width of a column that a line fills at least if the paragraph goes on
_NUMBER = re.compile(r"\d+|\b[ivxlc]{1,6}\b", re.I)
#: What a page's number is written with: "Page # of #", "- # -", "#/#", "第#页". `#` stands for a number.
_PAGE_NUMBER = re.compile(
    r"(?:[-–—|•·/\[\](),.:]|#|\s|p|pp|pg|page|pages|of|de|del|von|van|di|af|av|z|ze|sur|seite|pagina|página|pág|pag|"
    r"side|sida|sivu|strona|str|stránka|oldal|sayfa|halaman|hal|trang|стр|страница|сторінка|из|з|σελίδα|صفحة|صفحه|"
    r"من|עמוד|第|頁|页|ページ|쪽|페이지)+",
    re.I,
)
_ITEM = re.compile(r"(?:[•●▪■◦‣∙\uf0b7*–—-]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
_ENDS = re.compile(r"[.!?…:;。！？؟।]['\"”’»)\]]*$")
_HYPHENS = "-\u00ad\u2010"
_BROKEN = re.compile(rf"(\w+)[{_HYPHENS}]$")
_COMPOUND = re.compile(r"\w+-\w+")
_FIRST = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text. Places are in points (1/72 inch) from the lower left corner; `base`: the base line's height."""

    text: str
    left: float
    right: float
    base: float
    size: float  # of its first letter


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page."""

    lines: tuple[Line, ...]
    height: float


def without_running(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The pages without running titles and page numbers."""
    running = _running(sheets)
    return [replace(sheet, lines=tuple(each for each in sheet.lines if not _is_running(each, sheet, running)))
            for sheet in sheets]  # fmt: skip


def paragraphs(sheets: Sequence[Sheet]) -> list[str]:
    """The paragraphs of a document, with words put together again."""
    hyphenated = {word.lower() for sheet in sheets for each in sheet.lines for word in _COMPOUND.findall(each.text)}
    found: list[str] = []
    before: Line | None = None
    for sheet in sheets:
        step, edges = _step(sheet.lines), _edges(sheet.lines)
        for line in sheet.lines:
            if before is not None and found and _goes_on(before, line, step, edges):
                found[-1] = _joined(found[-1], line.text, hyphenated)
            else:
                found.append(line.text)
            before = line
    return found


def largest(sheets: Sequence[Sheet]) -> str:
    """The lines in the largest letters in the upper half of the first page: the headline; "" if none is larger."""
    first = sheets[0] if sheets else Sheet((), 0.0)
    upper = [line for line in first.lines if line.base > first.height / 2 and len(line.text) > 3]
    size = max((line.size for line in upper), default=0.0)
    ordinary = _common(round(line.size) for sheet in sheets for line in sheet.lines)
    if size <= 1.1 * ordinary:
        return ""
    return " ".join(line.text for line in upper if line.size > 0.95 * size)


def _mask(text: str) -> str:
    return _NUMBER.sub("#", text).casefold()


def _at_edge(line: Line, sheet: Sheet) -> bool:
    return not _EDGE * sheet.height < line.base < (1 - _EDGE) * sheet.height


def _running(sheets: Sequence[Sheet]) -> set[tuple[str, int]]:
    """What stands at the edge of several pages, at the same height."""
    seen: Counter[tuple[str, int]] = Counter()
    for sheet in sheets:
        seen.update({key for line in sheet.lines if _at_edge(line, sheet) for key in _keys(line)})
    least = 2 if len(sheets) < 8 else len(sheets) // 4  # left and right pages may have titles of their own
    return {key for key, times in seen.items() if times >= least}


def _keys(line: Line) -> tuple[tuple[str, int], ...]:
    place = round(line.base / 4)
    return ((_mask(line.text), place), (_mask(line.text), place + 1))


def _is_running(line: Line, sheet: Sheet, running: set[tuple[str, int]]) -> bool:
    mask = _mask(line.text)
    if "#" in mask and _PAGE_NUMBER.fullmatch(mask):
        return _at_edge(line, sheet) or line.base == min(each.base for each in sheet.lines)
    return _at_edge(line, sheet) and any(key in running for key in _keys(line))


def _common(values: Iterable[float]) -> float:
    return next((value for value, _ in Counter(values).most_common(1)), 0.0)


def _step(lines: Sequence[Line]) -> float:
    """The usual distance between base lines, in sizes of the letters."""
    steps = (
        round((one.base - other.base) / one.size, 1)
        for one, other in pairwise(lines)
        if 0.8 * one.size < one.base - other.base < 3 * one.size
    )
    return _common(steps) or 1.2


def _edges(lines: Sequence[Line]) -> dict[int, float]:
    """By where lines begin, how far they reach to the right."""
    edges: dict[int, float] = {}
    for line in lines:
        for place in _places(line):
            edges[place] = max(edges.get(place, 0.0), line.right)
    return edges


def _places(line: Line) -> tuple[int, ...]:
    place = int(line.left // 24)
    return place, place + 1


def _goes_on(before: Line, line: Line, step: float, edges: dict[int, float]) -> bool:
    """Whether `line` belongs to the paragraph of the line before."""
    if _BROKEN.search(before.text):
        return True
    down = before.base - line.base
    if max(before.size, line.size) > 1.15 * min(before.size, line.size) or _ITEM.match(line.text):
        return False
    if down > 3 * before.size or down < 0:  # another column or page
        return not _ENDS.search(before.text) and line.text[:1].islower()
    if down > _SPACED * step * before.size or line.left > before.left + 0.8 * line.size:
        return False
    edge = max(edges.get(place, 0.0) for place in _places(before))
    filled = before.right - before.left >= _SHORT * (edge - before.left)
    return filled or (not _ENDS.search(before.text) and line.text[:1].islower())


def _joined(text: str, more: str, hyphenated: set[str]) -> str:
    """`text` and the next line. A hyphen at the end is dropped if it only broke a word."""
    broken = _BROKEN.search(text)
    first = _FIRST.match(more)
    if broken is None or first is None:
        glue = "" if _is_wide(text[-1:]) and _is_wide(more[:1]) else " "
        return f"{text}{glue}{more}"
    compound = f"{broken[1]}-{first[0]}".lower() in hyphenated or not more[:1].islower() or broken[1].isdigit()
    return f"{text[:-1]}-{more}" if compound else f"{text[:-1]}{more}"


def _is_wide(character: str) -> bool:
    """Whether the character is of a script that is written without spaces."""
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\uffef" or "\u0e00" <= character <= "\u0eff"
