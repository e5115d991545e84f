from __future__ import annotations

from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pipeline.core.query.parse import FIELDS, parse
from pipeline.core.query.remarks import QueryError
from pipeline.core.query.spelling import part_of, parts_of
from pipeline.core.query.tree import And, Equal, Node, Not, Or, Phrase, Prefix, Range, Word, phrase
from pipeline.core.query.written import to_text
from tests.core.query.queries import LEAVES, NODES, flat

A, B, C = Word("aa"), Word("bb"), Word("cc")
UNDERSTOOD: list[tuple[str, Node]] = [
    ("aa", A),
    ("aa bb", And((A, B))),
    ("aa AND bb cc", And((A, B, C))),
    ("aa OR bb OR cc", Or((A, B, C))),
    ("aa (bb OR cc)", And((A, Or((B, C))))),
    ("aa -bb", And((A, Not(B)))),
    ("+aa NOT bb", And((A, Not(B)))),
    ("aa NOT NOT bb", And((A, B))),
    ("aa AND NOT (bb cc)", And((A, Not(And((B, C)))))),
    ("((aa))", A),
    ("AA", A),
    ("Perú", Word("peru")),
    ("Peru\u0301", Word("peru")),
    ("U.S.", Word("=us")),
    ("国会", phrase(("国", "会"))),
    ("国会*", phrase(("国", "会"))),
    ("don’t", phrase(("don", "t"))),
    ("foreign-troop", Phrase(((("foreign", "troop"), ("foreigntroop",)),))),
    ("'ndrangheta", Word("ndrangheta")),
    ("aa -'bb", And((A, Not(B)))),
    ("title:'aa", Word("aa", "title")),
    ('source:"L\'Écho"', Equal("source", "L'Écho")),
    ("⑴", Word("1")),
    ("24/7", phrase(("24", "7"))),
    ('"aa bb"', phrase(("aa", "bb"))),
    ('"aa bb"~5', phrase(("aa", "bb"), 5)),
    ('"aa"~5', A),
    ("“aa bb”", phrase(("aa", "bb"))),
    ("«aa bb»~2", phrase(("aa", "bb"), 2)),
    ('"AND"', Word("and")),
    (r'"say \"aa\""', phrase(("say", "aa"))),
    (r"aa\:bb", phrase(("aa", "bb"))),
    ("troo*", Prefix("troo")),
    ("title:Tro*", Prefix("tro", "title")),
    ("title:aa bb", And((Word("aa", "title"), B))),
    ("title:(aa OR bb)", Or((Word("aa", "title"), Word("bb", "title")))),
    ("title:(aa -bb)", And((Word("aa", "title"), Not(Word("bb", "title"))))),
    ('text:"aa bb"~3', phrase(("aa", "bb"), 3, "text")),
    ("topic:foreign-troops", Equal("topic", "foreign-troops")),
    ('source:"El País"', Equal("source", "El País")),
    ("language:(es OR pt) aa", And((Or((Equal("language", "es"), Equal("language", "pt"))), A))),
    ("version:2", Range("version", "2", "2")),
    ("version:>1", Range("version", "1", None, False, True)),
    ("version:<=09", Range("version", None, "9")),
    ("seq:[3 TO 5}", Range("seq", "3", "5", True, False)),
    ("published:2026", Range("published", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", True, False)),
    ("published:2026-12", Range("published", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", True, False)),
    ("published:2024-02-28", Range("published", "2024-02-28T00:00:00Z", "2024-02-29T00:00:00Z", True, False)),
    (
        "published:[2026-01-05 TO 2026-01-06]",
        Range("published", "2026-01-05T00:00:00Z", "2026-01-07T00:00:00Z", True, False),
    ),
    ("published:>2026-01-05", Range("published", "2026-01-06T00:00:00Z", None)),
    ("published:>=2026-01-05", Range("published", "2026-01-05T00:00:00Z", None)),
    ("published:<2026-01-05", Range("published", None, "2026-01-05T00:00:00Z", True, False)),
    ("published:<=2026-01-05", Range("published", None, "2026-01-06T00:00:00Z", True, False)),
    ("published:{2026-01-05 TO *]", Range("published", "2026-01-06T00:00:00Z", None)),
    ("first_seen:>2026-01-05T10:00Z", Range("first_seen", "2026-01-05T10:00:00Z", None, False, True)),
    ('first_seen:>="2026-01-05T10:00:00+02:00"', Range("first_seen", "2026-01-05T08:00:00Z", None)),
    ("first_seen:>=now-7d", Range("first_seen", "now-7d", None)),
    ("first_seen:[2026 TO now]", Range("first_seen", "2026-01-01T00:00:00Z", "now")),
]


@pytest.mark.parametrize(("text", "node"), UNDERSTOOD, ids=[row[0] for row in UNDERSTOOD])
def test_what_is_understood(text: str, node: Node) -> None:
    assert parse(text).node == node
    assert parse(to_text(node)).node == node


REFUSED = [
    ("", 1, "empty"),
    ("  ", 1, "empty"),
    ("aa OR bb cc", 1, "(aa OR bb) AND cc  or  aa OR (bb AND cc)"),
    ("aa bb OR cc dd", 1, "aa AND (bb OR cc) AND dd  or  (aa AND bb) OR (cc AND dd)"),
    ("aa OR bb -cc", 1, "(aa OR bb) AND NOT cc  or  aa OR (bb AND NOT cc)"),
    ("title:(aa bb OR cc)", 8, "two ways"),
    ("NOT aa", 1, "only excludes"),
    ("-aa -bb", 1, "only excludes"),
    ("aa OR NOT bb", 1, "only excludes"),
    ("NOT (aa bb)", 1, "only excludes"),
    ("aa lang:es", 4, "language:"),
    ("nosuchfield:x", 1, "fields: title"),
    ("Source:x", 1, "source:"),
    ("aa https://x.example/a", 4, "quotation marks"),
    ("www.x.example", 1, "site:"),
    ("aa /b.*/", 4, "regular expressions"),
    ("aa tro?ps", 4, "end of a word"),
    ("*aa", 1, "end of a word"),
    ("aa*bb", 1, "end of a word"),
    ("aa *", 4, "everything"),
    ("a*", 1, "two letters"),
    ("foreign-troo*", 1, "several words"),
    ("aa.*", 1, "letter or digit"),
    ("site:bbc*", 6, "cannot be used"),
    ("aa~2", 1, "misspelt"),
    ("aa^2", 3, "no weights"),
    ('"aa bb"^2', 8, "no weights"),
    ("(aa bb)^2", 8, "no weights"),
    ('"aa bb"~1.5', 8, "whole"),
    ('"aa bb"~101', 1, "at most"),
    ('source:"a b"~2', 8, "cannot be used"),
    ('aa "bb', 4, "never closed"),
    ('"aa\\"', 1, "never closed"),
    ('aa"bb"', 3, "inside a word"),
    ('"aa"bb', 5, "stuck"),
    ("(aa", 1, "never closed"),
    ("aa)", 3, "closes nothing"),
    ("aa ()", 5, "nothing between"),
    ("version:[1 TO 2", 9, "not closed or not opened"),
    ("aa]", 3, "not closed or not opened"),
    ("[1 TO 2]", 1, "ranges are for"),
    ("title:[a TO b]", 7, "ranges are for"),
    ("version:[* TO *]", 9, "has no ends"),
    ("version:two", 9, "whole number"),
    ("version:[3 TO 2]", 9, "before it starts"),
    ("published:[2027 TO 2026]", 11, "before it starts"),
    ("published:yesterday", 11, "not a date"),
    ("published:2026-02-30", 11, "calendar"),
    ("published:9999", 11, "calendar"),
    ("first_seen:>=now-99999w", 12, "not a date"),
    ("aa bb OR cc", 1, "aa AND (bb OR cc)  or  (aa AND bb) OR cc"),
    ("published:now", 11, "exactly the moment now"),
    ("title:(text:aa)", 8, "one field"),
    ("AND aa", 1, "a word is missing"),
    ("aa AND", 7, "too early"),
    ("aa AND OR bb", 8, "a word is missing"),
    ("aa & bb", 4, "write AND"),
    ("aa –bb", 4, "long dash"),
    ("aa $ bb", 4, "no letters"),
    ('"foreign troo*"', 1, "foreign PRE/1 troo*"),
    ('"three * mice"', 1, "PRE/2"),
    ("aa - bb", 4, "stands alone"),
    ("aa --bb", 4, "two signs"),
    ("aa, bb", 3, "AND or OR"),
    ("aa; bb", 3, "AND or OR"),
    ("aa=bb", 1, "field:value"),
    ("aa(bb)", 3, "stuck to a word"),
    ("(aa)bb", 5, "stuck to the end"),
    ("title:-aa", 7, "-title:"),
    ("title:", 7, "no value"),
    ("AND", 1, "a word is missing"),
    ('"fire 🔥 now"', 1, '"fire now"'),
    ("5×", 1, "would be lost"),
    ("=us", 1, "=US"),
    ("=Us", 1, "=US"),
    ("topic:=US", 7, "cannot be used"),
    ("~a-b", 1, "one word"),
    ("topic:~a", 7, "cannot be used"),
    ("topic:@a", 7, "cannot be used"),
    ("aa @nolist", 4, "no list @nolist"),
    ("_exists_:nosuch", 10, "no field nosuch"),
    ("_exists_:(title)", 10, "name of a field"),
    ("*:*", 1, "everything"),
    ('aa "…"', 4, "no letters"),
    ("x" * 256, 1, "255"),
    ('source:" "', 8, "empty"),
    (":bb", 1, "quote it"),
    ("(" * 41 + "a" + ")" * 41, 41, "groups"),
    ("a" * 20_001, 20_000, "characters"),
    ('"' + "a " * 65 + '"', 1, "phrase of 65"),
]


@pytest.mark.parametrize(("text", "column", "says"), REFUSED, ids=[row[0][:24] for row in REFUSED])
def test_what_is_refused_and_where(text: str, column: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert says in str(caught.value)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("aa and bb", 4, "AND"),
        ("not aa", 1, "NOT"),
        ("aa AND bb OR cc", 1, "(aa AND bb) OR cc"),
        ("aa 'bb cc'", 4, "no phrase"),
        ("US troops", 1, "=US"),
        ("troops near congress", 8, "NEAR/5"),
        ("troops N5 congress", 8, "NEAR/5"),
        ("source:El País", 1, 'source:"El País"'),
    ],
)
def test_what_is_warned_of(text: str, column: int, says: str) -> None:
    (warning,) = parse(text).warnings
    assert warning.column == column
    assert says in warning.message + warning.hint


@given(st.lists(st.text("abAB", min_size=1, max_size=4), min_size=1, max_size=4))
def test_plain_words_are_what_others_are(words: list[str]) -> None:
    """The short way for plain words gives what the long way gives."""
    for text in (words[0], " ".join(words)):
        parts = parts_of(text) if len(words) > 1 and text != words[0] else part_of(text)
        found = parse(f'"{text}"').node
        assert (((found.word,),),) == parts if isinstance(found, Word) else found == Phrase(parts)


def test_now_is_replaced_where_it_is_given() -> None:
    now = datetime(2026, 3, 10, tzinfo=UTC)
    assert parse("first_seen:>=now-7d", now).node == Range("first_seen", "2026-03-03T00:00:00Z", None)


@given(st.one_of(NODES, LEAVES, st.builds(lambda a, b: flat(And, [a, b]), LEAVES, LEAVES)))
def test_what_is_printed_is_read_back(node: Node) -> None:
    try:
        read = parse(to_text(node)).node
    except QueryError as error:
        assume("only excludes" not in str(error))
        raise
    assert read == node


@given(st.text(st.one_of(st.sampled_from('ab "()[]{}:~^*?\\/+-!&|<>=TORAND\n.1“«'), st.characters()), max_size=40))
@example('a:"\\')
@example("\\")
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    try:
        node = parse(text).node
    except QueryError as error:
        column = error.column
    else:
        column = 1
        shown = to_text(node)
        for _ in range(3):  # alternatives may be spelt otherwise, until the text stays the same
            shown, before = to_text(parse(shown).node), shown
        assert shown == before
    assert 1 <= column <= len(text) + 1


def test_the_longest_queries_are_quick() -> None:
    began = process_time()
    for text in (" OR ".join(f"w{n}" for n in range(2200)), "(" * 40 + "a" + ")" * 40, "a " * 2_900):
        parse(text)
    for text in ('"' * 20_000, "[" * 20_000, "\\" * 19_999, "NOT " * 4_999 + "a", "a:" * 9_999, "-" * 19_999 + "a"):
        with pytest.raises(QueryError):
            parse(text)
    assert process_time() - began < 5


def test_every_kind_of_field_is_known() -> None:
    assert len(set(FIELDS)) == len(FIELDS)
