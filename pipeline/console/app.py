"""Builds the web application: the pages, what stands before them, and the pages of errors."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.console import errors, files
from pipeline.console.api.table import routes as api_routes
from pipeline.console.compression import compressed
from pipeline.console.desk import FIRST, Desk, NothingYet
from pipeline.console.pages.late_form import give_back
from pipeline.console.rendering import Templates
from pipeline.console.routes import ROUTES
from pipeline.console.safety.access import Access
from pipeline.console.safety.forms import guarded
from pipeline.console.safety.gate import Gate
from pipeline.console.safety.headers import safe_headers
from pipeline.stage import Unavailable


def build(desk: Desk, access: Access) -> ASGIApp:
    """The console, which reads from the desk, for those who have access."""
    table = [*(_guarded(route) for route in ROUTES), *api_routes()]  # the API has a check of its own
    names = frozenset(route.name for route in table)
    static = files.read_files()
    templates = Templates(static, names)
    handlers = {
        HTTPException: errors.refused, NothingYet: errors.nothing_yet, Unavailable: errors.unavailable,
        ClientDisconnect: errors.left,
        Exception: errors.failed,
    }  # fmt: skip
    app = Starlette(routes=table, exception_handlers=handlers)  # type: ignore[arg-type]
    app.state.desk, app.state.templates, app.state.files = desk, templates, static
    return safe_headers(Gate(_ready(compressed(app), desk), access, desk.clock, desk.ended))


def _ready(app: ASGIApp, desk: Desk) -> ASGIApp:
    """The application, once the log has been read for the first time; notes what is known when a request comes."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(desk.follower.caught_up.wait(), FIRST)
        await desk.turns.next()
        scope.setdefault("state", {})["cursor"] = str(desk.follower.news.cursor)
        await app(scope, receive, send)

    return handle


def _guarded(route: Route) -> Route:
    """The route, behind the check of forms if it takes other requests than GET."""
    if (route.methods or set()) <= {"GET", "HEAD"}:
        return route
    return Route(
        route.path, guarded(route.endpoint, route.name, give_back), name=route.name, methods=[*(route.methods or ())]
    )
