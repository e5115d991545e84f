"""Labels of charsets: the standard's, and those that people write."""

from __future__ import annotations

import codecs

import pytest

from pipeline.core.decoding.labels import ALL, STATEFUL, codec, usual


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("utf-8 UTF8 utf_8 'utf-8' utf-8; utf8mb4 utf-8mb4 utf8_general_ci x-unicode20utf8 unicode-1-1-utf-8 utf-8-bom",
         "utf-8"),
        ("iso-8859-1 ISO8859-1 iso_8859-1:1987 latin1 latin-1 l1 us-ascii ascii windows-1252 cp1252 win1252 iso8859_1 "
         "iso-88591 ansi_x3.4-1968 ansi-1252", "cp1252"),
        ("iso-8859-9 latin5 windows-1254 turkish", "cp1254"),
        ("windows-1251 win-1251 cp-1251 Windows_1251 x-cp1251 microsoft-cp1251 codepage1251", "cp1251"),
        ("gb2312 gbk gb_2312-80 x-gbk chinese cp936 gb18030 gb-2312", "gb18030"),
        ("big5 big-5 big5-hkscs cn-big5 x-x-big5 cp950", "big5hkscs"),
        ("shift_jis shift-jis sjis x-sjis ms_kanji windows-31j cp932", "cp932"),
        ("euc-kr ks_c_5601-1987 korean windows-949 cp949", "cp949"),
        ("euc-jp x-euc-jp eucjp", "euc_jp"),
        ("koi8-r koi8r koi koi8_r cskoi8r", "koi8-r"),
        ("koi8-u koi8-ru", "koi8-u"),
        ("tis-620 iso-8859-11 dos-874 windows-874", "cp874"),
        ("iso-8859-2 latin2 iso_8859-2:1987", "iso8859-2"),
        ("iso-8859-8-i hebrew logical visual", "iso8859-8"),
        ("iso-8859-15 latin-9 iso8859_15", "iso8859-15"),
        ("ibm866 866 cp866", "cp866"),
        ("utf-16 utf-16le ucs-2", "utf-16-le"),
    ],
)  # fmt: skip
def test_labels(labels: str, expected: str) -> None:
    for label in labels.split():
        found = codec(label)
        assert found is not None, label
        assert codecs.lookup(found).name == codecs.lookup(expected).name, label


@pytest.mark.parametrize(
    "label", ["", "none", "null", "default", "utf-7", "idna", "punycode", "cp037", "hex", "x-user-defined",
              "iso-8859-12", "unicode_escape", "klingon", "0" * 1000],
)  # fmt: skip
def test_labels_that_mean_nothing(label: str) -> None:
    assert codec(label) is None


def test_every_codec_is_one_of_text_that_python_has() -> None:
    for name in (*ALL, *STATEFUL):
        assert codecs.lookup(name)._is_text_encoding


@pytest.mark.parametrize(
    ("language", "first"),
    [("ru", "cp1251"), ("RU-ru", "cp1251"), ("zh", "gb18030"), ("zh_TW", "big5hkscs"), ("zh-Hant", "big5hkscs"),
     ("ja", "cp932"), ("es-VE", "cp1252"), ("xx", None), ("", None)],
)  # fmt: skip
def test_usual_charsets(language: str, first: str | None) -> None:
    assert next(iter(usual(language)), None) == first
