from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.alerts.firing import AlertSet, alert_id
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.faults import Faults
from pipeline.core.query.snippets import plain
from pipeline.core.toml_reader import TomlFile
from pipeline.records import Document, Evidence, Topic, decode, encode
from tests.builders import document
from tests.topic_files import shipped_topics

CHANNELS = {"screen": {"type": "terminal"}, "log": {"type": "file", "path": "alerts.jsonl"}}


def toml(**data: Any) -> TomlFile:
    return TomlFile("alerts.toml", data)


def read(*rules: dict[str, Any], **more: Any) -> AlertSet:
    whole = [{"channels": ["screen"], **rule} for rule in rules]
    return parse_alerts(toml(channels=CHANNELS, alert=whole), **more)[0]


def test_an_alert_says_which_rule_why_and_where() -> None:
    alerts = read(
        {"name": "Troops", "query": '(soldiers OR marines) "united states"', "languages": ["en"], "severity": "high"}
    )
    text = "On Monday the vote came. Marines of the United States may enter the country, it was decided."
    published = datetime(2026, 3, 1, tzinfo=UTC)
    fired = document("Vote passed", text, published=published, topics=("coup",), countries=("PE",), backlog=True)
    (alert,) = alerts.fire(fired)
    assert (alert.rule, alert.severity, alert.channels) == ("Troops", "high", ("screen",))
    assert alert.id == alert_id("a1", 1, "Troops")
    assert (alert.rules, alert.rule_hash) == (alerts.hash, alerts.rules[0].hash)
    assert alert.query == '(soldiers OR marines) "united states"'
    assert alert.branch == 'marines AND "united states"'
    assert [span.text for span in alert.matched] == ["Marines", "United States"]
    (quote,) = alert.quotes
    assert quote.text == "\x02Marines\x03 of the \x02United States\x03 may enter the country, it was decided."
    assert plain(quote.text) in text
    assert alert.share == 2 / 3
    assert (alert.topics, alert.countries, alert.backlog, alert.published) == (
        ("coup",), ("PE",), True, fired.article.published,
    )  # fmt: skip
    assert decode(type(alert), encode(alert)) == alert


def test_a_topic_shows_the_words_that_spoke_for_it() -> None:
    plain_document = document("Army takes power", "Tanks stand before the palace.", topics=("coup",))
    evidence = (
        Evidence(concept="c", text="Tanks", field="text", start=0, end=5, sentence="…"),
        Evidence(concept="d", text="Army", field="title", start=0, end=4, sentence="…"),
    )
    tags = type(plain_document.tags)(rules="r", topics=(Topic(id="coup", score=2.0, evidence=evidence),))
    fired = Document(article=plain_document.article, tags=tags, relation=plain_document.relation)
    for rule_of_topic in ({"name": "T", "query": "topic:coup"}, {"name": "T", "topics": ["coup"]}):
        (alert,) = read(rule_of_topic).fire(fired)
        assert [(span.field, span.text) for span in alert.matched] == [("title", "Army"), ("text", "Tanks")]
        assert [quote.text for quote in alert.quotes] == [
            "\x02Army\x03 takes power", "\x02Tanks\x03 stand before the palace."
        ]  # fmt: skip
        assert alert.topic_score == 2.0
        assert alert.branch == alert.query == "topic:coup"


@pytest.mark.parametrize(
    ("filters", "fires"),
    [
        ({"languages": ["es", "en"]}, True),
        ({"languages": ["es"]}, False),
        ({"sources": ["el ejemplo"]}, True),
        ({"sites": ["example.org"]}, True),
        ({"sites": ["example.com"]}, False),
        ({"countries": ["US"]}, True),
        ({"outlet_countries": ["PE"], "topics": ["coup"]}, True),
        ({"outlet_countries": ["PE"], "topics": ["election"]}, False),
        ({"feeds": ["example-world"], "sections": ["politics"]}, False),
        ({"enabled": False}, False),
    ],
)
def test_filters_are_conditions_too(filters: dict[str, Any], fires: bool) -> None:
    fired = read({"name": "T", "query": "troops", **filters}).fire(
        document("Troops", countries=("US",), topics=("coup",))
    )
    assert bool(fired) == fires
    assert all(alert.branch == "troops" for alert in fired)


@pytest.mark.parametrize(
    ("changes", "fires"),
    [
        ({}, 1), ({"version": 2}, 1), ({"version": 2, "material": False}, 1),
        ({"kind": "copy", "duplicate_of": "a0"}, 1), ({"noted": "removed"}, 0), ({"noted": "returned"}, 0),
    ],
)  # fmt: skip
def test_every_version_fires_but_no_note(changes: dict[str, Any], fires: int) -> None:
    alerts = read({"name": "T", "query": "troops", "copies": "alert"}).fire(document("Troops", **changes))
    assert len(alerts) == fires
    assert all((alert.duplicate_of, alert.copies) == (changes.get("duplicate_of"), "alert") for alert in alerts)


