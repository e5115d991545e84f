"""Says in a sentence when and how a rule reports, for `almenara check` and the list of rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

from pipeline.core.alerts.rules import AlertRule, ChannelSpec, Growth, Reader
from pipeline.core.wording import Capital, Text, joined

_DAY = 86400.0
_EACH = {"feed": Text("a feed"), "topic": Text("a topic"), "source": Text("an outlet")}
_UNITS = (("d", _DAY), ("h", 3600.0), ("min", 60.0), ("s", 1.0))


def when_sentence(rule: AlertRule, reader: Reader, channels: Mapping[str, ChannelSpec]) -> Text:
    """Such as "One message per story, follow-ups after 1 h, material changes at once, at most 10 a day, the rest in the
    digest (daily 08:00), quiet 22:00-07:00, times of Europe/Madrid; to desk."."""
    records = [name for name in rule.channels if name in channels and channels[name].records]
    read = [name for name in rule.channels if name not in records]
    parts = []
    if read:
        parts.append(Text("{}; to {}.", Capital(joined(", ", _parts(rule, reader))), _listed(read)))
    if records and not rule.counts:
        parts.append(Text("Every alert at once and alone, without limits, to {}.", _listed(records)))
    elif records:
        parts.append(Text("{}; to {}.", Capital(joined(", ", _counting(rule))), _listed(records)))
    return joined(" ", parts)


def _parts(rule: AlertRule, reader: Reader) -> Iterator[str]:
    digest = rule.digest or reader.digest
    quiet = reader.quiet if rule.quiet is None else rule.quiet
    timed = bool(quiet)
    if not rule.counts:
        if rule.send == "digest":
            yield Text("everything in one digest ({})", _times(digest))
            timed = True
        else:
            yield from _at_once(rule)
            if rule.throttle:
                yield Text("at least {} between two", duration_words(rule.throttle))
            if rule.budget is not None:
                yield Text("at most {} a day, the rest in the digest ({})", rule.budget, _times(digest))
                timed = True
    yield from _counting(rule)
    if quiet and (rule.counts or rule.send == "now"):
        yield Text("quiet {}", _listed([_times(one) for one in quiet]))
    if rule.old == "skip" and not rule.counts:
        yield Text("nothing that was over {} old when it was found", duration_words(reader.old_after))
    if timed:
        yield Text("times of {}", reader.zone)


def _at_once(rule: AlertRule) -> Iterator[str]:
    triggers = set(rule.triggers)
    if "article" in triggers:
        if rule.group == "none":
            yield Text("one message per article")
        else:
            yield Text("one message per story")
            yield _follow_ups(rule)
    elif "story" in triggers:
        yield Text("one message for the first article of a story")
    if "growth" in triggers:
        yield Text("when a story has {}, and again at each doubling", _grown(rule.growth))
    if "change" in triggers or "article" in triggers:
        yield Text("material changes at once")


def _follow_ups(rule: AlertRule) -> str:
    return (
        Text("no follow-ups") if rule.follow_up is None else Text("follow-ups after {}", duration_words(rule.follow_up))
    )


def _grown(growth: Growth) -> str:
    found = []
    if growth.sources:
        found.append(Text("{} outlets", growth.sources))
    if growth.countries:
        found.append(Text("{} countries", growth.countries))
    if growth.languages:
        found.append(Text("{} languages", growth.languages))
    return reduce(lambda left, right: Text("{} or {}", left, right), found)


def _counting(rule: AlertRule) -> Iterator[str]:
    each = _EACH.get(rule.by, Text("what it matches"))
    if "silence" in rule.triggers:
        yield Text("when {} brings nothing for longer than usual", each)
    if "burst" in rule.triggers:
        yield Text("when {} brings far more than usual", each)


def _times(written: str) -> Text:
    """Times as a rule has them, such as "mon 08:00" or "daily 08:00"."""
    return joined(" ", map(Text, written.split(" ")))


def duration_words(seconds: float) -> str:
    """3600 seconds as "1 h"."""
    unit, size = next((unit, size) for unit, size in _UNITS if (seconds >= size and seconds % size == 0) or size == 1)
    return f"{seconds / size:g} {unit}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else Text("{} and {}", ", ".join(names[:-1]), names[-1])
