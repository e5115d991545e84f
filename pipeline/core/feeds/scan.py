"""Scans the XML of a feed into a tree of elements, however broken it is: nothing is refused, no entity is expanded.

A strict parser stops at the first fault, and a fault in one entry would cost all that follow. Here every end tag closes
the elements opened after its start tag, an entry ends where the next one starts, an element that was never closed ends
where the next field starts, and what is no tag is text. One pass, in linear time, without recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.core.text.references import unescape

#: Namespaces by what they are called here; elements of RSS and Atom have no prefix.
_NAMESPACES = {
    "http://www.w3.org/2005/atom": "", "http://purl.org/atom/ns#": "", "http://purl.org/rss/1.0": "",
    "http://my.netscape.com/rdf/simple/0.9": "", "http://channel.netscape.com/rdf/simple/0.9": "",
    "http://purl.org/net/rss1.1#": "", "http://backend.userland.com/rss2": "", "http://backend.userland.com/rss": "",
    "http://blogs.law.harvard.edu/tech/rss": "", "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/dc/elements/1.1": "dc", "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://search.yahoo.com/mrss": "media", "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner", "http://purl.org/rss/1.0/modules/syndication": "sy",
    "http://www.w3.org/1999/xhtml": "xhtml", "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "", "http://www.google.com/schemas/sitemap/0.84": "",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://www.google.com/schemas/sitemap-image/1.1": "image",
}  # fmt: skip
#: Prefixes of RSS and Atom that people forget to declare.
_UNDECLARED = {"atom": "", "atom10": "", "a10": "", "atom03": "", "rss": ""}
_ENTRIES = frozenset({"item", "entry"})
#: End tags that may close an entry that is still open.
_AROUND = frozenset({"channel", "rss", "feed", "rdf:rdf", "rdf", "items", "urlset", "sitemapindex"})
#: What stands directly in an entry or channel; an unclosed element ends where one of these starts.
_FIELDS = frozenset({
    "title", "link", "description", "summary", "content", "content:encoded", "guid", "id", "pubdate", "published",
    "updated", "issued", "modified", "created", "date", "author", "dc:creator", "dc:date", "dc:title", "category",
    "enclosure", "media:content", "media:thumbnail", "media:group", "media:title", "media:description", "comments",
    "source", "item", "entry", "language", "image", "copyright", "generator", "ttl", "rights", "loc", "lastmod",
    "news:news", "news:title", "news:publication", "news:publication_date", "news:keywords", "image:image",
})  # fmt: skip
_TOKEN = re.compile(r"<(?:(!\[CDATA\[|!--)|(/?)([A-Za-z_][\w.:-]{0,100})((?:[\s/][^<>]*)?)>)")
_XMLNS = re.compile(r"""xmlns:([\w.-]{1,40})\s*=\s*["']\s*([^"']{1,100}?)[/\s]*["']""")
_SECTION = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)|<!--.*?-->", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([\w.:-]{1,60})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""")
_ESCAPED_TAG = re.compile(r"&lt;/?[A-Za-z][A-Za-z0-9]{0,10}(?:\s.{0,300}?)?/?&gt;", re.DOTALL)
_DEEPEST = 200  # elements; deeper ones count as empty
_LONGEST_TAG = 8_000  # characters, of those with ">" in an attribute


@dataclass(slots=True)
class Node:
    """One element. `text[start:end]` is what it holds, `at` the place of its tag. `cut`: the document ends in it."""

    name: str
    tag: str  # as it is written
    raw: str
    at: int
    start: int
    end: int = 0
    children: list[Node] = field(default_factory=list)
    cut: bool = False

    def attributes(self) -> dict[str, str]:
        """By lower-case name; xml:lang and the like with their prefix."""
        if "=" not in self.raw:
            return {}
        found = {m[1].lower(): unescape(m[2] or m[3] or m[4] or "").strip() for m in _ATTRIBUTE.finditer(self.raw)}
        return {"about" if name.endswith(":about") else name: value for name, value in found.items()}

    def all(self, *names: str) -> Iterator[Node]:
        """The children of these names, in the order of `names`."""
        for name in names:
            yield from (child for child in self.children if child.name == name)


@dataclass(slots=True)
class Scanned:
    """`top` holds the outermost elements, `entries` those of all levels."""

    text: str
    top: Node
    entries: list[Node]

    def value(self, node: Node) -> str:
        """The characters of an element, as markup if it holds elements: CDATA unwrapped, references resolved once."""
        raw = self.text[node.start : node.end]
        if "<" not in raw:
            return _unwrapped(unescape(raw))
        markup = bool(node.children) and not _ESCAPED_TAG.search(raw)
        parts, at = [], 0
        for section in _SECTION.finditer(raw):
            between = raw[at : section.start()]
            parts += [between if markup else unescape(between), section[1] or ""]
            at = section.end()
        parts.append(raw[at:] if markup else unescape(raw[at:]))
        return _unwrapped("".join(parts))


def _unwrapped(text: str) -> str:
    """`text` without the marks of CDATA sections that were nested or escaped."""
    if "CDATA[" not in text:
        return text
    return text.replace("<![CDATA[", "").replace("]]>", "").replace("]]&gt;", "").replace("&lt;![CDATA[", "")


