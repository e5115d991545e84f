"""Makes pages of templates: in the language and time zone of the reader, with everything from outside escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from pipeline.console import words
from pipeline.console.compression import TOKEN
from pipeline.console.desk import Desk
from pipeline.console.files import File
from pipeline.console.keys import KEYS
from pipeline.console.language import LANGUAGES, SOURCE, Reader, direction, language_tag, reader_of, translations
from pipeline.console.marks import highlighted
from pipeline.console.safety.access import Who
from pipeline.console.safety.tokens import FIELD
from pipeline.console.sections import SECTIONS, Section
from pipeline.core.text.tidy import CONTROL
from pipeline.core.topics.rules import TopicRule
from pipeline.requests.asking import Person

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FOLDER = Path(__file__).parent / "templates"


class Templates:
    """The templates, an environment per language. `routes`: names of the pages that there are."""

    def __init__(self, files: Mapping[str, File], routes: frozenset[str]) -> None:
        self._files, self._routes = files, routes

    @cached_property
    def _environments(self) -> dict[str, Environment]:
        return {code: self._environment(code) for code in LANGUAGES}

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections that have a page."""
        return tuple(section for section in SECTIONS if section.name in self._routes)

    def text(self, request: Request, template: str, values: Mapping[str, Any]) -> str:
        """The template with the values, and what all templates know of the request: `reader`, `request`."""
        reader = reader_for(request)
        return self._environments[reader.language].get_template(template).render(
            values, reader=reader, request=request, sections=self.sections, languages=LANGUAGES, keys=KEYS,
            who=getattr(request.state, "who", None), may_edit=may_edit(request), token=partial(_token, request),
            cursor=getattr(request.state, "cursor", ""), token_value=lambda: request.scope.get(TOKEN, ""),
        )  # fmt: skip

    def _environment(self, code: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True, extensions=["jinja2.ext.i18n"], auto_reload=False,
        )  # fmt: skip
        environment.install_gettext_translations(translations(code), newstyle=True)  # type: ignore[attr-defined]
        environment.globals |= {
            "static": lambda name: self._files[name].address,
            "integrity": lambda name: self._files[name].integrity,
            "direction": direction,
        }
        environment.filters |= _FILTERS
        return environment


class Page(HTMLResponse):
    """A page that is made when it is sent."""

    def __init__(self, request: Request, template: str, values: Mapping[str, Any], status: int) -> None:
        super().__init__(status_code=status, headers={"Vary": "HX-Request, Cookie"})
        self._request, self._template, self._values = request, template, values

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make the page in a thread, and send it."""
        templates: Templates = self._request.app.state.templates
        make = partial(templates.text, self._request, self._template, self._values)
        self.body = self.render(await desk_of(self._request).turns.made(make))
        self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def page(request: Request, template: str, values: Mapping[str, Any] | None = None, status: int = 200) -> Page:
    """The page of a template. A fragment that htmx asks for is kept apart from the whole page in caches. The values are
    read after this returns: none of them may be what the follower goes on changing."""
    return Page(request, template, values or {}, status)


def is_fragment(request: Request) -> bool:
    """Whether a script of ours asks for a part of the page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-boosted") != "true"


def desk_of(request: Request) -> Desk:
    """What pages read."""
    desk: Desk = request.app.state.desk
    return desk


def reader_for(request: Request) -> Reader:
    """How the reader who sent the request wants pages."""
    known: Reader | None = getattr(request.state, "reader", None)
    if known is None:
        desk = desk_of(request)
        known = request.state.reader = reader_of(request, desk.configuration().alerts.reader.zone, desk.clock())
    return known


def titles_of(request: Request) -> dict[str, str]:
    """The titles of all topics in the language of the reader, by id."""
    known: dict[str, str] | None = getattr(request.state, "titles", None)
    if known is None:
        reader, rules = reader_for(request), desk_of(request).configuration().rules
        known = request.state.titles = {rule.id: title_of(rule, reader) for rule in rules.rules.topics}
    return known


def title_of(rule: TopicRule, reader: Reader) -> str:
    """The title of a topic in the language of the reader."""
    return rule.title.get(reader.language) or rule.title.get(SOURCE) or rule.id


