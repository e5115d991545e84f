"""What readers keep for themselves: saved views, stories they follow, stars, read marks."""

from __future__ import annotations

import hashlib
from typing import Literal, get_args
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.console.desk import Desk
from pipeline.console.rendering import desk_of, is_fragment, page, person_of
from pipeline.console.safety.forms import form_of
from pipeline.console.safety.gate import local_path
from pipeline.console.views.kinds import NOW, SEARCH
from pipeline.console.views.view import View, parse
from pipeline.core.wording import words_of
from pipeline.ports import Index
from pipeline.records import Kept
from pipeline.requests.asking import Refused
from pipeline.requests.kept import forget, keep

Mark = Literal["follow", "star", "read"]
MARKS: dict[str, Mark] = {kind: kind for kind in get_args(Mark)}
KINDS = {kind.path: kind for kind in (NOW, SEARCH)}


async def save(request: Request) -> Response:
    """Save a view under a name. The same view saved again only gets another name."""
    form, desk = await form_of(request), desk_of(request)
    try:
        kept = await save_view(desk, person_of(request).name, str(form.get("view", "")), str(form.get("title", "")))
    except Refused as error:
        raise HTTPException(400, words_of(error)) from error
    return RedirectResponse(kept.value, 303)


async def save_view(desk: Desk, user: str, address: str, title: str) -> Kept:
    """Save the view at an address of this console under a name. Raises Refused, Unavailable."""
    view = view_at(address)
    if view is None:
        raise Refused("this is no view: give the address of one of the lists Now and Search, such as /search?q=port")
    url = view.on_page(1).url
    id = hashlib.sha256(url.encode()).hexdigest()[:16]
    kept = Kept(user=user, kind="view", id=id, at=desk.clock(), title=title, value=url)
    return await keep(desk.log, desk.kept, kept)


async def remove(request: Request) -> Response:
    """Forget a saved view."""
    form, desk, user = await form_of(request), desk_of(request), person_of(request).name
    id = str(form.get("id", ""))
    kept = desk.kept.of(user, "view").get(id)
    if kept is not None:
        await forget(desk.log, desk.kept, user, "view", id)
    return RedirectResponse(local_path(kept.value) if kept else "/", 303)


async def mark(request: Request) -> Response:
    """Follow a story, star or read it or an article, or do so no longer. A script gets the button as it is then."""
    form, desk, user = await form_of(request), desk_of(request), person_of(request).name
    kind, id = str(request.path_params["kind"]), str(request.path_params["id"])
    back, on = local_path(str(form.get("back", "/"))), form.get("on") != "0"
    if kind not in MARKS:
        raise HTTPException(404)
    try:
        await set_mark(desk, user, MARKS[kind], id, on)
    except Refused as error:
        raise HTTPException(400, words_of(error)) from error
    if is_fragment(request):
        return page(request, "_kept.html", {"kind": kind, "id": id, "on": on, "back": back})
    return RedirectResponse(back, 303)


async def set_mark(desk: Desk, user: str, kind: Mark, id: str, on: bool) -> None:
    """Keep the story or article for the user, or no longer. Raises HTTPException if it does not exist, Refused,
    Unavailable."""
    if on:
        title = await _title(await desk.index(), kind, id)
        await keep(desk.log, desk.kept, Kept(user=user, kind=kind, id=id, at=desk.clock(), title=title))
    elif id in desk.kept.of(user, kind):
        await forget(desk.log, desk.kept, user, kind, id)


async def _title(index: Index, kind: str, id: str) -> str:
    """The headline of the story or article. Raises HTTPException if it does not exist, Unavailable."""
    if story := (await index.get_stories([id])).get(id):
        return story.title
    document = await index.get(id) if kind != "follow" else None
    if document is None:
        raise HTTPException(404)
    return document.article.title.value


def keeping(desk: Desk, user: str) -> dict[str, dict[str, Kept]]:
    """By kind, what the user keeps of stories and articles."""
    return {kind: desk.kept.of(user, kind) for kind in MARKS}


def view_at(address: str) -> View | None:
    """The view at an address of this console; None if there is no list."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    kind = None if parts.scheme or parts.netloc else KINDS.get(parts.path)
    return parse(kind, parse_qsl(parts.query[:8000], keep_blank_values=True, max_num_fields=500)) if kind else None
