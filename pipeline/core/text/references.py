"""Resolves character references of XML and HTML, also those that are written wrongly.

Numbers from 128 to 159 are read as windows-1252 (HTML standard, 13.2.5.80), two surrogates as the one character they
stand for, a missing semicolon after a number is forgiven. Unknown names and bare ampersands stay as they are.
"""

from __future__ import annotations

import re
from html.entities import html5

_REFERENCE = re.compile(r"&(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6})(?:;|(?![0-9a-zA-Z]))|([A-Za-z][A-Za-z0-9]{1,30});)")
_WINDOWS = {code: bytes((code,)).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_SURROGATE = re.compile("[\ud800-\udfff]")


def unescape(text: str) -> str:
    """`text` with references replaced by characters, once."""
    if "&" not in text:
        return text
    text = _REFERENCE.sub(_character, text)
    return joined(text)


def joined(text: str) -> str:
    """`text` with pairs of surrogates joined; a single one becomes U+FFFD."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


_PAIR = re.compile(r"&#(x[dD][89abAB][0-9a-fA-F]{2}|5[5-6]\d{3});&#(x[dD][c-fC-F][0-9a-fA-F]{2}|5[6-7]\d{3});")


def with_pairs_joined(markup: str) -> str:
    """`markup` with references to two surrogates replaced by the character; other references stay."""
    if "&#" not in markup:
        return markup
    return _PAIR.sub(lambda pair: unescape(pair[0]), markup)


def _character(found: re.Match[str]) -> str:
    number, name = found.groups()
    if name:
        return html5.get(f"{name};", found[0])
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    if code in _WINDOWS:
        return _WINDOWS[code]
    return chr(code) if 0 < code <= 0x10FFFF else "\ufffd"
