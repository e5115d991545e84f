"""Reads one rule of alerts.toml: what it matches, and where its alerts go."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from pipeline.core.alerts.read_when import WHEN_KEYS, read_when
from pipeline.core.alerts.rules import COUNTING, SEVERITIES, AlertRule
from pipeline.core.documents.fields import FILTERS, keyword
from pipeline.core.faults import did_you_mean
from pipeline.core.query.names import NameList
from pipeline.core.query.parse import parse
from pipeline.core.query.remarks import QueryError
from pipeline.core.query.tree import And, Equal, Node, Not, Or
from pipeline.core.query.written import to_text
from pipeline.core.toml_reader import Table
from pipeline.core.wording import Text

COPIES, OLD = ("skip", "alert"), ("label", "skip")
_CODES = {"languages": re.compile("[a-z]{2,3}"), "countries": re.compile("[A-Z]{2}")}
_CODES["outlet_countries"] = _CODES["countries"]
_NAME = re.compile(r"[^\W_](?:[\w .,:()/'&+-]{0,78}[\w.)])?")

_EXAMPLES = ("must_match", "must_not_match")
RULE_KEYS = (
    "name", "id", "query", "severity", "channels", "copies", "old", "enabled", "description", *_EXAMPLES, *FILTERS,
    *WHEN_KEYS,
)  # fmt: skip


class RuleReader:
    """Reads one [[alert]]."""

    def __init__(
        self, table: Table, channels: Collection[str], topics: Mapping[str, str] | None,
        lists: Mapping[str, NameList] | None,
    ) -> None:  # fmt: skip
        """`topics` maps the keyword form of an id to the id."""
        self.table, self.channels, self.topics, self.lists = table, channels, topics, lists
        name = table.values.get("name")
        if isinstance(name, str) and _NAME.fullmatch(name):
            table.label = f'alert "{name}"'

    def read(self) -> AlertRule | None:
        """The rule; None if it has a fault."""
        table, faults = self.table, self.table.reader.faults
        before = len(faults)
        table.only(*RULE_KEYS)
        name, identity = self.name(), self.identity()
        query = self.query()
        filters = [node for key in FILTERS if (node := self.filter(key)) is not None]
        when = read_when(table)
        if query is None and not filters and len(faults) == before:
            self.check_counts(when.triggers, when.by)
        channels = self.rule_channels()
        severity = table.choice("severity", SEVERITIES, "medium")
        copies, old = table.choice("copies", COPIES, "skip"), table.choice("old", OLD, "label")
        enabled = table.boolean("enabled", True)
        description = table.text("description") or ""
        must, must_not = (table.texts(key, required=key in table) for key in _EXAMPLES)
        if len(faults) > before:
            return None
        node = _all([*([query] if query else []), *filters])
        text = " ".join(table.values["query"].split()) if "query" in table else to_text(node) if filters else ""
        return AlertRule(
            name=name, query=text, node=node, asked=query or node, severity=severity, channels=channels, copies=copies,
            enabled=enabled, description=description, id=identity, old=old, must_match=must, must_not_match=must_not,
            **when.fields(),
        )  # fmt: skip

    def name(self) -> str:
        name = self.table.text("name", required=True) or ""
        if name and not _NAME.fullmatch(name):
            self.table.fault("name", "must be 1 to 80 letters, digits and blanks")
        return name

    def identity(self) -> str:
        if "id" not in self.table:
            return ""
        found = self.table.text("id", required=True, hint='id = "troops"') or ""
        if found and not _NAME.fullmatch(found):
            self.table.fault("id", "must be 1 to 80 letters, digits and blanks", 'such as "troops"')
        return found

    def check_counts(self, triggers: Collection[str], by: str) -> None:
        """Add a fault unless the rule may do without a query and filters."""
        if not set(triggers) <= COUNTING:
            self.table.fault("", "has neither a query nor a filter, so every article would match", 'query = "…"')
        elif not by:
            hint = Text('by = "feed" for each feed on its own, or a query')
            self.table.fault("", "has neither a query nor a filter, so it would count all articles together", hint)

    def query(self) -> Node | None:
        query = self.table.text("query")
        if query is None:
            return None
        try:
            parsed = parse(query, lists=self.lists)
        except QueryError as error:
            self.table.fault("query", Text("column {}: {}", error.column, error.message), error.hint)
            return None
        for remark in parsed.warnings:
            self.table.warn("query", Text("column {}: {}", remark.column, remark.message), remark.hint)
        for topic in _topics(parsed.node):
            self.check_topic("query", topic)
        return parsed.node

    def filter(self, key: str) -> Node | None:
        if key not in self.table:
            return None
        values = self.table.texts(key, required=True, hint=Text('{} = ["…"]; leave the key out for no condition', key))
        for number, value in enumerate(values):
            if key in _CODES and not _CODES[key].fullmatch(value):
                example = "es" if key == "languages" else "PE"
                self.table.fault(
                    key, Text("{!r} is not a code", value), Text("such as {}", f'"{example}"'), item=number
                )
            if key == "topics":
                self.check_topic(key, value, number)
        parts = tuple(Equal(FILTERS[key], value) for value in values)
        return None if not parts else parts[0] if len(parts) == 1 else Or(parts)

    def check_topic(self, key: str, topic: str, item: int | None = None) -> None:
        if self.topics is not None and keyword(topic) not in self.topics:
            hint = did_you_mean(topic, self.topics.values(), "see config/topics/")
            self.table.fault(key, Text("there is no topic {!r}", topic), hint, item=item)

    def rule_channels(self) -> tuple[str, ...]:
        example = next(iter(self.channels), "terminal")
        names = self.table.texts("channels", required=True, hint=f'channels = ["{example}"]')
        for number, name in enumerate(names):
            if name not in self.channels:
                hint = did_you_mean(name, self.channels, Text("define {}", f"[channels.{name}]"))
                self.table.fault("channels", Text("there is no channel {!r}", name), hint, item=number)
        return tuple(dict.fromkeys(names))


def _all(parts: list[Node]) -> Node:
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, And) else (part,))
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def _topics(node: Node) -> list[str]:
    """The topics that a query names."""
    match node:
        case And(parts) | Or(parts):
            return [topic for part in parts for topic in _topics(part)]
        case Not(part):
            return _topics(part)
        case Equal("topic", value):
            return [value]
    return []
