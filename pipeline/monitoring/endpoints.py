"""The HTTP endpoints: /health/live, /health/ready and /metrics. They only read, and name no secrets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline import __version__
from pipeline.monitoring.metrics import Metrics
from pipeline.monitoring.readiness import advice, not_ready
from pipeline.monitoring.state import State
from pipeline.ports import Clock
from pipeline.records import Problem

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def endpoints(state: State, metrics: Metrics, clock: Clock) -> Starlette:
    """The application. Other methods than GET and HEAD get 405, other paths 404."""

    async def live(_: Request) -> Response:
        return JSONResponse({"live": True}, headers=HEADERS)

    async def ready(_: Request) -> Response:
        problems = not_ready(state, clock())
        return JSONResponse(report(state, problems), status_code=503 if problems else 200, headers=HEADERS)

    async def metrics_text(_: Request) -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST, headers=HEADERS)

    routes: dict[str, Callable[[Request], Awaitable[Response]]] = {
        "/health/live": live, "/health/ready": ready, "/metrics": metrics_text,
    }  # fmt: skip
    return Starlette(routes=[Route(path, answer, methods=["GET"]) for path, answer in routes.items()])


def report(state: State, problems: tuple[Problem, ...]) -> dict[str, Any]:
    """The answer of /health/ready. `not_ready`, `advice`: part, state, why, since and next_try (ISO 8601) of each."""
    return {
        "ready": not problems, "not_ready": [*map(_shown, problems)], "advice": [*map(_shown, advice(state))],
        "instance": state.instance, "stages": list(state.stages), "version": __version__,
        "configuration": state.configuration(), "started": _iso(state.started),
    }  # fmt: skip


def _shown(problem: Problem) -> dict[str, str | None]:
    return {
        "part": problem.part, "state": problem.state, "why": problem.why, "since": _iso(problem.since),
        "next_try": _iso(problem.next_try),
    }  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
