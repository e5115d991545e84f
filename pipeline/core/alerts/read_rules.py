"""Reads alerts.toml: the reader, the channels and the rules; reports every fault at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.read_channels import read_channel
from pipeline.core.alerts.read_reader import read_reader
from pipeline.core.alerts.read_rule import RuleReader
from pipeline.core.alerts.rule_checks import check_keys, warn_of_queries, warn_of_times
from pipeline.core.documents.fields import keyword
from pipeline.core.faults import Fault
from pipeline.core.query.doubts import Known
from pipeline.core.query.names import NameList
from pipeline.core.toml_reader import TomlFile, TomlReader


def parse_alerts(
    file: TomlFile,
    topics: Collection[str] | None = None,
    lists: Mapping[str, NameList] | None = None,
    sources: Known | None = None,
) -> tuple[AlertSet, tuple[Fault, ...]]:
    """The rules, channels and reader of alerts.toml, and warnings. Raises Faults with all of them.

    `topics` are the ids of the topics that exist; None, if they are unknown, allows any. `lists`: those of names.
    `sources`: the values that fields about feeds can have.
    """
    reader = TomlReader(file)
    reader.root.only("reader", "channels", "alert")
    whom = read_reader(reader.root.table("reader"))
    channels = reader.root.table("channels")
    specs = {name: spec for name in channels if (spec := read_channel(channels, name))}
    known = None if topics is None else {keyword(topic): topic for topic in topics}
    tables = reader.root.tables("alert")
    rules = [rule for table in tables if (rule := RuleReader(table, tuple(channels), known, lists).read())]
    check_keys(tables)
    reader.finish()
    alerts = AlertSet(rules, specs, whom)
    enabled = [(rule, table) for table, rule in zip(tables, rules, strict=True) if rule.enabled]
    warn_of_queries(enabled, sources)
    warn_of_times(enabled, whom, specs)
    for number in alerts.always:
        rule, table = enabled[number]
        if rule.query or not rule.counts:
            table.warn("", "is tried on every article: it requires no word or keyword", "add a word that must be there")
    return alerts, tuple(reader.warnings)
