"""Parses the bytes of a page into a tree: finds the kind of file and the character set, and limits the parse.

Handles hostile pages: binaries, feeds served as pages, wrong charsets, control characters, endless nesting.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes
from lxml import etree
from lxml.html import HtmlElement

PAGE_LIMIT = 8_000_000  # bytes; the largest real news pages (live blogs) stay below 4 MB
TAG_LIMIT = 20_000  # bytes of one tag
DEPTH = 180  # nested elements; libxml2 stops at 256 and loses the text below

_MAGIC = (b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"RIFF", b"PK\x03\x04", b"\x1f\x8b", b"ID3", b"OggS",
          b"\x00\x00\x01\x00", b"BM\x00", b"II*\x00", b"MM\x00*", b"%!PS", b"{\\rtf", b"\xd0\xcf\x11\xe0",
          b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf")  # fmt: skip
_FEED = re.compile(rb"<(rss|feed|rdf:RDF|urlset|sitemapindex|opml|svg)[\s>]", re.I)
_TAG_SEEN = re.compile(
    rb"<(!doctype\s+html|html|head|body|meta|title|article|main|section|div|p|h1|br|table)[\s>/]", re.I
)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I)
_XML_CHARSET = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.I)
_CONTROL = bytes(sorted(set(range(32)) - {9, 10, 13})) + b"\x7f"

#: Charsets that browsers read as a larger one: WHATWG Encoding Standard, section 4.2.
_WEB = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
        "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
        "euc_kr": "cp949", "big5": "big5hkscs"}  # fmt: skip
#: Charsets of ASCII bytes only, which must be declared to be recognised.
_STATEFUL = {"iso2022_jp", "hz", "iso2022_kr"}
#: Locale defaults of the HTML standard, 13.2.3.2.
_BY_LANGUAGE = {
    **dict.fromkeys(("cs", "hr", "hu", "pl", "ro", "sk", "sl"), ("cp1250",)),
    **dict.fromkeys(("be", "bg", "mk", "ru", "sr", "uk"), ("cp1251", "koi8-u")),
    **dict.fromkeys(("et", "lt", "lv"), ("cp1257",)),
    "el": ("cp1253",), "tr": ("cp1254",), "he": ("cp1255",), "ar": ("cp1256",), "fa": ("cp1256",), "vi": ("cp1258",),
    "th": ("cp874",), "ja": ("cp932", "euc_jp"), "ko": ("cp949",), "zh": ("gb18030", "big5hkscs"),
}  # fmt: skip
_LANG = re.compile(rb"<html[^<>]{0,500}?\blang\s*=\s*[\"']?([a-zA-Z]{2})\b", re.I)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decoded:
    """`body` in UTF-8, and the charset it was in. `lossy`: some bytes are invalid in every charset."""

    body: bytes
    charset: str
    lossy: bool = False


def kind(body: bytes, content_type: str) -> str:
    """ "html", "text" or "other" (PDF, image, feed, JSON, empty). The bytes are trusted more than the header."""
    head = body[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head or head.startswith(_MAGIC):
        return "other"
    declared = content_type.partition(";")[0].strip().lower()
    if _TAG_SEEN.search(head) and not _feed(head):
        return "html"
    wide = head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or head[:40].count(0) >= 10
    if not wide and (_feed(head) or len(head.translate(None, _CONTROL)) < 0.95 * len(head)):
        return "other"
    if declared in ("text/html", "application/xhtml+xml"):
        return "html"
    if declared == "text/plain":
        return "text"
    if declared:
        return "other"
    return "html" if (b"<" in head and b">" in head) or wide else "text"


def _feed(head: bytes) -> bool:
    found = _FEED.search(head)
    return found is not None and b"<html" not in head[: found.start()].lower() and b"<body" not in head.lower()


def decode(body: bytes, content_type: str = "") -> Decoded:
    """`body` as UTF-8: by byte-order mark, UTF-8 if valid, the charset that header or page declare, or a guess.

    Valid UTF-8 wins over every declaration, because text in another charset is practically never valid UTF-8. The
    header wins over the page (HTML standard), unless it is the Latin-1 that servers add by default.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return Decoded(body.decode(name, "replace").encode(), name.removesuffix("-sig"))
    declared = _declared(body, content_type)
    stateful = next((name for name in declared if name in _STATEFUL), None)
    if stateful and (b"\x1b" in body or b"~{" in body):
        declared = [stateful]
    elif body[:64].count(0) >= 16:
        declared = ["utf-16-be" if body[:1] == b"\0" else "utf-16-le"]
    elif _valid(body, "utf-8"):
        return Decoded(body, "utf-8")
    for name in declared:
        if _valid(body, name):
            return Decoded(_encode(body.decode(name)), name)
    return _lossy(body, declared)


def _declared(body: bytes, content_type: str) -> list[str]:
    header = _known((found := _HEADER_CHARSET.search(content_type)) and found[1])
    head = body[:4096]
    inside = _META_CHARSET.search(head) or _XML_CHARSET.search(head)
    page = _known(inside and inside[1].decode("ascii", "replace"))
    order = [page, header] if header == "cp1252" else [header, page]
    return list(dict.fromkeys(name for name in order if name and not name.startswith("utf")))


def _known(name: str | None) -> str | None:
    """The codec for a charset label; None if there is no text codec of that name."""
    try:
        codec = codecs.lookup((name or "").strip())
    except (LookupError, ValueError):
        return None
    return _WEB.get(codec.name, codec.name) if codec._is_text_encoding else None


def _valid(body: bytes, charset: str) -> bool:
    try:
        body.decode(charset)
    except UnicodeError:
        return False
    return True


