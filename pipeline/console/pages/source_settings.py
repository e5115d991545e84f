"""The settings of a source: checked while one types, saved unless something is wrong with them."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.console.pages.sources import one_source
from pipeline.console.rendering import desk_of, page, person_of
from pipeline.console.safety.forms import form_of
from pipeline.console.sections import N_
from pipeline.console.source_form import SWITCHES, Draft, by_field, draft_from
from pipeline.core.faults import Fault, Faults
from pipeline.core.wording import words_of
from pipeline.records import Feed
from pipeline.requests.asking import Refused
from pipeline.requests.feed_settings import Changed, change, checked, revision

CHANGED = N_(
    "Somebody else changed this source since you opened this form. Compare with it as it is now, then save again."
)


async def check(request: Request) -> Response:
    """What is wrong with the settings of the form, by field; for a script, while one types."""
    draft, feed = draft_from(await form_of(request)), held(request, request.path_params["id"])
    faults = by_field(_faults(request, draft, feed))
    return page(request, "_source_faults.html", {"faults": faults, "names": (*draft.fields, *SWITCHES)})


async def save(request: Request) -> Response:
    """Change the settings, and lead back to the page; or the page with what is wrong beside the fields."""
    draft, desk, id = draft_from(await form_of(request)), desk_of(request), request.path_params["id"]
    settings, faults = draft.settings()
    if faults:
        return await one_source(request, draft, _faults(request, draft, held(request, id)), status=422)
    try:
        await change(desk.log, person_of(request), desk.clock(), id, settings, proxies_of(request), draft.seen)
    except Faults as error:
        return await one_source(request, draft, error.faults, status=422)
    except Changed:
        draft = Draft(draft.fields, draft.switches, revision(held(request, id)))
        return await one_source(request, draft, why=CHANGED, status=409)
    except Refused as error:
        raise HTTPException(404, words_of(error)) from None
    return RedirectResponse(f"{request.url.path.rpartition('/')[0]}?done=saved", 303)


def _faults(request: Request, draft: Draft, feed: Feed) -> tuple[Fault, ...]:
    settings, faults = draft.settings()
    try:
        checked(feed, settings, desk_of(request).follower.feeds.by_key, proxies_of(request))
    except Faults as error:
        return (*faults, *error.faults)
    return tuple(faults)


def held(request: Request, id: str) -> Feed:
    """The source as it is now. Raises HTTPException."""
    feed = desk_of(request).follower.feeds.by_key.get(id)
    if feed is None or feed.removed:
        raise HTTPException(404, N_("There is no source with this name; it may have been removed."))
    return feed


def proxies_of(request: Request) -> tuple[str, ...]:
    """The proxy of the settings."""
    return (desk_of(request).configuration().settings.fetch.proxy,)
