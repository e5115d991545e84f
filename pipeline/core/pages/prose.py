"""Measures the prose of a page: its longest passage of paragraphs that no link to another page interrupts.

An article has one even if most of the page is links to others. In a list each teaser stands beside its link.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml.html import HtmlElement

PARAGRAPH = 60  # characters; a shorter one is a caption or a byline
WALKED = 20_000  # elements

_BLOCKS = frozenset(("p", "div", "td", "th", "tr", "li", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
                     "pre", "section", "article", "main", "header", "figcaption", "figure", "ul", "ol", "dl", "table",
                     "body", "br", "hr", "center"))  # fmt: skip
_SKIPPED = frozenset(("script", "style", "noscript", "template", "nav", "footer", "aside", "select", "button", "form",
                      "svg", "head", "iframe", "textarea"))  # fmt: skip
_SENTENCE = re.compile(r"[.!?…](?:[\"'”’»)\]]*(?:\s|$))|[。！？।؟]")
_WIDE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class Passage(NamedTuple):
    """Paragraphs in a row, and their characters; those of scripts with few characters a word count twice."""

    paragraphs: int = 0
    characters: int = 0


def longest_passage(tree: HtmlElement) -> Passage:
    """The longest passage of a page; linear in its size."""
    reader = _Reader()
    todo: list[tuple[HtmlElement, bool, bool]] = [(tree, False, False)]  # element, inside a link, done
    for _ in range(2 * WALKED):
        if not todo:
            break
        element, linked, done = todo.pop()
        tag = element.tag
        if done:
            if tag in _BLOCKS:
                reader.close()
            reader.add(element.tail, linked)
            continue
        todo.append((element, linked, True))
        if not isinstance(tag, str) or tag in _SKIPPED:
            continue
        if tag in _BLOCKS:
            reader.close()
        inside = linked or tag == "a"
        reader.add(element.text, inside)
        todo.extend((child, inside, False) for child in reversed(element))
    reader.close()
    return reader.best


class _Reader:
    def __init__(self) -> None:
        self.best = self._run = Passage()
        self._text: list[str] = []
        self._linked, self._ends_linked = 0, False

    def add(self, text: str | None, linked: bool) -> None:
        if text and not text.isspace():
            self._text.append(text)
            self._linked += len(text) * linked
            self._ends_linked = linked

    def close(self) -> None:
        """End a block: a paragraph lengthens the passage, a link to another page ends it."""
        text = " ".join("".join(self._text).split())
        if text:
            if 2 * self._linked > len(text) or (self._ends_linked and not _SENTENCE.search(text[-2:])):
                self._run = Passage()
            else:
                length = len(text) + len(_WIDE.findall(text))
                if length >= PARAGRAPH and _SENTENCE.search(text):
                    self._run = Passage(self._run.paragraphs + 1, self._run.characters + length)
                    self.best = max(self.best, self._run, key=lambda passage: passage.characters)
        self._text.clear()
        self._linked, self._ends_linked = 0, False
