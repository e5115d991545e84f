"""What templates can say: the variables, their shapes for the check, and their values for a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.core.calendar.local_words import local
from pipeline.core.messages.compose import compose
from pipeline.core.messages.content import Line, Link
from pipeline.core.messages.foreign import Run, cut, runs, tame
from pipeline.core.messages.form import Medium, Voice
from pipeline.core.messages.links import article_link, console, kibana
from pipeline.core.messages.media import line, rendered
from pipeline.core.messages.one_alert import QUOTED, QUOTES, changed, country_name, language_name, matched_words
from pipeline.core.messages.times import long_ago, when
from pipeline.records import Alert, Message, StorySoFar

LISTED = 100  # alerts and outlets that a template gets

#: text, number, flag, a list of a shape, or an object with named fields.
Shape = str | list["Shape"] | dict[str, "Shape"]


class Ours(str):
    """Text that is already as the medium writes it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable or a field. `about` is for docs/messages.md."""

    shape: Shape
    about: str


def shape_of(variables: dict[str, Variable]) -> dict[str, Shape]:
    """The shape of an object with these fields."""
    return {name: variable.shape for name, variable in variables.items()}


ALERT: dict[str, Variable] = {
    "id": Variable("text", "its id"),
    "rule": Variable("text", "name of the rule"),
    "title": Variable("text", "title of the article"),
    "outlet": Variable("text", "the outlet"),
    "country": Variable("text", "country of the outlet, in English"),
    "language": Variable("text", "language of the article, in English"),
    "time": Variable("text", "when it was published or first seen, in the reader's time zone"),
    "quotes": Variable(["text"], "the sentences that matched, the matched words marked"),
    "facts": Variable(["text"], "one line for each event that has facts"),
    "independent": Variable("number", "independent sources of its story when it came, itself included"),
    "differs": Variable(["text"], "facts on which the reports of its story differ, with the values that they give"),
    "words": Variable(["text"], "the matched words"),
    "branch": Variable("text", "the part of the query that matched"),
    "topics": Variable(["text"], "ids of the topics of the article"),
    "version": Variable("number", "1, or more for an article that was changed"),
    "changes": Variable("text", "what changed since the version that you got"),
    "old": Variable("text", "how long before it arrived an old article was published, such as 3 years; else empty"),
    "copy": Variable("flag", "whether it is a copy of an article of another outlet"),
    "link": Variable("text", "the link to the article as the medium writes links"),
    "url": Variable("text", "the address of the article; empty if it cannot be opened"),
    "kibana": Variable("text", "the link to the article in Kibana, if one is configured"),
    "console": Variable("text", "the link to the alert in the console, if one is configured"),
}

STORY: dict[str, Variable] = {
    "articles": Variable("number", "reports, without copies"),
    "copies": Variable("number", "copies"),
    "outlets": Variable(["text"], "outlets that reported it themselves"),
    "countries": Variable(["text"], "countries of these outlets, in English"),
    "languages": Variable(["text"], "languages of the reports, in English"),
    "first_title": Variable("text", "title of the first report"),
    "first_outlet": Variable("text", "outlet of the first report"),
}

VARIABLES: dict[str, Variable] = {
    "kind": Variable("text", "alert, follow_up, summary, digest, silence, burst, report (about a channel), test"),
    "id": Variable("text", "id of the message"),
    "rule": Variable("text", "name of the rule, or what a report is about; empty for a digest of several rules"),
    "severity": Variable("text", "info, low, medium, high, critical"),
    "time": Variable("text", "when the message was made, in the reader's time zone"),
    "subject": Variable("text", "the subject that the built-in form has"),
    "body": Variable("text", "the whole built-in form"),
    "text": Variable("text", "what a report, a silence or a burst says; why alerts come in one summary"),
    "alerts": Variable([shape_of(ALERT)], f"the alerts, at most {LISTED}; fields below"),
    "more": Variable("number", "alerts that it reports without showing them"),
    "muted": Variable("number", "alerts that were muted meanwhile; not among more"),
    "story": Variable(shape_of(STORY), "the story so far; none if the alerts are not of one story; fields below"),
    "new": Variable(
        shape_of(STORY), "of a follow-up: what is new since the last message; else none; fields as of story"
    ),
    "changes": Variable("text", "what changed since the version that you got"),
    "kibana": Variable("text", "the link to all alerts in Kibana, if one is configured"),
}


def values(message: Message, medium: Medium, voice: Voice) -> dict[str, Any]:
    """The values of VARIABLES."""
    content = compose(message, voice)
    shown = message.alerts[:LISTED]
    return {
        "kind": message.kind,
        "id": tame(message.id),
        "rule": tame(message.name),
        "severity": tame(message.severity),
        "time": local(message.at, voice.zone),
        "subject": content.subject,
        "body": Ours(rendered(content.blocks, medium)),
        "text": tame(message.text),
        "alerts": tuple(_alert(alert, medium, voice) for alert in shown),
        "more": message.held_back + len(message.alerts) - len(shown),
        "muted": message.muted,
        "story": _story(message.story),
        "new": _story(message.grown),
        "changes": changed(message.changes),
        "kibana": _link(kibana(shown, voice.kibana), medium),
    }


def _alert(alert: Alert, medium: Medium, voice: Voice) -> dict[str, Any]:
    link = article_link(alert.url)
    kibana_link: KibanaLink | None = voice.kibana
    return {
        "id": tame(alert.id),
        "rule": tame(alert.name),
        "title": tame(alert.title),
        "outlet": tame(alert.source),
        "country": country_name(alert.outlet_country) if alert.outlet_country else "",
        "language": language_name(alert.language) if alert.language else "",
        "time": tame(when(alert, voice.zone)),
        "quotes": tuple(_line(runs(quote.text, QUOTED), medium) for quote in alert.quotes[:QUOTES]),
        "facts": tuple(map(tame, alert.fact_lines)),
        "independent": alert.independent,
        "differs": tuple(map(tame, alert.differs)),
        "words": tuple(map(tame, matched_words(alert))),
        "branch": tame(alert.branch),
        "topics": tuple(map(tame, alert.topics)),
        "version": alert.version,
        "changes": changed(alert.changes),
        "old": long_ago(alert.published.value, alert.first_seen) if alert.old and alert.published else "",
        "copy": alert.duplicate_of is not None,
        "link": _link(link, medium),
        "url": Ours(link.url.replace("&", "&amp;") if link and medium in _ESCAPED_URLS else link.url if link else ""),
        "kibana": _link(kibana([alert], kibana_link), medium),
        "console": _link(console(voice.console, alert), medium),
    }


_ESCAPED_URLS = (Medium.HTML, Medium.TELEGRAM, Medium.SLACK)


def _story(story: StorySoFar | None) -> dict[str, Any] | None:
    if story is None:
        return None
    return {
        "articles": story.articles,
        "copies": story.copies,
        "outlets": tuple(map(tame, story.sources[:LISTED])),
        "countries": tuple(map(country_name, story.countries)),
        "languages": tuple(map(language_name, story.languages)),
        "first_title": cut(tame(story.first_title), 300),
        "first_outlet": tame(story.first_source),
    }


def _link(link: Link | None, medium: Medium) -> Ours:
    return _line((link,), medium) if link else Ours("")


def _line(pieces: Line | tuple[Run, ...], medium: Medium) -> Ours:
    return Ours(line(tuple(pieces), medium))
