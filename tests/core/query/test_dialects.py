"""What people paste from other search languages: read as ours, or refused with the way to write it."""

from __future__ import annotations

import pytest

from pipeline.core.query.parse import parse
from pipeline.core.query.remarks import QueryError
from pipeline.core.query.written import to_text

READ = [
    # Factiva
    ("troops near5 congress", "troops NEAR/5 congress"),
    ("troops NEAR5 congress", "troops NEAR/5 congress"),
    ("troops adj3 congress", "troops PRE/3 congress"),
    ("troops ADJ congress", "troops PRE/1 congress"),
    ("troops /n30/ congress", "troops NEAR/30 congress"),
    ("troops SAME congress", "troops PARAGRAPH congress"),
    ("hd=troops and wc>300", "title:troops AND word_count:{300 TO *]"),
    ("hd=(troops or soldiers)", "title:troops OR title:soldiers"),
    ('hd="foreign troops" not la=en', 'title:"foreign troops" AND NOT language:en'),
    ("by=ana troops", "author:ana AND troops"),
    # LexisNexis
    ("troops w/5 congress", "troops NEAR/5 congress"),
    ("troops W/5 congress", "troops NEAR/5 congress"),
    ("troops /5 congress", "troops NEAR/5 congress"),
    ("troops within/5 congress", "troops NEAR/5 congress"),
    ("troops pre/5 congress", "troops PRE/5 congress"),
    ("troops onear/5 congress", "troops PRE/5 congress"),
    ("troops w/s congress", "troops SENTENCE congress"),
    ("troops /s congress", "troops SENTENCE congress"),
    ("troops w/sent congress", "troops SENTENCE congress"),
    ("troops w/p congress", "troops PARAGRAPH congress"),
    ("troops w/para congress", "troops PARAGRAPH congress"),
    ("troops pre/s congress", "troops PRE/s congress"),
    ("troops pre/p congress", "troops PRE/p congress"),
    ("troops not w/5 congress", "troops NOT NEAR/5 congress"),
    ("troops NOT /s congress", "troops NOT SENTENCE congress"),
    ("troops NOT pre/5 congress", "troops NOT PRE/5 congress"),
    ("troop! and congress!", "troop* AND congress*"),
    ("headline(troops and congress) or body(army)", "(title:troops AND title:congress) OR text:army"),
    ("byline(ana) and publication(example)", "author:ana AND source:example"),
    ("allcaps(RICO) and money", "=RICO AND money"),
    ("length>1200 and troops", "word_count:{1200 TO *] AND troops"),
    # Google
    ("troops AROUND(5) congress", "troops NEAR/5 congress"),
    ("troops around( 5 ) congress", "troops NEAR/5 congress"),
    ("troops | soldiers", "troops OR soldiers"),
    ("intitle:troops -site:example.com", "title:troops AND NOT site:example.com"),
    ('intitle:"foreign troops" intext:army', 'title:"foreign troops" AND text:army'),
    (
        "troops after:2026-01-01 before:2026-02-01",
        "troops AND published:[2026-01-02T00:00:00Z TO *] AND published:[* TO 2026-02-01T00:00:00Z}",
    ),
    # Lucene and Kibana
    ("a && b || c", "(a AND b) OR c"),
    ("a !b", "a AND NOT b"),
    ("+a -b", "a AND NOT b"),
    ("title: troops", "title:troops"),
    ("author:*", "_exists_:author"),
    ("_exists_:author", "_exists_:author"),
    ('"troops congress"~5', '"troops congress"~5'),
    ("troops AROUND (5) congress", "troops NEAR/5 congress"),
    ("troops AND NOT NEAR/5 congress", "troops NOT NEAR/5 congress"),
    ("US$500 a", '"us $500" AND a'),
    # lower-case operators beside groups, phrases and fields
    ('(nokia or ericsson) and "fifth generation"', '(nokia OR ericsson) AND "fifth generation"'),
    ('title: "foreign troops" and not country: PE', 'title:"foreign troops" AND NOT country:PE'),
    ("rock and roll", 'rock AND "and" AND roll'),
    # Word processors, chats, TeX, input methods
    ("“armed forces”", '"armed forces"'),
    ("„armed forces“", '"armed forces"'),
    ("«armed forces»", '"armed forces"'),
    ("‹armed forces›", '"armed forces"'),
    ("「armed forces」", '"armed forces"'),
    ("『armed forces』", '"armed forces"'),
    ("``armed forces''", '"armed forces"'),
    ("（troops OR army） congress", "(troops OR army) AND congress"),
    ("\u200ftroops\u200e AND\u200b con\xadgress\ufeff", "troops AND congress"),
    ("troops\u3000congress", "troops AND congress"),
    ("troops\xa0congress", "troops AND congress"),
]


