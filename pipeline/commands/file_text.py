"""The text of a file of keywords: in the encoding that is named or stated, else in one that is guessed and said."""

from __future__ import annotations

import codecs

from pipeline.core.decoding.decode import decode
from pipeline.core.importing.imported import Left

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WIDE = ("utf-16-le", "utf-16-be")
_CHOOSE = "name it with --encoding, such as cp1255, shift_jis or utf-16-le, or save the file as UTF-8"


class NoText(Exception):
    """The bytes are no text in the encoding that was named, or in any that is known."""


def text_of(content: bytes, encoding: str = "") -> tuple[str, tuple[Left, ...]]:
    """The text, and a remark if its encoding was guessed: a few words in Hebrew may look like Greek. Raises NoText."""
    if encoding:
        return _named(content, encoding), ()
    if not content.startswith(_MARKS):
        if (wide := _wide(content)) is not None:
            return wide, ()
        try:
            return _whole(content.decode()), ()
        except UnicodeDecodeError:
            pass
    found = decode(content)
    text = _whole(found.text)
    if content.startswith(_MARKS):
        return text, ()
    return text, (
        Left("its encoding", f"is not stated, and was taken for {found.charset}: check the letters; {_CHOOSE}"),
    )


def _named(content: bytes, encoding: str) -> str:
    try:
        return _whole(content.decode(encoding).removeprefix("\ufeff"))
    except LookupError:
        raise NoText(f"there is no encoding {encoding!r}: such as utf-8, cp1252, shift_jis or utf-16-le") from None
    except UnicodeDecodeError as error:
        raise NoText(f"is not {encoding}: byte {error.start} does not fit") from error


def _wide(content: bytes) -> str | None:
    """The text if it is UTF-16 without a mark: then half the bytes of every blank and line end are zero."""
    if b"\0" not in content or len(content) % 2:
        return None
    for encoding in _WIDE:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(sign in text for sign in "\n\r\t ,;") and all(sign.isprintable() or sign.isspace() for sign in text):
            return text
    return None


def _whole(text: str) -> str:
    if "\0" in text or "\ufffd" in text or "\x1b" in text:
        raise NoText(f"is text in an encoding that is not known, or no text: {_CHOOSE}")
    return text
