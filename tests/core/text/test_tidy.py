"""Text as it is stored: spaces, invisible characters, escapes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.text.tidy import line, lines


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\u00adb\u200bc\ufeffd", "abcd"),
        ("a\u202eb\u2066c", "abc"),
        ("cafe\u0301", "café"),
        ("a\u00a0b\u2003c\td", "a b c d"),
        ("می\u200cشود", "می\u200cشود"),
        ("x\ud83dy", "xy"),
        ("a\u2028b", "a b"),
        ("  \n\n a \n\n\n b ", "a\nb"),
        ("“a” – b…", "“a” – b…"),
    ],
)
def test_lines(raw: str, clean: str) -> None:
    assert lines(raw) == clean


@given(st.text())
def test_lines_is_stable_and_encodable(text: str) -> None:
    once = lines(text)
    assert lines(once) == once
    once.encode()


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Rain &amp; wind", "Rain & wind"),
        ("Rain &amp;amp; wind", "Rain & wind"),
        ("<b>Rain</b> in\n Lima", "Rain in Lima"),
        ("3 &lt; 5 and 7 > 2", "3 < 5 and 7 > 2"),
        ("&#8220;Rain&#8221;", "“Rain”"),
    ],
)
def test_line(raw: str, clean: str) -> None:
    assert line(raw) == clean