def person_of(request: Request) -> Person:
    """Who sends the request, for the audit."""
    who: Who = request.state.who
    return Person(who.name, "console")


def may_edit(request: Request) -> bool:
    """Whether the reader may decide, not only read."""
    who: Who | None = getattr(request.state, "who", None)
    return who is not None and who.role == "editor"


def _token(request: Request) -> Markup:
    """The field that every form needs which sends something."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, request.scope.get(TOKEN, ""))


# -- filters: values in the words of the reader


def _time(reader: Reader, moment: datetime, shown: str, kind: str) -> Markup:
    return Markup('<time datetime="{}" title="{}" data-time="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"), reader.full(moment), kind, shown
    )


def _moment(text: datetime | str) -> datetime:
    return datetime.fromisoformat(text) if isinstance(text, str) else text


@pass_context
def ago(context: Context, value: datetime | str | None) -> Markup:
    """How long ago it is, as <time>."""
    reader: Reader = context["reader"]
    if value is None:
        return Markup()
    kind = "ago" if reader.is_recent(at := _moment(value)) else "moment"
    return _time(reader, at, reader.ago(at), kind)


@pass_context
def moment(context: Context, value: datetime | str | None) -> Markup:
    """Day and time, as <time>."""
    reader: Reader = context["reader"]
    return Markup() if value is None else _time(reader, at := _moment(value), reader.moment(at), "moment")


@pass_context
def number(context: Context, value: float) -> str:
    reader: Reader = context["reader"]
    return reader.number(value)


@pass_context
def size(context: Context, value: float) -> str:
    reader: Reader = context["reader"]
    return reader.size(value)


@pass_context
def lasting(context: Context, seconds: float) -> str:
    reader: Reader = context["reader"]
    return reader.lasting(seconds)


@pass_context
def language_name(context: Context, code: str | None) -> str:
    reader: Reader = context["reader"]
    return reader.language_name(code)


@pass_context
def country_name(context: Context, code: str | None) -> str:
    reader: Reader = context["reader"]
    return reader.country_name(code)


@pass_context
def said(context: Context, text: str | None, longest: int = 0) -> Markup:
    """A text that code made, in one line and in the language of the reader; marked as English if it is not known.
    `longest`: characters that are shown, 0 for all."""
    reader: Reader = context["reader"]
    shown = one_line(reader.said(text)) if text else ""
    shown = shown[: longest - 1] + "…" if longest and len(shown) > longest else shown
    return escape(shown) if not text or reader.says(text) else Markup('<span lang="en">{}</span>').format(shown)


@pass_context
def topic_name(context: Context, topic: str) -> str:
    """The title of a topic by its id; the id itself if it is no longer in the configuration."""
    return one_line(titles_of(context["request"]).get(topic, topic))


@pass_context
def fact_value(context: Context, value: object, field: str) -> str:
    """A value of a fact: countries by their names, days and numbers as the reader writes them, words of a list."""
    reader: Reader = context["reader"]
    text = str(value)
    if field in words.COUNTRIES:
        return ", ".join(reader.country_name(code) for code in text.split())
    if text in words.VALUES:
        return reader.gettext(words.VALUES[text])
    if field in words.DATED and (day := _DAY.fullmatch(text)):
        return reader.day(date.fromisoformat(day[0]))
    return reader.number(int(text)) if text.isascii() and text.isdigit() and field in words.COUNTED else one_line(text)


def one_line(text: str | None) -> str:
    """A text from outside without control characters and line breaks; they could hide or turn round what follows."""
    return " ".join(CONTROL.sub(" ", text or "").split())


def web_link(url: str | None) -> str:
    """An address from outside, if it is one of the web; else "", so that no link runs a script."""
    return url if url and url.lower().startswith(("http://", "https://")) else ""


_FILTERS: dict[str, Any] = {
    "ago": ago, "moment": moment, "number": number, "size": size, "lasting": lasting,
    "language_name": language_name, "country_name": country_name, "direction": direction,
    "language_tag": language_tag, "one_line": one_line, "web_link": web_link, "said": said,
    "topic_name": topic_name, "fact_value": fact_value, "highlighted": highlighted,
}  # fmt: skip
