"""Reads config/alerts.toml, already parsed, into an AlertSet. Finds every fault at once; opens no file or channel."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from pipeline.core.alerts.ruleset import SEVERITIES, AlertRule, AlertSet, ChannelSpec
from pipeline.core.documents.fields import FILTERS, keyword
from pipeline.core.faults import Fault, Faults
from pipeline.core.query.parse import parse
from pipeline.core.query.scan import QueryError
from pipeline.core.query.tree import And, Equal, Node, Not, Or, to_text

COPIES = ("skip", "alert")
CHANNEL_TYPES = ("terminal", "file", "apprise")
_CODES = {"languages": re.compile("[a-z]{2,3}"), "countries": re.compile("[A-Z]{2}")}
_CODES["outlet_countries"] = _CODES["countries"]
_NAME = re.compile(r"[^\W_](?:[\w .,:()/'&+-]{0,78}[\w.)])?")
_ALERT_KEYS = ("name", "query", "severity", "channels", "copies", "enabled", "description", *FILTERS)
_CHANNEL_KEYS = {
    "terminal": ("type",),
    "file": ("type", "path", "max_mb"),
    "apprise": ("type", "url", "url_file"),
}


def parse_alerts(
    data: Mapping[str, Any], file: str = "alerts.toml", topics: Collection[str] | None = None
) -> tuple[AlertSet, tuple[Fault, ...]]:
    """The set and warnings. `topics` are the ids that exist, None where that is not known. Raises Faults."""
    reader = _Reader(file, topics)
    for key in data:
        if key not in ("alert", "channels"):
            reader.unknown(key, key, ("alert", "channels"))
    channels = reader.channels(data.get("channels", {}))
    named = data.get("channels", {})
    rules = reader.rules(data.get("alert", []), tuple(named) if isinstance(named, Mapping) else ())
    if reader.faults:
        raise Faults(tuple(reader.faults))
    alerts = AlertSet(rules, channels)
    live = [rule for rule in rules if rule.enabled]
    for number in alerts.always:
        reader.warn(
            f'alert "{live[number].name}"',
            "is tried on every article: no word or keyword of it must be there",
            "add one",
        )
    return alerts, tuple(reader.warnings)


class _Reader:
    def __init__(self, file: str, topics: Collection[str] | None) -> None:
        self.file = file
        self.topics = None if topics is None else {keyword(topic): topic for topic in topics}
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def fault(self, key: str, reason: str, hint: str = "") -> None:
        self.faults.append(Fault(self.file, key, reason, hint))

    def warn(self, key: str, reason: str, hint: str = "") -> None:
        self.warnings.append(Fault(self.file, key, reason, hint))

    def unknown(self, path: str, key: str, known: Collection[str]) -> None:
        near = get_close_matches(key, known, 1)
        self.fault(path, "unknown key", f"did you mean {near[0]}?" if near else "known: " + ", ".join(known))

    # -- channels

    def channels(self, data: Any) -> dict[str, ChannelSpec]:
        if not isinstance(data, Mapping):
            self.fault("channels", "must be tables: [channels.NAME]")
            return {}
        found = {name: self.channel(name, table) for name, table in data.items()}
        return {name: spec for name, spec in found.items() if spec is not None}

    def channel(self, name: str, table: Any) -> ChannelSpec | None:
        path = f"channels.{name}"
        if not isinstance(table, Mapping):
            self.fault(path, "must be a table", f"[channels.{name}]")
            return None
        kind = table.get("type")
        if kind not in CHANNEL_TYPES:
            self.fault(
                f"{path}.type", "is missing" if kind is None else "is no type", "one of " + ", ".join(CHANNEL_TYPES)
            )
            return None
        for key in table:
            if key not in _CHANNEL_KEYS[kind]:
                self.unknown(f"{path}.{key}", key, _CHANNEL_KEYS[kind])
        if kind == "file" and not self.text(table, "path", path):
            self.fault(f"{path}.path", "is missing", 'path = "alerts.jsonl"')
        if kind == "apprise" and ("url" in table) == ("url_file" in table):
            self.fault(path, "needs either url or url_file", "url_file keeps the secret out of this file")
        size = table.get("max_mb")
        if size is not None and (type(size) is not int or size < 1):
            self.fault(f"{path}.max_mb", "must be a whole number of megabytes, 1 or more")
        urls = table.get("url", ())
        return ChannelSpec(
            name=name,
            type=kind,
            path=self.text(table, "path", path),
            urls=self.strings((urls,) if isinstance(urls, str) else urls, f"{path}.url") if "url" in table else (),
            url_file=self.text(table, "url_file", path),
            max_mb=size,
        )

    # -- rules

    def rules(self, data: Any, channels: Collection[str]) -> list[AlertRule]:
        if not isinstance(data, list) or not all(isinstance(table, Mapping) for table in data):
            self.fault("alert", "must be tables: [[alert]]")
            return []
        found = [self.rule(table, _path(table, n), channels) for n, table in enumerate(data, 1)]
        seen: dict[str, int] = {}
        for n, table in enumerate(data, 1):
            name = table.get("name")
            if isinstance(name, str) and seen.setdefault(name.casefold(), n) != n:
                self.fault(f"alert[{n}].name", f"{name!r} is the name of alert[{seen[name.casefold()]}] too")
        return [rule for rule in found if rule is not None]

    def rule(self, table: Mapping[str, Any], path: str, channels: Collection[str]) -> AlertRule | None:
        before = len(self.faults)
        for key in table:
            if key not in _ALERT_KEYS:
                self.unknown(f"{path}.{key}", key, _ALERT_KEYS)
        name = self.text(table, "name", path) or ""
        if not _NAME.fullmatch(name):
            self.fault(f"{path}.name", "is missing" if not name else "must be 1 to 80 letters, digits and blanks")
        asked = self.query(table, path)
        filters = [node for key in FILTERS if (node := self.filter(table, key, path)) is not None]
        if asked is None and not filters and len(self.faults) == before:
            self.fault(path, "has neither a query nor a filter, so every article would match", 'query = "…"')
        rule_channels = self.rule_channels(table, path, channels)
        severity = self.choice(table, "severity", path, SEVERITIES, "medium")
        copies = self.choice(table, "copies", path, COPIES, "skip")
        enabled = table.get("enabled", True)
        if not isinstance(enabled, bool):
            self.fault(f"{path}.enabled", "must be true or false")
        description = self.text(table, "description", path) or ""
        if len(self.faults) > before:
            return None
        node = _all([*([asked] if asked else []), *filters])
        shown = asked or node
        query = " ".join(table["query"].split()) if "query" in table else to_text(node)
        return AlertRule(name, query, node, shown, severity, rule_channels, copies, enabled, description)

    def query(self, table: Mapping[str, Any], path: str) -> Node | None:
        query = self.text(table, "query", path)
        if query is None:
            return None
        try:
            parsed = parse(query)
        except QueryError as error:
            self.fault(f"{path}.query", f"column {error.column}: {error.message}", error.hint)
            return None
        for remark in parsed.warnings:
            self.warn(f"{path}.query", f"column {remark.column}: {remark.message}", remark.hint)
        for topic in _topics(parsed.node):
            self.topic(topic, f"{path}.query")
        return parsed.node

    def filter(self, table: Mapping[str, Any], key: str, path: str) -> Node | None:
        if key not in table:
            return None
        place = f"{path}.{key}"
        values = self.strings(table[key], place)
        for value in values:
            if key in _CODES and not _CODES[key].fullmatch(value):
                self.fault(place, f"{value!r} is no code", 'as "es"' if key == "languages" else 'as "PE"')
            if key == "topics":
                self.topic(value, place)
        parts = tuple(Equal(FILTERS[key], value) for value in values)
        return None if not parts else parts[0] if len(parts) == 1 else Or(parts)

    def topic(self, topic: str, place: str) -> None:
        if self.topics is not None and keyword(topic) not in self.topics:
            near = get_close_matches(topic, self.topics.values(), 1)
            self.fault(
                place, f"there is no topic {topic!r}", f"did you mean {near[0]}?" if near else "see config/topics/"
            )

    def rule_channels(self, table: Mapping[str, Any], path: str, channels: Collection[str]) -> tuple[str, ...]:
        if "channels" not in table:
            self.fault(f"{path}.channels", "is missing", f'channels = ["{next(iter(channels), "terminal")}"]')
            return ()
        names = self.strings(table["channels"], f"{path}.channels")
        for name in names:
            if name not in channels:
                near = get_close_matches(name, channels, 1)
                hint = f"did you mean {near[0]}?" if near else f"define [channels.{name}]"
                self.fault(f"{path}.channels", f"there is no channel {name!r}", hint)
        return tuple(dict.fromkeys(names))

    # -- values

    def text(self, table: Mapping[str, Any], key: str, path: str) -> str | None:
        value = table.get(key)
        if value is not None and not isinstance(value, str):
            self.fault(f"{path}.{key}", "must be a text in quotation marks")
            return None
        return value

    def strings(self, value: Any, place: str) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) and v.strip() for v in value):
            self.fault(place, "must be a list of texts", '["one", "two"]')
            return ()
        if not value:
            self.fault(place, "is an empty list", "leave the key out for no condition")
        return tuple(value)

    def choice(self, table: Mapping[str, Any], key: str, path: str, known: tuple[str, ...], default: str) -> str:
        value = table.get(key, default)
        if value not in known:
            self.fault(f"{path}.{key}", f"{value!r} is not known", "one of " + ", ".join(known))
            return default
        return str(value)


def _path(table: Mapping[str, Any], number: int) -> str:
    """What a person finds a rule by: its name, else which it is from the top."""
    name = table.get("name")
    return f'alert "{name}"' if isinstance(name, str) and _NAME.fullmatch(name) else f"alert[{number}]"


def _all(parts: list[Node]) -> Node:
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, And) else (part,))
    return And(tuple(flat)) if len(flat) > 1 else flat[0]


def _topics(node: Node) -> list[str]:
    match node:
        case And(parts) | Or(parts):
            return [topic for part in parts for topic in _topics(part)]
        case Not(part):
            return _topics(part)
        case Equal("topic", value):
            return [value]
    return []
