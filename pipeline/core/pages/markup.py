"""Parses the bytes of a page into a tree: finds the kind of file, and limits the parse.

Handles hostile pages: binaries, feeds served as pages, control characters, endless nesting.
"""

from __future__ import annotations

import codecs
import re

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
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_CONTROL = bytes(sorted(set(range(32)) - {9, 10, 13})) + b"\x7f"


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


class _Element(HtmlElement):  # type: ignore[misc]  # lxml has no types
    """An element of a page. Most have only text, which needs no search below them."""

    def text_content(self) -> str:
        return str(super().text_content()) if len(self) else self.text or ""


def _parser() -> etree.HTMLParser:
    parser = etree.HTMLParser(
        collect_ids=False,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        no_network=True,
    )
    # lxml.html looks up every tag in Python to give forms and inputs classes of their own, which nothing here uses.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=_Element))
    return parser


def parse(body: bytes) -> HtmlElement | None:
    """The <html> tree of UTF-8 `body`; None if it has no element. Nesting is limited; no text is lost.

    Raises MemoryError.
    """
    body = body.translate(None, _CONTROL)
    if b"\xef\xbf" in body:
        for wrong in _NO_CHARACTERS:  # libxml2 lets them into names, with which lxml then fails
            body = body.replace(wrong, b"")
    body = _repaired(body)
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
    if not isinstance(tree, HtmlElement):
        return None, deep
    _move_to_body(tree)
    return tree, deep


#: Elements that libxml2 does not know from HTML 4, so that they do not end a <head> without an end tag.
_OF_BODY = frozenset({"article", "main", "section", "header", "footer", "nav", "aside", "figure", "details", "hgroup"})


def _move_to_body(tree: HtmlElement) -> None:
    """Move what a page without <body> begins with out of its <head>."""
    head, body = tree.find("head"), tree.find("body")
    moved = [element for element in head if element.tag in _OF_BODY] if head is not None else []
    if not moved:
        return
    if body is None:
        body = etree.SubElement(tree, "body")
    for element in reversed(moved):
        body.insert(0, element)


_DOCTYPE = re.compile(rb"<\s?!\s?doctype[^>]{0,500}/[^<>]{0,500}>", re.I)
_LONG_TAG = re.compile(rb"<([a-zA-Z][a-zA-Z0-9]{0,20})\s[^<>]{%d,}>" % TAG_LIMIT)
_SELF_CLOSED = re.compile(rb"(<html\b[^<>]{0,2000}?)\s*/>", re.I)
_ENDS = re.compile(rb"</(?:html|body)\s{0,100}>", re.I)


def _repaired(body: bytes) -> bytes:
    """`body` without what makes libxml2 lose text or take too long.

    That is a doctype with a slash (lxml bug 1955915), a self-closed <html/>, an </html> that is not the end (browsers
    read on), and a tag with thousands of attributes (quadratic time: 50,000 take 40 s).
    """
    window = TAG_LIMIT // 2  # a longer tag has a whole window without its end
    if any(body.find(b">", at, at + window) < 0 for at in range(0, len(body) - window, window)):
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
