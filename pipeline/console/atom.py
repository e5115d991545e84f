"""The Atom feed (RFC 4287) of every view: stories, articles, alerts, authorisations.

A feed is read at the address of its view, below /atom. Ids of entries follow from what they are about, so that a reader
of feeds shows each once, whatever view it came with. Whether a feed changed is checked as for every page (ETag).
Entries are written in a thread, so that other readers do not wait for fifty of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.console import words
from pipeline.console.asked import Asked
from pipeline.console.chips import chips_of
from pipeline.console.pages import alerts as alerts_page
from pipeline.console.pages import now as now_page
from pipeline.console.pages import search as search_page
from pipeline.console.pages.topics import rule_of
from pipeline.console.pages.watch import EVENTS, LIFE, authorisations
from pipeline.console.rendering import Templates, desk_of, one_line, reader_for, title_of, titles_of
from pipeline.console.sections import N_
from pipeline.console.views.view import View
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.feeds.write_atom import Entry, feed_of
from pipeline.core.query.search import Search
from pipeline.core.query.sentence import sentence
from pipeline.core.query.tree import Equal, Node
from pipeline.core.stories.threads import Thread, to_watch
from pipeline.records import Alert, Document
from pipeline.reports.alert_stories import whys
from pipeline.reports.cards import Card
from pipeline.reports.fired import FiredAlert, Wanted, fired
from pipeline.reports.front import front
from pipeline.reports.stories import followed
from pipeline.requests.names import names_of, severities_of

MOST = 50  # entries of a feed
KEPT = timedelta(days=90)  # how far back the feed of a rule goes
QUIET = frozenset({"copy", "muted", "unchanged"})  # alerts that nobody was to hear of
TYPE = "application/atom+xml"


def routes() -> list[Route]:
    """Every feed, by its name."""
    return [
        Route("/atom/now", stories, name="atom.now"),
        Route("/atom/search", articles, name="atom.search"),
        Route("/atom/alerts", alerts, name="atom.alerts"),
        Route("/atom/rules/{rule:path}", rule, name="atom.rule"),
        Route("/atom/watch", watch, name="atom.watch"),
        Route("/atom/topics/{topic}", topic, name="atom.topic"),
    ]


async def stories(request: Request) -> Response:
    """The stories of a view of Now."""
    state, desk = now_page.read(request), desk_of(request)
    _check(state.asked)
    state = replace(state, view=state.view.on_page(1))
    severities = severities_of(desk.configuration().alerts)
    wanted = now_page.wanted(request, state, (), MOST)
    found = await front(await desk.index(), wanted, desk.matched, severities, desk.clock())
    entries = (_of_story(request, card) for card in found.cards)
    return await _answer(request, "now", state.view.text, _titled(request, N_("Now"), state.view), "/", entries)


async def articles(request: Request) -> Response:
    """The newest articles of a search."""
    view, asked = search_page.read(request)
    _check(asked)
    node = search_page.narrowed(asked.node, view)
    found = await _newest(request, Search(node, view.start(desk_of(request).clock()), view.until, "time", MOST))
    return await _answer(request, "search", view.text, _titled(request, N_("Search"), view), "/search", found)


async def topic(request: Request) -> Response:
    """The newest articles of a topic."""
    chosen = rule_of(request)
    wanted: Node = Equal("topic", chosen.id)
    found = await _newest(request, Search(wanted, sort="time", limit=MOST))
    title = f"{_word(request, N_('Topics'))}: {title_of(chosen, reader_for(request))}"
    return await _answer(request, f"topics/{chosen.id}", "", title, f"/topics/{chosen.id}", found)


async def alerts(request: Request) -> Response:
    """The alerts of the page Alerts with its filters."""
    chosen = alerts_page.filters(request)
    since = desk_of(request).clock() - alerts_page.SPANS[chosen["span"] or "7d"]
    wanted = Wanted(since, chosen["rule"], chosen["story"], chosen["status"], chosen["mark"])
    found = fired(desk_of(request).ledger, wanted)
    query = alerts_page.query_of(chosen)
    entries = await _fired(request, found, chosen)
    return await _answer(request, "alerts", query, _word(request, N_("Alerts")), "/alerts", entries)


async def rule(request: Request) -> Response:
    """The alerts of a rule, by its key."""
    desk, key = desk_of(request), str(request.path_params["rule"])
    names = names_of(desk.configuration().alerts)
    found = fired(desk.ledger, Wanted(desk.clock() - KEPT, key))
    if key not in names and not found:
        raise HTTPException(404, N_("There is no such rule."))
    title = f"{_word(request, N_('Alerts'))}: {names.get(key, key)}"
    return await _answer(request, f"rules/{key}", "", title, "/alerts", await _fired(request, found, {"status": ""}))


async def watch(request: Request) -> Response:
    """The authorisations of the page Watch, those that changed last first."""
    host, everything = request.query_params.get("host", "").upper()[:2], request.query_params.get("all") == "1"
    found = to_watch(await authorisations(desk_of(request)), host, everything)
    found.sort(key=lambda one: (one.changed, one.id), reverse=True)
    entries = (_of_thread(request, one) for one in found[:MOST])
    query = "&".join([*([f"host={host}"] if host.isalpha() else []), *(["all=1"] if everything else [])])
    return await _answer(request, "watch", query, _word(request, N_("Watch")), "/watch", entries)


# -- entries


def _of_story(request: Request, card: Card) -> Entry:
    story = card.story
    html = _html(request, {"card": card, "words": words, "rules": names_of(desk_of(request).configuration().alerts)})
    return Entry(
        f"story/{story.id}", one_line(story.title), html, story.changed, one_line(", ".join(card.outlets)),
        _at(request, f"/story/{story.id}"), story.opened, tuple(("topic", one) for one in story.topics),
    )  # fmt: skip


async def _newest(request: Request, search: Search) -> Iterator[Entry]:
    index = await desk_of(request).index()
    results = await index.search(await followed(index, search))
    return (_of_article(request, hit.document, hit.snippet) for hit in results.hits)


def _of_article(request: Request, document: Document, snippet: str) -> Entry:
    article = document.article
    html = _html(request, {"article": article, "snippet": snippet})
    return Entry(
        f"article/{article.id}", one_line(article.title.value), html, article.seen, one_line(article.source),
        article.url, article.published.value if article.published else None,
        tuple(("topic", one.id) for one in document.tags.topics),
    )  # fmt: skip


async def _fired(request: Request, found: Iterable[FiredAlert], chosen: dict[str, str]) -> Iterator[Entry]:
    """Entries of alerts: under the ids that the channel `atom` gives them. Without a status, not those kept quiet."""
    shown = [one for one in found if chosen["status"] or one.status not in QUIET][:MOST]
    in_force = desk_of(request).configuration().alerts
    why = await whys(await desk_of(request).index(), in_force, shown)
    return (_of_alert(request, one, in_force, why.get(one.id)) for one in shown)


def _of_alert(request: Request, alert: FiredAlert, in_force: AlertSet, why: Alert | None) -> Entry:
    rule = next((one for one in in_force.rules if one.key == alert.rule), None)
    name = names_of(in_force).get(alert.rule, alert.rule)
    severity = severities_of(in_force).get(alert.rule, "")
    labels = (("rule", name), *((("severity", severity),) if severity else ()))
    said = sentence(rule.asked) if rule and rule.asked and rule.query else ""
    values = {"alert": alert, "rule": name, "severity": severity, "words": words, "why": why, "sentence": said}
    title = one_line(alert.title) or name
    return Entry(
        f"alert/{alert.id}", title, _html(request, values), alert.at, one_line(alert.source) or "Almenara",
        _at(request, f"/alerts/{alert.id}"), categories=labels,
    )  # fmt: skip


def _of_thread(request: Request, one: Thread) -> Entry:
    reader = reader_for(request)
    senders = ", ".join(reader.country_name(code) for code in one.senders) or reader.gettext(N_("unknown"))
    title = f"{reader.country_name(one.host)} ← {senders}: {reader.gettext(LIFE[one.status])}"
    html = _html(request, {"thread": one, "events": EVENTS})
    return Entry(f"authorisation/{one.id}", title, html, one.changed, "Almenara", _at(request, f"/watch#{one.id}"))


# -- answers


def _check(asked: Asked) -> None:
    if asked.error is not None:
        raise HTTPException(400, asked.error)


def _titled(request: Request, title: str, view: View) -> str:
    """The name of a view: what it is narrowed down by."""
    names = {"rule": names_of(desk_of(request).configuration().alerts), "topic": titles_of(request)}
    chips = [chip.value for chip in chips_of(view, names, reader_for(request))]
    return ": ".join([_word(request, title), *([", ".join(chips)] if chips else [])])


def _word(request: Request, text: str) -> str:
    return reader_for(request).gettext(text)


def _html(request: Request, values: dict[str, Any]) -> str:
    templates: Templates = request.app.state.templates
    empty = {"card": None, "article": None, "alert": None, "thread": None, "at": str(request.base_url).rstrip("/")}
    return templates.text(request, "_entry.html", empty | values).strip()


def _at(request: Request, path: str) -> str:
    return str(request.base_url).rstrip("/") + path


async def _answer(request: Request, name: str, query: str, title: str, page: str, entries: Iterator[Entry]) -> Response:
    full = f"{name}?{query}" if query else name
    shown = _at(request, f"{page}?{query}" if query else page)
    headers = {"Content-Language": reader_for(request).language}
    links = {"self": str(request.url), "alternate": shown}
    body = await asyncio.to_thread(feed_of, full, f"Almenara: {title}", links, entries)
    return Response(body, media_type=TYPE, headers=headers)
