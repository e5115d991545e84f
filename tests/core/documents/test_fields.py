"""The table of fields: what its entries give, and that nothing is named twice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from pipeline.core.documents.addresses import sites
from pipeline.core.documents.fields import (
    FACETS,
    FIELDS,
    FILTERS,
    QUERY_FIELDS,
    Field,
    Kind,
    keyword,
    query_value,
    several_values,
)
from tests.builders import document
from tests.core.documents.test_ecs import whole


def test_nothing_is_named_twice() -> None:
    for names in (
        [field.name for field in FIELDS if field.flat or field.csv],
        [field.query for field in FIELDS if field.query],
        [field.filter for field in FIELDS if field.filter],
        [name for field in FIELDS for name in field.elastic],
    ):
        assert [name for name, times in Counter(names).items() if times > 1] == []


TYPES: dict[Kind, Any] = {
    Kind.TEXT: str, Kind.KEYWORD: str | tuple, Kind.DATE: datetime | tuple, Kind.NUMBER: int | tuple,
    Kind.FLAG: bool,
    Kind.OBJECT: tuple | dict,
}  # fmt: skip


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_value_is_of_the_kind_of_its_field(field: Field) -> None:
    """In a document with every value, and in one with few."""
    value = field.get(whole())
    assert isinstance(value, TYPES[field.kind]) or field.name == "drop"
    bare = field.get(document())
    assert bare is None or isinstance(bare, TYPES[field.kind])


@pytest.mark.parametrize("name", QUERY_FIELDS)
def test_a_query_compares_values_of_the_kind_of_the_field(name: str) -> None:
    kinds: dict[Kind, type] = {Kind.TEXT: str, Kind.DATE: datetime, Kind.NUMBER: int}
    value, kind = query_value(name, whole()), QUERY_FIELDS[name].kind
    if kind is Kind.KEYWORD:
        assert value
        assert all(isinstance(one, str) for one in value)
    elif kind is Kind.TEXT:
        assert isinstance(value, str)
    else:
        values = several_values(value)
        assert values
        assert all(isinstance(one, kinds[kind]) for one in values)


def test_filters_and_facets_are_of_keywords() -> None:
    assert all(QUERY_FIELDS[name].kind is Kind.KEYWORD for name in FILTERS.values())
    assert all(field.kind is Kind.KEYWORD and field.elastic for field in FACETS.values())


def test_a_keyword_is_compared_without_case_accents_and_blanks() -> None:
    assert keyword(" El País ") == keyword("EL PAIS") == "el pais"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.news.example.co.uk/a", ("news.example.co.uk", "example.co.uk", "co.uk", "uk")),
        ("http://127.0.0.1:8000/a", ("127.0.0.1",)),
        ("http://[::1]/", ("::1",)),
        ("http://[broken", ()),
        ("nothing", ()),
    ],
)
def test_the_sites_of_a_url(url: str, expected: tuple[str, ...]) -> None:
    assert sites(url) == expected
