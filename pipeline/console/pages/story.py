"""The page of a story: its timeline, facts by outlet, places; and what people decide about it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.console import words
from pipeline.console.charts.places import Point, place_map
from pipeline.console.charts.plot import Plot
from pipeline.console.chips import shown
from pipeline.console.desk import Desk
from pipeline.console.pages.kept import keeping
from pipeline.console.rendering import desk_of, may_edit, page, person_of, reader_for, titles_of
from pipeline.console.safety.forms import form_of
from pipeline.console.sections import N_
from pipeline.core.wording import words_of
from pipeline.ports import Index
from pipeline.records import Mute, Story
from pipeline.reports.cards import card_of
from pipeline.reports.stories import find_story
from pipeline.reports.story_page import Named, fact_table, near, places_of, reports_of, with_versions
from pipeline.requests import alerts, stories
from pipeline.requests.asking import Refused
from pipeline.requests.names import names_of, severities_of

LONGEST_ID = 2_000
MUTES = {"1d": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
DONE = {
    "split": N_("The articles will be moved as soon as the stage relate has read the request."),
    "merge": N_("The stories will be merged as soon as the stage relate has read the request."),
    "mute": N_("Alerts about this story are muted as soon as the stage notify has read the request."),
    "unmute": N_("Alerts about this story are on again as soon as the stage notify has read the request."),
}  # fmt: skip


async def show(request: Request) -> Response:
    """The page. An id that was merged, and that of an article, lead to the story."""
    index = await desk_of(request).index()
    named = str(request.path_params["story"])
    story = await named_story(index, named)
    if story.id != named:
        return RedirectResponse(
            f"/story/{story.id}?was={named}" if named in story.merged else f"/story/{story.id}", 303
        )
    return page(request, "story.html", await _values(request, index, story))


async def named_story(index: Index, named: str) -> Story:
    """The story with this id, or with this article. Raises HTTPException if no story has it, Unavailable."""
    try:
        story = await find_story(index, named) if 0 < len(named) <= LONGEST_ID else None
    except ValueError:
        story = None
    if story is None:
        raise HTTPException(404, N_("There is no such story."))
    return story


async def _values(request: Request, index: Index, story: Story, error: str = "") -> dict[str, Any]:
    desk, user = desk_of(request), person_of(request).name
    now, in_force = desk.clock(), desk.configuration().alerts
    rules, severities = names_of(in_force), severities_of(in_force)
    places, reader = await places_of(index, story), reader_for(request)
    card = card_of(story, now, desk.matched.of(story), severities)
    reports = (reader.gettext("Reports"), card.curve.counts)
    return {
        "card": card, "story": story, "words": words,
        "growth": Plot(card.curve.begins, timedelta(hours=card.curve.hours), [reports]),
        "rules": rules, "shown": partial(shown, names={"rule": rules, "topic": titles_of(request)}, reader=reader),
        "reports": await with_versions(index, reports_of(story)), "table": fact_table(story.facts), "places": places,
        "map": _map(request, story, places), "others": await near(index, story) if may_edit(request) else [],
        "kept": keeping(desk, user), "here": f"/story/{story.id}", "muted": _muted(desk, story), "mutes": tuple(MUTES),
        "done": DONE.get(request.query_params.get("done", "")), "error": error,
        "was": "was" in request.query_params,
    }  # fmt: skip


def _muted(desk: Desk, story: Story) -> Mute | None:
    """The mute of the story that is in force."""
    ids, now = {story.id, *story.merged}, desk.clock()
    return next((one for one in desk.follower.mutes.by_key.values() if one.story in ids and one.until > now), None)


def _map(request: Request, story: Story, places: list[Named]) -> str:
    label = reader_for(request).gettext("Map of the places that the articles name")
    points = [Point(one.name, one.lat, one.lon, one.articles) for one in places]
    return place_map(points, label, shaded=story.countries[:3])


# -- what people decide


async def split(request: Request) -> Response:
    """Ask relate to take the chosen articles out of the story, to one of their own or to another."""
    form, desk = await form_of(request), desk_of(request)
    index = await desk.index()
    story = await named_story(index, str(request.path_params["story"]))
    into = str(form.get("into", "")).strip()
    chosen = [str(one) for one in form.getlist("article")]
    try:
        other = await named_story(index, into) if into else None
        await stories.split(desk.log, person_of(request), desk.clock(), story, chosen, other)
    except Refused as error:
        return page(request, "story.html", await _values(request, index, story, words_of(error)), 422)
    return RedirectResponse(f"/story/{story.id}?done=split", 303)


async def merge(request: Request) -> Response:
    """Ask relate to merge another story into this one."""
    form, desk = await form_of(request), desk_of(request)
    index = await desk.index()
    story = await named_story(index, str(request.path_params["story"]))
    try:
        other = await named_story(index, str(form.get("other", "")).strip())
        await stories.merge(desk.log, person_of(request), desk.clock(), other, story)
    except (Refused, HTTPException) as error:
        why = error.detail if isinstance(error, HTTPException) else words_of(error)
        return page(request, "story.html", await _values(request, index, story, why), 422)
    return RedirectResponse(f"/story/{story.id}?done=merge", 303)


async def mute(request: Request) -> Response:
    """Ask notify to report no alerts about the story for a time."""
    form, desk = await form_of(request), desk_of(request)
    index, now = await desk.index(), desk.clock()
    story = await named_story(index, str(request.path_params["story"]))
    lasting = MUTES.get(str(form.get("for", "")), MUTES["1d"])
    reason = " ".join(str(form.get("reason", "")).split())[:300]
    asked = Mute(id="", until=now + lasting, at=now, story=story.id, reason=reason)
    await alerts.mute(desk.log, person_of(request), asked)
    return RedirectResponse(f"/story/{story.id}?done=mute", 303)


async def unmute(request: Request) -> Response:
    """Ask notify to report alerts about the story again."""
    form, desk = await form_of(request), desk_of(request)
    story = str(request.path_params["story"])
    try:
        await alerts.unmute(desk.log, person_of(request), desk.clock(), str(form.get("id", "")), desk.ledger)
    except Refused as error:
        raise HTTPException(400, words_of(error)) from error
    return RedirectResponse(f"/story/{story}?done=unmute", 303)
