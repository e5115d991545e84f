"""Small charts beside text: a sparkline of counts over time, and a bar for a share."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

HIGH = 20  # pixels
STEP, GAP = 4, 1  # pixels of a column, and of the gap after it

_SPARK = Markup(
    '<svg class="spark" role="img" viewBox="0 0 {} {}" width="{}" height="{}" aria-label="{}"><title>{}</title>{}</svg>'
)
_COLUMN = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>')
_BAR = Markup(
    '<svg class="share" aria-hidden="true" viewBox="0 0 100 4" preserveAspectRatio="none">'
    '<rect width="{}" height="4"/></svg>'
)


def sparkline(counts: Sequence[int], label: str) -> Markup:
    """A column for each of the counts, the newest at the right. `label` says in words what it shows."""
    most = max(counts, default=0)
    columns = Markup("").join(_column(n, count, most) for n, count in enumerate(counts))
    wide = max(1, len(counts)) * STEP
    return _SPARK.format(wide, HIGH, wide, HIGH, label, label, columns)


def _column(n: int, count: int, most: int) -> Markup:
    """A count of 0 is a line, so that pauses can be seen."""
    high = max(2, round(HIGH * count / most)) if count > 0 else 1
    return _COLUMN.format("some" if count > 0 else "none", n * STEP, HIGH - high, STEP - GAP, high)


def share(part: int, whole: int) -> Markup:
    """A bar that is as long as `part` of `whole`; the number stands beside it."""
    return _BAR.format(round(100 * max(0, min(part, whole)) / whole, 1) if whole > 0 else 0)
