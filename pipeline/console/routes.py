"""Every page of the console, in one table."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.console import atom, files
from pipeline.console.live import live
from pipeline.console.pages import (
    act,
    add_source,
    alerts,
    article,
    kept,
    login,
    now,
    opml,
    rules,
    search,
    settings,
    source_settings,
    sources,
    story,
    system,
    topics,
    watch,
)


async def _file(request: Request) -> Response:
    return files.answer(request, request.app.state.files)


#: By name. A route that changes something takes POST alone, and is for editors unless safety/access.py says otherwise.
ROUTES = (
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
    Route("/alerts/resend", alerts.resend_all, name="alerts.resend", methods=["POST"]),
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
    Route("/sources/opml", opml.load, name="sources.load", methods=["POST"]),
    Route("/sources/opml/add", opml.add, name="sources.load.add", methods=["POST"]),
    Route("/sources/{id}", sources.show_one, name="source"),
    Route("/sources/{id}/pause", sources.pause, name="sources.pause", methods=["POST"]),
    Route("/sources/{id}/resume", sources.resume, name="sources.resume", methods=["POST"]),
    Route("/sources/{id}/remove", sources.remove, name="sources.remove", methods=["POST"]),
    Route("/sources/{id}/edit", source_settings.save, name="sources.edit", methods=["POST"]),
    Route("/sources/{id}/check", source_settings.check, name="sources.check", methods=["POST"]),
    Route("/settings", settings.show, name="settings"),
    Route("/settings", settings.save, name="settings.save", methods=["POST"]),
    Route("/login", login.show, name="login"),
    Route("/login", login.enter, name="login.enter", methods=["POST"]),
    Route("/logout", login.leave, name="logout", methods=["POST"]),
    *atom.routes(),
    Route("/live", live, name="live"),
    Route("/static/{hash}/{name:path}", _file, name="static"),
)
