"""The page on which users log in, with limits on how often someone may try."""

from __future__ import annotations

from datetime import timedelta

import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.console.compression import TOKEN
from pipeline.console.desk import NOBODY
from pipeline.console.pages.late_form import kept_in, shown
from pipeline.console.rendering import desk_of, page, reader_for
from pipeline.console.safety.access import Access, Who
from pipeline.console.safety.forms import form_of
from pipeline.console.safety.gate import local_path, set_session, too_many
from pipeline.console.safety.sessions import Session
from pipeline.console.safety.tokens import new_token
from pipeline.console.safety.users import User
from pipeline.console.sections import N_
from pipeline.records import Kept
from pipeline.requests.asking import Person, publish
from pipeline.requests.kept import forget_before, keep

logger = structlog.get_logger("almenara")


async def show(request: Request) -> Response:
    """The form; who needs none goes on."""
    goal = local_path(request.query_params.get("next", "/"))
    if request.state.who is not None:
        return RedirectResponse(goal, 303)
    return page(request, "login.html", {"goal": goal, "wrong": False, "name": "", "kept": "", "late": ""})


async def enter(request: Request) -> Response:
    """Log in, or show the form again without saying what was wrong with name or password."""
    form, desk = await form_of(request), desk_of(request)
    access: Access = request.state.access
    name, goal = str(form.get("name", ""))[:100].strip(), local_path(str(form.get("next", "/")))
    now = desk.clock()
    for limited in (f"from {request.state.peer}", f"as {name.lower()}"):
        if wait := access.logins.wait(limited, now):
            logger.warning("logins limited", name=name, peer=request.state.peer)
            return too_many(wait)
    user = await access.users.check(name, str(form.get("password", "")))
    if user is None:
        values = {"goal": goal, "wrong": True, "name": name, "kept": str(form.get("kept", "")), "late": ""}
        return page(request, "login.html", values, 401)
    await publish(desk.log, Person(user.name, "console"), now, "login", [request.state.peer], [])
    session = access.sessions.new(now, user.name, user.seal)
    answer = _goes_on(request, goal, form, user, session)
    set_session(answer, request.scope, access, session)
    return answer


def _goes_on(request: Request, goal: str, form: FormData, user: User, session: Session) -> Response:
    """Where who asked to log in wanted to go; or the form that was sent without a login, with a token of the new
    session."""
    kept = kept_in(form)
    if kept is None:
        return RedirectResponse(goal, 303)
    request.state.who = Who(user.name, user.role, "session")
    request.scope[TOKEN] = new_token(session.secret)
    why = reader_for(request).gettext(N_("This was not sent yet: look at it, then send it."))
    return shown(request, *kept, why)


async def leave(request: Request) -> Response:
    """End the session, for all who have its cookie, in every console on this log."""
    access: Access = request.state.access
    desk, session = desk_of(request), request.state.session
    now = desk.clock()
    if session.user:
        await forget_before(desk.log, desk.kept, NOBODY, "ended", now - timedelta(seconds=access.sessions.lasting))
        await keep(desk.log, desk.kept, Kept(user=NOBODY, kind="ended", id=session.id, at=now))
    answer = RedirectResponse("/login", 303)
    set_session(answer, request.scope, access, access.sessions.new(now))
    return answer
