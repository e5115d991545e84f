"""Decodes the bytes of a feed of any format, and reduces markup in it to plain text."""

from __future__ import annotations

import codecs
import html
import re
from html.entities import html5

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
#: Charsets for which browsers use a larger one (WHATWG Encoding Standard, 4.2).
_WIDER = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "iso-8859-9": "cp1254",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949", "tis-620": "cp874",
}  # fmt: skip
_BAD_SHARE = 0.01  # of the characters; a larger share shows another encoding rather than damaged UTF-8

#: Characters that XML 1.0 forbids; expat stops at the first one.
FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_KEPT = frozenset(name for name, value in html5.items() if value in ("&", "<", ">", '"', "'"))


def decode(body: bytes, content_type: str) -> tuple[str, bool]:
    """The text, and whether it is damaged (some bytes are invalid and became U+FFFD).

    Tried in order: byte order mark, UTF-16 by its zeros, UTF-8 if all bytes are valid (text in another encoding
    practically never is), XML declaration, Content-Type. By RFC 7303 the header would win, but it is wrong more often.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _clean(body[len(mark) :].decode(name, "replace"))
    if body[:2] in (b"<\0", b"{\0"):
        return _clean(body.decode("utf-16-le", "replace"))
    if body[:2] in (b"\0<", b"\0{"):
        return _clean(body.decode("utf-16-be", "replace"))
    declared = _declared(body, content_type)
    if b"\x1b" in body and declared[:1] and declared[0].startswith("iso-2022"):  # its bytes are all ASCII
        return _clean(body.decode(declared[0], "replace"))
    for name in ("utf-8", *declared):
        try:
            return _clean(body.decode(name))
        except UnicodeDecodeError:
            continue
    text = body.decode("utf-8", "replace")
    if text.count("\ufffd") > _BAD_SHARE * len(text):
        text = body.decode(next((n for n in declared if not n.startswith("utf")), "cp1252"), "replace")
    return _clean(text)[0], True


def _declared(body: bytes, content_type: str) -> list[str]:
    """Codecs that the XML declaration and the header name."""
    inside = _DECLARED.search(body[:1024])
    outside = _CHARSET.search(content_type[:200])
    names = []
    for found in (inside[1].decode() if inside else "", outside[1] if outside else ""):
        name = _WIDER.get(found.lower(), found.lower())
        try:
            if codecs.lookup(name)._is_text_encoding and not name.startswith(("utf-16", "utf-32", "utf_16")):
                names.append(name)
        except LookupError:
            continue
    return names


def _clean(text: str) -> tuple[str, bool]:
    return FORBIDDEN_IN_XML.sub("", text), "\ufffd" in text


def named_entities(text: str) -> str:
    """`text` with HTML's named characters replaced: XML knows only five, and one `&nbsp;` stops a strict parser."""
    if "&" not in text:
        return text
    return _ENTITY.sub(lambda m: m[0] if f"{m[1]};" in _KEPT else html5.get(f"{m[1]};", m[0]), text)


_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,20})(?:[\s/][^<>]*)?>|<[!?][^<>]*>")
_BLOCKS = frozenset({
    "p", "div", "br", "li", "ul", "ol", "dl", "dt", "dd", "tr", "td", "th", "table", "h1", "h2", "h3", "h4", "h5", "h6",
    "blockquote", "hr", "section", "article", "figure", "figcaption", "pre",
})  # fmt: skip
_SPACE = re.compile(r"[\s\u200b\ufeff]+")


def plain(markup: str | None, limit: int) -> str | None:
    """The text of an HTML fragment on one line, at most `limit` characters; None if nothing is left.

    Character references are resolved after the tags are removed; twice if the feed escaped them twice.
    """
    if not markup:
        return None
    text = markup[: 8 * limit + 2000]
    if "<" in text:
        for name in ("script", "style"):
            text = _without(text, f"<{name}", f"</{name}>")
        text = _without(text, "<!--", "-->")
        text = _TAG.sub(lambda m: " " if m[1] is None or m[1].lower() in _BLOCKS else "", text)
    if "&" in text:
        text = html.unescape(text)
        if _ENTITY.search(text) or "&#" in text:
            text = html.unescape(text)
    text = _SPACE.sub(" ", FORBIDDEN_IN_XML.sub("", text)).strip()
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    return text or None


def _without(text: str, start: str, end: str) -> str:
    """`text` without each part from `start` to `end`, in one pass; an unclosed part ends with the text."""
    lower = text.lower()
    if start not in lower or len(lower) != len(text):
        return text
    kept, at = [], 0
    while (begin := lower.find(start, at)) >= 0:
        kept.append(text[at:begin])
        close = lower.find(end, begin)
        at = len(text) if close < 0 else close + len(end)
    return "".join((*kept, text[at:]))
