"""`word_count` stands everywhere but in the flat form, whose keys stay as they are."""

from __future__ import annotations

import pytest

from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.documents.ecs import document_source
from pipeline.core.documents.export import csv_lines
from pipeline.core.documents.flat import flat
from pipeline.core.toml_reader import TomlFile
from tests.builders import document

ONE = document("Congreso vota", f"Las tropas de EE.UU. entran. 国会 {'x' * 256}")  # the last is too long for a word


def test_it_is_in_the_csv_and_not_in_the_flat_form() -> None:
    assert list(csv_lines([ONE], ["title", "word_count"])) == ["title,word_count\r\n", "Congreso vota,8\r\n"]
    assert "word_count" not in flat(ONE)


def test_it_is_sent_to_elasticsearch_to_be_shown_and_to_be_searched() -> None:
    source = document_source(ONE)
    assert (source["news"]["word_count"], source["key"]["word_count"]) == (8, 8)


@pytest.mark.parametrize(("condition", "fires"), [("[8 TO *]", 1), (">8", 0), ("8", 1), ("{7 TO 9}", 1), ("<8", 0)])
def test_an_alert_can_ask_for_it(condition: str, fires: int) -> None:
    rule = {"name": "Long", "query": f"tropas word_count:{condition}", "channels": ["screen"]}
    alerts, _ = parse_alerts(TomlFile("alerts.toml", {"channels": {"screen": {"type": "terminal"}}, "alert": [rule]}))
    assert len(alerts.fire(ONE)) == fires
