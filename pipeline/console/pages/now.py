"""The page Now: stories as cards, the most important or the newest first, with filters and saved views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pipeline.console import words
from pipeline.console.asked import Asked, asked_of
from pipeline.console.atom_links import feed_of
from pipeline.console.charts.spark import sparkline
from pipeline.console.chips import Choice, chips_of, choices_of, shown
from pipeline.console.desk import Desk
from pipeline.console.follow import Change, Cursor, stories_of
from pipeline.console.newly import Judge
from pipeline.console.pages.kept import keeping
from pipeline.console.rendering import desk_of, is_fragment, page, person_of, reader_for, titles_of
from pipeline.console.views.kinds import NOW
from pipeline.console.views.view import View, parse
from pipeline.core.documents.story_facets import STORY_FACETS
from pipeline.core.query.search import Search
from pipeline.ports import StoryList
from pipeline.records import Document, Story
from pipeline.reports.front import Front, Wanted, front, listed
from pipeline.requests.names import names_of, severities_of

PAGE = 30  # stories


@dataclass(frozen=True, slots=True)
class State:
    """What the address asks for, read."""

    view: View
    asked: Asked
    user: str


async def show(request: Request) -> Response:
    """The page; for a script only the cards, so that it can add more."""
    state = read(request)
    desk, found = desk_of(request), Front(0, ())
    severities = severities_of(desk.configuration().alerts)
    if state.asked.error is None:
        asked = wanted(request, state, tuple(STORY_FACETS), PAGE)
        index = await desk.index()
        found = await front(index, asked, desk.matched, severities, desk.clock())
        if not found.cards and not await index.count():
            return page(request, "nothing_yet.html")
    values = _values(request, state, found)
    return page(request, "_cards.html" if is_fragment(request) else "now.html", values)


def newly(request: Request, made: Cursor) -> Judge:
    """The stories that the view would list, changed since or matched by one of its rules since."""
    state, desk = read(request), desk_of(request)
    rules: dict[str, set[str]] = {}  # story -> rules that matched it since

    async def judge(documents: Sequence[Document], changes: Sequence[Change]) -> Mapping[str, bool]:
        if state.asked.error is not None:
            return {}
        for change in changes:
            if change.story and change.before is None and (alert := desk.ledger.alerts.get(change.id)):
                rules.setdefault(change.story, set()).add(alert.rule)
        ids = dict.fromkeys((*stories_of(documents), *(change.story for change in changes if change.story)))
        asked = wanted(request, state, (), 0)
        stories, shown = await listed(await desk.index(), asked, desk.matched, await desk.lookup(), ids)
        new = {story.id for story in shown if story.seq > made.seq or _matched_since(asked, story, rules)}
        return dict.fromkeys(ids, False) | {story.id: story.id in new for story in stories}

    return judge


def _matched_since(asked: Wanted, story: Story, rules: Mapping[str, set[str]]) -> bool:
    found = {rule for id in (story.id, *story.merged) for rule in rules.get(id, ())}
    return bool(found and asked.matched) or not found.isdisjoint(asked.rules)


def read(request: Request) -> State:
    """What the address asks for."""
    view = parse(NOW, request.query_params.multi_items(), reader_for(request).tz)
    return State(view, asked_of(view.query, desk_of(request)), person_of(request).name)


def wanted(request: Request, state: State, facets: tuple[str, ...], limit: int) -> Wanted:
    """The stories of the page that the view asks for, `limit` on each."""
    desk, view, chosen = desk_of(request), state.view, state.view.chosen
    now = desk.clock()
    stories = StoryList(
        since=view.start(now), sort="newest" if view.sort == "newest" else "importance", limit=limit,
        offset=(view.page - 1) * limit, where={name: some for name, some in chosen.items() if name in STORY_FACETS},
        having=("differs",) if "differs" in view.flags else (), independent=view.least, facets=facets,
    )  # fmt: skip
    followed = desk.kept.of(state.user, "follow") if "followed" in view.flags else None
    search = Search(state.asked.node, since=stories.since) if state.asked.node is not None else None
    return Wanted(stories, chosen.get("rule", ()), "matched" in view.flags, followed, search)


def _values(request: Request, state: State, found: Front) -> dict[str, Any]:
    desk, view, reader = desk_of(request), state.view, reader_for(request)
    rules = names_of(desk.configuration().alerts)
    names = {"rule": rules, "topic": titles_of(request)}
    ids = {card.story.id for card in found.cards}
    return {
        "view": view, "words": words, "shown": partial(shown, names=names, reader=reader), "sparkline": sparkline,
        "asked": state.asked, "found": found, "offset": (view.page - 1) * PAGE, "rules": rules,
        "more": view.on_page(view.page + 1) if view.page * PAGE < found.total and found.cards else None,
        "chips_in_force": chips_of(view, names, reader), "choices": _choices(desk, view, found, rules),
        "views": list(desk.kept.of(state.user, "view").values()), "kept": keeping(desk, state.user), "here": view.url,
        "muted": ids & {mute.story for mute in desk.follower.mutes.by_key.values() if mute.until > desk.clock()},
        "feed": "" if state.asked.error else feed_of("now", view.text),
    }  # fmt: skip


def _choices(desk: Desk, view: View, found: Front, rules: dict[str, str]) -> list[Choice]:
    matched = {key: n for key, n in desk.matched.counts(view.start(desk.clock())).items() if key in rules}
    return choices_of(view, {"rule": matched, **found.facets})
