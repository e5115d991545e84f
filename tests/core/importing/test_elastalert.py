"""Rules of ElastAlert 2: what they become, and that the rest is listed, each once."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.importing.elastalert import read_rule
from pipeline.core.importing.elastalert_options import duration, seconds_of

ZEBRA = [{"query": {"query_string": {"query": "zebra"}}}]


def made(**options: Any) -> dict[str, Any]:
    found = read_rule({"name": "Zebras", "type": "any", "filter": ZEBRA, **options}, "file")
    return dict(found.rules[0]) if found.rules else {}


def left(**options: Any) -> dict[str, str]:
    found = read_rule({"name": "Zebras", "type": "any", "filter": ZEBRA, **options}, "file")
    return {one.what: one.why for one in found.left}


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({}, {"trigger": "article"}),
        ({"type": "frequency", "num_events": 1, "timeframe": {"hours": 1}}, {}),
        ({"type": "frequency", "num_events": 9, "timeframe": {"hours": 1}}, {"trigger": "burst"}),
        ({"type": "spike", "spike_type": "up", "spike_height": 3}, {"trigger": "burst"}),
        ({"type": "spike", "spike_type": "down", "spike_height": 3}, {"trigger": "silence"}),
        ({"type": "spike", "spike_type": "both", "spike_height": 3}, {"trigger": ["burst", "silence"]}),
        ({"type": "flatline", "threshold": 1, "query_key": "source.keyword"}, {"trigger": "silence", "by": "source"}),
        ({"type": "change", "compare_key": "headline", "query_key": "url"}, {"trigger": "change"}),
        ({"realert": {"minutes": 90}}, {"trigger": "article", "throttle": "90m"}),
        ({"realert": {"weeks": 4}}, {"trigger": "article", "throttle": "7d"}),
        ({"realert": {"minutes": 0}}, {"trigger": "article"}),
        ({"aggregation": {"hours": 1}}, {"trigger": "article", "send": "digest", "digest": "hourly"}),
        ({"aggregation": {"minutes": 15}}, {"trigger": "article", "throttle": "15m"}),
        ({"aggregation": {"schedule": "30 7 * * *"}},
         {"trigger": "article", "send": "digest", "digest": "daily 07:30"}),
        ({"aggregation": {"schedule": "0 9 * * 1"}},
         {"trigger": "article", "send": "digest", "digest": "weekly mon 09:00"}),
        ({"priority": 1}, {"trigger": "article", "severity": "critical"}),
        ({"is_enabled": False, "description": "All\n zebras"},
         {"trigger": "article", "enabled": False, "description": "All zebras"}),
    ],
)  # fmt: skip
def test_options_that_are_carried_over(options: dict[str, Any], rule: dict[str, Any]) -> None:
    assert made(**options) == {"name": "Zebras", "query": "zebra", **rule}


def test_lists_of_values() -> None:
    black = {"type": "blacklist", "compare_key": "source", "blacklist": ["The Zoo", "Lion"]}
    assert made(**black)["query"] == 'zebra AND (source:"The Zoo" OR source:Lion)'
    assert made(**black, filter=[])["query"] == '(source:"The Zoo" OR source:Lion)'
    white = {"type": "whitelist", "compare_key": "source", "whitelist": ["The Zoo"], "ignore_null": True}
    assert made(**white)["query"] == 'zebra AND _exists_:source AND NOT source:"The Zoo"'
    assert not made(**white, filter=[])
    assert "import it as a keyword list" in left(**(black | {"blacklist": ["!file /tmp/x"]}))["the rule"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"type": "cardinality"}, "counts the values"),
        ({"type": "new_term"}, "never had"),
        ({"type": "metric_aggregation"}, "computes with a number"),
        ({"type": "my.module.Rule"}, "known are any, frequency"),
        ({"type": "change", "compare_key": "user"}, "user is no field of articles"),
        ({"filter": [{"term": {"level": "error"}}]}, "level is no field of articles"),
        ({"filter": []}, "every article would match"),
    ],
)  # fmt: skip
def test_a_rule_whose_condition_cannot_be_written_is_not_made(options: dict[str, Any], why: str) -> None:
    assert not made(**options)
    assert why in left(**options)["the rule"]


def test_everything_else_is_listed_with_its_reason_and_secrets_are_not_shown() -> None:
    found = left(
        index="news-*", es_host="example.org", alert_text="{0}", alert_text_args=["a"],
        alert=["email", {"slack": {"slack_webhook_url": "https://x/SECRET"}}, "jira"],
        email=["SECRET@example.org"], slack_webhook_url="https://hooks.example/SECRET",
        query_key="story", kibana_url="https://k", nonsense=1, match_enhancements=["x.Y"],
    )  # fmt: skip
    assert "SECRET" not in str(found)
    assert set(found) == {
        "alert: email", "alert: slack", "alert: jira", "index, es_host", "email", "slack_webhook_url",
        "alert_text, alert_text_args", "query_key", "kibana_url", "nonsense", "match_enhancements",
    }  # fmt: skip
    assert found["nonsense"] == "no option of ElastAlert 2 that is known here"
    assert 'type = "mail"' in found["alert: email"]


@pytest.mark.parametrize("found", [None, [], "text", 3])
def test_a_file_without_a_mapping(found: Any) -> None:
    assert "must be a mapping" in read_rule(found, "file").left[0].why


def test_durations() -> None:
    assert seconds_of({"days": 1, "hours": 2}) == 93_600
    assert [duration(one) for one in (5400, 7200, 86400, 0.2)] == ["90m", "2h", "1d", "1s"]
    assert seconds_of({"fortnights": 1}) is None
