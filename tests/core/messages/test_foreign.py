"""Text from outside: what is broken so that nothing makes a link of it, what is left out, and what stays as it is."""

from __future__ import annotations

import pytest

from pipeline.core.messages.foreign import END, ISOLATE, Run, cut, runs, tame


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Visit evil.com today", "Visit evil.·com today"),
        ("https://evil.com/a?b=c", "https:·//·evil.·com/a?b=c"),
        ("://0.0", ":·//·0.0"),
        ("www.a1.de", "www.·a1.·de"),
        ("пример.рф и 例え.テスト", "пример.·рф и 例え.·テスト"),
        ("desk@example.org", "desk@·example.·org"),
        ("@everyone <!here> <@U1>", "@·everyone <·!here> <·@·U1>"),
        ("#general ~town /start $AAPL", "#·general ~·town /·start $·AAPL"),
        ("[reset](http://evil.com)", "[reset]·(http:·//·evil.·com)"),
        ("mailto:a tel:112 javascript:x", "mailto:·a tel:·112 javascript:·x"),
        ("+1 555 0100 200, 192.0.2.1", "+·1 555 0100 200, 192.·0.·2.·1"),
        ("&lt;b&gt;", "&·lt;b&·gt;"),
        ("It is :warning: (met)all(met) [CQ:at,qq=all]", "It is :·warning: (·met)all(·met) [·CQ:at,qq=all]"),
        # what is none of these stays as it is
        ("U.S. pays $5 for 3.5% of 1.200 m.", "U.S. pays $5 for 3.5% of 1.200 m."),
        ("AT&T and/or R&D; either/or", "AT&T and/or R&·D; either/or"),
        ("10:30:15 - Re: vote (7-2)", "10:30:15 - Re: vote (7-2)"),
        ("国会は承認した。総理は辞任した。", "国会は承認した。総理は辞任した。"),
        # one line, nothing invisible
        ("a\r\nBcc: b\u2028c\td", "a Bcc: b c d"),
        ("a\x1b[31mb\x00\u202ec\u200b\ufeffd", "a [31mb cd"),
        ("ev\u200bil.\u00adcom", "evil.·com"),
        ("Z" + "\u0301" * 30, "Z" + "\u0301" * 6),
    ],
)
def test_tame(text: str, expected: str) -> None:
    assert tame(text) == expected.replace("·", "\u200a")
    assert tame(tame(text)) == tame(text)


@pytest.mark.parametrize("text", ["قانون جديد (NATO)", "הצבעה 70-30", "NATO قانون", "١٢٣"])
def test_text_from_right_to_left_is_isolated(text: str) -> None:
    assert tame(text) == f"{ISOLATE}{text}{END}"


def test_nobody_can_end_an_isolation() -> None:
    assert tame("a\u2069 قانون \u2067b") == f"{ISOLATE}a قانون b{END}"


def test_marked_words_are_runs_and_a_link_across_a_mark_is_broken_too() -> None:
    assert runs("see \x02evil.\x03com") == (Run("see "), Run("evil.", "mark"), Run("\u200acom"))
    assert tame("see \x02evil.\x03com") == "see evil.\u200acom"


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("short", 5, "short"),
        ("longer text", 7, "longer…"),
        ("mail desk@\u200aexample", 11, "mail desk…"),
        ("\u2068قانون جديد\u2069", 8, "\u2068قانون…\u2069"),
        ("👩‍👩‍👧👩‍👩‍👧🇵🇪🇵🇪", 9, "👩‍👩‍👧…"),
        ("👩‍👩‍👧👩‍👩‍👧🇵🇪🇵🇪", 12, "👩‍👩‍👧👩‍👩‍👧…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
        ("x" * 5, 1, "…"),
        ("x" * 5, 0, ""),
    ],
)
def test_cut(text: str, length: int, expected: str) -> None:
    assert cut(text, length) == expected
    assert len(cut(text, length)) <= length
