"""Decides what a message says: from its record to a subject and blocks, the same for every medium."""

from __future__ import annotations

import re

from pipeline.core.calendar.local_words import local
from pipeline.core.messages.content import Block, Content, Line, block, counted, own_lines, said
from pipeline.core.messages.foreign import cut, tame
from pipeline.core.messages.form import Voice
from pipeline.core.messages.one_alert import brief, entry, links, whole
from pipeline.core.messages.several import digest, follow_up
from pipeline.records import Message

SUBJECT = 200  # characters
NAMED = 60  # of them for the name of the rule
LINES = 30  # of a text that names several things, such as feeds that are silent

_OF_ARTICLES = ("alert", "follow_up", "summary", "digest")
_SENTENCE = re.compile(r"(?<=\w\w)\.(?=\s)")


def compose(message: Message, voice: Voice, short: bool = False) -> Content:
    """All that the message says; with `short`, only what fits into a few hundred characters."""
    lead, what, where = _subject(message)
    where = f" ({cut(where, NAMED)})" if where else ""
    subject = f"{lead}{cut(what, SUBJECT - len(lead) - len(where))}{where}"
    if short:
        return Content(subject, "", _short(message, voice))
    blocks = _blocks(message, voice) or block("text", [(said(_thinned(message)),)])
    return Content(subject, lead if _is_alone(message) else "", blocks)


def _is_alone(message: Message) -> bool:
    """Whether the message is about one article, and shown with all that is known of it."""
    return len(message.alerts) == 1 and (
        message.kind == "alert" or (message.kind == "summary" and not message.held_back)
    )


def _subject(message: Message) -> tuple[str, str, str]:
    """What stands in front, what the message is about, and the rule: a telephone shows only the first 40 characters."""
    name, severity = tame(message.name, 120), f"[{tame(message.severity, 20)}] "
    text = _first_sentence(message)
    match message.kind:
        case "test":
            return "", "Test message of Almenara", ""
        case "digest":
            return "", f"Digest: {_together(message)}", name
        case "summary" if not _is_alone(message):
            return severity, _together(message), name
        case "silence" | "burst":
            return severity, text or f"{name}: {message.kind}", "" if not text or text.startswith(name) else name
        case "report":
            return "Almenara: ", text or f"channel {name}", ""
        case _:
            news = f"{_news(message)}: " if _news(message) else ""
            title = _title(message)
            return f"{severity}{news}", title or name, name if title else ""


def _title(message: Message) -> str:
    if _is_alone(message) or (len(message.alerts) == 1 and message.changes):
        return tame(message.alerts[0].title, SUBJECT)
    if message.story and message.story.first_title:
        return tame(message.story.first_title, SUBJECT)
    return tame(message.alerts[0].title, SUBJECT) if message.alerts else ""


def _news(message: Message) -> str:
    """What is new about an article or a story that was reported before."""
    if message.changes:
        return "Changed"
    if message.kind != "follow_up":
        return ""
    grown = message.grown
    if grown is None:
        return counted(_number(message), "more report")
    if grown.articles or grown.copies:
        return counted(grown.articles, "more report") if grown.articles else counted(grown.copies, "copy", "copies")
    number = _number(message)
    return "a report changed" if number == 1 else f"{number} reports changed"


def _together(message: Message) -> str:
    """What a summary or digest has: "3 alerts and 1 finding"."""
    number, findings = _number(message), message.findings
    alerts = [counted(number, "alert")] if number or not findings else []
    return " and ".join([*alerts, *([counted(findings, "finding")] if findings else [])])


def _number(message: Message) -> int:
    return len(message.alerts) + message.held_back


def _first_sentence(message: Message) -> str:
    """The first sentence of what is said, without its full stop."""
    first = message.text.strip().split("\n")[0]
    end = _SENTENCE.search(first)
    return tame(first[: end.start()] if end else first, SUBJECT).removesuffix(".")


def _blocks(message: Message, voice: Voice) -> tuple[Block, ...]:
    match message.kind:
        case "alert" | "summary" if _is_alone(message):
            return (*whole(message.alerts[0], message, voice), *block("text", _lines(message)))
        case "follow_up":
            return follow_up(message, voice)
        case kind if kind in _OF_ARTICLES:
            return (*block("text", _lines(message)), *digest(message, voice))
        case _:
            return _notice(message, voice)


def _notice(message: Message, voice: Voice) -> tuple[Block, ...]:
    """A silence, a burst, a report about a channel, or a test: our own sentence, and the articles if there are any."""
    shown = message.alerts[:6]
    lines = _lines(message) or ([(said("This channel works."),)] if message.kind == "test" else [])
    return (
        *block("text", [*lines, (said(local(message.at, voice.zone)),)]),
        *(part for alert in shown for part in entry(alert, voice)),
        *block("text", [*(links(shown, voice) if len(shown) > 1 else []), (said(f"Message {message.id}"),)]),
    )


def _lines(message: Message) -> list[Line]:
    """What we say in our own words: a line each."""
    every = own_lines(message.text)
    more = len(every) - LINES
    rest = [(said(f"And {counted(more, 'more finding')}: see almenara alerts fired"),)] if more > 0 else []
    return [*every[:LINES], *rest]


def _short(message: Message, voice: Voice) -> tuple[Block, ...]:
    """What goes below the subject."""
    if len(message.alerts) == 1:
        return brief(message.alerts[0], voice)
    more = f"Titles: {'; '.join(tame(alert.title, 60) for alert in message.alerts[:3])}" if message.alerts else ""
    return block("text", [*_lines(message)[:3], (said(more),) if more else None])


def _thinned(message: Message) -> str:
    """What is left to say of an old message whose alerts are no longer kept."""
    if message.kind in _OF_ARTICLES:
        number = len(message.showed) + message.held_back
        return f"{counted(number, 'alert')}: see almenara alerts fired"
    return tame(message.text) or f"Message {tame(message.id, 64)}"
