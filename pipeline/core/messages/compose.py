"""Decides what a message says: from its record to a subject and blocks, the same for every medium."""

from __future__ import annotations

from pipeline.core.calendar.local_words import local
from pipeline.core.messages.content import Block, Content, block, counted, said
from pipeline.core.messages.foreign import cut, tame
from pipeline.core.messages.form import Voice
from pipeline.core.messages.one_alert import brief, entry, links, whole
from pipeline.core.messages.several import digest, follow_up
from pipeline.records import Message

SUBJECT = 200  # characters

_OF_ARTICLES = ("alert", "follow_up", "summary", "digest")


def compose(message: Message, voice: Voice, short: bool = False) -> Content:
    """All that the message says; with `short`, only what fits into a few hundred characters."""
    label = _label(message)
    alone = len(message.alerts) == 1 and message.kind in ("alert", "follow_up")
    title = (
        tame(message.alerts[0].title, SUBJECT) if alone else tame(message.story.first_title) if message.story else ""
    )
    subject = f"{label}: {title}" if title and message.kind in ("alert", "follow_up") else label
    blocks = _short(message, voice) if short else _blocks(message, voice)
    return Content(cut(subject, SUBJECT), label, blocks or block("text", [(said(_thinned(message)),)]))


def _label(message: Message) -> str:
    """What kind of message it is: the severity, the rule, and how many alerts."""
    name = tame(message.name, 120)
    match message.kind:
        case "alert":
            return f"[{tame(message.severity, 20)}] {name}"
        case "follow_up":
            return f"[{tame(message.severity, 20)}] {name}: {_news(message)}"
        case "summary":
            several = _number(message) + message.findings > 1
            return f"{name}: {_together(message)}{' together' if several else ''}"
        case "digest":
            return f"Digest{f' of {name}' if name else ''}: {_together(message)}"
        case "silence":
            return f"[{tame(message.severity, 20)}] {name}: silence"
        case "burst":
            return f"[{tame(message.severity, 20)}] {name}: burst"
        case "test":
            return "Test message of Almenara"
        case _:
            return f"Almenara: channel {name}"


def _news(message: Message) -> str:
    """What a follow-up has: further reports, or other versions of those that were reported."""
    if message.changes:
        return "a report changed"
    more = message.grown.articles + message.grown.copies if message.grown else _number(message)
    if more:
        return counted(more, "more report")
    number = _number(message)
    return "a report changed" if number == 1 else f"{number} reports changed"


def _together(message: Message) -> str:
    """What a summary or digest has: "3 alerts and 1 finding"."""
    number, findings = _number(message), message.findings
    alerts = [counted(number, "alert")] if number or not findings else []
    return " and ".join([*alerts, *([counted(findings, "finding")] if findings else [])])


def _number(message: Message) -> int:
    return len(message.alerts) + message.held_back


def _blocks(message: Message, voice: Voice) -> tuple[Block, ...]:
    match message.kind:
        case "alert" if len(message.alerts) == 1:
            return whole(message.alerts[0], message, voice)
        case "follow_up":
            return follow_up(message, voice)
        case kind if kind in _OF_ARTICLES:
            return digest(message, voice)
        case _:
            return _notice(message, voice)


def _notice(message: Message, voice: Voice) -> tuple[Block, ...]:
    """A silence, a burst, a report about a channel, or a test: our own sentence, and the articles if there are any."""
    shown = message.alerts[:6]
    text = tame(message.text) or ("This channel works." if message.kind == "test" else "")
    return (
        *block("text", [(said(text),) if text else None, (said(local(message.at, voice.zone)),)]),
        *(part for alert in shown for part in entry(alert, voice)),
        *block("text", [*(links(shown, voice) if len(shown) > 1 else []), (said(f"Message {message.id}"),)]),
    )


def _short(message: Message, voice: Voice) -> tuple[Block, ...]:
    if len(message.alerts) == 1:
        return brief(message.alerts[0], voice)
    text = tame(message.text)
    more = f"Titles: {'; '.join(tame(alert.title, 60) for alert in message.alerts[:3])}" if message.alerts else ""
    return block("text", [(said(text),) if text else None, (said(more),) if more else None])


def _thinned(message: Message) -> str:
    """What is left to say of an old message whose alerts are no longer kept."""
    if message.kind in _OF_ARTICLES:
        number = len(message.showed) + message.held_back
        return f"{counted(number, 'alert')}: see almenara alerts fired"
    return tame(message.text) or f"Message {tame(message.id, 64)}"
