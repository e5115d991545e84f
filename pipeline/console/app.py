"""Builds the web application: every route in one table, what stands before them, and the pages of errors."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from pipeline.console import errors, files
from pipeline.console.compression import compressed
from pipeline.console.desk import Desk
from pipeline.console.pages import settings, system, watch
from pipeline.console.rendering import Templates
from pipeline.console.safety.headers import safe_headers
from pipeline.stage import Unavailable


def routes() -> list[Route]:
    """Every page, by its name. A route that changes something takes POST alone."""
    return [
        Route("/system", system.show, name="system"),
        Route("/watch", watch.show, name="watch"),
        Route("/settings", settings.show, name="settings"),
        Route("/settings", settings.save, name="settings.save", methods=["POST"]),
        Route("/static/{hash}/{name:path}", _file, name="static"),
    ]


def build(desk: Desk) -> ASGIApp:
    """The console, which reads from the desk."""
    table = routes()
    names = frozenset(route.name for route in table)
    static = files.read_files()
    templates = Templates(static, names)
    if "now" not in names:
        table.append(Route("/", _first, name="first"))
    handlers = {HTTPException: errors.refused, Unavailable: errors.unavailable, Exception: errors.failed}
    app = Starlette(routes=table, exception_handlers=handlers)  # type: ignore[arg-type]
    app.state.desk, app.state.templates, app.state.files = desk, templates, static
    return _behind(app, [safe_headers, compressed])


def _behind(app: ASGIApp, layers: Sequence[object]) -> ASGIApp:
    """The application behind the layers, the first of which sees a request first."""
    for layer in reversed(layers):
        app = layer(app)  # type: ignore[operator]
    return app


async def _file(request: Request) -> Response:
    return files.answer(request, request.app.state.files)


async def _first(request: Request) -> Response:
    templates: Templates = request.app.state.templates
    return RedirectResponse(templates.sections[0].path, 303)
