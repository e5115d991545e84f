"""Removes prompts to subscribe to a newsletter: a few words around a field for an e-mail address."""

from __future__ import annotations

from lxml.html import HtmlElement

from pipeline.core.pages.terms import all_terms
from pipeline.core.text.languages import vocabulary

_LARGEST = 400  # characters of a prompt
_LONG = 60  # characters of a paragraph that must ask, too
_WORDS = all_terms(vocabulary("boilerplate")["prompts"])
_HELD = ("article", "main", "body", "html")


def remove(tree: HtmlElement) -> None:
    """Remove the prompts from a tree that still has its <input> elements."""
    for field in [each for each in tree.iter("input") if _asks_for_address(each)]:
        prompt = _around(field)
        if prompt is not None and prompt.getparent() is not None:
            prompt.drop_tree()


def _asks_for_address(field: HtmlElement) -> bool:
    name = f"{field.get('type')} {field.get('name')}".lower()
    return "mail" in name and "hidden" not in name


def _around(field: HtmlElement) -> HtmlElement | None:
    """The largest element around `field` with few words, all about the subscription, or None."""
    found = None
    for around in field.iterancestors():
        size = len(" ".join(around.text_content().split()))
        if size > _LARGEST or around.tag in _HELD or next(around.iter("h1"), None) is not None:
            break
        paragraphs = [text for p in around.iter("p") if len(text := p.text_content().casefold()) >= _LONG]
        asking = paragraphs or [around.text_content().casefold()]
        if all(any(word in text for word in _WORDS) for text in asking):
            found = around
        elif paragraphs:
            break
    return found
