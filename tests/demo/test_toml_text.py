from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.demo.toml_text import tables

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = TEXT | st.integers(-(2**60), 2**60) | st.booleans() | st.lists(TEXT, max_size=3)
ROWS = st.lists(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), VALUES, max_size=5), max_size=4)


@given(ROWS)
def test_what_is_written_is_read(rows: list[dict[str, Any]]) -> None:
    assert tomllib.loads(tables("row", rows)).get("row", []) == rows


def test_none_is_left_out() -> None:
    assert tables("feed", [{"id": "a", "language": None}]) == '[[feed]]\nid = "a"\n'
