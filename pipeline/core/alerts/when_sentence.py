"""Says in a sentence when and how a rule reports, for `almenara check` and the list of rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.core.alerts.rules import AlertRule, ChannelSpec, Growth, Reader

_DAY = 86400.0
_UNITS = (("d", _DAY), ("h", 3600.0), ("min", 60.0), ("s", 1.0))


def when_sentence(rule: AlertRule, reader: Reader, channels: Mapping[str, ChannelSpec]) -> str:
    """Such as "One message per story, follow-ups after 1 h, material changes at once, at most 10 a day, the rest in the
    digest (daily 08:00), quiet 22:00-07:00, times of Europe/Madrid; to desk."."""
    records = [name for name in rule.channels if name in channels and channels[name].records]
    read = [name for name in rule.channels if name not in records]
    parts = []
    if read:
        parts.append(f"{_capital(', '.join(_parts(rule, reader)))}; to {_listed(read)}.")
    if records and not rule.counts:
        parts.append(f"Every alert at once and alone, without limits, to {_listed(records)}.")
    elif records:
        parts.append(f"{_capital(', '.join(_counting(rule)))}; to {_listed(records)}.")
    return " ".join(parts)


def _parts(rule: AlertRule, reader: Reader) -> Iterator[str]:
    digest = rule.digest or reader.digest
    quiet = reader.quiet if rule.quiet is None else rule.quiet
    timed = bool(quiet)
    if not rule.counts:
        if rule.send == "digest":
            yield f"everything in one digest ({digest})"
            timed = True
        else:
            yield from _at_once(rule)
            if rule.throttle:
                yield f"at least {duration_words(rule.throttle)} between two"
            if rule.budget is not None:
                yield f"at most {rule.budget} a day, the rest in the digest ({digest})"
                timed = True
    yield from _counting(rule)
    if quiet and (rule.counts or rule.send == "now"):
        yield f"quiet {' and '.join(quiet)}"
    if rule.old == "skip" and not rule.counts:
        yield f"nothing that was over {duration_words(reader.old_after)} old when it was found"
    if timed:
        yield f"times of {reader.zone}"


def _at_once(rule: AlertRule) -> Iterator[str]:
    triggers = set(rule.triggers)
    if "article" in triggers:
        if rule.group == "none":
            yield "one message per article"
        else:
            yield "one message per story"
            yield _follow_ups(rule)
    elif "story" in triggers:
        yield "one message for the first article of a story"
    if "growth" in triggers:
        yield f"when a story has {_grown(rule.growth)}, and again at each doubling"
    if "change" in triggers or "article" in triggers:
        yield "material changes at once"


def _follow_ups(rule: AlertRule) -> str:
    return "no follow-ups" if rule.follow_up is None else f"follow-ups after {duration_words(rule.follow_up)}"


def _grown(growth: Growth) -> str:
    kinds = (("outlets", growth.sources), ("countries", growth.countries), ("languages", growth.languages))
    return " or ".join(f"{number} {kind}" for kind, number in kinds if number)


def _counting(rule: AlertRule) -> Iterator[str]:
    each = {"feed": "a feed", "topic": "a topic", "source": "an outlet"}.get(rule.by, "what it matches")
    if "silence" in rule.triggers:
        yield f"when {each} brings nothing for longer than usual"
    if "burst" in rule.triggers:
        yield f"when {each} brings far more than usual"


def duration_words(seconds: float) -> str:
    """3600 seconds as "1 h"."""
    unit, size = next((unit, size) for unit, size in _UNITS if (seconds >= size and seconds % size == 0) or size == 1)
    return f"{seconds / size:g} {unit}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
