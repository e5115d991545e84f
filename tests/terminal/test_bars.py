from __future__ import annotations

import pytest
from rich.cells import cell_len

from pipeline.terminal.bars import bars, spark

ROWS = [("Mon", 40, 4), ("Tue", 0, 0), ("Wednesday", 1, 2), ("国会", 10, 10)]


def test_the_longest_bar_is_the_greatest_number() -> None:
    lines = bars(ROWS, 40, "utf-8")
    assert lines == [
        "Mon        ██░░░░░░░░░░░░░░░░░░  40 → 4",
        "Tue                              0 → 0",
        "Wednesday  █                     1 → 2",
        "国会       █████                 10 → 10",
    ]


@pytest.mark.parametrize("width", [10, 20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for line in bars(ROWS, width, "utf-8"):
        assert cell_len(line) <= max(width, 9 + 4 + 10 + len("10 → 10"))


def test_an_output_without_blocks_gets_plain_characters() -> None:
    assert bars([("Mon", 4, 2)], 30, "latin-1") == ["Mon  ########---------  4 -> 2"]
    assert spark([1, 2], "ascii") == "1,2"


def test_a_spark_line() -> None:
    assert spark([0, 1, 4, 8], "utf-8") == " ▂▅█"
    assert spark([], "utf-8") == ""
    assert spark([0, 0], "utf-8") == "  "
    assert bars([], 80) == []
