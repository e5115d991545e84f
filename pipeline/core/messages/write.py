"""Writes a message as a channel sends it: composed, marked up for the medium, and in parts within its limit."""

from __future__ import annotations

from dataclasses import replace

from pipeline.core.messages.compose import compose
from pipeline.core.messages.content import Block, Content, block, said
from pipeline.core.messages.foreign import Run, cut, tame
from pipeline.core.messages.form import Limit, Medium, Part, Unit, Voice
from pipeline.core.messages.media import escaped, rendered
from pipeline.core.messages.split import measure, split
from pipeline.core.messages.templates import TemplateFault, filled
from pipeline.records import Message

TINY = 600  # a limit of the body below which only the short form is sent

#: Readable on a telephone and on a wide screen, light and dark; a program that leaves it out shows the same text.
_STYLE = """\
:root { color-scheme: light dark; }
body { font: 16px/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; max-width: 42em; margin: 0 auto;
  padding: 0 1em; overflow-wrap: anywhere; }
blockquote { margin: 1em 0; padding-inline-start: 0.8em; border-inline-start: 3px solid #888; }"""

__all__ = ["escaped", "fault_of", "page", "subject", "tame", "written"]


def written(message: Message, medium: Medium, limit: Limit, voice: Voice) -> tuple[Part, ...]:
    """The parts in which the message is sent, at least one. The same message gives the same parts."""
    content = compose(message, voice, short=limit.body < TINY)
    body = _body(content, message, medium, voice, with_subject=limit.title == 0)
    parts = split(body, medium, limit)
    if len(parts) > 1 and limit.title == 0:
        parts = split(body, medium, limit, reserve=measure("(99/99)\n", limit.unit))
    numbers = [f"({n}/{len(parts)})" if len(parts) > 1 else "" for n in range(1, len(parts) + 1)]
    if limit.title == 0:
        return tuple(
            Part("", f"{number}\n{part}" if number else part) for number, part in zip(numbers, parts, strict=True)
        )
    return tuple(
        Part(_title(content.subject, number, limit), part) for number, part in zip(numbers, parts, strict=True)
    )


def subject(message: Message, voice: Voice) -> str:
    """The subject of a mail, or the title of an entry: one line of plain text, harmless in every medium."""
    return compose(message, voice).subject


def fault_of(message: Message, medium: Medium, voice: Voice) -> str:
    """Why the template of the channel cannot write this message, so that the built-in form is sent; "" if it can."""
    return _templated(message, medium, voice)[1]


def page(body: str, language: str = "en") -> str:
    """A whole HTML document for mail. Mail programs are asked not to make links of numbers, dates and addresses."""
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">\n'
        '<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">\n'
        '<meta name="x-apple-disable-message-reformatting">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f'<style>\n{_STYLE}\n</style>\n</head><body dir="auto">\n{body}\n</body></html>\n'
    )


def _templated(message: Message, medium: Medium, voice: Voice) -> tuple[str, str]:
    """What the template of the channel writes, and why it cannot; both "" without a template for the medium."""
    if voice.template is None or not voice.template.fits(medium):
        return "", ""
    try:
        text = filled(voice.template, message, medium, voice).strip()
    except TemplateFault as fault:
        return "", str(fault)
    return text, "" if text else f"{voice.template.name}: it writes nothing"


def _body(content: Content, message: Message, medium: Medium, voice: Voice, with_subject: bool) -> str:
    """What the template writes, else the built-in form, which then says why the template is not used."""
    text, fault = _templated(message, medium, voice)
    if text:
        return text
    blocks = _headed(content) if with_subject else content.blocks
    if fault:
        blocks = (*blocks, *block("text", [(said(tame(f"The template of this channel fails: {fault}")),)]))
    return rendered(blocks, medium)


def _headed(content: Content) -> tuple[Block, ...]:
    """The blocks with the subject above them, for a service that has no title."""
    blocks = content.blocks
    if content.lead and blocks[0].kind == "head":
        first, *others = blocks[0].lines
        return (replace(blocks[0], lines=((said(content.lead), *first), *others)), *blocks[1:])
    return (Block("head", ((Run(content.subject, "strong"),),)), *blocks)


def _title(text: str, number: str, limit: Limit) -> str:
    """The title within its limit, with the number of the part at its end."""
    room = limit.title - (measure(f" {number}", limit.unit) if number else 0)
    short = _within(text, max(room, 0), limit.unit)
    return f"{short} {number}".strip() if number else short


def _within(text: str, room: int, unit: Unit) -> str:
    length = min(len(text), room)
    while length > 0 and measure(cut(text, length), unit) > room:
        length -= 1
    return cut(text, length) if length > 0 else ""
