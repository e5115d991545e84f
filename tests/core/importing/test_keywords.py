"""Keyword lists as people have them: one a line, with comments, quotes, bullets, groups and exclusions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.importing.imported import Imported, list_name, quoted, rule_name
from pipeline.core.importing.keywords import INLINE, read_keywords
from pipeline.core.query.parse import parse
from pipeline.core.query.remarks import QueryError
from pipeline.core.query.tree import And, Apart, Equal, Exists, Near, Not, Prefix, Range


def queries(found: Imported) -> dict[str, str]:
    return {str(rule["name"]): str(rule["query"]) for rule in found.rules}


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("zebra\ngiraffe\n", "(zebra OR giraffe)"),
        ("zebra\r\ngiraffe\r\n", "(zebra OR giraffe)"),
        ("New York\n", '"New York"'),
        ('"New York"\n', '"New York"'),
        ("“New York”\n", '"New York"'),
        ("'coup d’état'\n", '"coup d’état"'),
        ("zebra,\ngiraffe;\n", "(zebra OR giraffe)"),  # a column pasted from a spreadsheet
        ("zebra, giraffe, New York", '(zebra OR giraffe OR "New York")'),
        ("# animals\n\nzebra\n// seen\n", "zebra"),
        ("#zebra\n", '"#zebra"'),  # a hashtag is no comment
        ("- zebra\n- giraffe\n", "(zebra OR giraffe)"),  # bullets
        ("• zebra\n• giraffe\n", "(zebra OR giraffe)"),
        ("1. zebra\n2. giraffe\n", "(zebra OR giraffe)"),
        ("zebra\n-zoo\n", "zebra -zoo"),
        ('zebra\n-"petting zoo"\n', 'zebra -"petting zoo"'),
        ("zebra*\ngiraffe\n", "(giraffe OR zebra*)"),
        ("zebra AND (zoo OR park)\n", "(zebra AND (zoo OR park))"),
        ("zebra NEAR/5 zoo\n", "(zebra NEAR/5 zoo)"),
        ("and\nOR\nUS\n", '("and" OR "US")'),  # OR alone is an operator, and listed
        ("国会\nجيش\nvojska\n", '("国会" OR جيش OR vojska)'),
        ("C++\nAT&T\n", '("C++" OR "AT&T")'),
        ("zebra\nZebra\nZEBRA\n", "zebra"),
        ("sep=;\nzebra\n", "zebra"),
    ],
)  # fmt: skip
def test_a_list_becomes_one_query(text: str, query: str) -> None:
    found = read_keywords("animals", text)
    assert queries(found) == {"animals": query}
    parse(query)


def test_lines_in_brackets_begin_groups() -> None:
    found = read_keywords("all", "lion\n[Zoo & park]\nzebra\ngiraffe\n[Farm]\ncow\n")
    assert queries(found) == {"all": "lion", "Zoo & park": "(zebra OR giraffe)", "Farm": "cow"}


@pytest.mark.parametrize(
    ("text", "what", "why"),
    [
        ("zebra AND\n", "zebra AND", "column 10"),
        ("ze*bra\n", "ze*bra", "column"),
        ("***\n", "***", "has no letter or digit"),
        ("x" * 300, "x" * 40 + "…", "300 characters"),
        ("zebra atleast5(zoo)\n", "zebra atleast5(zoo)", "words are not counted"),
        ("zebra\nZebra\n", "1 repeated: Zebra", "each keyword is needed once"),
        ("", "animals", "there are no keywords"),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_over_is_listed_once_with_the_reason(text: str, what: str, why: str) -> None:
    (left,) = read_keywords("animals", text).left
    assert left.what == what
    assert why in left.why


def test_many_keywords_become_a_list() -> None:
    words = [f"word{n} of it" for n in range(5_000)]
    found = read_keywords("My words!", "\n".join([*words, "-zoo", "zebra*"]))
    assert queries(found) == {"My words": "(@my-words OR zebra*) -zoo"}
    assert found.lists == {"my-words": tuple(words)}
    assert not read_keywords("few", "\n".join(words[:INLINE])).lists


def test_many_expressions_become_several_rules() -> None:
    found = read_keywords("Stems", "\n".join(f"word{n}*" for n in range(1_200)))
    assert list(queries(found)) == ["Stems", "Stems 2", "Stems 3"]
    for query in queries(found).values():
        parse(query)


@given(st.text(max_size=60))
def test_a_quoted_phrase_has_no_operators(text: str) -> None:
    try:
        node = parse(quoted(text)).node
    except QueryError:  # it has no word
        return
    assert not isinstance(node, And | Not | Near | Apart | Prefix | Equal | Range | Exists)


@given(st.text(max_size=200))
def test_names_fit(text: str) -> None:
    assert 1 <= len(rule_name(text)) <= 80
    assert list_name(text).strip("-")


@given(st.text(alphabet="ab-+\"'()*~ ,;#[]\n:ORANDT", max_size=120))
def test_no_text_breaks_it_and_every_query_parses(text: str) -> None:
    for query in queries(read_keywords("some", text)).values():
        if "@" not in query:
            parse(query)
