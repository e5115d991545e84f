"""Counts over time as columns. The server draws them, so that a page is complete without scripts and in print; where
scripts run, static/plots.js draws the same numbers once more, so that they can be read off."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from pipeline.console.language import Reader

WIDE, HIGH = 960, 120  # units of the picture, which is stretched to its place
MOST = 2  # series: console.css has as many colours
_LEAST = 2.0  # units of a column with a count, so that it can be seen
_WIDTHS = (0.84, 0.5)  # of a series, as parts of a step: a later one stands in front of the one before
_DAY = timedelta(days=1)

_PICTURE = Markup(
    '<svg class="chart columns" aria-hidden="true" focusable="false" viewBox="0 0 {} {}" preserveAspectRatio="none">{}'
    "</svg>"
)
_STEP = Markup("<g><title>{}: {}</title>{}</g>")
_COLUMN = Markup('<rect class="bar series-{}" x="{}" y="{}" width="{}" height="{}"/>')


@dataclass(frozen=True, slots=True)
class Plot:
    """`begins`: of each step of time, the oldest first, all as long as `step`. `series`: what is counted, each with a
    count for each step."""

    begins: Sequence[datetime]
    step: timedelta
    series: Sequence[tuple[str, Sequence[int]]]

    @property
    def most(self) -> int:
        """The highest count."""
        return max((count for _, counts in self.series for count in counts), default=0)

    @property
    def data(self) -> str:
        """What plots.js draws, as JSON."""
        return json.dumps({
            "times": [int(begin.timestamp()) for begin in self.begins], "step": int(self.step.total_seconds()),
            "series": [{"label": label, "counts": [*counts]} for label, counts in self.series],
        })  # fmt: skip

    def label(self, begin: datetime, reader: Reader) -> str:
        """When a step is."""
        return reader.day(begin) if self.step >= _DAY else reader.moment(begin)

    def picture(self, reader: Reader) -> Markup:
        """The columns, as SVG."""
        return _PICTURE.format(WIDE, HIGH, Markup("").join(self._step(n, reader) for n in range(len(self.begins))))

    def _step(self, n: int, reader: Reader) -> Markup:
        counts = [series[n] for _, series in self.series]
        columns = Markup("").join(self._column(n, number, count) for number, count in enumerate(counts) if count)
        said = " / ".join(reader.number(count) for count in counts)
        return _STEP.format(self.label(self.begins[n], reader), said, columns)

    def _column(self, n: int, number: int, count: int) -> Markup:
        step, share = WIDE / len(self.begins), _WIDTHS[number]
        high = max(_LEAST, HIGH * count / self.most)
        left = (n + (1 - share) / 2) * step
        return _COLUMN.format(number + 1, round(left, 2), round(HIGH - high, 2), round(step * share, 2), round(high, 2))
