"""Tries a rule on the texts beside it: those that it must match, and those that it must not.

A text has a title and a text, so it is tagged as an article would be. It comes from no outlet and has no time: what the
rule asks about those is left out of the trial.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.documents.fields import TEXT_FIELDS
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds
from pipeline.core.query.snippets import CLOSE, OPEN
from pipeline.core.query.tree import And, Equal, Exists, Node, Not, Or, Range
from pipeline.core.query.unmet import place_of, unmet
from pipeline.core.wording import Text, joined
from pipeline.records import Article, Document, Relation, Sourced, Tags

#: Fields that need the topic rules.
TAGGED = frozenset({
    "topic", "country", "place", "outcome", "host", "sender", "personnel", "votes_for", "votes_against",
    "votes_abstain", "period_start", "period_end", "instrument_date", "instrument", "instrument_number", "body",
    "armed", "weapon", "unit", "purpose",
})  # fmt: skip
#: Fields that a bare text has.
_TRIED = TAGGED | {*TEXT_FIELDS, "language"}
_LANGUAGE = re.compile(r"\s*\[([a-z]{2,3})\]\s*")
_START = 60  # characters of a text by which it is named
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TrialText:
    """A text beside a rule; `language` None: not said."""

    title: str
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A text that a rule judges wrongly. `key`: must_match or must_not_match; `number` of the text, from 0."""

    key: str
    number: int
    reason: str
    hint: str


#: The language of a text, and its tags (`tagged`: the rule asks for them).
Tag = Callable[[TrialText, bool], tuple[str | None, Tags]]


def trial_text(written: str) -> TrialText:
    """A text as it stands in alerts.toml: title, an empty line and text, or only one of them; "[es]" may come first."""
    found = _LANGUAGE.match(written)
    rest = written[found.end() :] if found else written
    title, _, text = rest.strip().partition("\n\n")
    return TrialText(" ".join(title.split()), text.strip(), found[1] if found else None)


def tried(rule: AlertRule, tag: Tag) -> Iterator[Failed]:
    """The texts of the rule that it judges wrongly."""
    node = without_origin(rule.node)
    tagged = node is not None and bool(_fields(node) & TAGGED)
    for key, texts in (("must_match", rule.must_match), ("must_not_match", rule.must_not_match)):
        for number, written in enumerate(texts):
            text = trial_text(written)
            language, tags = tag(text, tagged)
            view = DocumentView(_document(text, language, tags))
            matches = node is None or holds(node, view)
            if matches and key == "must_not_match":
                yield Failed(key, number, Text("matches: {}", _named(text)), _where(node, view, tags))
            elif not matches and key == "must_match":
                assert node is not None
                yield Failed(key, number, Text("does not match: {}", _named(text)), joined("; ", unmet(node, view)))


def without_origin(node: Node) -> Node | None:
    """The query without what it asks about outlet, feed, time and history of an article; None if nothing is left."""
    match node:
        case And(parts) | Or(parts):
            kept = [one for part in parts if (one := without_origin(part)) is not None]
            return None if not kept else kept[0] if len(kept) == 1 else type(node)(tuple(kept))
        case Not(part):
            inner = without_origin(part)
            return None if inner is None else Not(inner)
        case Equal(field) | Exists(field) | Range(field):
            return node if field in _TRIED else None
    return node


def _fields(node: Node) -> set[str]:
    match node:
        case And(parts) | Or(parts):
            return {field for part in parts for field in _fields(part)}
        case Not(part):
            return _fields(part)
        case Equal(field) | Exists(field) | Range(field):
            return {field}
    return set()


def _document(text: TrialText, language: str | None, tags: Tags) -> Document:
    article = Article(
        id="", url="", feed="", source="", title=Sourced(value=text.title, source="feed"), text=text.text,
        content_hash="", seen=_NO_TIME, language=language,
    )  # fmt: skip
    relation = Relation(kind="new", first_seen=_NO_TIME, seq=0, version=1, story_id="")
    return Document(article=article, tags=tags, relation=relation)


def _where(node: Node | None, view: DocumentView, tags: Tags) -> str:
    """By what the text matches: words, else the evidence of its topics."""
    place = place_of(node, view) if node is not None else ""
    found = [f"{topic.id}: {', '.join(dict.fromkeys(one.text for one in topic.evidence))}" for topic in tags.topics]
    return place.replace(OPEN, "*").replace(CLOSE, "*") or "; ".join(found) or Text("no part of the rule excludes it")


def _named(text: TrialText) -> str:
    start = (text.title or text.text)[:_START]
    return f'"{start}{"…" if len(text.title or text.text) > _START else ""}"'
