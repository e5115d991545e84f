"""Forms that were sent after the session had ended, or with the token of another one: given back, so that none is lost.

Whoever wrote one logs in, looks at it, and sends it again.
"""

from __future__ import annotations

import json

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pipeline.console.rendering import page, reader_for
from pipeline.console.safety.forms import form_of
from pipeline.console.safety.gate import local_path
from pipeline.console.safety.tokens import FIELD, HEADER
from pipeline.console.sections import N_

LONGEST = 200_000  # characters of a form that is given back

Fields = list[tuple[str, str]]


async def give_back(request: Request, why: str) -> Response:
    """The form, to look at and to send again; to who is logged out the login, with the form in it."""
    reader = reader_for(request)
    if HEADER in request.headers or "hx-request" in request.headers:
        return PlainTextResponse("log in first", 401)
    form = await form_of(request)
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != FIELD]
    files = any(isinstance(value, UploadFile) for _, value in form.multi_items())
    if files or sum(len(name) + len(value) for name, value in fields) > LONGEST:
        raise HTTPException(
            403, N_("This was sent after the end of a session: log in, go back, reload the page, and send it again.")
        )
    if request.state.who is None:
        kept = json.dumps([local_path(request.url.path), fields])
        values = {"goal": "/", "wrong": False, "name": "", "kept": kept, "late": reader.gettext(why)}
        return page(request, "login.html", values, 401)
    return shown(request, request.url.path, fields, reader.gettext(why), 403)


def shown(request: Request, path: str, fields: Fields, why: str, status: int = 200) -> Response:
    """The page on which a form is sent again."""
    return page(request, "late_form.html", {"path": path, "fields": fields, "why": why}, status)


def kept_in(form: FormData) -> tuple[str, Fields] | None:
    """The form that a login form carries: its path, and its fields."""
    try:
        path, fields = json.loads(str(form.get("kept", ""))[: 2 * LONGEST])
        return local_path(str(path)), [(str(name), str(value)) for name, value in fields]
    except (ValueError, TypeError):
        return None
