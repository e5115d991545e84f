"""Lucene's queries and Elasticsearch's filters, with the meaning that they have there."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.importing.filters import Filters, condition
from pipeline.core.importing.lucene import Lucene, NotCarriedOver
from pipeline.core.query.parse import parse
from pipeline.core.query.remarks import QueryError


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("zebra lion", "(zebra OR lion)"),  # its operator is OR unless told otherwise
        ("zebra AND lion", "zebra AND lion"),
        ("zebra && lion || cow", "zebra AND lion"),  # Lucene has no precedence: cow is optional
        ("+zebra -lion", "zebra AND NOT lion"),
        ("zebra NOT lion", "zebra AND NOT lion"),
        ("!lion zebra", "zebra AND NOT lion"),
        ('"petting zoo"~3', '"petting zoo"~3'),
        ("title:(zebra OR lion)", "(title:zebra OR title:lion)"),
        ("title:zebra AND (text:lion OR cow)", "title:zebra AND (text:lion OR cow)"),
        ("headline.keyword:zebra", "title:zebra"),
        ("body:zebra~^2", None),
        ("message:zeb*", "zeb*"),
        ("title:*", "_exists_:title"),
        ("_exists_:author AND zebra", "_exists_:author AND zebra"),
        ("zebra AND published:[2026-01-01 TO 2026-02-01}", "zebra AND published:[2026-01-01 TO 2026-02-01}"),
        ("word_count:>=300 AND zebra", "word_count:[300 TO *] AND zebra"),
        (r"AT\&T OR 9\:30", '("AT&T" OR "9:30")'),
        ("zebra^4", "zebra"),
        ("language:es AND zebra", 'language:"es" AND zebra'),
        ("ze?ra", None), ("*bra", None), ("/zeb.*/", None), ("zebra~2", None), ("-zebra", None), ("(zebra", None),
        ("zebra)", None), ("zebra AND", None), ("level:error", None), ("title:[a TO b]", None), ("a" + "(" * 60, None),
    ],
)  # fmt: skip
def test_query_string(text: str, query: str | None) -> None:
    if query is None:
        with pytest.raises(NotCarriedOver):
            Lucene(text, condition).query()
        return
    assert Lucene(text, condition).query() == query
    parse(query)


def test_what_decides_nothing_is_remarked_on() -> None:
    reader = Lucene("zebra^2 AND lion OR cow", condition)
    reader.query()
    assert reader.remarks == [
        "^2: it only ranks what is found", "cow: Lucene reads it as optional beside what is required"
    ]  # fmt: skip
    assert Lucene("zebra lion OR cow", condition, every=True).query() == "zebra"


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        ([{"query": {"query_string": {"query": "zebra AND lion"}}}], "zebra AND lion"),
        ([{"query_string": {"query": "zebra lion", "default_operator": "AND", "fields": ["title", "body"]}}],
         "((title:zebra AND title:lion) OR (text:zebra AND text:lion))"),
        ([{"term": {"title": "zebra"}}, {"term": {"language": {"value": "es"}}}], 'title:zebra AND language:"es"'),
        ([{"terms": {"country": ["PE", "CO"]}}], '(country:"PE" OR country:"CO")'),
        ([{"match": {"title": "zebra lion"}}], "(title:zebra OR title:lion)"),
        ([{"match": {"title": {"query": "zebra lion", "operator": "and"}}}], "title:zebra AND title:lion"),
        ([{"match_phrase": {"text": "petting zoo"}}], 'text:"petting zoo"'),
        ([{"match_phrase": {"text": {"query": "petting zoo", "slop": 2}}}], 'text:"petting zoo"~2'),
        ([{"multi_match": {"query": "zebra", "fields": ["title^3", "body"]}}], "(title:zebra OR text:zebra)"),
        ([{"bool": {"must": [{"term": {"title": "zebra"}}], "must_not": {"term": {"title": "zoo"}}}}],
         "title:zebra AND NOT title:zoo"),
        ([{"bool": {"should": [{"term": {"title": "zebra"}}, {"term": {"text": "lion"}}], "minimum_should_match": 1}}],
         "(title:zebra OR text:lion)"),
        ([{"bool": {"filter": [{"prefix": {"title": "zeb"}}], "must_not": [{"exists": {"field": "author"}}]}}],
         "title:zeb* AND NOT _exists_:author"),
        ([{"term": {"title": "zebra"}}, {"not": {"term": {"source": "The Zoo"}}}],
         'title:zebra AND (NOT source:"The Zoo")'),
        ([{"or": [{"term": {"title": "zebra"}}, {"and": [{"term": {"title": "lion"}}, {"term": {"title": "cow"}}]}]}],
         "(title:zebra OR (title:lion AND title:cow))"),
        ([{"range": {"published": {"gte": "2026-01-01", "lt": "2026-02-01"}}}], "published:[2026-01-01 TO 2026-02-01}"),
        ([{"range": {"word_count": {"gt": 100}}}], "word_count:{100 TO *]"),
        ([], None), ([{"match_all": {}}], None), ([{"script": {}}], None), ([{"term": {"level": "error"}}], None),
        (["zebra"], None), ([{"fuzzy": {"title": "zebra"}}], None), ([{"terms": {"title": {"index": "x"}}}], None),
        ([{"bool": {"must": [{"term": {"title": "a"}}], "should": [{"term": {"status": 1}}]}}], None),
        ([{"bool": {"should": [{"term": {"title": "ab"}}, {"term": {"title": "cd"}}], "minimum_should_match": 2}}],
         None),
        ([{"match": {"title": {"query": "zebra", "fuzziness": "AUTO"}}}], None), ([{"filter": {"term": {}}}], None),
    ],
)  # fmt: skip
def test_filters(filters: Any, query: str | None) -> None:
    if query is None:
        with pytest.raises(NotCarriedOver):
            Filters().query(filters)
        return
    assert Filters().query(filters) == query
    parse(query)


def test_a_filter_that_holds_itself_ends() -> None:
    loop: dict[str, Any] = {"not": None}
    loop["not"] = loop
    with pytest.raises(NotCarriedOver, match="too many parts"):
        Filters().query([loop])


@given(st.text(alphabet='abt: +-!&|()"~*?^[]{}/\\ANDORT', max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    """It gives a query, which `parse` accepts or refuses with a reason, or says why not."""
    with suppress(NotCarriedOver, QueryError):
        parse(Lucene(text, condition).query())
