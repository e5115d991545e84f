"""Adding sources: the feeds at an address, each with what it is like, to choose from. Those of a file: opml.py."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.console.pages.sources import DONE, SourceWords
from pipeline.console.rendering import desk_of, page, person_of
from pipeline.console.safety.forms import form_of
from pipeline.console.sections import N_
from pipeline.core.feeds.changes import additions
from pipeline.core.feeds.discover import whole
from pipeline.core.wording import words_of
from pipeline.records import Feed
from pipeline.requests.asking import Refused
from pipeline.requests.feeds import Wish, adding, publish_plan

MOST = 40  # feeds that are added at once from an address


async def ask(request: Request) -> Response:
    """The form for an address; `url` may be given."""
    return page(request, "source_add.html", values_of(request, str(request.query_params.get("url", ""))[:2000]))


async def look(request: Request) -> Response:
    """What is at the address, to choose from."""
    form, desk = await form_of(request), desk_of(request)
    given = str(form.get("url", "")).strip()[:2000]
    try:
        address = whole(given)
        found = await desk.look(Wish().feed(address))
    except (ValueError, Refused) as error:
        return page(request, "source_add.html", values_of(request, given) | {"wrong": words_of(error)}, 400)
    except TimeoutError:
        return page(request, "source_add.html", values_of(request, given) | {"wrong": SLOW}, 504)
    polled = desk.follower.feeds.by_key
    feeds = [(seen, candidate, _held(polled, seen.url)) for seen, candidate in found.feeds]
    chosen = found.best()[:1] or found.feeds[:1]
    values = {"found": found, "feeds": feeds, "chosen": {seen.url for seen, _ in chosen}}
    return page(request, "source_add.html", values_of(request, given) | values)


async def add(request: Request) -> Response:
    """Add the feeds that were chosen."""
    form, desk = await form_of(request), desk_of(request)
    chosen = [str(one) for one in form.getlist("feed")][:MOST]
    if not chosen:
        raise HTTPException(400, N_("Choose at least one feed."))
    common = {name: str(form.get(name, "")).strip() or None for name in ("language", "country")}
    groups = tuple(part.strip() for part in str(form.get("groups", "")).split(",") if part.strip())
    try:
        feeds = [
            Wish(str(form.get(f"name {url}", "")).strip() or None, common["language"], common["country"], groups).feed(
                whole(url)
            )
            for url in chosen
        ]
        plan = await publish_plan(desk.log, person_of(request), desk.clock(), adding(feeds))
    except (Refused, ValueError) as error:
        raise HTTPException(400, words_of(error)) from None
    ids = [change.feed.id for change in plan.changes] or [kept.held.id for kept in plan.kept]
    return RedirectResponse(f"/sources/{ids[0]}?done=added" if len(ids) == 1 else "/sources?health=new", 303)


SLOW = N_("The site did not answer in time. Try again, or give the address of the feed itself.")


def values_of(request: Request, url: str) -> dict[str, object]:
    """What the page shows before anything was found."""
    none: Sequence[object] = ()
    return {
        "url": url,
        "wrong": "",
        "found": None,
        "feeds": none,
        "chosen": frozenset[str](),
        "done": DONE,
        "words": SourceWords(request),
        "wrong_file": "",
    }


def _held(polled: dict[str, Feed], url: str) -> Feed | None:
    """The feed that is read already at this address."""
    plan = additions(polled, [Feed(id="new", name="new", url=url)])
    return plan.kept[0].held if plan.kept else None
