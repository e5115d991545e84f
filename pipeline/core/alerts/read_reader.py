"""Reads the table [reader] of alerts.toml, and the quiet hours and digests of rules, which are written alike."""

from __future__ import annotations

from pipeline.core.alerts.rules import Reader
from pipeline.core.calendar.digests import parse_schedule
from pipeline.core.calendar.local import CalendarError, zone_of
from pipeline.core.calendar.quiet import parse_quiet, parse_span
from pipeline.core.toml_reader import Table
from pipeline.core.wording import Text

_HOUR, _DAY = 3600.0, 86400.0
_DEFAULT = Reader()


def read_reader(table: Table) -> Reader:
    """Whom the messages are for. Faults are added to the reader of the file."""
    table.only("time_zone", "quiet", "digest", "old_after")
    quiet = read_quiet(table)
    if quiet and "time_zone" not in table:
        table.warn("quiet", "is in UTC: time_zone is not set", 'time_zone = "Europe/Madrid"')
    return Reader(
        zone=_zone(table),
        quiet=quiet or (),
        digest=read_digest(table) or _DEFAULT.digest,
        old_after=table.duration("old_after", _DEFAULT.old_after, _HOUR, 3650 * _DAY),
    )


def _zone(table: Table) -> str:
    name = table.text("time_zone", required="time_zone" in table, hint='time_zone = "Europe/Madrid"')
    if not name:
        return _DEFAULT.zone
    try:
        zone_of(name)
    except CalendarError as error:
        table.fault("time_zone", error.reason, error.hint)
        return _DEFAULT.zone
    return name


def read_quiet(table: Table) -> tuple[str, ...] | None:
    """The quiet hours of a table; () for "none", None if it says nothing."""
    value = table.values.get("quiet")
    if value is None:
        return None
    if value == "none" or value == []:
        return ()
    hint = Text('quiet = ["22:00-07:00"], or "none"')
    spans = (value,) if isinstance(value, str) else table.texts("quiet", required=True, hint=hint)
    before = len(table.reader.faults)
    for number, span in enumerate(spans):
        try:
            parse_span(span)
        except CalendarError as error:
            table.fault("quiet", error.reason, error.hint, item=None if isinstance(value, str) else number)
    if len(table.reader.faults) > before:
        return ()
    try:
        parse_quiet(spans)
    except CalendarError as error:
        table.fault("quiet", error.reason, error.hint)
    return spans


def read_digest(table: Table) -> str | None:
    """The schedule of the digest of a table; None if it says nothing."""
    text = table.text("digest", required="digest" in table, hint='digest = "daily 08:00"')
    if text is None:
        return None
    try:
        parse_schedule(text)
    except CalendarError as error:
        table.fault("digest", error.reason, error.hint)
        return None
    return " ".join(text.lower().replace(", ", ",").split())
