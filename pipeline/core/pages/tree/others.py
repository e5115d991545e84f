"""Removes whole articles beside the one that the page is about: some sites load the next one below it.

Another article is known by its form: it stands in the same kind of container, with a headline of the same level that is
not the page's. Sections of one article have lower headlines, or stand in no container for an article.
"""

from __future__ import annotations

import re
from itertools import chain, islice

from lxml.html import HtmlElement

from pipeline.core.pages.headlines import same

_ARTICLE = re.compile(r"(?:^|[\s_-])(?:article|post|story|entry|hentry|node|noticia|artikel|nota)(?:$|[\s_-])", re.I)
_HEADLINES = ("h1", "h2")
_LOOKED_AT = 40  # headlines of a page


def remove(tree: HtmlElement, headline: str) -> None:
    """Remove other articles from a prepared tree; none if nothing on the page is called `headline`."""
    if not headline:
        return
    found = list(islice(tree.iter(*_HEADLINES), _LOOKED_AT))
    if len(found) < 2:
        return
    own = next((each for each in found if same(each.text_content(), headline)), None)
    if own is None:
        return
    holds_article = False
    for around in own.iterancestors():
        if around.tag in ("body", "html"):
            return
        name = f"{around.get('id', '')} {around.get('class', '')}"
        holds_article = holds_article or around.tag == "article" or _ARTICLE.search(name) is not None
        if holds_article and (others := [each for each in _alike(around) if _is_other(each, own.tag, headline)]):
            for other in others:
                other.drop_tree()
            return


def _alike(element: HtmlElement) -> list[HtmlElement]:
    """The siblings with the same tag and classes."""
    name = element.get("class")
    siblings = chain(element.itersiblings(preceding=True), element.itersiblings())
    return [each for each in siblings if each.tag == element.tag and each.get("class") == name]


def _is_other(element: HtmlElement, level: str, headline: str) -> bool:
    heading = next(element.iter(*_HEADLINES), None)
    return heading is not None and heading.tag == level and not same(heading.text_content(), headline)
