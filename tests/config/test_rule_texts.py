"""Texts beside the rules of alerts.toml, tried with real topics."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from pipeline.config.rule_texts import try_texts
from pipeline.core.alerts.rules import AlertRule
from pipeline.core.query.parse import parse
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.judge import RuleSet, parse_rules
from tests.builders import STRIKE_TOPIC

STRIKE_TERMS = """
[strike]
terms = ["strike"]
[port]
terms = ["port"]
[[must_match]]
title = "Strike at the port"
[[must_not_match]]
title = "A port"
"""
ALERTS = TomlFile.parse(
    "alerts.toml",
    b"""[[alert]]
name = "Strikes"
query = "topic:strike"
must_match = [
  "Strike at the port",
  "Nothing happens",
]
must_not_match = ["A strike in the port of Callao goes on"]
""",
)


def topics() -> RuleSet:
    files = {"topics/strike/topic.toml": STRIKE_TOPIC, "topics/strike/en.toml": STRIKE_TERMS}
    return parse_rules(TomlFile.parse(name, text.encode()) for name, text in files.items())


def rules() -> list[AlertRule]:
    node = parse("topic:strike").node
    table = ALERTS.data["alert"][0]
    rule = AlertRule("Strikes", "topic:strike", node, node, "medium", ("t",))
    return [replace(rule, must_match=tuple(table["must_match"]), must_not_match=tuple(table["must_not_match"]))]


def test_texts_are_tagged_as_articles_are() -> None:
    faults, warnings = try_texts(rules(), topics(), ALERTS)
    assert [str(fault) for fault in faults] == [
        'alerts.toml:6: alert "Strikes".must_match[1]: does not match: "Nothing happens" '
        "(`topic:strike` does not hold: topic is none)",
        'alerts.toml:8: alert "Strikes".must_not_match[0]: matches: "A strike in the port of Callao goes on" '
        "(strike: strike, port)",
    ]
    assert warnings == []


def test_what_was_not_tried_in_time_is_said() -> None:
    seconds = count(0.0, 10.0)
    faults, (warning,) = try_texts(rules() * 3, topics(), ALERTS, lambda: next(seconds), 15.0)
    assert len(faults) == 2
    assert "the texts of 2 rules were not tried" in warning.reason
