"""Texts that repeat the words of facts without end: the work grows with the length, and no faster.

Work is counted in lines of core/facts that are run, not in time, so that the tests do not depend on the machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest

from tests.core.facts.scenes import found

FACTS = "/core/facts/"
TEXTS = [
    ("en", "Parliament approved the entry of troops to train troops with rifles. "),
    ("en", "parliament approved troops to train and rifles and "),
    ("en", "the base at Tema, Axim, "),
    ("es", "el Congreso autorizó tropas por 31 votos contra 12 hasta el 1 de abril para entrenar "),
    ("de", "Parlament genehmigt Übung Übung Gesetz Vertrag vom 1. April "),
    ("fr", "accord signé le 3 mars accord signé le 3 mars "),
    ("ru", "парламент разрешил войскам учения на базе и "),
]
SHORT, LONG = 6_000, 24_000  # characters
_SPARE = 1.35  # more lines for each character in the longer text


def lines_run(work: Callable[[], Any]) -> int:
    """How many lines of core/facts are run, in a loop once per turn."""
    count = 0

    def counted(_frame: FrameType, event: str, _arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return counted

    def traced(frame: FrameType, _event: str, _arg: Any) -> Any:
        return counted if FACTS in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.slow
@pytest.mark.parametrize(("language", "words"), TEXTS)
def test_work_is_linear(language: str, words: str) -> None:
    found(words, language)  # tables are read once
    short, long = (lines_run(partial(found, words * (size // len(words)), language)) for size in (SHORT, LONG))
    assert long / short <= LONG / SHORT * _SPARE, (short, long)
