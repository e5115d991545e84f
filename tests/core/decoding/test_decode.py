"""Bytes of feeds and pages in every charset, with right, wrong and missing declarations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.decoding.decode import decode
from pipeline.core.decoding.labels import usual
from tests.core.decoding.texts import TEXTS


def feed(text: str, charset: str, declared: str | None, more: str = "") -> bytes:
    prolog = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    body = f"{prolog}<rss><channel>{more}<item><title>{text}</title></item></channel></rss>"
    return body.encode(charset)


ENCODED = [
    (language, charset)
    for language, text in TEXTS.items()
    for charset in (*usual(language), "utf-8")
    if charset not in ("mac_cyrillic",) and text.encode(charset, "ignore").decode(charset) == text
]


@pytest.mark.parametrize(("language", "charset"), ENCODED)
@pytest.mark.parametrize("declared", ["right", "utf-8", "iso-8859-1", "no-such-thing", None])
def test_the_language_helps_where_the_declaration_is_wrong(language: str, charset: str, declared: str | None) -> None:
    body = feed(TEXTS[language], charset, charset if declared == "right" else declared)
    for header in ("", "text/xml; charset=utf-8", "text/xml;charset=ISO-8859-1"):
        found = decode(body, header, language)
        assert TEXTS[language] in found.text
        assert (found.garbled, found.lossy) == (False, False)


@pytest.mark.parametrize(("language", "charset"), ENCODED)
def test_a_right_declaration_needs_no_language_and_survives_a_wrong_one(language: str, charset: str) -> None:
    body = feed(TEXTS[language], charset, charset)
    for said in (None, "en", "ru", "zh"):
        assert TEXTS[language] in decode(body, "", said).text


@pytest.mark.parametrize(
    "more",
    ["<language>ru</language>", "<dc:language>ru-RU</dc:language>", "<x xml:lang='ru'/>", '<html lang="ru">'],
)
def test_the_document_names_its_language(more: str) -> None:
    assert TEXTS["ru"] in decode(feed(TEXTS["ru"], "koi8-u", "utf-8", more)).text


@pytest.mark.parametrize("language", ["ru", "ar", "el", "zh", "ko", "th", "uk", "es", "de", "cs", "pl"])
def test_without_any_hint(language: str) -> None:
    text = f"{TEXTS[language]}. " * 5
    assert TEXTS[language] in decode(feed(text, usual(language)[0], None)).text


@pytest.mark.parametrize(
    ("charset", "mark"),
    [("utf-8-sig", b""), ("utf-16", b""), ("utf-32", b""), ("utf-16-le", b""), ("utf-16-be", b""),
     ("utf-8", b"\xff\xfe"), ("cp1251", b"\xef\xbb\xbf")],
)  # fmt: skip
def test_marks(charset: str, mark: bytes) -> None:
    found = decode(mark + feed(TEXTS["ru"], charset, "utf-8"), "", "ru")
    assert found.text.startswith("<?xml")
    assert TEXTS["ru"] in found.text


@pytest.mark.parametrize("charset", ["iso2022_jp", "hz"])
def test_charsets_of_ascii_bytes_must_be_declared(charset: str) -> None:
    text = TEXTS["ja"] if charset == "iso2022_jp" else TEXTS["zh"]
    label = charset if charset == "iso2022_jp" else "hz-gb-2312"
    assert text in decode(feed(text, charset, label)).text


@pytest.mark.parametrize(
    ("outer", "inner"), [("utf-8", "cp1252"), ("cp1252", "utf-8"), ("utf-8", "cp1251"), ("cp1251", "utf-8"),
                         ("utf-8", "gb18030"), ("gb18030", "utf-8")]
)  # fmt: skip
@pytest.mark.parametrize("share", [1, 3, 15])
def test_one_entry_in_another_charset(outer: str, inner: str, share: int) -> None:
    language = {"cp1252": "es", "cp1251": "ru", "gb18030": "zh"}[outer if outer != "utf-8" else inner]
    entry = f"<item><title>{TEXTS[language]}</title></item>"
    body = b"<?xml version='1.0' encoding='utf-8'?><rss>" + entry.encode(outer) * share + entry.encode(inner)
    found = decode(body, "", language)
    assert found.text.count(TEXTS[language]) == share + 1
    assert not found.garbled


@pytest.mark.parametrize(
    ("text", "expected", "garbled"),
    [
        ("señor Nota \xff7 días".encode().replace("\xff".encode(), b"\xff"), "señor Nota \ufffd7 días", True),
        ("él dijo «no» – ".encode() + b"\x93s\xed\x94 ".replace(b"\xed", "í".encode()), "él dijo «no» – “sí” ", False),
        ("días y más, ñandú, así".encode() + b" \xe2\x80", "días y más, ñandú, así ", False),
        (b"plain", "plain", False),
        ("lost \ufffd before".encode(), "lost \ufffd before", True),
    ],
)  # fmt: skip
def test_damage(text: bytes, expected: str, garbled: bool) -> None:
    found = decode(text)
    assert (found.text, found.garbled) == (expected, garbled)


@given(st.binary(max_size=200), st.sampled_from(["", "text/xml; charset=utf-16", "text/html; charset=gbk"]))
def test_any_bytes_are_decoded(body: bytes, content_type: str) -> None:
    found = decode(body, content_type)
    assert found.garbled or "\ufffd" not in found.text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_utf_8_comes_back_as_it_is(text: str) -> None:
    assert decode(f"<a>{text}".encode(), repair=False).text == f"<a>{text}"