def _lossy(body: bytes, declared: list[str]) -> Decoded:
    """`body` with bytes that are invalid in all declared charsets: in the one that loses least, or a guessed one."""
    high = sum(byte > 127 for byte in body[:200_000])
    damaged = body[:200_000].decode("utf-8", "replace").count("\ufffd")
    if damaged * 10 <= high:  # UTF-8 that is cut off or has a stray byte
        return Decoded(_encode(body.decode("utf-8", "replace")), "utf-8", lossy=True)
    charset = next(iter(declared or _guess(body)))
    return Decoded(_encode(body.decode(charset, "replace")), charset, lossy=not _valid(body, charset))


def _guess(body: bytes) -> list[str]:
    """The charset, guessed by the page's language, as browsers do; else by charset-normalizer, except guesses of
    Central European charsets, which it gives for Western text."""
    language = _LANG.search(body[:4096])
    if language:
        usual = _BY_LANGUAGE.get(language[1].decode().lower(), ("cp1252",))
        return [next((name for name in usual if _valid(body, name)), usual[0])]
    sample = re.sub(rb"<[^<>]*>", b" ", body[:100_000])
    best = from_bytes(sample[:20_000], steps=4, chunk_size=512).best()
    return [best.encoding if best and not best.encoding.startswith(("cp1250", "mac_", "cp4", "cp8")) else "cp1252"]


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _parser() -> etree.HTMLParser:
    parser = etree.HTMLParser(
        collect_ids=False,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        no_network=True,
    )
    # lxml.html looks up every tag in Python to give forms and inputs classes of their own, which nothing here uses.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    return parser


def parse(body: bytes) -> HtmlElement | None:
    """The <html> tree of UTF-8 `body`; None if it has no element. Nesting is limited; no text is lost.

    Raises MemoryError.
    """
    body = _repaired(body.translate(None, _CONTROL))
    tree, deep = _parse(body)
    if deep:
        tree, _ = _parse(flatten(body))
    return tree


def _parse(body: bytes) -> tuple[HtmlElement | None, bool]:
    parser = _parser()
    try:
        tree = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, etree.ParserError, ValueError) as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:  # otherwise the page would count as empty
            raise MemoryError("libxml2 ran out of memory") from error
        return None, False
    last = parser.error_log.last_error
    deep = last is not None and last.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT
    return (tree if isinstance(tree, HtmlElement) else None), deep


_DOCTYPE = re.compile(rb"<\s?!\s?doctype[^>]{0,500}/[^<>]{0,500}>", re.I)
_LONG_TAG = re.compile(rb"<([a-zA-Z][a-zA-Z0-9]{0,20})\s[^<>]{%d,}>" % TAG_LIMIT)
_SELF_CLOSED = re.compile(rb"(<html\b[^<>]{0,2000}?)\s*/>", re.I)
_ENDS = re.compile(rb"</(?:html|body)\s{0,100}>", re.I)


def _repaired(body: bytes) -> bytes:
    """`body` without what makes libxml2 lose text or take too long.

    That is a doctype with a slash (lxml bug 1955915), a self-closed <html/>, an </html> that is not the end (browsers
    read on), and a tag with thousands of attributes (quadratic time: 50,000 take 40 s).
    """
    if max(map(len, body.split(b">"))) > TAG_LIMIT:
        body = _LONG_TAG.sub(rb"<\1>", body)
    body = _ENDS.sub(b"", body)
    head, rest = body[:4096], body[4096:]
    repaired = _SELF_CLOSED.sub(rb"\1>", _DOCTYPE.sub(b"", head, count=1), count=1)
    return body if repaired == head else repaired + rest


_ANY_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})\b[^<>]{0,8000}>")
_LEAVES = frozenset(b"p br img hr input meta link source wbr area base col embed param track option html head body "
                    b"script style".split())  # fmt: skip


def flatten(body: bytes) -> bytes:
    """`body` without the tags nested deeper than DEPTH. One linear pass."""
    opened: list[tuple[bytes, bool]] = []
    kept: list[bytes] = []
    depth = end = 0
    for tag in _ANY_TAG.finditer(body):
        name = tag[2].lower()
        if name in _LEAVES or tag[0].endswith(b"/>"):
            continue
        if not tag[1]:
            keep = depth < DEPTH
            opened.append((name, keep))
            depth += keep
        else:
            keep = False
            # unclosed elements inside (<li>, <td>) end here too; 30 bounds the search for a tag that was never opened
            if any(open_name == name for open_name, _ in opened[-30:]):
                while opened:
                    open_name, was_kept = opened.pop()
                    depth -= was_kept
                    keep = was_kept
                    if open_name == name:
                        break
        if not keep:
            kept.append(body[end : tag.start()])
            end = tag.end()
    kept.append(body[end:])
    return b" ".join(kept)


_LINKS = re.compile(rb"<(?:link|meta)\b[^<>]{0,2000}>", re.I)
_OWN = re.compile(rb"\b(?:rel|property)\s*=\s*[\"']?(canonical|og:url)\b", re.I)
_HREF = re.compile(rb"\b(?:href|content)\s*=\s*(?:\"([^\"]{1,4000})\"|'([^']{1,4000})'|([^\s\"'<>]{1,4000}))", re.I)


def declared_url(body: bytes) -> str | None:
    """The http(s) address that a page declares (canonical link, else og:url)."""
    found: dict[bytes, str] = {}
    for tag in _LINKS.finditer(body, 0, 500_000):
        own, href = _OWN.search(tag[0]), _HREF.search(tag[0])
        if own and href:
            address = (href[1] or href[2] or href[3]).decode("utf-8", "replace").strip()
            if address.lower().startswith(("http://", "https://")):
                found.setdefault(own[1].lower(), address.replace("&amp;", "&"))
    return found.get(b"canonical") or found.get(b"og:url")
