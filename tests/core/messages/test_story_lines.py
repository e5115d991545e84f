"""What a message says of the story of an alert: how many sources, and where the reports differ."""

from __future__ import annotations

from typing import Any

from pipeline.core.messages.form import Limit, Medium, Voice
from pipeline.core.messages.write import written
from tests.builders import alert, message


def text(**changes: Any) -> str:
    [part] = written(message(alert(**changes)), Medium.PLAIN, Limit(), Voice())
    return part.body


def test_sources_and_differences_are_said() -> None:
    said = text(independent=3, differs=("vote: 73-25 | 75-25",))
    assert "3 independent sources" in said
    assert "Reports differ: vote: 73-25 | 75-25" in said


def test_one_source_is_not_worth_a_line() -> None:
    assert "independent" not in text()
    assert "differ" not in text()
