"""Documents and alerts as Elasticsearch keeps them, and back.

Names of the Elastic Common Schema (ECS) where it has one, `news.*` for the rest, `key.*` for what only queries need,
`record` for the record itself; docs/elasticsearch.md has the table. Sends nothing: the templates are in
config/elasticsearch/, the requests in the backend.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from pipeline.core.query.match import fields, keyword
from pipeline.core.query.snippets import plain
from pipeline.core.query.tree import DATE_FIELDS, KEYWORD_FIELDS, NUMBER_FIELDS
from pipeline.core.urls import registrable
from pipeline.records import Alert, Document, decode

ECS = "9.0.0"  # version of the schema that the names are of

#: Characters kept of a keyword that people see, and of one that queries compare. Elasticsearch counts UTF-16 units
#: (`ignore_above`, twice these) and refuses a document with a term of more than 32,766 bytes.
SHOWN, COMPARED = 512, 4_000

#: Languages that Elasticsearch has an analyzer for: their text is indexed once more, by the stems of its words.
STEMMED = frozenset(
    {
        *("ar", "bg", "bn", "ca", "ckb", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga", "gl"),
        *("hi", "hu", "hy", "id", "it", "ja", "ko", "lt", "lv", "nl", "no", "pt", "ro", "ru", "sr", "sv", "th", "tr"),
        "zh",
    }
)

#: event.severity is a number; the steps are those of Elastic's own detection rules.
SEVERITY = {"info": 10, "low": 21, "medium": 47, "high": 73, "critical": 99}

#: facet -> field that is counted for it
FACETS = {"topic": "news.topics", "source": "news.source", "language": "news.language", "country": "news.countries",
          "day": "key.day"}  # fmt: skip

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def month(moment: datetime) -> str:
    """The month whose index holds what was first seen at `moment`, as 2026.03."""
    return moment.astimezone(UTC).strftime("%Y.%m")


def key(value: str) -> str:
    """A keyword as it is compared, in documents and in queries."""
    return keyword(value)[:COMPARED]


def micros(moment: datetime) -> int:
    """Microseconds since 1970: Elasticsearch's dates have milliseconds only."""
    return (moment - _EPOCH) // _MICROSECOND


def document_source(document: Document) -> dict[str, Any]:
    """What is sent for a document; to be encoded by msgspec. Title and text are not in its `record` again."""
    article, tags, relation = document.article, document.tags, document.relation
    title, text = article.title.value, article.text
    news = _news(article.id, relation.story_id, relation.duplicate_of, relation.version, title) | {
        "text": text,
        "description": article.description,
        "source": _shown(article.source),
        "feed": _shown(article.feed),
        "outlet_country": _shown(article.country),
        "language": _shown(article.language),
        "author": _shown(article.author.value if article.author else None),
        "section": _shown(article.section),
        "published": article.published.value if article.published else None,
        "updated": article.updated.value if article.updated else None,
        "topics": [_shown(topic.id) for topic in tags.topics],
        "countries": tags.countries,
        "places": [
            {"name": _shown(place.name), "country": place.country, "location": {"lat": place.lat, "lon": place.lon}}
            for place in tags.places
        ],
        "facts": _bare(msgspec.to_builtins(tags.facts)),
        "kind": relation.kind,
        "material": relation.material,
        "changes": sorted({change.kind for change in relation.changes}),
        "backlog": article.backlog,
    }
    if article.language in STEMMED:
        news["stemmed"] = {article.language: f"{title}\n{text}"}
    event = {"created": article.seen, "sequence": relation.seq}
    record = replace(document, article=replace(article, title=replace(article.title, value=""), text=""))
    return _source(relation.first_seen, "event", "documents", article.id, event) | {
        "url": _url(article.url),
        "news": _present(news),
        "key": _keys(document),
        "record": record,
    }


def document_of(source: dict[str, Any]) -> Document:
    """The document that `document_source` was made of. Raises SchemaError for one of a newer program."""
    document = decode(Document, msgspec.json.encode(source["record"]))
    article = document.article
    title = replace(article.title, value=source["news"]["title"])
    return replace(document, article=replace(article, title=title, text=source["news"]["text"]))


def alert_source(alert: Alert) -> dict[str, Any]:
    """What is sent for an alert; to be encoded by msgspec."""
    news = _news(alert.article, alert.story_id, alert.duplicate_of, alert.version, alert.title) | {
        "source": _shown(alert.source),
        "feed": _shown(alert.feed),
        "language": _shown(alert.language),
        "published": alert.published.value if alert.published else None,
        "topics": [_shown(topic) for topic in alert.topics],
        "countries": alert.countries,
        "backlog": alert.backlog,
        "severity": alert.severity,
        "channels": [_shown(channel) for channel in alert.channels],
        "query": _shown(alert.query),
        "branch": _shown(alert.branch),
        "matched": [_shown(text) for text in dict.fromkeys(span.text for span in alert.matched)],
        "fact_lines": [_shown(line) for line in alert.fact_lines],
        "snippet": plain(alert.snippet),
    }
    event = {"severity": SEVERITY.get(alert.severity, 0)}
    return _source(alert.first_seen, "alert", "alerts", alert.id, event) | {
        "rule": {"id": _shown(alert.rule), "version": alert.rule_hash, "ruleset": alert.rules},
        "url": _url(alert.url),
        "news": _present(news),
        "record": alert,
    }


def alert_of(source: dict[str, Any]) -> Alert:
    """The alert that `alert_source` was made of. Raises SchemaError for one of a newer program."""
    return decode(Alert, msgspec.json.encode(source["record"]))


def _source(at: datetime, kind: str, dataset: str, name: str, event: dict[str, Any]) -> dict[str, Any]:
    given = {"id": name, "kind": kind, "module": "almenara", "dataset": f"almenara.{dataset}"}
    return {"@timestamp": at, "ecs": {"version": ECS}, "event": given | event}


def _news(article: str, story: str, duplicate_of: str | None, version: int, title: str) -> dict[str, Any]:
    return {"article": article, "story": story, "duplicate_of": duplicate_of, "version": version, "title": title}


def _url(url: str) -> dict[str, Any]:
    try:
        domain, registered = urlsplit(url).hostname, registrable(url)
    except ValueError:
        domain = registered = None
    return _present({"full": url[:COMPARED], "domain": _shown(domain), "registered_domain": _shown(registered)})


def _bare(value: Any) -> Any:
    """Facts without the sentences that state them: a leaf ({value, sentence, …}) is its value, cut as keywords are."""
    if isinstance(value, dict):
        return _bare(value["value"]) if "value" in value else {name: _bare(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_bare(part) for part in value]
    return _shown(value) if isinstance(value, str) else value


def _keys(document: Document) -> dict[str, Any]:
    """Every field of the query language but the texts, as it is compared. A moment that is not known has no entry.

    `published_after` is the time from first seen to published (mostly negative), for ranges that go by `now`.
    """
    values = fields(document)
    keys: dict[str, Any] = {name: [key(value) for value in values[name]] for name in KEYWORD_FIELDS if values[name]}
    keys |= {name: micros(values[name]) for name in DATE_FIELDS if values[name] is not None}
    keys |= {name: values[name] for name in NUMBER_FIELDS}
    if "published" in keys:
        keys["published_after"] = keys["published"] - keys["first_seen"]
    keys["day"] = document.relation.first_seen.astimezone(UTC).date().isoformat()
    return keys


def _shown(value: str | None) -> str | None:
    return value[:SHOWN] if value else None


def _present(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is not known."""
    return {name: value for name, value in values.items() if value is not None and value != [] and value != ()}
