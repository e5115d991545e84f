"""Reads the rules and channels of alerts.toml, and reports every fault at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.read_channels import read_channel
from pipeline.core.alerts.rules import SEVERITIES, AlertRule
from pipeline.core.documents.fields import FILTERS, keyword
from pipeline.core.faults import Fault, did_you_mean
from pipeline.core.query.doubts import Known, dead_branches, impossible
from pipeline.core.query.names import NameList
from pipeline.core.query.normal import normal
from pipeline.core.query.parse import parse
from pipeline.core.query.remarks import QueryError
from pipeline.core.query.tree import And, Equal, Node, Not, Or
from pipeline.core.query.written import to_text
from pipeline.core.toml_reader import Table, TomlFile, TomlReader

COPIES = ("skip", "alert")
_CODES = {"languages": re.compile("[a-z]{2,3}"), "countries": re.compile("[A-Z]{2}")}
_CODES["outlet_countries"] = _CODES["countries"]
_NAME = re.compile(r"[^\W_](?:[\w .,:()/'&+-]{0,78}[\w.)])?")
_ALERT_KEYS = ("name", "query", "severity", "channels", "copies", "enabled", "description", *FILTERS)


def parse_alerts(
    file: TomlFile,
    topics: Collection[str] | None = None,
    lists: Mapping[str, NameList] | None = None,
    sources: Known | None = None,
) -> tuple[AlertSet, tuple[Fault, ...]]:
    """The rules and channels of alerts.toml, and warnings. Raises Faults with all of them.

    `topics` are the ids of the topics that exist; None, if they are unknown, allows any. `lists`: those of names.
    `sources`: the values that fields about feeds can have.
    """
    reader = TomlReader(file)
    reader.root.only("alert", "channels")
    channels = reader.root.table("channels")
    specs = {name: spec for name in channels if (spec := read_channel(channels, name))}
    known = None if topics is None else {keyword(topic): topic for topic in topics}
    tables = reader.root.tables("alert")
    rules = [rule for table in tables if (rule := _RuleReader(table, tuple(channels), known, lists).read())]
    _check_names(tables)
    reader.finish()
    alerts = AlertSet(rules, specs)
    enabled = [table for table, rule in zip(tables, rules, strict=True) if rule.enabled]
    _warn([rule for rule in rules if rule.enabled], enabled, sources)
    for number in alerts.always:
        enabled[number].warn(
            "", "is tried on every article: it requires no word or keyword", "add a word that must be there"
        )
    return alerts, tuple(reader.warnings)


def _warn(rules: list[AlertRule], tables: list[Table], sources: Known | None) -> None:
    """Add warnings of rules that cannot fire, and of those that always fire together."""
    first: dict[Node, str] = {}
    for rule, table in zip(rules, tables, strict=True):
        key = "query" if "query" in table else ""
        if reason := impossible(rule.node, sources):
            table.warn(key, f"can never fire: {reason}")
            continue
        for reason in dead_branches(rule.node, sources):
            table.warn(key, reason)
        other = first.setdefault(normal(rule.node), rule.name)
        if other != rule.name:
            table.warn(key, f"always fires together with {other!r}: they ask the same", "keep one of them")


def _check_names(tables: Iterable[Table]) -> None:
    """Add a fault for each rule with the name of an earlier one."""
    seen: dict[str, int] = {}
    for number, table in enumerate(tables, 1):
        name = table.values.get("name")
        if isinstance(name, str) and seen.setdefault(name.casefold(), number) != number:
            table.fault("name", f"{name!r} is also the name of alert[{seen[name.casefold()]}]", "choose another")


# -- rules


class _RuleReader:
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
        table.only(*_ALERT_KEYS)
        name = table.text("name", required=True) or ""
        if name and not _NAME.fullmatch(name):
            table.fault("name", "must be 1 to 80 letters, digits and blanks")
        query = self.query()
        filters = [node for key in FILTERS if (node := self.filter(key)) is not None]
        if query is None and not filters and len(faults) == before:
            table.fault("", "has neither a query nor a filter, so every article would match", 'query = "…"')
        channels = self.rule_channels()
        severity = table.choice("severity", SEVERITIES, "medium")
        copies = table.choice("copies", COPIES, "skip")
        enabled = table.boolean("enabled", True)
        description = table.text("description") or ""
        if len(faults) > before:
            return None
        node = _all([*([query] if query else []), *filters])
        text = " ".join(table.values["query"].split()) if "query" in table else to_text(node)
        return AlertRule(name, text, node, query or node, severity, channels, copies, enabled, description)

    def query(self) -> Node | None:
        query = self.table.text("query")
        if query is None:
            return None
        try:
            parsed = parse(query, lists=self.lists)
        except QueryError as error:
            self.table.fault("query", f"column {error.column}: {error.message}", error.hint)
            return None
        for remark in parsed.warnings:
            self.table.warn("query", f"column {remark.column}: {remark.message}", remark.hint)
        for topic in _topics(parsed.node):
            self.check_topic("query", topic)
        return parsed.node

    def filter(self, key: str) -> Node | None:
        if key not in self.table:
            return None
        values = self.table.texts(key, required=True, hint=f'{key} = ["…"]; leave the key out for no condition')
        for number, value in enumerate(values):
            if key in _CODES and not _CODES[key].fullmatch(value):
                example = "es" if key == "languages" else "PE"
                self.table.fault(key, f"{value!r} is not a code", f'such as "{example}"', item=number)
            if key == "topics":
                self.check_topic(key, value, number)
        parts = tuple(Equal(FILTERS[key], value) for value in values)
        return None if not parts else parts[0] if len(parts) == 1 else Or(parts)

    def check_topic(self, key: str, topic: str, item: int | None = None) -> None:
        if self.topics is not None and keyword(topic) not in self.topics:
            hint = did_you_mean(topic, self.topics.values(), "see config/topics/")
            self.table.fault(key, f"there is no topic {topic!r}", hint, item=item)

    def rule_channels(self) -> tuple[str, ...]:
        example = next(iter(self.channels), "terminal")
        names = self.table.texts("channels", required=True, hint=f'channels = ["{example}"]')
        for number, name in enumerate(names):
            if name not in self.channels:
                hint = did_you_mean(name, self.channels, f"define [channels.{name}]")
                self.table.fault("channels", f"there is no channel {name!r}", hint, item=number)
        return tuple(dict.fromkeys(names))


def _all(parts: list[Node]) -> Node:
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, And) else (part,))
    return And(tuple(flat)) if len(flat) > 1 else flat[0]


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
