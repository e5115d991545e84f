"""Decides which hidden elements and side containers are text: those that hold the article itself.

Paid and script-driven pages hide the article, or leave it in <noscript>, <template> or an <aside>.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from pipeline.core.pages.tree.names import CONTAINERS, INLINE, LOOSE, REMOVED, UNWRAPPED
from pipeline.core.pages.tree.run import in_sentence

_LEAST = 200  # characters of prose that an article has
_LONG = 40  # characters of a paragraph that counts as prose
_HIDDEN = etree.XPath("descendant-or-self::*[@style or @hidden or @aria-hidden]")
_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_OWN_LINE = re.compile(r"display\s*:\s*(?:block|flex|grid|list-item|table)\b", re.I)
_HIDES = re.compile(r"hid|notloaded", re.I)
_ASIDE = re.compile(
    r"cookie|consent|gdpr|modal|popup|pop-up|overlay|dialog|lightbox|toast|tooltip|dropdown|menu|nav|login|sign-?[iu]|"
    r"subscri|newsletter|share|social|comment|search|footer|related|recommend|banner|advert|gallery|caption|print|"
    r"mobile|desktop|terms|conditions|disclaimer|privacy|impressum|policy",
    re.I,
)
#: Names of what scripts unfold behind the first paragraphs.
_REST = re.compile(
    r"more|rest|full|expand|collaps|unfold|paywall|premium|paid|truncat|remain|body|content|article|story", re.I
)
_REPLACED = re.compile(r"sr-only|visually-?hidden|screen-?reader|assistive|mathml|a11y", re.I)


def settle(tree: HtmlElement, tags: set[str]) -> None:
    """Give elements whose words are no text the tag REMOVED, and containers that hold the article the tag div."""
    _shadow_roots(tree, tags)
    hidden = _outermost(_hidden(tree))
    held = [tag for tag in (*CONTAINERS, *LOOSE) if tag in tags and tag != "time"]
    containers = _outermost([each for tag in held for each in tree.iter(tag)])
    if not hidden and not containers:
        return
    prose = _Prose(tree)
    for each in containers:
        if prose.of(each) >= _LEAST and prose.of(each) > prose.beside(each):
            each.tag = "div"
            _show(each)
    if hidden:
        _settle_hidden(hidden, prose)


def remove_dialogs(tree: HtmlElement) -> None:
    """Remove hidden menus, dialogs, terms of use and the like."""
    for each in _outermost(_hidden(tree)):
        if _ASIDE.search(f"{each.get('class')} {each.get('id')}") and each.getparent() is not None:
            each.drop_tree()


def _settle_hidden(hidden: list[HtmlElement], prose: _Prose) -> None:
    plain = [each for each in hidden if not _ASIDE.search(f"{each.get('class')} {each.get('id')}")]
    shown = prose.beside(*hidden)
    own = {each: size for each in plain if (size := prose.of(each))}
    if own:
        seen = prose.openings(hidden)
        own = {each: size for each, size in own.items() if not prose.repeats(each, seen)}
    article = sum(own.values())
    for each in hidden:
        size = own.get(each, 0)
        holds = (article >= _LEAST and article > shown) or _follows_prose(each)
        if (size and holds) or each.tag in ("html", "body"):
            _show(each)
        elif each.tag in INLINE and each.get("aria-hidden") and not _STYLE.search(each.get("style") or ""):
            words = any(map(str.isalnum, each.text_content()))
            each.tag = UNWRAPPED if words and in_sentence(each) and not _is_replaced(each) else REMOVED
        else:
            each.tag = REMOVED


def _hidden(tree: HtmlElement) -> list[HtmlElement]:
    found: list[HtmlElement] = []
    marked: Any = _HIDDEN(tree)
    for element in marked:
        style = element.get("style") or ""
        if element.get("aria-hidden") == "true" or _STYLE.search(style):
            found.append(element)
        elif element.get("hidden") is not None:
            if element.get("hidden") != "until-found":
                found.append(element)
        elif element.tag == "span" and _OWN_LINE.search(style):
            element.tag = "div"
    return found


def _shadow_roots(tree: HtmlElement, tags: set[str]) -> None:
    """A declarative shadow root is shown in place of its element."""
    if "template" in tags:
        for element in tree.iter("template"):
            if element.get("shadowrootmode") or element.get("shadowroot"):
                element.tag = "div"


def _outermost(elements: list[HtmlElement]) -> list[HtmlElement]:
    if len(elements) < 2:
        return elements
    chosen = set(elements)
    return [each for each in elements if chosen.isdisjoint(each.iterancestors())]


def _show(element: HtmlElement) -> None:
    """Take away what hides `element` or what is inside, for trafilatura too."""
    for each in element.iter():
        if "style" in each.attrib and _STYLE.search(each.attrib["style"]):
            del each.attrib["style"]
        for name in ("hidden", "aria-hidden"):
            each.attrib.pop(name, None)
        for name in ("class", "id"):
            if _HIDES.search(each.get(name, "")):
                del each.attrib[name]


def _follows_prose(element: HtmlElement) -> bool:
    """Whether a shown paragraph stands beside `element`, whose name says that it is the rest of a text."""
    if not _REST.search(f"{element.get('class')} {element.get('id')}"):
        return False
    for previous in element.itersiblings(preceding=True):
        if previous.tag == "p" and len(previous.text_content()) >= _LONG and previous.get("style") is None:
            return True
    return False


def _is_replaced(element: HtmlElement) -> bool:
    """Whether the same is said beside it for screen readers."""
    beside = (element.getprevious(), element.getnext())
    return any(each is not None and _REPLACED.search(each.get("class", "")) for each in beside)


class _Prose:
    """How much running text elements hold: characters of long paragraphs; of words without links, if they have none."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree
        self._paragraphs = {
            p: len(text) for p in tree.iter("p") if len(text := p.text_content().strip()) >= _LONG and not _is_link(p)
        }
        self._all = sum(self._paragraphs.values())

    def of(self, element: HtmlElement) -> int:
        if next(element.iter("p"), None) is not None and self._all:
            return sum(self._paragraphs.get(p, 0) for p in element.iter("p"))
        size = len(element.text_content()) - sum(len(a.text_content()) for a in element.iter("a"))
        return size if size >= _LONG else 0

    def beside(self, *elements: HtmlElement) -> int:
        """The prose of the page that is not in `elements`."""
        if self._all:
            return self._all - sum(self._paragraphs.get(p, 0) for each in elements for p in each.iter("p"))
        return self.of(self._tree) - sum(map(self.of, elements))

    def openings(self, hidden: list[HtmlElement]) -> set[str]:
        """The first words of the paragraphs that are shown."""
        inside = {p for each in hidden for p in each.iter("p")}
        return {_opening(p) for p in self._paragraphs if p not in inside}

    def repeats(self, element: HtmlElement, seen: set[str]) -> bool:
        own = [p for p in element.iter("p") if p in self._paragraphs]
        return bool(own) and sum(_opening(p) in seen for p in own) * 2 >= len(own)


def _opening(paragraph: HtmlElement) -> str:
    return " ".join(paragraph.text_content().split())[: 2 * _LONG]


def _is_link(paragraph: HtmlElement) -> bool:
    return len(paragraph) == 1 and paragraph[0].tag == "a" and not (paragraph.text or "").strip()
