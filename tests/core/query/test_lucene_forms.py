"""The forms of queries that the parsers of Lucene and luqum are tested with: each is read, or refused with a reason.

What differs from Lucene on purpose is in docs/queries.md: a space means AND, nothing is dropped, nothing only excludes.
"""

from __future__ import annotations

import pytest

from pipeline.core.query.parse import parse
from pipeline.core.query.remarks import QueryError
from pipeline.core.query.written import to_text

READ = [
    ("aa bb cc", "aa AND bb AND cc"),
    ("ümlaut", "umlaut"),
    ("aa AND bb", "aa AND bb"),
    ("(aa AND bb)", "aa AND bb"),
    ("cc OR (aa AND bb)", "cc OR (aa AND bb)"),
    ("aa AND NOT bb", "aa AND NOT bb"),
    ("aa AND -bb", "aa AND NOT bb"),
    ("aa AND !bb", "aa AND NOT bb"),
    ("aa && bb", "aa AND bb"),
    ("aa || bb", "aa OR bb"),
    ("+aa -bb cc", "aa AND NOT bb AND cc"),
    ("title:aa AND text:bb", "title:aa AND text:bb"),
    ('aa AND "bb cc"', 'aa AND "bb cc"'),
    ("(aa OR bb) AND (cc OR dd)", "(aa OR bb) AND (cc OR dd)"),
    ("((aa OR bb) AND NOT cc) OR dd", "((aa OR bb) AND NOT cc) OR dd"),
    ('+(aa "bb cc") -(dd ee)', 'aa AND "bb cc" AND NOT (dd AND ee)'),
    ('+title:(aa OR bb) -author:"cc dd"', '(title:aa OR title:bb) AND NOT author:"cc dd"'),
    ("aa&bb", "aa&bb"),
    (".NET", ".net"),
    ('"aa bb"~2', '"aa bb"~2'),
    ('"aa bb"~2 cc', '"aa bb"~2 AND cc'),
    ('"aa"~2', "aa"),
    ("aa 1.0 1 2", "aa AND 1.0 AND 1 AND 2"),
    ("aa*", "aa*"),
    ("TERM*", "term*"),
    ("seq:[1 TO 3]", "seq:[1 TO 3]"),
    ("seq:{1 TO 3}", "seq:{1 TO 3}"),
    ("seq:[ 1 TO 3 ]", "seq:[1 TO 3]"),
    ("seq:[1 TO *}", "seq:[1 TO *]"),
    ("aa\\-bb", '"aa-bb"'),
    ("aa\\:bb", '"aa bb"'),
    ('\\"aa\\"', "aa"),
    ("title:aa\\:bb", 'title:"aa bb"'),
    ('"aa \\"bb\\" cc"', '"aa bb cc"'),
    ("title:*", "_exists_:title"),
    ("_exists_:title", "_exists_:title"),
    ("_exists_: title", "_exists_:title"),
    ("title:(aa bb)", "title:aa AND title:bb"),
    ("(((aa)))", "aa"),
    ("aa bb AND cc dd", "aa AND bb AND cc AND dd"),
    ("aa OR +bb AND cc", "aa OR (bb AND cc)"),
    ("+aa AND bb AND +cc", "aa AND bb AND cc"),
    ('title:"TO AND OR"', 'title:"to and or"'),
    ("title:TO", "title:to"),
    ("title:NOT*", "title:not*"),
    ("TO", "to"),
    (
        'seq:>10 AND version:<=11 AND word_count:>=100 AND seq:<"200"',
        "seq:{10 TO *] AND version:[* TO 11] AND word_count:[100 TO *] AND seq:[* TO 200}",
    ),
    ("first_seen:2015-12-19", "first_seen:[2015-12-19T00:00:00Z TO 2015-12-20T00:00:00Z}"),
    ("first_seen:2015-12-19T22:30", 'first_seen:"2015-12-19T22:30:00Z"'),
    ("first_seen:2015-12-19T22:30:45.234Z", 'first_seen:"2015-12-19T22:30:45.234000Z"'),
    ("中国", '"中国"'),
    ('"中国"~3', '"中国"~3'),
    ("(aa) AND bb", "aa AND bb"),
    ("aa AND (bb OR (cc AND dd))", "aa AND (bb OR (cc AND dd))"),
]


@pytest.mark.parametrize(("query", "ours"), READ, ids=[row[0] for row in READ])
def test_what_is_read(query: str, ours: str) -> None:
    node = parse(query).node
    assert to_text(node) == ours
    assert parse(ours).node == node


