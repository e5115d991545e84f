"""Splits a text into parts within a limit, each valid by itself in its medium.

The text is a row of tokens that stay whole: links, escapes, entities, tags, and graphemes (UAX 29). A part ends at the
best border in its second half: of a paragraph, else a line, a sentence, a word, a grapheme. What is open there (a tag,
bold text, a quotation) is closed, and opened again in the next part. Markup counts as it is sent: services that count
without it (Telegram) get a little less than they would take.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import regex  # type: ignore[import-untyped]

from pipeline.core.messages.form import Limit, Medium, Unit

LEFT_OUT = "[link left out: too long]"  # for a service whose limit is shorter than the link
REST = "… The rest: almenara alerts fired"

#: What is opened before a token and closed behind it at most: a quotation and bold text.
_AROUND = {Medium.HTML: len('<blockquote dir="auto"><b><u></u></b></blockquote>'), Medium.MARKDOWN: 6, Medium.SLACK: 4}
_SENTENCE = regex.compile(r"[.!?…。！？।؟۔][\"'”»’)\]]*\s?$")
_COMMON = r"https?://\S+ | \n\n+ | \n | \X"
_TOKENS = {
    Medium.MARKDOWN: r"\[(?:\\.|[^\]\\\n])*\]\([^)\s]*\) | \*\* | \\[!-/:-@\[-`{-~] | (?<=^|\n)>\ ?",
    Medium.SLACK: r"<[^>\n]*> | &\#?\w+; | \* | (?<=^|\n)>\ ?",
    Medium.HTML: r"<a\ [^>]*>[^<]*</a> | <[^>]*> | &\#?\w+;",
}
_LIKE = {Medium.DISCORD: Medium.MARKDOWN, Medium.TELEGRAM: Medium.HTML}
_TAG = regex.compile(r"<(/?)([A-Za-z][\w-]*)[^>]*>")
_ALONE = frozenset({"br", "img", "hr", "meta", "link", "input", "wbr"})  # HTML: elements without an end


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    size: int
    ends: int  # how good a border is behind it: 0 grapheme, 1 word, 2 sentence, 3 line, 4 paragraph
    open: tuple[tuple[str, str], ...]  # what is open behind it: how it is opened again, and how it is closed


def measure(text: str, unit: Unit) -> int:
    """The length as a service counts it: code points, UTF-16 code units, or bytes of UTF-8."""
    if unit == "chars":
        return len(text)
    return (
        len(text.encode("utf-16-le", "surrogatepass")) // 2 if unit == "utf16" else len(text.encode("utf-8", "replace"))
    )


def split(text: str, medium: Medium, limit: Limit, reserve: int = 0) -> tuple[str, ...]:
    """`text` in parts of at most `limit.body` less `reserve`. Nothing is lost but spaces at borders, links that are
    longer than a part, and what is beyond `limit.parts`, where the last part says so."""
    room = max(limit.body - reserve, 1)
    if measure(text, limit.unit) <= room:
        return (text,)
    tokens = list(_tokens(text, medium, limit.unit, room))
    parts: list[str] = []
    at = 0
    while at < len(tokens):
        at = _skipped(tokens, at)
        if at >= len(tokens):
            break
        before = tokens[at - 1].open if at else ()
        if len(parts) == limit.parts - 1 and _size(tokens[at:], before, limit.unit) > room:
            parts.append(_last(tokens, at, before, room, limit.unit))
            break
        end = _end(tokens, at, before, room, limit.unit)
        parts.append(_written(tokens[at:end], before))
        at = end
    return tuple(parts)


def _last(tokens: list[_Token], at: int, before: tuple[tuple[str, str], ...], room: int, unit: Unit) -> str:
    """The last part that is allowed, which says where the rest can be read."""
    more = "\n" + REST
    left = room - measure(more, unit)
    if left < room // 2:
        return _written(tokens[at : _end(tokens, at, before, room, unit)], before)
    return _written(tokens[at : _end(tokens, at, before, left, unit)], before) + more


def _tokens(text: str, medium: Medium, unit: Unit, room: int) -> Iterator[_Token]:
    open_: list[tuple[str, str]] = []
    behind = ""
    for found in _pattern(_LIKE.get(medium, medium)).finditer(text):
        token = found[0]
        _follow(open_, token, medium)
        behind = (behind + token)[-8:]
        for piece in _fitting(token, unit, room - _AROUND.get(_LIKE.get(medium, medium), 0)):
            yield _Token(piece, measure(piece, unit), _border(token, behind), tuple(open_))


@cache
def _pattern(medium: Medium) -> regex.Pattern[str]:
    own = _TOKENS.get(medium)
    return regex.compile(f"{own} | {_COMMON}" if own else _COMMON, regex.VERBOSE | regex.DOTALL)


def _follow(open_: list[tuple[str, str]], token: str, medium: Medium) -> None:
    """Note what `token` opens or closes."""
    kind = _LIKE.get(medium, medium)
    if kind is Medium.HTML and (tag := _TAG.fullmatch(token)):
        name = tag[2].lower()
        if tag[1]:
            for n in range(len(open_) - 1, -1, -1):
                if open_[n][1] == f"</{name}>":
                    del open_[n:]
                    break
        elif name not in _ALONE and not token.endswith("/>"):
            open_.append((token, f"</{name}>"))
    elif kind in (Medium.MARKDOWN, Medium.SLACK):
        mark = "**" if kind is Medium.MARKDOWN else "*"
        if token == mark:
            open_.remove((mark, mark)) if (mark, mark) in open_ else open_.append((mark, mark))
        elif token in ("> ", ">"):
            open_.append(("> ", ""))
        elif "\n" in token:
            open_.clear()  # bold text and quotations end with the line


def _fitting(token: str, unit: Unit, room: int) -> Sequence[str]:
    """The token, or what stands for one that no part can hold."""
    if measure(token, unit) <= room:
        return (token,)
    if "://" in token:
        return tuple(LEFT_OUT)
    return (token,) if token.startswith("<") else tuple(token)  # a tag; a grapheme with hundreds of marks


def _border(token: str, behind: str) -> int:
    if token.startswith("\n\n") or token.lower() in ("</p>", "</blockquote>", "</li>"):
        return 4
    if token == "\n" or token.lower().startswith("<br"):
        return 3
    if _SENTENCE.search(behind) and (token.isspace() or ord(token[-1]) > 0x2FFF):
        return 2
    return 1 if token.isspace() else 0


def _skipped(tokens: list[_Token], at: int) -> int:
    """The first token at or after `at` that is no white space: a part does not begin with it."""
    while at < len(tokens) and tokens[at].text.isspace():
        at += 1
    return at


def _end(tokens: list[_Token], at: int, before: tuple[tuple[str, str], ...], room: int, unit: Unit) -> int:
    """The end of the part that begins at `at`: at least one token."""
    size = measure("".join(start for start, _ in before), unit)
    best, quality, end = at + 1, -1, at
    for n in range(at, len(tokens)):
        size += tokens[n].size
        closing = measure("".join(close for _, close in tokens[n].open), unit)
        if size - (tokens[n].size if tokens[n].text.isspace() else 0) + closing > room:
            break
        end = n + 1
        if tokens[n].ends >= quality and size * 2 >= room:
            best, quality = n + 1, tokens[n].ends
    if end == len(tokens):
        return end
    return best if quality > 0 else max(end, at + 1)


def _size(tokens: Sequence[_Token], before: tuple[tuple[str, str], ...], unit: Unit) -> int:
    return sum(token.size for token in tokens) + measure("".join(start for start, _ in before), unit)


def _written(tokens: Sequence[_Token], before: tuple[tuple[str, str], ...]) -> str:
    opening = "".join(start for start, _ in before)
    text = "".join(token.text for token in tokens).rstrip()
    closing = "".join(close for _, close in reversed(tokens[-1].open)) if tokens else ""
    return f"{opening}{text}{closing}"