def scan(text: str, at: int = 0, entries: frozenset[str] = _ENTRIES) -> Scanned:
    """The elements of `text` from `at` on. `entries`: the names of those that are entries."""
    return _Scanner(text, entries).run(at)


class _Scanner:
    def __init__(self, text: str, entries: frozenset[str]) -> None:
        self.text, self.entry_names, self.around = text, entries, _AROUND | entries
        self.starts = (*(f"<{name}" for name in entries), "</")  # what may follow an entry
        self.stack = [Node("", "", "", 0, 0)]
        self.places: dict[str, list[int]] = {}  # name -> its positions on the stack
        self.entries: list[Node] = []
        self.entry = 0  # position of the open entry on the stack, 0 for none
        self.names: dict[str, str] = {}
        self.prefixes = dict(_UNDECLARED)
        self.found: dict[str, int] = {}  # what was searched -> where it was found last

    def run(self, at: int) -> Scanned:
        text, search = self.text, _TOKEN.search
        while found := search(text, at):
            section, slash, tag, raw = found.groups()
            at = found.end()
            if section:
                at = self._section(section, at)
            elif slash:
                self._close(self._name(tag), found.start())
            else:
                if raw.count('"') % 2:
                    raw, at = self._longer(raw, found.start(4), at)
                if "xmlns:" in raw:
                    self._declare(raw)
                self._open(tag, raw, found.start(), at)
        for node in self.stack[:0:-1]:
            node.cut = True
        while len(self.stack) > 1:
            self._pop(len(text), own=False)
        return Scanned(text, self.stack[0], self.entries)

    def _name(self, tag: str) -> str:
        """The name of an element with the usual prefix of its namespace, in lower case."""
        name = self.names.get(tag)
        if name is None:
            prefix, colon, local = tag.lower().rpartition(":")
            known = self.prefixes.get(prefix, prefix) if colon else ""
            name = self.names[tag] = f"{known}:{local}" if known else local
        return name

    def _declare(self, raw: str) -> None:
        for prefix, address in _XMLNS.findall(raw):
            known = _NAMESPACES.get(address.lower())
            if known is not None and self.prefixes.get(prefix.lower()) != known:
                self.prefixes[prefix.lower()] = known
                self.names.clear()

    def _longer(self, raw: str, start: int, at: int) -> tuple[str, int]:
        """The attributes and the end of a tag with ">" in a quoted value."""
        end = at
        while end - start < _LONGEST_TAG and (end := self.text.find(">", end) + 1) > 0:
            if self.text.count('"', start, end) % 2 == 0:
                return self.text[start : end - 1], end
        return raw, at

    def _section(self, kind: str, at: int) -> int:
        """The end of a comment or CDATA section. One that was never closed ends with its element."""
        end = self._next("-->" if kind == "!--" else "]]>", at)
        if kind == "!--":
            return end + 3 if end >= 0 else at
        if end >= 0 and not any(self._swallows(f"</{name}>", at, end) for name in self.entry_names):
            return end + 3
        close = self._next(f"</{self.stack[-1].tag}>", at)
        return close if close >= 0 else len(self.text)

    def _next(self, what: str, at: int) -> int:
        """As `text.find`, for rising `at`: each part of the text is searched once."""
        there = self.found.get(what, 0)
        if 0 <= there < at or what not in self.found:
            there = self.found[what] = self.text.find(what, at)
        return there

    def _swallows(self, tag: str, at: int, end: int) -> bool:
        """Whether a section goes on over the end of an entry: its own end is missing."""
        there = self._next(tag, at)
        after = self.text[there + len(tag) : there + 200].lstrip()
        return 0 <= there < end and after.startswith(self.starts)

    def _open(self, tag: str, raw: str, at: int, start: int) -> None:
        name = self._name(tag)
        if name in self.entry_names:
            while self.entry:
                self._pop(at, own=False)
        node = Node(name, tag, raw, at, start, start)
        self.stack[-1].children.append(node)
        if name in self.entry_names:
            self.entries.append(node)
        if raw.endswith("/"):
            node.raw = raw[:-1]
            return
        if len(self.stack) > _DEEPEST:
            return
        if name in self.entry_names:
            self.entry = len(self.stack)
        self.places.setdefault(name, []).append(len(self.stack))
        self.stack.append(node)

    def _close(self, name: str, at: int) -> None:
        places = self.places.get(name)
        if not places or (places[-1] < self.entry and name not in self.around):
            return
        place = places[-1]
        while len(self.stack) > place:
            self._pop(at, own=len(self.stack) == place + 1)

    def _pop(self, at: int, *, own: bool) -> None:
        """Take the innermost element off the stack. `own`: by its own end tag."""
        node = self.stack.pop()
        self.places[node.name].pop()
        node.end = at
        if len(self.stack) == self.entry:
            self.entry = 0
        if own or node.name in self.around:
            return
        for count, child in enumerate(node.children):
            if child.name in _FIELDS:
                node.end, node.cut = child.at, False
                self.stack[-1].children += node.children[count:]
                del node.children[count:]
                return
