"""docs/messages.md: every variable and filter of templates is described, and its example works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.core.messages.form import Medium
from pipeline.core.messages.samples import samples
from pipeline.core.messages.several import LISTED
from pipeline.core.messages.template_language import LOOP
from pipeline.core.messages.template_values import ALERT, STORY, VARIABLES, Variable
from pipeline.core.messages.templates import LONGEST, MOST, STEPS, filled, read_template
from pipeline.core.messages.write import TINY
from tests.core.messages.samples import MADRID

PAGE = (Path(__file__).parents[3] / "docs" / "messages.md").read_text(encoding="utf-8")
FLAT = " ".join(PAGE.split())


@pytest.mark.parametrize(
    ("heading", "table"),
    [("Variables", VARIABLES), ("Fields of an alert", ALERT), ("Fields of story and new", STORY)],
)
def test_the_tables_are_complete(heading: str, table: dict[str, Variable]) -> None:
    section = PAGE.split(f"### {heading}\n")[1].split("###")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", section, re.MULTILINE))
    assert rows == {name: variable.about for name, variable in table.items()}


def test_the_language_is_described() -> None:
    from pipeline.core.messages.templates import _FILTERS

    for name in _FILTERS:
        assert f"`{name}`" in FLAT
    for name in LOOP:
        assert f"`loop.{name}`" in FLAT
    for limit in (f"{STEPS:,} rounds", f"{MOST:,} characters", f"at most {LONGEST:,} itself"):
        assert limit in FLAT
    assert f"at most {LISTED}" in FLAT
    assert f"less than {TINY} characters" in FLAT


def test_the_example_works() -> None:
    source = PAGE.split("\n```\n")[2]
    template = read_template("short.txt", source)
    for sample in samples():
        for medium in Medium:
            assert filled(template, sample, medium, MADRID).strip()
