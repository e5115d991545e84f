"""Converts alerts for Elasticsearch and back: a table of fields, and the mapping and source made from it.

The index has one entry for each rule and article: the newest version that matches. It says what matches, not what was
sent, which only notify knows; so an edit that changes nothing for the reader is no second entry. Names shared by alerts
and documents mean the same in both.
"""

from __future__ import annotations

import hashlib
from typing import Any

from pipeline.core.documents.addresses import host, registered_domain
from pipeline.core.documents.field_table import Row, leaves_of, record_of, source_of
from pipeline.core.documents.fields import DATE, FLAG, KEYWORD, NUMBER, TEXT
from pipeline.core.documents.mapping import Leaf, template
from pipeline.core.query.snippets import plain
from pipeline.records import Alert

#: event.severity is a number; the steps are those of Elastic's own detection rules.
SEVERITY = {"info": 10, "low": 21, "medium": 47, "high": 73, "critical": 99}

ALERT_FIELDS: tuple[Row[Alert], ...] = (
    ("@timestamp", DATE, lambda a: a.first_seen, ""),
    ("event.id", KEYWORD, lambda a: a.id, "its own id"),
    ("event.severity", NUMBER, lambda a: SEVERITY.get(a.severity, 0),
     ", ".join(f"{number} {name}" for name, number in SEVERITY.items())),
    ("rule.id", KEYWORD, lambda a: a.rule, "id of the alert rule; its name if it has none"),
    ("rule.name", KEYWORD, lambda a: a.name, "name of the alert rule"),
    ("rule.version", KEYWORD, lambda a: a.rule_hash, "hash of the rule"),
    ("rule.ruleset", KEYWORD, lambda a: a.rules, "hash of all alert rules in force"),
    ("url.full", KEYWORD, lambda a: a.url, ""),
    ("url.domain", KEYWORD, lambda a: host(a.url), ""),
    ("url.registered_domain", KEYWORD, lambda a: registered_domain(a.url), ""),
    ("news.article_id", KEYWORD, lambda a: a.article, ""),
    ("news.story_id", KEYWORD, lambda a: a.story_id, ""),
    ("news.duplicate_of", KEYWORD, lambda a: a.duplicate_of, ""),
    ("news.version", NUMBER, lambda a: a.version, ""),
    ("news.title", TEXT, lambda a: a.title, ""),
    ("news.source", KEYWORD, lambda a: a.source, ""),
    ("news.feed", KEYWORD, lambda a: a.feed, ""),
    ("news.language", KEYWORD, lambda a: a.language, ""),
    ("news.published", DATE, lambda a: a.published.value if a.published else None, ""),
    ("news.topics", KEYWORD, lambda a: a.topics, ""),
    ("news.countries", KEYWORD, lambda a: a.countries, ""),
    ("news.outlet_country", KEYWORD, lambda a: a.outlet_country, ""),
    ("news.backlog", FLAG, lambda a: a.backlog, ""),
    ("news.old", FLAG, lambda a: a.old, "whether it was published long before it arrived (`old_after` of `[reader]`)"),
    ("news.severity", KEYWORD, lambda a: a.severity, "severity in words"),
    ("news.channels", KEYWORD, lambda a: a.channels, "channels of the rule"),
    ("news.query", KEYWORD, lambda a: a.query, "the query of the rule"),
    ("news.branch", KEYWORD, lambda a: a.branch, "the part of the query that matched"),
    ("news.matched", KEYWORD, lambda a: tuple(dict.fromkeys(span.text for span in a.matched)),
     "the words that matched"),
    ("news.fact_lines", TEXT, lambda a: a.fact_lines, "one line for each event that has facts"),
    ("news.quotes", TEXT, lambda a: tuple(plain(quote.text) for quote in a.quotes), "the sentences that matched"),
)  # fmt: skip


def entry_id(alert: Alert) -> str:
    """The id of the entry of an alert: that of its rule and article."""
    return hashlib.sha256("\0".join((alert.article, alert.rule)).encode()).hexdigest()[:32]


def alert_leaves() -> list[Leaf]:
    """Every field of an index of alerts."""
    return leaves_of(ALERT_FIELDS)


def alert_template() -> dict[str, Any]:
    """Settings and mappings of an index of alerts."""
    return template(alert_leaves())


def alert_source(alert: Alert) -> dict[str, Any]:
    """The Elasticsearch source of an alert, to be encoded by msgspec."""
    return source_of(ALERT_FIELDS, alert, "alert", "alerts")


def alert_of(source: dict[str, Any]) -> Alert:
    """The alert in a source made by `alert_source`. Raises SchemaError for a record of another schema."""
    return record_of(Alert, source)
