"""The page System: what is wrong, the stages and how far behind they are, processes, disk."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pipeline.console.rendering import desk_of, page


async def show(request: Request) -> Response:
    """What `almenara status` reports."""
    report = await desk_of(request).status()
    return page(request, "system.html", {"report": report, "steps": _steps(report)})


def _steps(report: dict[str, Any]) -> list[dict[str, Any]]:
    """A row per stage, or per consumer group on a broker."""
    rows = report.get("stages") or report.get("groups") or {}
    return [{"name": name, "outcomes": {}, "workers": {}, **row} for name, row in rows.items()]