REFUSED = [
    ("aa OR !bb", 1, "the query only excludes, so nearly every"),
    ("aa OR -bb", 1, "the query only excludes, so nearly every"),
    ("aa bb^2.0", 6, "^ means nothing here words have no weigh"),
    ("(aa bb)^2.0", 8, "^ is not supported words have no weights"),
    ('"aa bb"^2', 8, "^ is not supported words have no weights"),
    ("aa - bb", 4, "- stands alone put it right before a wor"),
    ("aa + bb", 4, "+ stands alone put it right before a wor"),
    ("aa ! bb", 4, "! stands alone put it right before a wor"),
    ("aa&&bb", 1, "& cannot be searched, and would be lost"),
    ('" "~2 aa', 1, "there are no letters or digits in this i"),
    ('"aa bb"~2^2', 8, 'the number after ~ must be whole "near w'),
    ("aa*^2", 1, "* is allowed only at the end of a word,"),
    ("aa~", 1, "misspelt words (~) cannot be searched us"),
    ("aa~1", 1, "misspelt words (~) cannot be searched us"),
    ("aa~0.7", 1, "misspelt words (~) cannot be searched us"),
    ("aa*bb", 1, "* is allowed only at the end of a word,"),
    ("te?m", 1, "* is allowed only at the end of a word,"),
    ("*aa", 1, "* is allowed only at the end of a word,"),
    ("?aa", 1, "* is allowed only at the end of a word,"),
    ("*aa*", 1, "* is allowed only at the end of a word,"),
    ("[ aa TO bb]", 1, "ranges are for published, first_seen, pe"),
    ("{aa TO bb]", 1, "ranges are for published, first_seen, pe"),
    ("[* TO *]", 1, "ranges are for published, first_seen, pe"),
    ("seq:[1 3]", 5, "this is no range a range is written [fro"),
    ("[TO TO TO]", 1, "ranges are for published, first_seen, pe"),
    ("{aa bb}", 1, "this is no range a range is written [fro"),
    ("aa\\+bb", 1, "+ cannot be searched, and would be lost"),
    ("\\\\", 1, "there are no letters or digits in this i"),
    ("aa\\", 3, "\\ is no escape here write the character"),
    ("/[a-z][123]/", 1, "regular expressions are not supported us"),
    ("title:/aa.*/", 7, "regular expressions are not supported"),
    ("title:AND", 7, 'AND after a field write AND before it, or "AND"'),
    ("*:*", 1, "*:* matches everything leave the query o"),
    ("aa AND", 7, "the query ends too early is something mi"),
    ("AND", 1, "AND is not expected here: a word is miss"),
    ("OR aa", 1, "OR is not expected here: a word is missi"),
    ("aa AND OR bb", 8, "OR is not expected here: a word is missi"),
    ("NOT", 4, "the query ends too early is something mi"),
    ("()", 2, "nothing between the parentheses"),
    ("(aa", 1, "this parenthesis is never closed"),
    ("aa)", 3, "this parenthesis closes nothing"),
    ('"aa', 1, "this quotation mark is never closed"),
    ("title:", 7, "title: has no value write title:value, o"),
    (":aa", 1, ": means nothing here a field is written field:value without spaces; else quote it"),
    ("title:(aa text:bb)", 11, "text: inside title:(…) one field at a ti"),
    ("((aa OR bb)", 1, "this parenthesis is never closed"),
    ("-aa AND -bb AND NOT cc", 1, "the query only excludes, so nearly every"),
    ("seq:(>=10 <11)", 6, "a range needs a field right before it wo"),
    ("first_seen:[now/d-1d TO now]", 12, "first_seen: 'now/d-1d' is not a date: wr"),
    ("first_seen:now+2h", 12, "first_seen: no article has exactly the m"),
    ("seq:[-1 TO 5]", 5, "seq: '-1' is not a whole number"),
    ("hi , bye", 4, ", means nothing here write AND or OR bet"),
    ('"a phrase (AND a complicated~ one)"', 1, "~ cannot be searched, and would be lost"),
    ("field_42:42", 1, "there is no field field_42 fields: title"),
    ('aa" bb', 3, "this quotation mark is never closed"),
    ("{aa TO bb", 1, "this bracket is not closed or not opened"),
    ("aa\\u0041", 3, "\\u0041 is no escape here write the chara"),
    ('"aa bb"~', 8, 'the number after ~ must be whole "near w'),
    ('"aa bb"~2.5', 8, 'the number after ~ must be whole "near w'),
    ("aa title:bb^3 (cc)~2", 19, "~ after a parenthesis is not supported o"),
    ("aa,bb", 3, ", means nothing here write AND or OR bet"),
    ("aa;bb", 3, "; means nothing here write AND or OR bet"),
]


@pytest.mark.parametrize(("query", "column", "reason"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_refused(query: str, column: int, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert f"{caught.value.message} {caught.value.hint}".startswith(reason)
    assert caught.value.column == column
