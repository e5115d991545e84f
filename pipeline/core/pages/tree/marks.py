"""Characters that trafilatura would lose are replaced by printable ones before it runs, and put back afterwards."""

from __future__ import annotations

from lxml.html import HtmlElement

from pipeline.core.pages.tree.names import BOUNDARY, JOINER, NON_JOINER

_PUT_BACK = str.maketrans({BOUNDARY: "\n", NON_JOINER: "\u200c", JOINER: "\u200d"})
_REPLACED = str.maketrans({"\u200c": NON_JOINER, "\u200d": JOINER})


def replace_joiners(tree: HtmlElement, text: str) -> None:
    """Replace the zero-width joiners of `tree`: Persian and Indian words have them. `text` is all its text."""
    if "\u200c" not in text and "\u200d" not in text:
        return
    for element in tree.iter():
        if element.text:
            element.text = element.text.translate(_REPLACED)
        if element.tail:
            element.tail = element.tail.translate(_REPLACED)


def put_back(text: str) -> str:
    """`text` with line ends at boundaries, and joiners."""
    return text.translate(_PUT_BACK) if BOUNDARY in text or NON_JOINER in text or JOINER in text else text
