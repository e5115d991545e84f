"""A histogram over time whose columns are links that narrow the view down.

The picture is for those who see it and point at it; the same numbers and links stand in a table (the template shows it
folded), which keyboard and screen reader use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDE, HIGH = 960, 96  # units of the picture, which is stretched to its place

_PICTURE = Markup(
    '<svg class="histogram" aria-hidden="true" focusable="false" viewBox="0 0 {} {}" preserveAspectRatio="none">{}'
    "</svg>"
)
_LINK = Markup('<a href="{}" tabindex="-1"><title>{}: {}</title>{}</a>')


@dataclass(frozen=True, slots=True)
class Column:
    """One interval. `label`: which; `href`: the view narrowed down to it."""

    label: str
    count: int
    href: str


def histogram(columns: Sequence[Column]) -> Markup:
    """The picture."""
    most = max((column.count for column in columns), default=0)
    step = WIDE / max(1, len(columns))
    drawn = Markup("").join(_drawn(n, column, most, step) for n, column in enumerate(columns))
    return _PICTURE.format(WIDE, HIGH, drawn)


def _drawn(n: int, column: Column, most: int, step: float) -> Markup:
    high = max(3.0, HIGH * column.count / most) if column.count else 1.0
    x, wide = round(n * step, 2), round(step, 2)
    kind = "some" if column.count else "none"
    shape = (  # numbers only
        f'<rect class="reach" x="{x}" y="0" width="{wide}" height="{HIGH}"/><rect class="{kind}" x="{x}" '
        f'y="{round(HIGH - high, 2)}" width="{round(step * 0.84, 2)}" height="{round(high, 2)}"/>'
    )
    return _LINK.format(column.href, column.label, column.count, Markup(shape))
