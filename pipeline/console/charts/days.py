"""Two counts for each day as columns, one in front of the other; the same numbers stand in a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from pipeline.console.language import Reader

WIDE, HIGH = 960, 120  # units of the picture, which is stretched to its place

_PICTURE = Markup(
    '<svg class="chart days" aria-hidden="true" focusable="false" viewBox="0 0 {} {}" preserveAspectRatio="none">{}'
    "</svg>"
)
_DAY = Markup("<g><title>{}: {} / {}</title>{}{}</g>")
_COLUMN = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>')


def days_chart(days: Sequence[tuple[datetime, int, int]], reader: Reader) -> Markup:
    """A column for each day: its articles, and in front of them its messages."""
    most = max((max(articles, messages) for _, articles, messages in days), default=0)
    step = WIDE / max(1, len(days))

    def column(kind: str, n: int, count: int, share: float) -> Markup:
        high = max(2.0, HIGH * count / most) if count else 0.0
        place = (round((n + (1 - share) / 2) * step, 2), round(HIGH - high, 2), round(step * share, 2), round(high, 2))
        return _COLUMN.format(kind, *place)

    drawn = []
    for n, (day, articles, messages) in enumerate(days):
        both = column("bar", n, articles, 0.84), column("bar other", n, messages, 0.5)
        drawn.append(_DAY.format(reader.day(day), articles, messages, *both))
    return _PICTURE.format(WIDE, HIGH, Markup("").join(drawn))
