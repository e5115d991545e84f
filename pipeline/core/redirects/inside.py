"""Finds where a page sends its reader: by a refresh in its markup or header, or by a script that does nothing else.

Follows HTML's "shared declarative refresh steps". A page that can be read is left only where a browser would leave it
before anybody has read it; what a page does without scripts, or later, counts only if it has nothing else to read.
"""

from __future__ import annotations

import re

from lxml import etree

from pipeline.core.decoding.decode import decode
from pipeline.core.redirects.scripts import goes_to
from pipeline.core.urls import join
from pipeline.records import Page

READ = 200_000  # bytes of a page that are looked at; pages that lead on are small
SMALL = 30_000  # bytes of a page whose scripts are read
AT_ONCE, AT_LAST = 10.0, 30.0  # seconds: a page left so soon is not meant to be read; one left so late is
LITTLE = 500  # characters: a page that only leads on says so, with a link, and perhaps thanks
_META = re.compile(rb"""http-equiv\s*=\s*["']?\s*refresh""")
_REFRESH = re.compile(
    r"""[\s]*(?:(?P<seconds>\d+)?(?:\.[\d.]*)?(?=[\s;,]|$)[\s]*[;,]?[\s]*)?(?:url[\s]*=[\s]*)?(?P<quote>["']?)(?P<url>.*)""",
    re.I | re.S,
)
_NOT_HTML = re.compile(r"<(?:rss|feed|rdf:rdf|urlset|sitemapindex|opml|svg|channel)[\s>]", re.I)
_USERLAND = re.compile(r"<redirect>\s*<newLocation>\s*([^<\s]+)\s*</newLocation>", re.I)
_UNSEEN = frozenset({"script", "style", "noscript", "template", "iframe", "head", "title", "svg", "select"})


def leads_to(page: Page) -> str | None:
    """The absolute address that `page` leads to; None if it is to be read itself."""
    if not (200 <= page.status < 400) or page.status == 304:
        return None
    found = _by_refresh(page.headers["refresh"], True) if "refresh" in page.headers else None
    if not found and not _may_lead(page):
        return None
    base = page.url
    if not found:
        text = decode(page.body[:READ], page.content_type, None).text
        if moved := _USERLAND.search(text[:2000]):
            found = moved[1].replace("&amp;", "&")
        elif not _NOT_HTML.search(text[:2000]):
            found, base = _in_html(text, page.url)
    try:
        target = join(base, found) if found else None
    except ValueError:
        return None
    return target if target and _without_fragment(target) != _without_fragment(page.url) else None


def _may_lead(page: Page) -> bool:
    """Cheap test of the bytes: most pages and nearly all feeds end here."""
    kind = page.content_type.partition(";")[0].strip().lower()
    if "json" in kind or kind == "text/plain" or page.body.lstrip()[:1] != b"<":
        return page.body[:2] in (b"\xff\xfe", b"\xfe\xff") or page.body.startswith(b"\xef\xbb\xbf<")
    if any(root in page.body[:600] for root in (b"<rss", b"<feed", b"<rdf:RDF")):
        return False
    low = page.body[:READ].lower()  # plain searches in it are a tenth of the cost of patterns that ignore case
    if b"refresh" in low and _META.search(low):
        return True
    return b"<newlocation>" in low or (len(low) < SMALL and (b"location" in low or b"window.open" in low))


def _in_html(text: str, url: str) -> tuple[str | None, str]:
    """Where the page leads, as written, and the address that this is relative to."""
    try:
        tree = etree.fromstring(text.encode("utf-8", "replace"), _parser())
    except (etree.XMLSyntaxError, ValueError):
        return None, url
    if tree is None:
        return None, url
    base = next((href for node in tree.iter("base") if (href := node.get("href"))), None)
    try:
        base = join(url, base) if base else url
    except ValueError:
        base = url
    empty = len(text) < READ and _shown(tree) < LITTLE
    for node in tree.iter("meta"):
        if (node.get("http-equiv") or "").strip().lower() == "refresh":
            hidden = any(parent.tag == "noscript" for parent in node.iterancestors())
            if (empty or not hidden) and (found := _by_refresh(node.get("content") or "", empty)):
                return found, base
    return (_by_script(tree) if empty else None), base


def _by_script(tree: etree._Element) -> str | None:
    for node in tree.iter("script", "body"):
        code = node.get("onload") if node.tag == "body" else node.text  # a script has no elements
        if code and (found := goes_to(code)):
            return found
    return None


def _by_refresh(content: str, empty: bool) -> str | None:
    """The address in `0; url=…`. `empty`: the page has nothing else to read, or is not known."""
    found = _REFRESH.fullmatch(content)
    if not found or (found["seconds"] is None and not re.match(r"\s*(?:url\s*=|[;,.])", content, re.I)):
        return None
    if min(float(found["seconds"] or 0), 1e6) > (AT_LAST if empty else AT_ONCE):
        return None
    url = found["url"]
    return (url.partition(found["quote"])[0] if found["quote"] else url).strip() or None


def _shown(tree: etree._Element) -> int:
    """How many characters a reader sees, without white space around each piece of text."""
    count = hidden = 0
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        unseen = not isinstance(node.tag, str) or node.tag in _UNSEEN
        if event == "start":
            hidden += unseen
            count += 0 if hidden else len((node.text or "").strip())
        else:
            hidden -= unseen
            count += 0 if hidden else len((node.tail or "").strip())
    return count


def _parser() -> etree.HTMLParser:
    return etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)


def _without_fragment(url: str) -> str:
    return url.partition("#")[0]
