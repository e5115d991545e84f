"""Writes blocks in each medium, and escapes text for it.

Sources: CommonMark 0.31; Discord's and Zulip's own dialects of it; Slack's "Formatting text for app surfaces";
Telegram's Bot API, "HTML style"; HTML. Zulip knows no backslash escapes, so no escape of ours alone prevents a link:
what could become one is broken before, in foreign.py.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from pipeline.core.messages.content import Block, Line, Link, Piece
from pipeline.core.messages.foreign import Run
from pipeline.core.messages.form import Medium
from pipeline.core.query.snippets import CLOSE, OPEN

_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~])")
_MARKDOWN_START = re.compile(r"^(\s*(?:\d{1,9})?)([#+\-=.)](?=\s|[#=+-]|$))")
#: Slack has no escapes for its marks, so signs that look like them stand for them.
_SLACK = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})

MARKDOWN = (Medium.MARKDOWN, Medium.DISCORD)
TAGS = (Medium.HTML, Medium.TELEGRAM)


def escaped(text: str, medium: Medium) -> str:
    """Harmless text (see foreign.tame) as the medium writes it. For HTML also within a quoted attribute."""
    if medium in MARKDOWN:
        return _MARKDOWN.sub(r"\\\1", text)
    if medium is Medium.SLACK:
        return text.translate(_SLACK)
    if medium in TAGS:
        return html.escape(text)
    return text


def rendered(blocks: Iterable[Block], medium: Medium) -> str:
    """The blocks in the medium, an empty line between two."""
    between = "\n" if medium is Medium.HTML else "\n\n"
    return between.join(_block(block, medium) for block in blocks)


def line(pieces: Line, medium: Medium) -> str:
    """One line in the medium. Neighbouring pieces in bold become one, because marks in a row would cancel out."""
    head = any(isinstance(piece, Run) and piece.style == "strong" for piece in pieces)
    if head and medium is not Medium.TERMINAL:
        pieces = _joined(pieces)
    parts: list[str] = []
    for n, piece in enumerate(pieces):
        parts.append(link(piece, medium) if isinstance(piece, Link) else _run(piece, pieces, n, medium))
    text = "".join(parts)
    if medium in MARKDOWN:
        text = text.replace("\x00\x00", "").replace("\x00", "**")
        return _MARKDOWN_START.sub(r"\1\\\2", text)
    return text.replace("\x00\x00", "").replace("\x00", "*") if medium is Medium.SLACK else text


def link(link: Link, medium: Medium) -> str:
    """One of our links."""
    label = escaped(link.label, medium)
    match medium:
        case Medium.MARKDOWN:
            return f"[{label}]({link.url})"
        case Medium.DISCORD:
            return f"[{label}](<{link.url}>)"  # without < > it shows a picture and a text of the page
        case Medium.SLACK:
            return f"<{html.escape(link.url, quote=False)}|{label}>"
        case Medium.HTML | Medium.TELEGRAM:
            return f'<a href="{html.escape(link.url)}">{label}</a>'
        case _:
            return f"{link.name}: {link.url}"


def _joined(pieces: Line) -> Line:
    """The pieces of a heading, bold ones joined: a marked word in it cannot be bolder."""
    made: list[Piece] = []
    for piece in pieces:
        last = made[-1] if made else None
        if isinstance(piece, Run) and piece.style and isinstance(last, Run) and last.style:
            made[-1] = Run(last.text + piece.text, "strong")
        else:
            made.append(piece)
    return tuple(made)


def _run(run: Run, pieces: Line, n: int, medium: Medium) -> str:
    text = escaped(run.text, medium)
    if not run.style:
        return text
    match medium:
        case Medium.TERMINAL:
            return f"{OPEN}{text}{CLOSE}" if run.style == "mark" else text
        case Medium.HTML | Medium.TELEGRAM:
            return f"<b>{text}</b>"  # underlined, a word would look like a link
        case Medium.MARKDOWN | Medium.DISCORD | Medium.SLACK:
            return _bold(run, text, _beside(pieces, n, -1), _beside(pieces, n, 1), medium)
    return text


def _bold(run: Run, text: str, before: str, after: str, medium: Medium) -> str:
    """The text between marks (as NUL, so that neighbours can be joined), if there the medium reads them as marks: not
    beside spaces, and not within a word; CommonMark allows that between letters."""
    inner = text.strip()
    if not inner:
        return text
    edges = (run.text.strip()[0], run.text.strip()[-1])
    within = (before.isalnum(), after.isalnum())
    if medium is Medium.SLACK and any(within):
        return text
    if any(inside and not edge.isalnum() for inside, edge in zip(within, edges, strict=True)):
        return text
    start = text.index(inner)
    return f"{text[:start]}\x00{inner}\x00{text[start + len(inner) :]}"


def _beside(pieces: Line, n: int, step: int) -> str:
    """The character next to a run; "" at the edge of the line, and beside a run that is bold too."""
    place = n + step
    if not 0 <= place < len(pieces):
        return ""
    piece: Piece = pieces[place]
    if isinstance(piece, Link) or piece.style:
        return ""
    return piece.text[-1 if step < 0 else 0] if piece.text else ""


def _block(block: Block, medium: Medium) -> str:
    lines = [line(pieces, medium) for pieces in block.lines]
    if medium is Medium.HTML:
        inner = "<br>\n".join(lines)
        return f'<blockquote dir="auto">{inner}</blockquote>' if block.kind == "quote" else f'<p dir="ltr">{inner}</p>'
    if block.kind == "quote":
        return _quote(lines, medium)
    first, others = ("- ", "  ") if block.kind == "item" else ("", "")
    if medium in (Medium.SLACK, Medium.TELEGRAM):
        first, others = first.replace("- ", "• "), ""
    end = "  \n" if medium is Medium.MARKDOWN else "\n"
    return end.join((first if n == 0 else others) + text for n, text in enumerate(lines))


def _quote(lines: list[str], medium: Medium) -> str:
    if medium is Medium.TELEGRAM:
        return f"<blockquote>{chr(10).join(lines)}</blockquote>"
    return ("  \n" if medium is Medium.MARKDOWN else "\n").join(f"> {text}" for text in lines)