@pytest.mark.parametrize(("pasted", "ours"), READ, ids=[row[0] for row in READ])
def test_what_means_the_same_is_read(pasted: str, ours: str) -> None:
    node = parse(pasted).node
    assert to_text(node) == ours
    assert parse(ours).node == node


REFUSED = [
    ("foreign troops w/5 congress", 9, '"foreign troops" NEAR/5 congress  or  (foreign) AND (troops NEAR/5 congress)'),
    ("congress w/5 foreign troops", 22, 'congress NEAR/5 "foreign troops"'),
    ("a NEAR/5 b PRE/2 c", 12, "parentheses"),
    ("a w/in 5 b", 3, "write NEAR/5"),
    ("a NEAR/ b", 3, "write NEAR/5"),
    ("a w/5/10 b", 3, "write NEAR/5"),
    ("a /+5 b", 3, "write PRE/5"),
    ("troops within 5 words of congress", 8, "write NEAR/5"),
    ("a NEXT b", 3, "PRE/1"),
    ("a AND_NOT b", 3, "AND NOT"),
    ("troops and date after 01/02/2026", 12, "published:>"),
    ("troops 2020..2026", 8, "published:[2020 TO 2026]"),
    ("title:NOT x", 7, "write NOT before it"),
    ("title:/tro+ps/", 7, "regular expressions"),
    ("news.title:troops", 1, "did you mean title:?"),
    ("x _missing_:title", 3, "NOT _exists_:"),
    ("@acmecorp", 1, '"@acmecorp" for the name itself'),
    ('="US"', 1, "takes one word"),
    ("personnel:>1,000", 11, "write 1000"),
    ("a NEAR b", 3, "NEAR/5"),
    ("a AROUND b", 3, "NEAR/5"),
    ("a WITHIN b", 3, "NEAR/5"),
    ("a w/0 b", 3, "1 to 500"),
    ("a near501 b", 3, "1 to 500"),
    ("a w/seg b", 3, "title:(a b) OR text:(a b)"),
    ("a NEAR/5 (b AND c)", 10, "(a NEAR/5 b) AND (a NEAR/5 c)"),
    ("a NEAR/5 NOT b", 10, "a NOT NEAR/5 b"),
    ("a NEAR/5 topic:coup", 10, "AND topic:coup"),
    ("title:a NEAR/5 text:b", 9, "title:(a NEAR/5 b)"),
    ("a NEAR/5", 9, "ends too early"),
    ("NEAR/5 a", 1, "a word is missing"),
    ("boeing/N30/airways", 1, "boeing NEAR/30 airways"),
    ("a /f50/", 3, "title:"),
    ("atleast5 troops", 1, "without it"),
    ("atleast5(troops)", 1, "without it"),
    ("a ANDNOT b", 3, "AND NOT"),
    ("comput$", 1, "comput*"),
    ("engineer$3", 1, "engineer*"),
    ("president % clinton", 11, "PRE/2"),
    ("wom?n", 1, "wom*"),
    ("wom*n", 1, "wom*"),
    ("*ing", 1, "the forms"),
    ("troops!s", 7, "prefix*"),
    ("re=peru", 1, "country:PE"),
    ("ns=e51", 1, "topic:"),
    ("rst=nyt", 1, "source:"),
    ("zz=nyt", 1, "field:value"),
    ("hlead(troops)", 1, "title:(…) OR text:(…)"),
    ("caps(Apple)", 1, "=APPLE"),
    ("plural(tank)", 1, "plural itself"),
    ("date(geq 2026)", 1, "published:["),
    ("allcaps(two words)", 1, "one word"),
    ("allintitle:a b", 1, "title:(a b)"),
    ("inurl:world", 1, "site:"),
    ("filetype:pdf", 1, "nothing"),
    ("500..1000 soldiers", 1, "[500 TO 1000]"),
    ("a~", 1, "~word"),
    ("a~0.8", 1, "~word"),
    ("a^2", 2, "no weights"),
    ("/joh?n(ath[oa]n)/", 1, "regular expressions"),
    ("*:*", 1, "everything"),
    ("published > 2026", 11, "word_count:>300"),
    ("a, b", 2, "AND or OR"),
    ("x@example.org", 2, "quote it"),
    ("10:30", 3, "quote it"),
    ("{a b}", 1, "( and )"),
    ("[a b]", 1, "( and )"),
]


@pytest.mark.parametrize(("pasted", "column", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_does_not_is_refused_with_a_rewrite(pasted: str, column: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(pasted)
    assert says in str(caught.value)
    assert caught.value.column == column


def test_what_is_read_otherwise_is_said() -> None:
    said = [str(remark) for remark in parse("hd=troops and congress!").warnings]
    assert said == [
        "column 1: hd= is read as title:",
        "column 11: and is read as AND",
        "column 15: congress! is read as congress*",
    ]
