"""Says what several alerts are about: follow-ups of a story, summaries and digests, bounded for people."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.messages.content import Block, block, counted, said
from pipeline.core.messages.foreign import Run, tame
from pipeline.core.messages.form import Voice
from pipeline.core.messages.one_alert import changed_line, entry, growth_lines, links, rest, story_lines
from pipeline.records import Alert, Message

LISTED = 30  # stories in a digest or summary
A_RULE = 10  # of them of one rule, if there are several
FOLLOWED = 6  # reports in a follow-up


def digest(message: Message, voice: Voice) -> tuple[Block, ...]:
    """By rule and by story, in the order of the message, which has the highest score first. A story that several rules
    found stands once, with the first of them."""
    rules = _by_rule(message.alerts)
    several = len({alert.name for alert in message.alerts} | set(message.by_rule)) > 1
    most = LISTED if len(rules) < 2 else max(1, min(A_RULE, LISTED // len(rules)))
    blocks: list[Block] = []
    shown: list[list[Alert]] = []
    for name, stories in list(rules.items())[:LISTED]:
        here = stories[:most]
        if several:
            blocks += _heading(name, message, stories)
        for alerts in here:
            blocks += _story(name, alerts, message, voice)
        shown += here
    hidden = len(message.alerts) - sum(map(len, shown)) + message.held_back - _unshown(shown, message)
    firsts = [alerts[0] for alerts in shown]
    return (*blocks, *rest(hidden, message.muted), *block("text", links(firsts, voice) if len(firsts) > 1 else []))


def _by_rule(alerts: Sequence[Alert]) -> dict[str, list[list[Alert]]]:
    """Rule -> its stories, each with all its alerts, also those of other rules."""
    stories: dict[str, list[Alert]] = {}
    for alert in alerts:
        stories.setdefault(alert.story_id or alert.article, []).append(alert)
    rules: dict[str, list[list[Alert]]] = {}
    for found in stories.values():
        rules.setdefault(found[0].name, []).append(found)
    return rules


def _heading(name: str, message: Message, stories: list[list[Alert]]) -> tuple[Block, ...]:
    """The name of a rule, with the number of its alerts in the message, shown or not."""
    number = message.by_rule.get(name) or sum(alert.name == name for found in stories for alert in found)
    return (Block("head", ((Run(f"{tame(name, 120)}: {counted(number, 'alert')}", "strong"),),)),)


def _story(name: str, alerts: list[Alert], message: Message, voice: Voice) -> tuple[Block, ...]:
    """The first report of a story, with how many more there are, and for which other rules."""
    more = len({alert.article for alert in alerts}) - 1 + message.by_story.get(alerts[0].story_id, 0)
    also = [other for other in dict.fromkeys(alert.name for alert in alerts) if other != name]
    return entry(alerts[0], voice, more=more, also=also)


def _unshown(shown: list[list[Alert]], message: Message) -> int:
    """How many of the alerts held back are counted with a story that is shown."""
    return sum(message.by_story.get(alerts[0].story_id, 0) for alerts in shown)


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
