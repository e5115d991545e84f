"""The decoder for feeds and pages: from bytes to text, by what the bytes show, then by what is said of them.

Tried in order: byte order mark, UTF-16 by its zeros, charsets of ASCII bytes (ISO-2022, HZ) if declared, UTF-8 where
the bytes are valid (text in another charset practically never is), the declared charsets, those usual in the language,
those that charset-normalizer proposes. A charset must fit the bytes and give plausible text. By RFC 7303 and the HTML
standard the header would win, but it is wrong more often than the bytes.

A document may mix charsets, because its entries come from several sources: every piece of text between two tags is
read by itself.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from charset_normalizer import from_bytes

from pipeline.core.decoding.labels import ALL, STATEFUL, WIDE, codec, usual
from pipeline.core.decoding.mojibake import garbled, repaired
from pipeline.core.decoding.plausible import implausibility

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_SAMPLE = 20_000  # bytes that decide on the charset
_GOOD = 0.03  # implausibility up to which the first charset in order is taken
_SURE = 0.3  # implausibility above which a charset is not taken for single pieces
_RANK = 0.003  # what an earlier place among the candidates is worth
_DOUBLE = ("gb18030", "big5hkscs", "euc_jp", "cp932", "cp949")
#: The pieces that are read by themselves. No multi-byte charset of text uses these bytes within a character.
_PIECES = re.compile(rb'([<>"\n]+)')
_LABEL = re.compile(r"charset\s*=\s*[\"']?\s*([^\s;,\"'<>]{1,40})", re.I)
_XML = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([^\"'<>]{1,40})", re.I)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([^\s\"'<>;]{1,40})", re.I)
_LANGUAGE = re.compile(
    rb"(?:\b(?:xml:)?lang\s*=\s*[\"']?|<(?:dc:)?language>\s*|\"language\"\s*:\s*\")([a-zA-Z]{2}(?:[-_][a-zA-Z]{2,4})?)\b"
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and the charset of most of it. `lossy`: some bytes are invalid and became U+FFFD."""

    text: str
    charset: str
    lossy: bool = False

    @property
    def garbled(self) -> bool:
        """Whether characters are lost or wrong, here or before the text was published; takes 10 µs per kB."""
        return garbled(self.text)


def decode(body: bytes, content_type: str = "", language: str | None = None, *, repair: bool = True) -> Decoded:
    """The text of `body`, a feed or page, without byte order mark. `language`: ISO 639-1, of its outlet.

    `repair`: undo where that is certain what was encoded twice before it was published.
    """
    found = _decoded(body, content_type, language)
    return replace(found, text=repaired(found.text)) if repair else found


def _decoded(body: bytes, content_type: str, language: str | None) -> Decoded:
    for mark, name in _BOMS:
        if body.startswith(mark):
            body = body.removeprefix(mark)
            if name == "utf-8" or body[:400].count(0) >= min(len(body), 400) // 8 or not _ascii(body):
                return _result(body, name) if name != "utf-8" else _bytes(body, [name], language)
            break  # a mark before bytes of another charset
    if wide := _wide(body):
        return _result(body, wide)
    if body.isascii() and b"\x1b" not in body and b"~{" not in body:
        return Decoded(body.decode("ascii"), "utf-8")
    return _bytes(body, declared(body, content_type), language)


def declared(body: bytes, content_type: str) -> list[str]:
    """The codecs that XML declaration, <meta> and header name, without Unicode.

    In XML the declaration comes first, in HTML the header, unless it says Latin-1, which servers add by default.
    """
    head = body[:16_384]
    xml, meta, header = _XML.search(head[:2048]), _META.search(head), _LABEL.search(content_type[:300])
    inside = xml or meta
    names = [codec(inside[1].decode("ascii", "replace")) if inside else None, codec(header[1]) if header else None]
    if names[1] != "cp1252" and not xml:  # the HTML standard: the header before the page
        names.reverse()
    return list(dict.fromkeys(name for name in names if name and name != "utf-8" and name not in WIDE))


def _ascii(body: bytes) -> bool:
    return body[:400].lstrip()[:1] in (b"<", b"{") and body[1:2] != b"\0"


def _wide(body: bytes) -> str:
    """UTF-16 without a mark: every other byte of markup is zero."""
    if body[:1] == b"\0" and body[1:2] != b"\0" and body[:64].count(0) >= min(len(body), 64) // 4:
        return "utf-16-be"
    little = body[1:2] == b"\0" and body[:1] != b"\0" and body[:64].count(0) >= min(len(body), 64) // 4
    return "utf-16-le" if little else ""


