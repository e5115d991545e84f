"""The pages for what went wrong: each says what it means and what to do next."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipeline.console.api.problem import is_for_programs, problem
from pipeline.console.rendering import page, reader_for
from pipeline.console.sections import N_
from pipeline.core.wording import words_of

logger = structlog.get_logger("almenara")

#: Status -> what it means, and what to do.
MEANINGS = {
    400: (N_("This request cannot be understood"), N_("Go back and try again.")),
    403: (N_("You may not do this"), N_("Ask an editor, or reload the page and try again.")),
    404: (N_("There is nothing at this address"), N_("It may have been deleted. Look for it with the search.")),
    405: (N_("This address does not take such requests"), N_("Go back and use the form on the page.")),
    409: (N_("This cannot be done as things are now"), N_("Look at them again, then try again.")),
    410: (N_("This is over"), N_("Nothing was done. See the alert in the console.")),
    413: (N_("That is too large"), N_("Send less at once.")),
    429: (N_("Too many requests"), N_("Wait a minute, then try again.")),
    500: (N_("Something went wrong here"), N_("This is a fault of the program; the log of the daemon says more.")),
    503: (
        N_("Something that this page needs is unavailable"),
        N_("Almenara tries again by itself. See what is wrong on the page System."),
    ),
}


def error_page(request: Request, status: int, detail: str = "") -> Response:
    """The page for a status. `detail`: in words for people, already in their language."""
    reader = reader_for(request)
    title, advice = MEANINGS.get(status, MEANINGS[500 if status >= 500 else 400])
    if is_for_programs(request.url.path):
        known = reader.gettext(title) if status in MEANINGS else ""
        return problem(status, known, detail or (reader.gettext(advice) if status in MEANINGS else ""))
    values = {"status": status, "title": reader.gettext(title), "advice": reader.gettext(advice), "detail": detail}
    return page(request, "error.html", values, status)


async def refused(request: Request, error: HTTPException) -> Response:
    """A request that was refused or leads nowhere."""
    plain = "" if error.detail == HTTPStatus(error.status_code).phrase else error.detail
    answer = error_page(request, error.status_code, reader_for(request).said(plain) if plain else "")
    answer.headers.update(error.headers or {})
    return answer


async def nothing_yet(request: Request, error: Exception) -> Response:
    """Nothing was read so far, so there is nothing to show on a page of articles."""
    if is_for_programs(request.url.path):
        return await unavailable(request, error)
    return page(request, "nothing_yet.html")


async def unavailable(request: Request, error: Exception) -> Response:
    """Log, index or disk do not answer."""
    answer = error_page(request, 503, reader_for(request).said(words_of(error)))
    answer.headers["Retry-After"] = "5"
    return answer


async def left(_: Request, __: Exception) -> Response:
    """The client went away while it sent something: nobody reads this."""
    return Response(status_code=400)


async def failed(request: Request, error: Exception) -> Response:
    """A fault of the program: it is logged, and the daemon goes on."""
    logger.error("console failed", path=request.url.path, error=f"{type(error).__name__}: {error}", exc_info=error)
    return error_page(request, 500)
