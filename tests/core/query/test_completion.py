"""Tests of the completion of a query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.documents.fields import KEYWORD_FIELDS
from pipeline.core.query.completion import Unfinished, completed, unfinished
from pipeline.core.query.parse import parse
from pipeline.core.query.tree import And, Equal


@pytest.mark.parametrize(
    ("text", "before", "field", "start"),
    [
        ("", "", "", ""),
        ("top", "", "", "top"),
        ("troops cou", "troops ", "", "cou"),
        ("topic:", "topic:", "topic", ""),
        ("topic:co", "topic:", "topic", "co"),
        ("troops -topic:co", "troops -topic:", "topic", "co"),
        ("(topic:co", "(topic:", "topic", "co"),
        ('source:"The Ex', "source:", "source", "The Ex"),
        ("topic:(coup OR str", "topic:(coup OR ", "topic", "str"),
        ('source:("A B" OR "The', 'source:("A B" OR ', "source", "The"),
        ('"a phrase" coun', '"a phrase" ', "", "coun"),
    ],
)
def test_what_the_end_begins(text: str, before: str, field: str, start: str) -> None:
    assert unfinished(text) == Unfinished(before, field, start)


@pytest.mark.parametrize("text", ['"an open phr', "unknown:va", "troops AND", "http://x", '"closed"'])
def test_what_cannot_be_completed(text: str) -> None:
    assert unfinished(text) is None


@pytest.mark.parametrize(
    ("text", "value", "whole"),
    [
        ("troops cou", "country", "troops country:"),
        ("topic:co", "coup", "topic:coup"),
        ("source:the", "The Example", 'source:"The Example"'),
        ('source:"The Ex', "The Example", 'source:"The Example"'),
        ("source:x", 'a "b" \\ c', 'source:"a \\"b\\" \\\\ c"'),
        ("-topic:(coup OR str", "strike", "-topic:(coup OR strike"),
        ("source:", "OR", 'source:"OR"'),
    ],
)
def test_what_is_put_there(text: str, value: str, whole: str) -> None:
    found = unfinished(text)
    assert found is not None
    assert completed(found, value) == whole


@given(
    st.sampled_from(KEYWORD_FIELDS),
    st.text(st.characters(categories=("L", "N", "P"), include_characters=" “”«»"), min_size=1, max_size=20),
)
def test_a_completed_value_is_read_as_one_value(field: str, value: str) -> None:
    found = unfinished(f"army {field}:")
    assert found is not None
    node = parse(completed(found, value)).node
    assert isinstance(node, And)
    assert isinstance(node.parts[1], Equal)
    assert node.parts[1].field == field


@given(st.text(max_size=60))
def test_any_text_has_an_end(text: str) -> None:
    found = unfinished(text)
    assert found is None or text.startswith(found.before) or found.field
