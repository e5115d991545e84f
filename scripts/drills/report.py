"""The results of the drills as a Markdown table for docs/reliability.md."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.drills.drill import Result

COLUMNS = (
    "drill",
    "articles",
    "lost",
    "doubled",
    "in `status` after",
    "at `/health` after",
    "works after",
    "clear after",
)


def table(results: Sequence[Result]) -> str:
    """One row for each drill; what it missed below."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    for one in results:
        times = [_seconds(value) for value in (one.in_status, one.in_health, one.working, one.clear)]
        lines.append(f"| {' | '.join([one.title, str(one.articles), str(one.lost), str(one.doubled), *times])} |")
    total = [sum(getattr(one, name) for one in results) for name in ("articles", "lost", "doubled")]
    lines.append(f"| {len(results)} drills | {' | '.join(f'{number:,}' for number in total)} | | | | |")
    missed = [f"- {one.name}: {fault}" for one in results for fault in one.faults]
    return "\n".join([*lines, "", *(["Missed:", "", *missed] if missed else ["Every aim was reached."])])


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"
