"""A small chart beside text: a sparkline of counts over time."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

HIGH = 20  # pixels
STEP, GAP = 4, 1  # pixels of a column, and of the gap after it

_SPARK = Markup(
    '<svg class="spark" role="img" viewBox="0 0 {} {}" width="{}" height="{}" aria-label="{}"><title>{}</title>'
    '<path class="some" d="{}"/><path class="none" d="{}"/></svg>'
)


def sparkline(counts: Sequence[int], label: str) -> Markup:
    """A column for each of the counts, the newest at the right. `label` says in words what it shows."""
    most = max(counts, default=0)
    some = "".join(_column(n, max(2, round(HIGH * count / most))) for n, count in enumerate(counts) if count > 0)
    none = "".join(_column(n, 1) for n, count in enumerate(counts) if count <= 0)  # a line, so that pauses can be seen
    wide = max(1, len(counts)) * STEP
    return _SPARK.format(wide, HIGH, wide, HIGH, label, label, some, none)


def _column(n: int, high: int) -> str:
    return f"M{n * STEP} {HIGH}v-{high}h{STEP - GAP}v{high}z"
