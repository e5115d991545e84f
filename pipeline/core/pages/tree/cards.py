"""Removes cards: the headline of another article, linked to it, with its lead.

Sites show them before, inside and behind the article. A card is known by its form and not by its class: an element with
one headline that is a link to another page, and little else. Posts of a live blog, which link to a place on their own
page, are no cards; nor are the items of a list that is the article itself.
"""

from __future__ import annotations

from itertools import islice

from lxml.html import HtmlElement

_HEADLINES = ("h1", "h2", "h3", "h4", "h5", "h6")
_LARGEST = 500  # characters of a card
_LEAST = 200  # characters of prose that must be left on the page
_LONG = 40  # characters of a paragraph that counts as prose
_STEPS = 6  # elements between a headline and the edge of its card


def remove(tree: HtmlElement, headline: str) -> None:
    """Remove the cards from a prepared tree, unless they are most of what it has and do not stand beside the <article>;
    `headline` is the article's."""
    groups: dict[tuple[HtmlElement | None, str], list[HtmlElement]] = {}
    for each in list(tree.iter(*_HEADLINES[1:])):
        if _leads_elsewhere(each) and not _same(each, headline) and (card := _card(each)) is not None:
            groups.setdefault((card.getparent(), card.tag), []).append(card)
    cards = [card for group in groups.values() if len(group) > 1 for card in group]
    if not cards:
        return
    inside = sum(map(_prose, cards))
    left = _prose(tree) - inside
    if left < _LEAST or 2 * left < inside:  # however short an article is, cards beside its container are of others
        home = _home(tree, headline)
        cards = [card for card in cards if home is not None and card is not home and home not in card.iterancestors()]
    for card in cards:
        if (above := card.getparent()) is not None:
            _detach(card, above)


def _leads_elsewhere(headline: HtmlElement) -> bool:
    """Whether the headline is a link to another page."""
    anchor = headline.find(".//a")
    above = headline.getparent()
    while anchor is None and above is not None:
        if above.tag == "a":
            anchor = above
        above = above.getparent() if above.tag in ("a", "span", "div", "header") else None
    href = (anchor.get("href") or "") if anchor is not None else ""
    if not href or "#" in href or anchor is None:
        return False
    size = len(headline.text_content().strip())
    return anchor.tag == "a" and len(anchor.text_content().strip()) >= 0.8 * size > 0


def _same(headline: HtmlElement, title: str) -> bool:
    return bool(title) and "".join(headline.text_content().split()) == "".join(title.split())


def _card(headline: HtmlElement) -> HtmlElement | None:
    """The largest element around `headline` that has no other headline; None if that is no card."""
    card = headline
    for _ in range(_STEPS):
        above = card.getparent()
        if (
            above is None
            or above.tag in ("body", "html")
            or next(islice(above.iter(*_HEADLINES), 1, None), None) is not None
        ):
            break
        card = above
    return card if card is not headline and len(card.text_content()) <= _LARGEST else None


def _prose(element: HtmlElement) -> int:
    sizes = (len(each.text_content().strip()) for each in element.iter("p"))
    return sum(size for size in sizes if size >= _LONG)


def _detach(card: HtmlElement, above: HtmlElement) -> None:
    if card.tail and (previous := card.getprevious()) is not None:
        previous.tail = f"{previous.tail or ''}{card.tail}"
    elif card.tail:
        above.text = f"{above.text or ''}{card.tail}"
    above.remove(card)


def _home(tree: HtmlElement, headline: str) -> HtmlElement | None:
    """The <article> with the page's headline and a paragraph."""
    for each in islice(tree.iter("h1", "h2"), 10):
        if _same(each, headline):
            home = next(each.iterancestors("article"), None)
            return home if home is not None and _prose(home) else None
    return None
