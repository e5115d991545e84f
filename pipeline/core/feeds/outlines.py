"""Scans the outlines of an OPML file, however broken it is: many that people share are not well-formed XML.

A strict parser stops at the first bare quote, and one that recovers drops what follows or joins it wrongly. Here a tag
that is well-formed is taken as it is. Of another one the end is where the next outline starts, and an attribute ends
where the next one with a usual name starts, so quotes, `<` and `>` inside a value do no harm. Linear time.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.core.text.references import unescape

_NEXT = re.compile(r"<!--|<!\[CDATA\[|<(/?)outline\b", re.IGNORECASE)
_BOUNDARY = re.compile(r"</?(?:outline|body|opml)\b|<!--", re.IGNORECASE)
_STRICT = re.compile(
    r"""<outline((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(/?)>(?=\s*(?:<|\Z))""", re.IGNORECASE
)
_PAIR = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_USUAL = (
    "text", "title", "description", "xmlurl", "htmlurl", "type", "version", "language", "category", "created", "url",
    "id", "country", "listedin", "every", "enabled", "ignorevalidators", "useragent", "iscomment", "isbreakpoint",
    "feedurl", "rssurl", "xml_url", "html_url", "xml-url", "html-url", "icon", "imageurl", "count",
)  # fmt: skip
_MARKUP = re.compile(r"<[a-zA-Z/!]")
_LONGEST = 100_000  # characters of a tag


@dataclass(frozen=True, slots=True)
class Outline:
    """One outline. `attributes` by lower-case name, without - and _; `around`: those of the enclosing outlines, the
    outermost first. `leaf`: it holds no others. `repaired`: its tag is not well-formed."""

    line: int
    attributes: dict[str, str]
    around: tuple[dict[str, str], ...]
    leaf: bool
    repaired: bool


def outlines(text: str) -> list[Outline]:
    """The outlines of `text` in order, each with its line. Those in comments are left out."""
    found: list[Outline] = []
    open_: list[int] = []  # indices into `found`
    lines = [match.start() for match in re.finditer("\n", text)]
    names = set(_USUAL)
    for at, closing, end in _tags(text):
        if closing:
            if open_:
                open_.pop()
            continue
        attributes, closed, repaired = _tag(text[at:end], names)
        if open_ and found[open_[-1]].leaf:
            parent = found[open_[-1]]
            found[open_[-1]] = Outline(parent.line, parent.attributes, parent.around, False, parent.repaired)
        around = (*found[open_[-1]].around, found[open_[-1]].attributes)[-50:] if open_ else ()
        found.append(Outline(bisect.bisect(lines, at) + 1, attributes, around, True, repaired))
        if not closed:
            open_.append(len(found) - 1)
    return found


def _tags(text: str) -> Iterator[tuple[int, bool, int]]:
    """Start, whether it is an end tag, and end of each tag of an outline."""
    at = 0
    while found := _NEXT.search(text, at):
        if found[1] is None:
            mark = "-->" if found[0] == "<!--" else "]]>"
            end = text.find(mark, found.end())
            at = found.end() if end < 0 else end + 3
        elif found[1]:
            at = found.end()
            yield found.start(), True, at
        else:
            strict = _STRICT.match(text, found.start())
            boundary = None if strict else _BOUNDARY.search(text, found.end())
            at = strict.end() if strict else boundary.start() if boundary else len(text)
            yield found.start(), False, at


def _tag(tag: str, names: set[str]) -> tuple[dict[str, str], bool, bool]:
    """Attributes, whether the element is closed at once, and whether the tag had to be repaired. `names`: those that an
    attribute may have; the names of a well-formed tag are added."""
    strict = _STRICT.match(tag)
    if strict:
        pairs = [(m[1].lower(), m[2] if m[2] is not None else m[3]) for m in _PAIR.finditer(strict[1])]
        names.update(name for name, _ in pairs if len(names) < 200)
        return _named(pairs), bool(strict[2]), False
    inner = tag[len("<outline") : _LONGEST]
    end = inner.rfind(">")
    inner = inner[:end] if end >= 0 else inner
    return _named(_pairs(inner, names)), inner.rstrip().endswith("/"), True


def _pairs(inner: str, names: set[str]) -> list[tuple[str, str]]:
    pattern = re.compile(
        rf"""(?<![\w:.-])({"|".join(map(re.escape, sorted(names, key=len, reverse=True)))})\s*=\s*(["']?)""", re.I
    )
    starts = [match for match in pattern.finditer(inner) if not _within_markup(inner, match.start())]
    pairs = []
    for number, match in enumerate(starts, 1):
        last = number == len(starts)
        value = inner[match.end() : len(inner) if last else starts[number].start()].rstrip()
        if last:
            value = value.removesuffix("/").rstrip()
        value = value.removesuffix(match[2]) if match[2] else value.split()[0] if value.split() else ""
        pairs.append((match[1].lower(), value))
    return pairs


def _within_markup(inner: str, at: int) -> bool:
    """Whether a place is inside a tag that stands in a value, such as <a href=…>."""
    starts = [match.start() for match in _MARKUP.finditer(inner, max(0, at - 2000), at)]
    return bool(starts) and ">" not in inner[starts[-1] : at]


def _named(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """By name; of several of the same name, which HTML in a value may bring, the first."""
    named: dict[str, str] = {}
    for name, value in pairs:
        named.setdefault(re.sub("[-_]", "", name), unescape(re.sub(r"[\t\r\n]", " ", value)).strip())
    return named
