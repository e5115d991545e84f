"""The line of text in which an element stands: what is before and after it up to the next block or line break."""

from __future__ import annotations

from lxml.html import HtmlElement

from pipeline.core.pages.tree.names import INLINE

_STEPS = 80  # elements looked at on either side
_PARAGRAPHS = frozenset(("p", "li", "dd", "blockquote", "h1", "h2", "h3", "h4", "figcaption", "td"))
#: Elements that are no datelines and nothing to press, so that one word beside them is enough.
_WORDS = frozenset(("output", "meter", "progress", "label", "noindex", "span"))
_ENOUGH = 30  # bytes in UTF-8 beside the element: about five words, or ten Han characters
_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "؟", ".”", '."', ".»")


def before(element: HtmlElement) -> str:
    """The text before `element` in its line, without that of links."""
    found: list[str] = []
    for _ in range(_STEPS):
        previous, above = element.getprevious(), element.getparent()
        if above is None:
            break
        found.append((above.text if previous is None else previous.tail) or "")
        if previous is None:
            if above.tag not in INLINE:
                break
            element = above
        elif previous.tag not in INLINE:
            break
        else:
            element = previous
            if previous.tag != "a":
                found.append(previous.text_content())
    return "".join(reversed(found))


def after(element: HtmlElement) -> str:
    """The text after `element` in its line, without that of links."""
    found: list[str] = []
    for _ in range(_STEPS):
        found.append(element.tail or "")
        following, above = element.getnext(), element.getparent()
        if following is None:
            if above is None or above.tag not in INLINE:
                break
            element = above
        elif following.tag not in INLINE:
            break
        else:
            element = following
            if following.tag != "a":
                found.append(following.text_content())
    return "".join(found)


def in_sentence(element: HtmlElement) -> bool:
    """Whether `element` stands in running text. A dateline ("Published on", then a date) does not."""
    host = element.getparent()
    while host is not None and host.tag in INLINE:
        host = host.getparent()
    left, right = before(element), after(element)
    if host is None or (host.tag not in _PARAGRAPHS and not _touches(element)):
        return False
    around = f"{left.strip()}{right.strip()}"
    words = (any(map(str.isalpha, left)), any(map(str.isalpha, right)))
    if host.tag in _PARAGRAPHS and (all(words) or (any(words) and element.tag in _WORDS)):
        return True
    if len(around.encode()) >= _ENOUGH:
        return True
    return any(words) and around.endswith(_ENDS) and host.tag in _PARAGRAPHS


def _touches(element: HtmlElement) -> bool:
    """Whether words that are in no other element stand right before or after."""
    previous, above = element.getprevious(), element.getparent()
    left = above.text if previous is None and above is not None else previous.tail if previous is not None else ""
    return any(map(str.isalnum, f"{left or ''}{element.tail or ''}"))
