"""Guards routes that change something: the token of the form, and the role of who sends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import wraps

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipeline.console.safety.access import FOR_ANYBODY, Access, Who
from pipeline.console.safety.tokens import FIELD, HEADER, is_token
from pipeline.console.sections import N_
from pipeline.stage import Unavailable

#: Gives a form back that was sent too late; `text`: what is wrong.
Return = Callable[[Request, str], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]
FIELDS, FILES, PART = 12_000, 2, 4_500_000  # of one form; bytes of one part


def guarded(endpoint: Endpoint, route: str, give_back: Return) -> Endpoint:
    """The endpoint of a POST route, for who may use it and sends a token of this session. Default: editors."""

    @wraps(endpoint)
    async def checked(request: Request) -> Response:
        try:
            if why := await _too_late(request, route):
                return await give_back(request, why)
            answer = await endpoint(request)
        finally:
            await request.close()  # files that were sent
        with suppress(Unavailable):  # so that the next page shows what was done
            await request.app.state.desk.follower.look()
        return answer

    return checked


async def _too_late(request: Request, route: str) -> str:
    """Why a form of before cannot be taken as it is, though its sender could send it again; "" if it can. Raises
    HTTPException for who may not use the route."""
    state = request.state
    who: Who | None = state.who
    access: Access = state.access
    if who is None and route not in FOR_ANYBODY:
        return N_("You were logged out before this was sent. Nothing is done yet: log in, then send it.")
    fits = is_token(request.headers.get(HEADER) or await _field(request), state.session.secret)
    if who and not access.may(who, route):
        raise HTTPException(403, N_("Only editors may do this; you may read."))
    if not fits and (who is None or route == "login.enter" or HEADER in request.headers):
        raise HTTPException(403, N_("This form is too old: reload the page and send it again."))
    return "" if fits else N_("This form is from before a login. Nothing is done yet: look at it, then send it.")


async def form_of(request: Request) -> FormData:
    """The form of the request, within limits. Raises HTTPException for one that cannot be read."""
    return await request.form(max_files=FILES, max_fields=FIELDS, max_part_size=PART)


async def _field(request: Request) -> str:
    return str((await form_of(request)).get(FIELD, ""))
