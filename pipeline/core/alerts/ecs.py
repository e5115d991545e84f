"""Alerts as Elasticsearch keeps them, and back: one table of their fields, the mapping and the source made from it.

Names that an alert shares with a document mean the same in both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from pipeline.core.documents.ecs import event, nested
from pipeline.core.documents.fields import DATE, FLAG, KEYWORD, NUMBER, TEXT, Kind, host, registered_domain
from pipeline.core.documents.mapping import SHARED, Leaf, leaf, template
from pipeline.core.query.snippets import plain
from pipeline.records import Alert, decode

#: event.severity is a number; the steps are those of Elastic's own detection rules.
SEVERITY = {"info": 10, "low": 21, "medium": 47, "high": 73, "critical": 99}

#: Name in Elasticsearch, kind, value, description.
ALERT_FIELDS: tuple[tuple[str, Kind, Callable[[Alert], Any], str], ...] = (
    ("@timestamp", DATE, lambda a: a.first_seen, "when the article was first seen: months and retention go by it"),
    ("event.id", KEYWORD, lambda a: a.id, "id of the alert"),
    ("event.severity", NUMBER, lambda a: SEVERITY.get(a.severity, 0),
     ", ".join(f"{number} {name}" for name, number in SEVERITY.items())),
    ("rule.id", KEYWORD, lambda a: a.rule, "name of the alert rule"),
    ("rule.version", KEYWORD, lambda a: a.rule_hash, "hash of the rule"),
    ("rule.ruleset", KEYWORD, lambda a: a.rules, "hash of all alert rules in force"),
    ("url.full", KEYWORD, lambda a: a.url, "canonical URL of the article"),
    ("url.domain", KEYWORD, lambda a: host(a.url), "host of the URL"),
    ("url.registered_domain", KEYWORD, lambda a: registered_domain(a.url), "the site the host belongs to"),
    ("news.article_id", KEYWORD, lambda a: a.article, "id of the article: joins alerts with articles"),
    ("news.story_id", KEYWORD, lambda a: a.story_id, "id of the first article of its story"),
    ("news.duplicate_of", KEYWORD, lambda a: a.duplicate_of, "id of the article that this one copies"),
    ("news.version", NUMBER, lambda a: a.version, "1, 2, … of the article"),
    ("news.title", TEXT, lambda a: a.title, "headline"),
    ("news.source", KEYWORD, lambda a: a.source, "name of the outlet"),
    ("news.feed", KEYWORD, lambda a: a.feed, "id of the feed it came through"),
    ("news.language", KEYWORD, lambda a: a.language, "detected language of the text"),
    ("news.published", DATE, lambda a: a.published.value if a.published else None,
     "when the outlet says it was published"),
    ("news.topics", KEYWORD, lambda a: a.topics, "ids of the topics"),
    ("news.countries", KEYWORD, lambda a: a.countries, "countries the article is about"),
    ("news.backlog", FLAG, lambda a: a.backlog, "from a feed's first poll or after Almenara was down for long"),
    ("news.severity", KEYWORD, lambda a: a.severity, "severity in words"),
    ("news.channels", KEYWORD, lambda a: a.channels, "where it was sent"),
    ("news.query", KEYWORD, lambda a: a.query, "the query of the rule"),
    ("news.branch", KEYWORD, lambda a: a.branch, "the part of the query that matched"),
    ("news.matched", KEYWORD, lambda a: tuple(dict.fromkeys(span.text for span in a.matched)),
     "the words that matched"),
    ("news.fact_lines", TEXT, lambda a: a.fact_lines, "one line for each event that has facts"),
    ("news.snippet", TEXT, lambda a: plain(a.snippet), "text around the match"),
)  # fmt: skip


def alert_leaves() -> list[Leaf]:
    """Every field of an index of alerts."""
    return [*SHARED, *(leaf(name, kind, about) for name, kind, _, about in ALERT_FIELDS)]


def alert_template() -> dict[str, Any]:
    """Settings and mappings of an index of alerts."""
    return template(alert_leaves())


def alert_source(alert: Alert) -> dict[str, Any]:
    """The source of an alert, for msgspec to encode."""
    fixed = event("alert", "alerts")
    source = fixed | nested((name, kind, get(alert)) for name, kind, get, _ in ALERT_FIELDS)
    source["event"] |= fixed["event"]
    source["record"] = alert
    return source


def alert_of(source: dict[str, Any]) -> Alert:
    """The alert that `alert_source` was given. Raises SchemaError for a record of another schema."""
    return decode(Alert, msgspec.json.encode(source["record"]))
