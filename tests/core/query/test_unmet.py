"""Which part of a query a document does not meet, in words."""

from __future__ import annotations

import pytest

from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds
from pipeline.core.query.parse import parse
from pipeline.core.query.unmet import place_of, unmet, words_of
from tests.builders import document

STORY = document("Troops arrive in Lima", "The senate let foreign troops enter.\nA football match was moved.",
                 topics=("strike",), countries=("PE", "US"))  # fmt: skip
CASES = [
    ("troops senate", ()),
    ("troops drones", ("`drones` is missing",)),
    ("drones missiles", ("`drones` is missing", "`missiles` is missing")),
    ("troops (drones OR missiles)", ("none of `drones`, `missiles` holds",)),
    ("troops NOT football", ('`football` excludes it: it has "football"',)),
    ("troops country:CL", ("`country:CL` does not hold: country is PE, US",)),
    ("topic:coup", ("`topic:coup` does not hold: topic is strike",)),
    ("place:Lima", ("`place:Lima` does not hold: place is none",)),
    ("senate NOT (troops OR drones)", ('`troops OR drones` excludes it: it has "Troops", "troops"',)),
    ("title:senate", ("`title:senate` is missing",)),
    ("senate NEAR/1 football", ("`senate NEAR/1 football` is missing",)),
    ("a OR b OR c OR d OR e OR f OR g OR h", None),
]


@pytest.mark.parametrize(("query", "expected"), CASES)
def test_the_parts_that_fail_are_named(query: str, expected: tuple[str, ...] | None) -> None:
    node, view = parse(query).node, DocumentView(STORY)
    found = unmet(node, view)
    assert (not found) == holds(node, view)
    if expected is not None:
        assert found == expected


def test_many_alternatives_are_shortened() -> None:
    node = parse(" OR ".join(f"word{number}" for number in range(20))).node
    (why,) = unmet(node, DocumentView(STORY))
    assert why.endswith("and 14 more holds")


def test_where_it_matched() -> None:
    view = DocumentView(STORY)
    assert words_of(parse("senate football").node, view) == '"senate", "football"'
    assert place_of(parse("troops senate").node, view) == "in the title: \x02Troops\x03 arrive in Lima"
    assert place_of(parse("country:PE").node, view) == ""
