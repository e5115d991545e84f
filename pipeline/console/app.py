"""Builds the web application: every route in one table, what stands before them, and the pages of errors."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.console import atom, errors, files
from pipeline.console.compression import compressed
from pipeline.console.desk import Desk, NothingYet
from pipeline.console.follow import Follower
from pipeline.console.live import live
from pipeline.console.pages import (
    act,
    add_source,
    alerts,
    article,
    kept,
    login,
    now,
    rules,
    search,
    settings,
    sources,
    story,
    system,
    topics,
    watch,
)
from pipeline.console.rendering import Templates
from pipeline.console.safety.access import Access
from pipeline.console.safety.forms import guarded
from pipeline.console.safety.gate import Gate
from pipeline.console.safety.headers import safe_headers
from pipeline.stage import Unavailable

FIRST = 10.0  # seconds that a request waits at the start, while the log is read


def routes() -> list[Route]:
    """Every page, by its name. A route that changes something takes POST alone."""
    return [
        Route("/", now.show, name="now"),
        Route("/views", kept.save, name="views.save", methods=["POST"]),
        Route("/views/remove", kept.remove, name="views.remove", methods=["POST"]),
        Route("/search", search.show, name="search"),
        Route("/search/complete", search.complete, name="search.complete"),
        Route("/search/export.{form}", search.export, name="search.export"),
        Route("/article/{article}/why", article.why, name="article.why"),
        Route("/article/{article}/record.json", article.record, name="article.record"),
        Route("/article/{article:path}", article.show, name="article"),
        Route("/story/{story}", story.show, name="story"),
        Route("/keep/{kind}/{id}", kept.mark, name="kept.mark", methods=["POST"]),
        Route("/story/{story}/split", story.split, name="story.split", methods=["POST"]),
        Route("/story/{story}/merge", story.merge, name="story.merge", methods=["POST"]),
        Route("/story/{story}/mute", story.mute, name="story.mute", methods=["POST"]),
        Route("/story/{story}/unmute", story.unmute, name="story.unmute", methods=["POST"]),
        Route("/system", system.show, name="system"),
        Route("/alerts", alerts.show, name="alerts"),
        Route("/alerts/mark", alerts.mark, name="alerts.mark", methods=["POST"]),
        Route("/alerts/mute", alerts.mute, name="alerts.mute", methods=["POST"]),
        Route("/alerts/unmute", alerts.unmute, name="alerts.unmute", methods=["POST"]),
        Route("/act/{signed}", act.show, name="act"),
        Route("/act/{signed}", act.do, name="act.do", methods=["POST"]),
        Route("/alerts/{alert}", alerts.show_one, name="alert"),
        Route("/alerts/{alert}/resend", alerts.resend, name="alert.resend", methods=["POST"]),
        Route("/rules", rules.show, name="rules"),
        Route("/rules/edit", rules.edit, name="rules.edit"),
        Route("/rules/edit", rules.save, name="rules.save", methods=["POST"]),
        Route("/rules/check", rules.check, name="rules.check", methods=["POST"]),
        Route("/rules/remove", rules.remove, name="rules.remove", methods=["POST"]),
        Route("/rules/backtest", rules.start_backtest, name="rules.try", methods=["POST"]),
        Route("/rules/backtest/{job}", rules.backtest, name="rules.tried"),
        Route("/rules/channels/{channel}/test", rules.channel_test, name="channel.test", methods=["POST"]),
        Route("/watch", watch.show, name="watch"),
        Route("/topics", topics.show, name="topics"),
        Route("/topics/{topic}", topics.show_one, name="topic"),
        Route("/system/configuration", system.show_configuration, name="configuration"),
        Route("/system/dead", system.show_dead, name="dead"),
        Route("/system/dead/{number:int}", system.show_one_dead, name="dead.one"),
        Route("/system/dead/replay", system.replay_dead, name="dead.replay", methods=["POST"]),
        Route("/system/audit", system.show_audit, name="audit"),
        Route("/sources", sources.show, name="sources"),
        Route("/sources/add", add_source.ask, name="sources.ask"),
        Route("/sources/look", add_source.look, name="sources.look", methods=["POST"]),
        Route("/sources/add", add_source.add, name="sources.add", methods=["POST"]),
        Route("/sources/opml", sources.export, name="sources.opml"),
        Route("/sources/opml", add_source.load, name="sources.load", methods=["POST"]),
        Route("/sources/{id}", sources.show_one, name="source"),
        Route("/sources/{id}/pause", sources.pause, name="sources.pause", methods=["POST"]),
        Route("/sources/{id}/resume", sources.resume, name="sources.resume", methods=["POST"]),
        Route("/sources/{id}/remove", sources.remove, name="sources.remove", methods=["POST"]),
        Route("/sources/{id}/edit", sources.edit, name="sources.edit", methods=["POST"]),
        Route("/settings", settings.show, name="settings"),
        Route("/settings", settings.save, name="settings.save", methods=["POST"]),
        Route("/login", login.show, name="login"),
        Route("/login", login.enter, name="login.enter", methods=["POST"]),
        Route("/logout", login.leave, name="logout", methods=["POST"]),
        *atom.routes(),
        Route("/live", live, name="live"),
        Route("/static/{hash}/{name:path}", _file, name="static"),
    ]


def build(desk: Desk, access: Access) -> ASGIApp:
    """The console, which reads from the desk, for those who have access."""
    table = [_guarded(route) for route in routes()]
    names = frozenset(route.name for route in table)
    static = files.read_files()
    templates = Templates(static, names)
    if "now" not in names:
        table.append(Route("/", _first, name="first"))
    handlers = {
        HTTPException: errors.refused, NothingYet: errors.nothing_yet, Unavailable: errors.unavailable,
        Exception: errors.failed,
    }  # fmt: skip
    app = Starlette(routes=table, exception_handlers=handlers)  # type: ignore[arg-type]
    app.state.desk, app.state.templates, app.state.files = desk, templates, static
    return safe_headers(Gate(_ready(compressed(app), desk.follower), access, desk.clock))


def _ready(app: ASGIApp, follower: Follower) -> ASGIApp:
    """The application, once the log has been read for the first time; notes what is known when a request comes."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(follower.caught_up.wait(), FIRST)
        scope.setdefault("state", {})["cursor"] = str(follower.news.cursor)
        await app(scope, receive, send)

    return handle


def _guarded(route: Route) -> Route:
    """The route, behind the check of forms if it takes other requests than GET."""
    if (route.methods or set()) <= {"GET", "HEAD"}:
        return route
    return Route(route.path, guarded(route.endpoint, route.name), name=route.name, methods=[*(route.methods or ())])


async def _file(request: Request) -> Response:
    return files.answer(request, request.app.state.files)


async def _first(request: Request) -> Response:
    templates: Templates = request.app.state.templates
    return RedirectResponse(templates.sections[0].path, 303)
