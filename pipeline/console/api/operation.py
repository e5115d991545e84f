"""An operation of the API: what it takes and answers, and the route that checks the one and writes the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from msgspec import Meta
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.config.edit_rules import Conflict
from pipeline.console.api.problem import PATH, problem
from pipeline.console.desk import Desk
from pipeline.console.rendering import desk_of
from pipeline.console.safety.access import Who
from pipeline.console.safety.tokens import HEADER, is_token
from pipeline.console.sections import N_
from pipeline.core.faults import Fault, Faults
from pipeline.requests.asking import Person, Refused
from pipeline.requests.feed_settings import Changed
from pipeline.stage import Unavailable

MOST = 100  # things on one page
LAST = 200  # page
LONGEST_ID = 2_000  # characters
JSON = "application/json"

Id = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]
Page = Annotated[int, Meta(ge=1, le=LAST, description="from 1 on")]
Limit = Annotated[int, Meta(ge=1, le=MOST, description="things on a page")]


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operation takes behind `?`."""


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operation takes as JSON."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation answers, as JSON."""


class Nothing(Body, frozen=True, kw_only=True):
    """No values: an empty object."""


class Accepted(Answer, frozen=True, kw_only=True):
    """The request is on the log; the stage that owns it does it within seconds while it runs."""

    about: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to an operation, read and checked. `path`: what its address names."""

    request: Request
    path: dict[str, str]
    query: Any
    body: Any

    @property
    def desk(self) -> Desk:
        return desk_of(self.request)

    @property
    def person(self) -> Person:
        """Who asks, for the audit."""
        who: Who = self.request.state.who
        return Person(who.name, "api")

    def next_page(self, total: int) -> str | None:
        """The address of the page after this one, of a list with pages; None at its end."""
        page, limit = int(self.query.page), int(self.query.limit)
        if page * limit >= total or page >= LAST:
            return None
        others = [pair for pair in self.request.query_params.multi_items() if pair[0] != "page"]
        return f"{self.request.url.path}?{urlencode([*others, ('page', page + 1)])}"


Run = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True)
class Operation:
    """One line of a table. `path`: below /api/v1; `path_words`: what the names in it mean. `editors`: only they may.
    `status`: of an answer; 202 for what a stage is asked to do. `media`: types of an answer that is no JSON."""

    id: str
    method: Literal["GET", "POST"]
    path: str
    summary: str
    run: Run
    answer: Any
    query: type[Parameters] = Parameters
    body: type[Body] | None = None
    editors: bool = False
    status: int = 200
    media: tuple[str, ...] = (JSON,)
    path_words: dict[str, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """The part of the API that it belongs to."""
        return self.id.partition(".")[0]

    def route(self) -> Route:
        """The route, which reads, checks and answers."""
        return Route(PATH + self.path, self._answer, name=f"api.{self.id}", methods=[self.method])

    async def _answer(self, request: Request) -> Response:
        if self.method == "POST":
            check_sender(request, self.editors)
        body = _body(self.body, await request.body()) if self.body else None
        call = Call(request, _path(request), _query(self.query, request), body)
        try:
            found = await self.run(call)
        except Faults as error:
            return problem(422, detail="; ".join(map(_said, error.faults)), faults=error.faults)
        except (Conflict, Changed) as error:
            return problem(409, detail=str(error))
        except Refused as error:
            raise HTTPException(422, str(error)) from error
        if isinstance(found, Response):
            return found
        if self.method == "POST":
            with suppress(Unavailable):  # so that the next request sees what was done
                await call.desk.follower.look()
        return Response(msgspec.json.encode(found, enc_hook=str), self.status, media_type=JSON)


def _said(fault: Fault) -> str:
    return f"{fault.key}: {fault.reason}" if fault.key else fault.reason


def check_sender(request: Request, editors: bool) -> None:
    """Refuse what may come from a page of another site, and what only editors may do. Raises HTTPException.

    No form can send JSON, and no script of another site may without asking first, which nothing here allows. Who is
    known by a cookie or by a proxy, as browsers are, also shows the token of the session.
    """
    who: Who = request.state.who
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise HTTPException(415, N_("Send JSON, with Content-Type: application/json."))
    known_to_browser = who.by in ("session", "proxy")
    if known_to_browser and not is_token(request.headers.get(HEADER, ""), request.state.session.secret):
        raise HTTPException(403, N_("Send the token of the session as X-Token, or use a token for programs."))
    if editors and who.role != "editor":
        raise HTTPException(403, N_("Only editors may do this; you may read."))


def _path(request: Request) -> dict[str, str]:
    found = {name: str(value) for name, value in request.path_params.items()}
    if any(len(value) > LONGEST_ID for value in found.values()):
        raise HTTPException(404, N_("There is nothing with such a long id."))
    return found


def _query(kind: type[Parameters], request: Request) -> Parameters:
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        given.setdefault(name, []).append(value)
    lists = {one.encode_name for one in msgspec.structs.fields(kind) if one.default == ()}
    if repeated := [name for name, values in given.items() if len(values) > 1 and name not in lists]:
        raise HTTPException(400, f"{repeated[0][:100]} is given several times")
    values = {name: some if name in lists else some[0] for name, some in given.items()}
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise HTTPException(400, str(error)) from error


def _body(kind: type[Body], sent: bytes) -> Body:
    try:
        return msgspec.json.decode(sent or b"{}", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise HTTPException(400, str(error)) from error
