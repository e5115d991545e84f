"""What every request passes before a page sees it: hosts, origins, rates, sessions."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.console.api.problem import is_for_programs, problem
from pipeline.console.compression import TOKEN
from pipeline.console.safety.access import Access
from pipeline.console.safety.hosts import is_foreign, is_known
from pipeline.console.safety.programs import sent_token
from pipeline.console.safety.sessions import NAME, RENEW, SAFE_NAME, Session
from pipeline.console.safety.tokens import new_token
from pipeline.ports import Clock
from pipeline.stage import Unavailable

PUBLIC = ("/login", "/static/", "/act/")  # without a login
PROGRAMS = ("/api/", "/atom/")  # where programs and readers of feeds send a token instead
LONGEST = 8_000  # characters of a query string
LARGEST = 5_000_000  # bytes of what is sent; an OPML file of thousands of feeds


@dataclass(frozen=True)
class Gate:
    """The gate before the application. `ended`: whether the user ended the session with this id; raises Unavailable."""

    app: ASGIApp
    access: Access
    clock: Clock
    ended: Callable[[str], Awaitable[bool]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        peer = _from(scope, headers, self.access)
        refusal = self._refusal(scope, headers)
        if refusal is None and scope["path"].startswith("/static/"):
            return await self.app(scope, receive, send)
        if refusal is not None:
            return await refusal(scope, receive, send)
        await self._known(scope, _limited(receive), send, headers, peer)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if not is_known(headers.get("host", ""), self.access.hosts):
            return _says(scope, 421, "this is not a name of this console: see [console] hosts")
        if is_foreign(scope["method"], headers, scope["scheme"]):
            return _says(scope, 403, "refused: a page of another site sent this")
        if self.access.through_proxy(headers):
            why = "refused: this comes through a proxy, but no users are set; see docs/console.md"
            return _says(scope, 403, why)
        if len(scope.get("query_string", b"")) > LONGEST:
            return _says(scope, 414, "the address is too long")
        length = headers.get("content-length", "0")
        return _says(scope, 413, "that is too large") if not length.isdigit() or int(length) > LARGEST else None

    async def _known(self, scope: Scope, receive: Receive, send: Send, headers: Headers, peer: str) -> None:
        now, access = self.clock(), self.access
        name = SAFE_NAME if scope["scheme"] == "https" else NAME
        held = cookie_parser(headers.get("cookie", "")).get(name, "")
        session = access.sessions.read(held, now) if held else None
        try:
            if session and session.user and await self.ended(session.id):
                session = None
            peer_itself = scope["client"][0] if scope["client"] else ""
            sent = sent_token(headers) if scope["path"].startswith(PROGRAMS) else None
            who = access.who(session, headers, peer_itself, sent)
        except Unavailable as error:
            return await _says(scope, 503, str(error))(scope, receive, send)
        if not access.open and (wait := access.requests.wait(who.name if who else f"from {peer}", now)):
            return await too_many(wait, scope)(scope, receive, send)
        form = scope["method"] == "POST" and not scope["path"].startswith(PROGRAMS)  # is given back by `guarded`
        if who is None and not form and not scope["path"].startswith(PUBLIC):
            return await _asks_login(scope, headers)(scope, receive, send)
        by_token = who is not None and who.by == "token"  # needs no cookie
        fresh = not by_token and (session is None or now.timestamp() - session.started > RENEW)
        session = session or access.sessions.new(now)
        if fresh:
            session = replace(session, started=now.timestamp())
        scope[TOKEN] = new_token(session.secret)
        state = scope.setdefault("state", {})
        state |= {"who": who, "session": session, "peer": peer, "access": access}
        await self.app(scope, receive, _with_cookie(send, scope, access.sessions.write(session)) if fresh else send)


def set_session(response: Response, scope: Scope, access: Access, session: Session) -> None:
    """Give the browser another session."""
    response.headers.append("set-cookie", _cookie(scope, access.sessions.write(session), access.sessions.lasting))


def too_many(wait: float, scope: Scope | None = None) -> Response:
    """The answer to who asks too often."""
    seconds = str(math.ceil(wait))
    return _says(scope or {}, 429, f"too many requests: try again in {seconds} seconds", {"Retry-After": seconds})


def _says(scope: Scope, status: int, why: str, headers: dict[str, str] | None = None) -> Response:
    """An answer in words; to a program as a problem."""
    if is_for_programs(scope.get("path", "")):
        return problem(status, "", why, headers)
    return PlainTextResponse(why, status, headers)


def local_path(address: str) -> str:
    """The address if it is a path of this console, else "/": a link must not lead a user elsewhere after a login."""
    safe = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if safe and "\\" not in address and len(address) < LONGEST else "/"


def _cookie(scope: Scope, value: str, lasting: float) -> str:
    secure, name = ("; Secure", SAFE_NAME) if scope["scheme"] == "https" else ("", NAME)
    return f"{name}={value}; Path=/; Max-Age={int(lasting)}; HttpOnly; SameSite=Lax{secure}"


def _with_cookie(send: Send, scope: Scope, value: str) -> Send:
    access: Access = scope["state"]["access"]

    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if "set-cookie" not in headers:  # unless the page set another session
                headers.append("set-cookie", _cookie(scope, value, access.sessions.lasting))
        await send(message)

    return add


def _asks_login(scope: Scope, headers: Headers) -> Response:
    readable = any(kind in headers.get("accept", "*/*") for kind in ("text/html", "*/*"))
    page = scope["method"] == "GET" and readable and "hx-request" not in headers
    if scope["path"].startswith(PROGRAMS):
        why = "send a token as HTTP Basic or Bearer: see docs/console.md, or `almenara users token --help`"
        return _says(scope, 401, why, {"WWW-Authenticate": 'Basic realm="Almenara", Bearer realm="Almenara"'})
    if not page:
        return PlainTextResponse("log in first", 401)
    query = scope["query_string"].decode("latin-1")
    here = scope["path"] + (f"?{query}" if query else "")
    return RedirectResponse(f"/login?next={quote(local_path(here), safe='')}" if here != "/" else "/login", 303)


def _from(scope: Scope, headers: Headers, access: Access) -> str:
    """The address of the client; behind a trusted proxy the last one that it names, and then also the scheme is set."""
    peer = scope["client"][0] if scope["client"] else ""
    if not access.proxy.trusts(peer):
        return peer
    if headers.get("x-forwarded-proto", "").rpartition(",")[2].strip() == "https":
        scope["scheme"] = "https"
    return headers.get("x-forwarded-for", "").rpartition(",")[2].strip() or peer


def _limited(receive: Receive) -> Receive:
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST:
            raise HTTPException(413)  # where a page reads what was sent
        return message

    return limited