def _result(body: bytes, name: str) -> Decoded:
    text = body.decode(name, "replace").removeprefix("\ufeff")
    return Decoded(text, name.removesuffix("-le").removesuffix("-be"), lossy="\ufffd" in text)


def _bytes(body: bytes, names: list[str], language: str | None) -> Decoded:
    stateful = next((name for name in names if name in STATEFUL), None)
    if stateful and (b"\x1b" in body or b"~{" in body):
        return _result(body, stateful)
    try:
        text, charset = body.decode(), "utf-8"
    except UnicodeDecodeError as error:
        if error.start >= len(body) - 3 and error.reason == "unexpected end of data":  # cut within a character
            text, charset = body[: error.start].decode(), "utf-8"
        else:
            text, charset = _mixed(body, names, language)
    lossy = "\ufffd" in text and text.count("\ufffd") > body.count(b"\xef\xbf\xbd")
    return Decoded(text, charset, lossy)


def _mixed(body: bytes, names: list[str], language: str | None) -> tuple[str, str]:
    """The text of bytes that are not all UTF-8, piece by piece, and the charset of most of them."""
    pieces = _PIECES.split(body)
    kinds = [_kind(piece) for piece in pieces]
    own = sum(len(piece) for piece, kind in zip(pieces, kinds, strict=True) if kind == "utf-8")
    other = b"\n".join(piece for piece, kind in zip(pieces, kinds, strict=True) if kind == "other")
    if not other:
        return "".join(map(_utf8, pieces)), "utf-8"
    charset, doubt = choose(other, names, language or _language(body), few=own > len(other))
    if doubt > _SURE and own:
        return "".join(map(_utf8, pieces)), "utf-8"
    chance = 12 if own < 0.2 * len(other) and charset in _DOUBLE else 0  # so many bytes of these may be valid UTF-8
    text = "".join(
        piece.decode(charset, "replace") if kind == "other" or 0 < len(piece) < chance else _utf8(piece)
        for piece, kind in zip(pieces, kinds, strict=True)
    )
    return text, charset if len(other) > own else "utf-8"


def _kind(piece: bytes) -> str:
    """ "ascii", "utf-8" (also with some damage), or "other"."""
    if piece.isascii():
        return "ascii"
    text = piece.decode("utf-8", "replace")
    bad, high = text.count("\ufffd"), sum(character > "\x7f" for character in text)
    return "utf-8" if high >= 3 * bad else "other"


def _utf8(piece: bytes) -> str:
    """UTF-8 with single bytes of windows-1252 in it: quotes and dashes that were pasted. Others become U+FFFD."""
    return piece.decode("utf-8", "pasted")


def _pasted(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return (bad.decode("cp1252") if bad in _PASTED else "\ufffd"), error.end


_PASTED = frozenset(bytes((code,)) for code in (0x80, 0x82, 0x84, 0x85, *range(0x91, 0x98), 0x99))
codecs.register_error("pasted", _pasted)


def _language(body: bytes) -> str:
    found = _LANGUAGE.search(body[:8192])
    return found[1].decode() if found else ""


def choose(sample: bytes, names: Iterable[str], language: str = "", *, few: bool = False) -> tuple[str, float]:
    """The charset of `sample`, which has bytes beyond ASCII and is not UTF-8, and how implausible its text is.

    `names`: those declared, in order. `few`: the sample is a small part of a document in UTF-8, and proves little.
    """
    sample = re.sub(rb"\s+", b" ", sample)[:_SAMPLE]
    order = [*names, *usual(language)]
    guesses = ["cp1252"] if few else [*([] if usual(language) else _proposed(sample)), "cp1252", *ALL]
    best, least, doubt = "cp1252", 9.0, 9.0
    for rank, name in enumerate(dict.fromkeys([*order, *guesses])):
        text = _read(sample, name)
        found = implausibility(text, language)
        if name in names:  # the language is wrong more often than a charset that fits
            found = min(found, implausibility(text))
        if rank < len(order) and found <= _GOOD:
            return name, found
        if found + _RANK * rank < least:
            best, least, doubt = name, found + _RANK * rank, found
    return best, doubt


def _read(sample: bytes, name: str) -> str:
    text = sample.decode(name, "replace")
    return text[:-2] if text.endswith("\ufffd") else text  # the sample may end within a character


def _proposed(sample: bytes) -> list[str]:
    """charset-normalizer's guess, except those of Central Europe, which it gives for Western text."""
    best = from_bytes(sample[:8_000], steps=4, chunk_size=512).best()
    name = codec(best.encoding) if best else None
    return [name] if name and name not in ("cp1250", "iso8859-2", "mac_roman", "cp866") else []
