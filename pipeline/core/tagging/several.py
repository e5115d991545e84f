"""Finds the facts of each event in an article that reports several.

Each event is read on its own: the words about the others are blanked out, which keeps all positions, and the facts are
looked for again in what remains. Only articles with several events are read again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from pipeline.core.facts import FoundFacts
from pipeline.core.facts.decision import PAST
from pipeline.core.facts.events import separate
from pipeline.core.facts.parties import Known
from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Span
from pipeline.records import Facts, Stated

_SUPPORT = 0.15  # least weight of the outcome of a later event

Again = Callable[[str, str, Known], FoundFacts | None]  # title and text -> the facts in them


def facts_of_events(found: FoundFacts, again: Again) -> tuple[Facts, ...]:
    """The facts of each event, in the order of the text. `found`: in the whole article. `again`: looks for facts."""
    host = found.facts.host
    parts = separate(found.scene, found.mentioned, str(host.value) if host else None)
    reading, each = found.scene.reading, list[Facts]()
    for part in parts:
        one = again(*_blanked(reading, part.hidden), part.known)
        if one is None or not _is_news(one, later=bool(each) and not part.without_act):
            continue
        facts = _quoting(one.facts, reading)
        each.append(_of_same_host(facts, each[0]) if part.shared and each else facts)
    return tuple(each) if len(each) > 1 else (found.facts,)


def _is_news(one: FoundFacts, *, later: bool) -> bool:
    decision = one.scene.decision
    return decision is not None and decision.outcome != PAST and (not later or decision.weight >= _SUPPORT)


def _blanked(reading: Reading, hidden: tuple[Span, ...]) -> tuple[str, str]:
    """Title and text, with spaces instead of the letters and digits of the hidden words."""
    signs = {"title": list(reading.title), "text": list(reading.text)}
    for first, last in hidden:
        for word in range(first, last):
            start, end = reading.places[word]
            field = signs["title" if word < reading.split else "text"]
            field[start:end] = " " * (end - start)
    return "".join(signs["title"]), "".join(signs["text"])


def _quoting(value: Any, reading: Reading) -> Any:
    """The same facts, quoting the sentences of `reading`, which has nothing blanked out."""
    if isinstance(value, Stated):
        quoted = next(
            (
                reading.quote(sentence) for sentence in reading.sentences
                if sentence.field == value.field and sentence.start <= value.start < sentence.end
            ),
            value.sentence,
        )  # fmt: skip
        return msgspec.structs.replace(value, sentence=quoted)
    if isinstance(value, tuple):
        return tuple(_quoting(one, reading) for one in value)
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.asdict(value)
        return msgspec.structs.replace(value, **{name: _quoting(one, reading) for name, one in fields.items()})
    return value


def _of_same_host(facts: Facts, first: Facts) -> Facts:
    """The facts of a later event, with host and body of the first where a pronoun stands for them."""
    if first.host is None:
        return facts
    senders = tuple(sender for sender in facts.senders if sender.value != first.host.value)
    host = facts.host if facts.host and facts.host.value == first.host.value else first.host
    return msgspec.structs.replace(facts, host=host, senders=senders, body=facts.body or first.body)
