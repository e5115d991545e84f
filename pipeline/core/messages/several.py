"""Says what several alerts are about: follow-ups of a story, summaries and digests, bounded for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.core.messages.content import Block, block, counted, own_lines, said
from pipeline.core.messages.foreign import Run, tame
from pipeline.core.messages.form import Voice
from pipeline.core.messages.one_alert import changed_line, entry, growth_lines, links, rest, story_lines
from pipeline.records import Alert, Message

LISTED = 30  # stories in a digest or summary
A_RULE = 10  # of them of one rule, if there are several
FOLLOWED = 6  # reports in a follow-up


def digest(message: Message, voice: Voice) -> tuple[Block, ...]:
    """By rule and by story, in the order of the message, which has the highest score first."""
    rules: dict[str, dict[str, list[Alert]]] = {}
    for alert in message.alerts:
        rules.setdefault(alert.name, {}).setdefault(alert.story_id or alert.article, []).append(alert)
    most = LISTED if len(rules) < 2 else max(1, min(A_RULE, LISTED // len(rules)))
    shown: list[Alert] = []
    blocks = list(block("text", own_lines(message.text)))
    for number, (name, stories) in enumerate(rules.items()):
        if number >= LISTED:
            break
        blocks += _rule(name, stories, most, voice, alone=len(rules) == 1)
        first = [alerts[0] for alerts in list(stories.values())[:most]]
        shown += first
    hidden = message.held_back + sum(
        len(alerts) for number, stories in enumerate(rules.values()) for alerts in _hidden(stories, most, number)
    )
    return (*blocks, *rest(hidden, message.muted), *block("text", links(shown, voice) if len(shown) > 1 else []))


def follow_up(message: Message, voice: Voice) -> tuple[Block, ...]:
    """What is new about a story since the last message: reports, outlets, countries, languages, changes."""
    shown = message.alerts[:FOLLOWED]
    hidden = len(message.alerts) - len(shown) + message.held_back
    return (
        *block("text", [*growth_lines(message), changed_line(message.changes)]),
        *(part for alert in shown for part in entry(alert, voice, with_changes=not message.changes)),
        *rest(hidden, message.muted),
        *block("text", story_lines(message.story, voice.zone)),
        *block("text", [*(links(shown, voice) if len(shown) > 1 else []), (said(f"Message {message.id}"),)]),
    )


def _rule(name: str, stories: dict[str, list[Alert]], most: int, voice: Voice, alone: bool) -> Iterator[Block]:
    """The heading of a rule, if there are several, and its first stories."""
    if not alone:
        number = sum(map(len, stories.values()))
        of = f" of {counted(len(stories), 'story', 'stories')}" if len(stories) < number else ""
        yield Block("head", ((Run(f"{tame(name, 120)}: {counted(number, 'report')}{of}", "strong"),),))
    for alerts in list(stories.values())[:most]:
        yield from entry(alerts[0], voice, more=len(alerts) - 1)


def _hidden(stories: dict[str, list[Alert]], most: int, number: int) -> Sequence[list[Alert]]:
    """The stories of the rule with this number that are not shown."""
    return list(stories.values())[0 if number >= LISTED else most :]
