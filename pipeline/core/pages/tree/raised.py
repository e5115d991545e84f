"""Raised and lowered text: powers and formulas stay one word (m², H₂O, 1er), footnote marks are separated."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from pipeline.core.pages.tree.names import UNWRAPPED
from pipeline.core.pages.tree.run import before

_RAISED = str.maketrans("0123456789+-−–()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾")
_LOWERED = str.maketrans("0123456789+-−–()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₍₎")
_POWER = re.compile(r"[-−–+]?\d{1,3}[-−–+]?$|[+−–-]$")
_LAST_WORD = re.compile(r"[^\W_]+$")
_UNITS = frozenset(("m", "km", "cm", "mm", "dm", "hm", "dam", "nm", "µm", "μm", "um", "ft", "in", "yd", "mi", "s",
                    "sec", "h", "kg", "м", "км", "см", "мм", "дм"))  # fmt: skip
#: What a number is raised from: bases of powers of ten and two, one letter (x², R²), E=mc².
_BASES = frozenset(("10", "2", "e", "mc"))
_ORDINAL = re.compile(
    r"(?:st|nd|rd|th|ers?|ère|re|es?|ème|è|nde|os?|as?|º|ª|do|da|ro|ra|to|gr|gne|me|lle|mes|TM|SM|MD|MC|®|™|©|r)\.?$",
    re.I,
)
_FORMULA = re.compile(r"(?:[A-Z][a-z]?[₀-₉]*)+$|PM$|pH$|SpO$")
_LONGEST = 12  # characters; more is no mark but text in small print


def place(tree: HtmlElement, tags: set[str]) -> None:
    """Replace every <sup> and <sub> by its text as it is to be read."""
    if tags.isdisjoint(("sup", "sub")):
        return
    for element in list(tree.iter("sup", "sub")):
        words = " ".join(element.text_content().split())
        tag, element.tag = element.tag, UNWRAPPED
        if not words or len(words) > _LONGEST:
            continue
        linked = next(element.iter("a"), None) is not None
        above = element.getparent()
        linked = linked or (above is not None and above.tag == "a" and (above.get("href") or "").startswith("#"))
        if (shown := _shown(words, before(element), tag == "sup", linked)) is None:
            shown = f" {words}" + (" " if (element.tail or "")[:1].isalnum() else "")
        for child in list(element):
            element.remove(child)
        element.text = shown


def _shown(words: str, left: str, raised: bool, linked: bool) -> str | None:
    """`words` as they follow `left` without a space; None if they are a mark of their own."""
    base = _LAST_WORD.search(left)
    if base is None or linked or left[-1:].isspace():
        return words if (not left or left[-1:].isspace() or left[-1] in "([") else None
    word = base[0]
    if not raised:
        return _below(words, word)
    if _POWER.match(words):
        return words.translate(_RAISED) if _is_base(word, words) else None
    if _ORDINAL.match(words) and (len(words) > 1 or len(word) < 3 or not word.islower()):
        return words
    return None


def _is_base(word: str, power: str) -> bool:
    if word.isdigit():
        return word in _BASES
    single = len(word) == 1 and word.isalpha()
    return single or word in _BASES or (word in _UNITS and len(power) <= 2) or not power[-1:].isdigit()


def _below(words: str, word: str) -> str | None:
    if _FORMULA.search(word):
        return words.translate(_LOWERED) if words.isdigit() or words in "+-" else words
    return words if len(word) == 1 or word.isupper() else None