def test_ids_and_hashes_follow_from_their_inputs() -> None:
    assert len({alert_id("a", 1, "r"), alert_id("a", 2, "r"), alert_id("b", 1, "r"), alert_id("a", 1, "s")}) == 4
    one = {"name": "T", "query": "troops"}
    first, again = read(one), read({**one, "description": "what it is for"})
    assert first.hash == again.hash
    for change in ({"query": "troop"}, {"severity": "high"}, {"copies": "alert"}, {"channels": ["log"]}, {"name": "U"}):
        assert read({**one, **change}).hash != first.hash
    assert read(one, {"name": "Off", "query": "x", "enabled": False}).hash == first.hash


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"query": "x"}, "alert[1].name", "missing"),
    ({"name": "a\nb", "query": "x"}, "alert[1].name", "must be"),
    ({"name": "T"}, 'alert "T"', "neither a query nor a filter"),
    ({"name": "T", "query": "a OR b c"}, 'alert "T".query', "two ways"),
    ({"name": "T", "query": 5}, 'alert "T".query', "string"),
    ({"name": "T", "query": "x", "sevrity": "low"}, 'alert "T".sevrity', "severity?"),
    ({"name": "T", "query": "x", "severity": "urgent"}, 'alert "T".severity', "critical"),
    ({"name": "T", "query": "x", "copies": "yes"}, 'alert "T".copies', "skip, alert"),
    ({"name": "T", "query": "x", "enabled": "yes"}, 'alert "T".enabled', "true or false"),
    ({"name": "T", "query": "x", "languages": "es"}, 'alert "T".languages', "list"),
    ({"name": "T", "query": "x", "languages": []}, 'alert "T".languages', "empty"),
    ({"name": "T", "query": "x", "languages": ["spanish"]}, 'alert "T".languages', "not a code"),
    ({"name": "T", "query": "x", "countries": ["pe"]}, 'alert "T".countries', "not a code"),
    ({"name": "T", "query": "x", "topics": ["coupp"]}, 'alert "T".topics', "did you mean coup?"),
    ({"name": "T", "query": "x NOT topic:coupp"}, 'alert "T".query', "did you mean coup?"),
    ({"name": "T", "query": "x", "channels": ["scren"]}, 'alert "T".channels', "did you mean screen?"),
    ({"name": "T", "query": "x", "channels": []}, 'alert "T".channels', "empty"),
    ({"name": "T", "query": "x", "countries": ["PE", "pe"]}, 'alert "T".countries', "not a code"),
]


@pytest.mark.parametrize(("table", "key", "says"), FAULTS, ids=[f"{row[1]} {row[2]}" for row in FAULTS])
def test_a_fault_in_a_rule(table: dict[str, Any], key: str, says: str) -> None:
    with pytest.raises(Faults) as caught:
        read(table, topics=["coup"])
    (fault,) = caught.value.faults
    assert (fault.file, fault.key) == ("alerts.toml", key)
    assert says in str(fault)


def test_all_faults_are_found_at_once() -> None:
    with pytest.raises(Faults) as caught:
        parse_alerts(
            toml(
                channel={},
                channels={"a": {"type": "x"}},
                alert=[
                    {"name": "Same", "query": "(", "channels": ["a"]},
                    {"name": "same", "query": "x", "channels": ["b"], "languages": ["x"]},
                ],
            )
        )
    assert [fault.key for fault in caught.value.faults] == [
        "channel", "channels.a.type", 'alert "Same".query', 'alert "same".languages', 'alert "same".channels',
        'alert "same".name',
    ]  # fmt: skip


@pytest.mark.parametrize("alert", [{}, [1], "x"])
def test_alerts_that_are_no_tables(alert: Any) -> None:
    with pytest.raises(Faults, match="tables"):
        parse_alerts(toml(alert=alert))


def test_what_is_warned_of() -> None:
    warnings = parse_alerts(
        toml(
            channels=CHANNELS,
            alert=[
                {"name": "All", "query": "version:>1", "channels": ["screen"]},
                {"name": "And", "query": "troops and soldiers", "channels": ["screen"]},
            ],
        )
    )[1]
    assert [warning.key for warning in warnings] == ['alert "And".query', 'alert "All"']


def test_no_alerts_is_a_set_too() -> None:
    assert parse_alerts(toml())[0].fire(document("x", "y")) == ()


# -- the shipped rules

CONFIG = Path(__file__).parents[3] / "config"
SHIPPED = TomlFile.parse("alerts.toml", (CONFIG / "alerts.toml").read_bytes())


def test_the_shipped_rules_have_no_fault_and_no_warning() -> None:
    alerts, warnings = parse_alerts(SHIPPED, topics=shipped_topics())
    assert len(alerts.rules) >= 5
    assert warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "Both sides signed a treaty on a new military base near the coast.",
        "El acuerdo permite dos bases militares en la costa.",
        "O acordo prevê uma base naval no norte.",
        "Le traité autorise une base militaire.",
        "Ein Abkommen über den Militärstützpunkt wurde unterzeichnet.",
        "Подписано соглашение о размещении военной базы.",
        "وقع البلدان اتفاقية حول قاعدة عسكرية",
        "ينص الاتفاق على بقاء القاعدة العسكرية",
        "两国签署协议,建立军事基地。",
    ],
)
def test_the_shipped_keyword_example_speaks_many_languages(text: str) -> None:
    fired = parse_alerts(SHIPPED)[0].fire(document("", text))
    assert [alert.rule for alert in fired] == ["Military bases"]


@pytest.mark.parametrize(
    "text",
    [
        "The treaty was signed at the military academy.",
        "A military base burned down.",
        "A video game about a military base, and the deal behind it.",
    ],
)
def test_the_shipped_keyword_example_is_not_set_off_by_half(text: str) -> None:
    assert parse_alerts(SHIPPED)[0].fire(document("", text)) == ()
