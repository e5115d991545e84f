"""The score of an alert: what raises and lowers it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.notification.planning.score import score
from pipeline.records import Span, StorySoFar
from tests.builders import alert

IN_TITLE = (Span(field="title", start=0, end=4, text="coup"),)
PLAIN = msgspec.structs.replace(alert(), matched=(), topic_score=0.4, share=0.5, fact_lines=(), old=False)


def story(outlets: int) -> StorySoFar:
    return StorySoFar(id="s", sources=tuple(map(str, range(outlets))))


@pytest.mark.parametrize(
    "better",
    [
        {"matched": IN_TITLE},
        {"topic_score": 0.9},
        {"share": 1.0},
        {"fact_lines": ("Peru: authorised",)},
    ],
)
def test_what_raises_a_score(better: dict[str, Any]) -> None:
    assert score(msgspec.structs.replace(PLAIN, **better)) > score(PLAIN)


def test_more_outlets_raise_it_and_copies_and_old_articles_lower_it() -> None:
    scores = [score(PLAIN, story(outlets)) for outlets in (0, 1, 2, 4, 9, 100)]
    assert scores[0] == scores[1] == score(PLAIN)
    assert scores[1:] == sorted(set(scores[1:]))
    assert score(msgspec.structs.replace(PLAIN, duplicate_of="a")) == pytest.approx(0.5 * score(PLAIN))
    assert score(msgspec.structs.replace(PLAIN, old=True)) == pytest.approx(0.3 * score(PLAIN))


def test_the_severity_does_not_change_it() -> None:
    assert score(msgspec.structs.replace(PLAIN, severity="critical")) == score(PLAIN)


@given(st.floats(0, 2), st.floats(-1, 1), st.integers(0, 5), st.integers(0, 10_000), st.booleans(), st.booleans())
def test_it_is_from_0_to_1(topic: float, share: float, facts: int, outlets: int, title: bool, old: bool) -> None:
    found = msgspec.structs.replace(
        PLAIN, topic_score=topic, share=share, fact_lines=("x",) * facts, old=old, matched=IN_TITLE if title else ()
    )
    assert 0.0 <= score(found, story(outlets)) <= 1.0
