"""docs/fields.md is what scripts/make_docs.py makes of the table of fields."""

from __future__ import annotations

import pytest

from scripts.make_docs import PAGE, with_tables


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page) == page, "run `./test python scripts/make_docs.py`"


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="json"):
        with_tables("# Fields")
