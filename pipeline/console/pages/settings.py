"""How a reader wants the console: language, time zone, theme, keys. Kept in cookies of the browser."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.console.language import LANGUAGES
from pipeline.console.rendering import page
from pipeline.console.safety.forms import form_of

KEPT = 400 * 86400  # seconds; browsers keep no cookie longer
THEMES = ("auto", "light", "dark")


async def show(request: Request) -> Response:
    """The form."""
    return page(request, "settings.html", {"zones": _zones(), "saved": request.query_params.get("saved") == "1"})


async def save(request: Request) -> Response:
    """Keep what was chosen, and show the form again."""
    form = await form_of(request)
    chosen = {name: str(form.get(name, "")) for name in ("language", "zone", "theme")}
    chosen["keys"] = "on" if form.get("keys") else "off"
    allowed = {"language": LANGUAGES, "zone": _zones(), "theme": THEMES, "keys": ("on", "off")}
    answer = RedirectResponse("/settings?saved=1", 303)
    for name, value in chosen.items():
        if value in allowed[name]:
            secure = request.url.scheme == "https"
            answer.set_cookie(name, value, max_age=KEPT, secure=secure, samesite="lax")
    return answer


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"))
