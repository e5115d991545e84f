"""Records for tests, with the boring parts filled in. Every field can be given by its name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from pipeline.core.alerts.firing import alert_id
from pipeline.core.stories.copies import EMPTY, TEXT
from pipeline.core.stories.features import ROW
from pipeline.records import (
    Alert,
    Article,
    Dated,
    Document,
    Feed,
    Fingerprint,
    Item,
    Message,
    Quote,
    Relation,
    Sourced,
    Span,
    Tagged,
    Tags,
    Topic,
)

SEEN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NO_TEXT = np.zeros(1, TEXT)
NO_TEXT["sample"] = EMPTY
FINGERPRINT = Fingerprint(features=bytes(ROW.itemsize), text=NO_TEXT.tobytes())  # near to nothing


def feed(id: str = "f", **changes: Any) -> Feed:
    fields: dict[str, Any] = {"id": id, "name": id, "url": f"https://{id}.example/rss"}
    return Feed(**fields | changes)


def item(url: str = "https://www.news.example.org/world/1", **changes: Any) -> Item:
    fields: dict[str, Any] = {"feed": "f", "source": "A", "url": url, "seen": SEEN}
    return Item(**fields | changes)


def article(title: str = "", text: str = "", **changes: Any) -> Article:
    """`author` may be given as text, `published` as a time."""
    fields: dict[str, Any] = {
        "id": "a1",
        "url": "https://www.news.example.org/world/1",
        "feed": "example-world",
        "source": "El Ejemplo",
        "title": Sourced(value=title, source="feed"),
        "text": text,
        "content_hash": "0",
        "seen": SEEN,
        "language": "en",
        "country": "PE",
    }
    fields |= changes
    if isinstance(fields.get("author"), str):
        fields["author"] = Sourced(value=fields["author"], source="meta")
    if isinstance(fields.get("published"), datetime):
        fields["published"] = Dated(value=fields["published"], source="feed", raw="")
    return Article(**fields)


def tags(*topics: str, **changes: Any) -> Tags:
    fields: dict[str, Any] = {"rules": "r", "topics": tuple(Topic(id=topic, score=1.0) for topic in topics)}
    return Tags(**fields | changes)


def tagged(title: str = "", text: str = "", **changes: Any) -> Tagged:
    """`changes` are fields of the article."""
    return Tagged(article=article(title, text, **changes), tags=tags(), fingerprint=FINGERPRINT)


def document(title: str = "", text: str = "", **changes: Any) -> Document:
    """`changes` are fields of the relation or the article, `topics` (their ids) and `countries`."""
    relation: dict[str, Any] = {"kind": "new", "first_seen": SEEN, "seq": 1, "version": 1, "story_id": "s1"}
    relation |= {name: changes.pop(name) for name in Relation.__struct_fields__ if name in changes}
    found = tags(*changes.pop("topics", ()), countries=changes.pop("countries", ()))
    return Document(article=article(title, text, **changes), tags=found, relation=Relation(**relation))


def alert(article: str = "a1", rule: str = "Troops", **changes: Any) -> Alert:
    """An alert of `rule` for version 1 of `article`."""
    version = changes.pop("version", 1)
    fields: dict[str, Any] = {
        "id": alert_id(article, version, rule),
        "rule": rule,
        "name": rule,
        "rule_hash": "r",
        "rules": "s",
        "severity": "high",
        "channels": ("one",),
        "article": article,
        "version": version,
        "story_id": "s1",
        "duplicate_of": None,
        "title": f"Title of {article}",
        "url": f"https://news.example.org/{article}",
        "source": "The Example",
        "language": "en",
        "published": None,
        "first_seen": SEEN,
        "seen": SEEN,
        "query": "troops",
        "branch": "troops",
        "matched": (Span(field="text", start=4, end=10, text="troops"),),
        "quotes": (Quote(field="text", text="The \x02troops\x03 came"),),
    }
    return Alert(**fields | changes)


def message(*alerts: Alert, **changes: Any) -> Message:
    """A message that shows the alerts, to their channels."""
    first = alerts[0] if alerts else alert()
    fields: dict[str, Any] = {
        "id": f"m-{first.id}",
        "kind": "alert",
        "rule": first.rule,
        "name": first.rule,
        "severity": first.severity,
        "channels": first.channels,
        "at": SEEN,
        "alerts": alerts,
        "reported": tuple(one.id for one in alerts),
    }
    return Message(**fields | changes)


#: topic.toml of a small topic; its terms are up to the test.
STRIKE_TOPIC = """
id = "strike"
version = 1
threshold = 0.5
[title]
en = "Strikes"
[concepts]
strike = "Work stops in protest."
port = "Harbours."
[[patterns]]
all = ["strike", "port"]
weight = 0.5
"""
