"""All text of a prepared tree in reading order."""

from __future__ import annotations

import re
from html import unescape

from lxml.html import HtmlElement

from pipeline.core.pages.tree.marks import put_back
from pipeline.core.pages.tree.names import BLOCKS, BOUNDARY
from pipeline.core.text.tidy import lines

#: Escaped twice. trafilatura resolves the same.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}\d{0,2});")
_CELLS = ("td", "th")
_LINES = tuple(tag for tag in BLOCKS if tag not in _CELLS)


def linear(tree: HtmlElement) -> str:
    """The text with one block per line, without list items that are links; `tree` is changed. Linear in size."""
    for element in tree.iter(*_LINES):
        element.text = f"{BOUNDARY}{element.text or ''}"
        element.tail = f"{BOUNDARY}{element.tail or ''}"
    for cell in tree.iter(*_CELLS):
        if cell.getnext() is not None:
            cell.tail = " | "
    for anchor in list(tree.iter("a")):
        above = anchor.getparent()
        if above is not None and above.tag == "li" and len(above) == 1:
            anchor.clear()
    text = " ".join("".join(tree.itertext()).split())
    return lines(put_back(resolved(text)))


def resolved(text: str) -> str:
    """`text` without references to characters."""
    return _ENTITY.sub(lambda found: unescape(found[0]), text) if "&" in text else text
