"""Makes text from outside harmless in every medium: one line, no control characters, nothing that becomes a link or a
mention. What a medium reads as markup is escaped later, by the medium.

A service makes links of what looks like an address, and mentions of what follows an @, whatever is escaped. So a HAIR
SPACE is put where such a thing would begin. White space ends a link in every autolinker (GFM, linkify-it, TDLib,
Android's Patterns, Django's urlize). Zero-width characters do not: most take them for a letter, and browsers drop them
from host names (UTS 46), so the link works.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import regex  # type: ignore[import-untyped]

from pipeline.core.query.snippets import CLOSE, OPEN
from pipeline.core.text.tidy import CONTROL, visible

HAIR = "\u200a"
ISOLATE, END = "\u2068", "\u2069"  # FSI and PDI, UAX 9: the direction inside does not affect what is around
LONGEST = 1_000  # characters of one text; longer ones are cut
_MARKS = 6  # combining marks in a row; more only cover the lines above and below

_OPEN, _CLOSE = "\ue000", "\ue001"  # stand for the marks of matched words while control characters are removed
_LETTER = r"\p{L}\p{M}\p{Cf}"
_SCHEMES = (
    "mailto|tel|sms|smsto|javascript|vbscript|data|magnet|geo|xmpp|tg|bitcoin|skype|facetime|callto|sips?|whatsapp|"
    "intent|file|view-source|matrix|mxc|slack|discord|steam|msteams|ms-[a-z]+|urn|doi"
)

#: A break is put at the end of each of these.
_BREAKS = regex.compile(
    rf"""
      (?<=[{_LETTER}\p{{N}}_-]) \. (?=[{_LETTER}]{{2}})             # example.org, not "U.S." or "3.5"
    | \bwww\d{{0,3}}\. (?!\s)                                       # GFM: www. begins a link
    | (?<=\d) \. (?=\d{{1,3}}\.\d{{1,3}}\b) | (?<=\d\.\d{{1,3}}) \. (?=\d{{1,3}}\b)   # 192.0.2.1
    | (?<=[A-Za-z0-9]) [\u3002\uff0e\uff61] (?=[A-Za-z0-9])         # dots of IDNA between ASCII letters
    | // (?!\s)                                                     # linkify-it: //example
    | : (?=[/\\\uff0f]{{2}}) | \b(?:{_SCHEMES}): (?=\S)             # http:// and the like, mailto:
    | [@\uff20\ufe6b] (?!\s)                                        # mentions, mail addresses
    | [#\uff03] (?!\s)                                              # channels, hashtags
    | (?<![\p{{L}}\p{{N}}_./-]) / (?=\p{{L}})                       # commands of bots
    | \$ (?=[\p{{L}}$]) | ~ (?=\S)                                  # ticker symbols and formulas, channels
    | \+ (?=\d[\d\s().-]{{5}})                                      # telephone numbers
    | < (?!\s) | & (?=\#?\w+;) | \] (?=[(\[:{{])                    # tags, entities, links of Markdown
    | (?<![\p{{L}}\p{{N}}]) : (?=[a-z0-9_+'-]+:)                     # pictures of chats such as :warning:
    | \[ (?=CQ:) | \( (?=(?:met|rol|chn|emj|spl|ins)\))             # OneBot's and Kook's mentions
    """,
    regex.VERBOSE | regex.IGNORECASE,
)  # fmt: skip
_TOO_MANY_MARKS = regex.compile(rf"(\p{{M}}{{{_MARKS}}})\p{{M}}+")
_LOOSE_END = regex.compile(r"[\s@#<\uff20\ufe6b\uff03\u2068]+$")  # before "…" it would look like a mention
_GRAPHEME = regex.compile(r"\X")  # UAX 29: what is seen as one character
_WIDEST = 64  # characters of one: a family of emoji has 11
_SPACES = regex.compile(r"[^\S\u200a]+")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line. `style`: strong (a heading), mark (a matched word), or nothing."""

    text: str
    style: str = ""


def tame(text: str, longest: int = LONGEST) -> str:
    """`text` in one line, harmless in every medium, and isolated if it may change the direction of what is around."""
    return "".join(run.text for run in runs(text.replace(OPEN, "").replace(CLOSE, ""), longest))


def runs(text: str, longest: int = LONGEST) -> tuple[Run, ...]:
    """As `tame`; the words between OPEN and CLOSE are runs of their own."""
    text = _clean(text)
    plain = text.replace(_OPEN, "").replace(_CLOSE, "")
    breaks = {found.end() for found in _BREAKS.finditer(plain)}
    found = _cut(_runs(text, breaks), longest)
    if not _turns(plain):
        return found
    return (Run(ISOLATE), *found, Run(END))


def cut(text: str, length: int) -> str:
    """A tame text, shortened to `length` characters; still tame."""
    if len(text) <= length:
        return text
    edges = [0, *(found.end() for found in _GRAPHEME.finditer(text[: length + _WIDEST]))]
    for kept in sorted((edge for edge in edges if edge < length), reverse=True):
        short = _LOOSE_END.sub("", text[:kept])
        closed = END if short.count(ISOLATE) > short.count(END) else ""
        if len(short) + 1 + len(closed) <= length:
            return f"{short}…{closed}"
    return ""


def _clean(text: str) -> str:
    """In one line, without what cannot be seen; the marks are _OPEN and _CLOSE."""
    text = text[: 4 * LONGEST].replace(_OPEN, "").replace(_CLOSE, "").replace(OPEN, _OPEN).replace(CLOSE, _CLOSE)
    text = visible(CONTROL.sub(" ", text))
    return str(_SPACES.sub(" ", _TOO_MANY_MARKS.sub(r"\1", text))).strip()


def _runs(text: str, breaks: set[int]) -> list[Run]:
    """The runs, with a hair space at each of `breaks`, which count without the marks."""
    made: list[Run] = []
    style, part, at = "", "", 0
    for char in text:
        if char in (_OPEN, _CLOSE):
            made.append(Run(part, style))
            style, part = ("mark" if char == _OPEN else ""), ""
            continue
        part += HAIR + char if at in breaks else char
        at += 1
    part += HAIR if at in breaks else ""
    return [run for run in (*made, Run(part, style)) if run.text]


def _cut(found: list[Run], longest: int) -> tuple[Run, ...]:
    kept: list[Run] = []
    left = longest
    for run in found:
        if len(run.text) > left:
            kept.append(Run(cut(run.text, left), run.style))
            break
        kept.append(run)
        left -= len(run.text)
    return tuple(kept)


def _turns(text: str) -> bool:
    """Whether `text` has characters that are written from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(char) in ("R", "AL", "AN") for char in text)
