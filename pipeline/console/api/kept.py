"""The API of what a reader keeps: stories followed, stars, read marks, saved views."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta
from starlette.exceptions import HTTPException

from pipeline.console.api.operation import Answer, Body, Call, Nothing, Operation
from pipeline.console.pages.kept import MARKS, save_view, set_mark
from pipeline.console.sections import N_
from pipeline.records import Kept
from pipeline.requests.kept import forget


class Keeps(Answer, frozen=True, kw_only=True):
    """What the user keeps, by kind, in the order in which it was kept."""

    view: tuple[Kept, ...]
    follow: tuple[Kept, ...]
    star: tuple[Kept, ...]
    read: tuple[Kept, ...]


class Keep(Body, frozen=True, kw_only=True):
    """Whether to keep it, or no longer."""

    on: bool = True


class Done(Answer, frozen=True, kw_only=True):
    """How it is now."""

    kind: Literal["follow", "star", "read", "view"]
    id: str
    on: bool


class SavedView(Body, frozen=True, kw_only=True):
    """A view: its address in this console, such as /search?q=port, and how to call it."""

    address: Annotated[str, Meta(max_length=8_000)]
    title: Annotated[str, Meta(min_length=1, max_length=200)]


async def listed(call: Call) -> Keeps:
    """What the user keeps."""
    kept, name = call.desk.kept, call.person.name
    found = {kind: tuple(kept.of(name, kind).values()) for kind in ("view", "follow", "star", "read")}
    return Keeps(view=found["view"], follow=found["follow"], star=found["star"], read=found["read"])


async def mark(call: Call) -> Done:
    """Follow a story, star or read it or an article, or no longer."""
    desk, name, id = call.desk, call.person.name, call.path["id"]
    kind = MARKS.get(call.path["kind"])
    if kind is None:
        raise HTTPException(404, N_("Things are kept as follow, star or read."))
    await set_mark(desk, name, kind, id, call.body.on)
    return Done(kind=kind, id=id, on=call.body.on)


async def save(call: Call) -> Kept:
    """Save a view under a name."""
    return await save_view(call.desk, call.person.name, call.body.address, call.body.title)


async def remove(call: Call) -> Done:
    """Forget a saved view."""
    desk, name, id = call.desk, call.person.name, call.path["view"]
    if not desk.kept.has(name, "view", id):
        raise HTTPException(404, N_("You keep no such view."))
    await forget(desk.log, desk.kept, name, "view", id)
    return Done(kind="view", id=id, on=False)


OPERATIONS = (
    Operation("kept.list", "GET", "/kept", "What you keep", listed, Keeps),
    Operation("kept.mark", "POST", "/kept/{kind}/{id}", "Follow, star or mark as read, or no longer", mark, Done,
              body=Keep, path_words={"kind": "follow (a story), star or read", "id": "id of a story or article"}),
    Operation("kept.save", "POST", "/kept/views", "Save a view under a name", save, Kept, body=SavedView),
    Operation("kept.remove", "POST", "/kept/views/{view}/remove", "Forget a saved view", remove, Done, body=Nothing,
              path_words={"view": "id of a saved view"}),
)  # fmt: skip
