"""Every page of the console is among those that are looked at."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.routing import Match, Route

from pipeline.console.api.table import routes as api_routes
from pipeline.console.routes import ROUTES
from scripts.console_pages import LOOKS

#: Answers that are no page: parts of one, files, feeds, and data.
NO_PAGES = {
    "article.record", "search.complete", "search.export", "sources.opml", "live", "static",
}  # fmt: skip
#: Pages that a form leads to, and by which look they are shown.
AFTER_FORMS = {"rules.tried": "trial", "sources.look": "source-preview", "sources.load": "source-opml"}


def _named(path: str) -> str | None:
    """The route that answers a path of a look, whatever ids it has."""
    scope = {"type": "http", "method": "GET", "path": urlsplit(path).path.replace("{", "").replace("}", "")}
    for route in [*ROUTES, *api_routes()]:
        if route.matches(scope)[0] is Match.FULL:
            return route.name
    return None


def test_every_page_is_looked_at() -> None:
    pages = {
        route.name
        for route in [*ROUTES, *api_routes()]
        if isinstance(route, Route)
        and "GET" in (route.methods or ())
        and not route.path.startswith(("/api/", "/atom/"))
    }
    looked = {_named(look.path) for look in LOOKS.values()} | {*AFTER_FORMS}
    assert pages - NO_PAGES - looked == set()
    assert {*AFTER_FORMS.values()} <= {*LOOKS}
