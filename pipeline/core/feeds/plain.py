"""Reduces the markup in feeds to plain text."""

from __future__ import annotations

import re

from pipeline.core.text.references import unescape

#: Characters that XML 1.0 forbids.
FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&(?:#|[A-Za-z][A-Za-z0-9]{1,30};)")
_TAG = re.compile(r"</?(?:[A-Za-z][\w-]{0,20}:)?([A-Za-z][A-Za-z0-9]{0,20})(?:[\s/][^<>]*)?>|<[!?][^<>]*>")
_BLOCKS = frozenset({
    "p", "div", "br", "li", "ul", "ol", "dl", "dt", "dd", "tr", "td", "th", "table", "h1", "h2", "h3", "h4", "h5", "h6",
    "blockquote", "hr", "section", "article", "figure", "figcaption", "pre",
})  # fmt: skip
_SPACE = re.compile(r"[\s\u200b\ufeff]+")


def plain(markup: str | None, limit: int) -> str | None:
    """The text of an HTML fragment on one line, at most `limit` characters; None if nothing is left.

    Character references are resolved after the tags are removed; twice if the feed escaped them twice.
    """
    if not markup:
        return None
    text = markup[: 8 * limit + 2000]
    if "<" in text:
        for name in ("script", "style"):
            text = _without(text, f"<{name}", f"</{name}>")
        text = _without(text, "<!--", "-->")
        text = _TAG.sub(lambda m: " " if m[1] is None or m[1].lower() in _BLOCKS else "", text)
    if "&" in text:
        text = unescape(text)
        if _REFERENCE.search(text):
            text = unescape(text)
    text = _SPACE.sub(" ", FORBIDDEN_IN_XML.sub("", text)).strip()
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    return text or None


def _without(text: str, start: str, end: str) -> str:
    """`text` without each part from `start` to `end`, in one pass; an unclosed part ends with the text."""
    lower = text.lower()
    if start not in lower or len(lower) != len(text):
        return text
    kept, at = [], 0
    while (begin := lower.find(start, at)) >= 0:
        kept.append(text[at:begin])
        close = lower.find(end, begin)
        at = len(text) if close < 0 else close + len(end)
    return "".join((*kept, text[at:]))


#: Elements that format a headline. Any other tag in one is what the headline is about.
_FORMATS = frozenset({
    "a", "abbr", "acronym", "b", "big", "blockquote", "br", "center", "cite", "code", "del", "div", "em", "font", "h1",
    "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "nobr", "ol", "p", "pre", "q", "s",
    "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "ul", "var", "wbr",
})  # fmt: skip
#: Words beside a tag that say that it is named, not used.
_NAMING = re.compile(
    r"\b(?:tags?|elements?|html\d?|markup|attributes?|etiquetas?|elementos?|balises?|éléments?|elemente?n?|тег\w*|тэг\w*)\b"
    r"|标签|標籤|元素|タグ|要素|태그|요소",
    re.IGNORECASE,
)


def title(markup: str | None, limit: int) -> str | None:
    """As `plain`, for a headline: tags that it names stay in it ("How to use the <br> tag")."""
    if not markup or "<" not in markup:
        return plain(markup, limit)
    named = bool(_NAMING.search(_TAG.sub(" ", markup)))

    def kept(tag: re.Match[str]) -> str:
        name = (tag[1] or "").lower()
        around = markup[max(tag.start() - 1, 0) : tag.start()] + markup[tag.end() : tag.end() + 1]
        bare = len(tag[0].strip("</ >")) == len(name)
        lower = markup.lower()
        # left over from an element that was removed
        ended = tag[0][1] == "/" and f"<{name}>" not in lower
        if not name or not bare or ended or (name in ("script", "style") and f"</{name}>" in lower):
            return tag[0]
        if name in _FORMATS and (not named or any(character.isalnum() for character in around)):
            return tag[0]
        return f"&lt;{tag[0][1:-1]}&gt;"

    return plain(_TAG.sub(kept, markup[: 8 * limit]), limit)


def first_words(markup: str | None, limit: int) -> str | None:
    """The first sentence of a text if it is short, else its first words with an ellipsis."""
    text = plain(markup, 4 * limit)
    if not text:
        return None
    sentence = re.match(rf".{{20,{limit}}}?[.!?…](?=\s|$)|.{{10,{limit}}}?[。！？]", text)
    if sentence:
        return sentence[0].removesuffix(".")
    if len(text) <= limit:
        return text
    cut = text.rfind(" ", limit // 2, limit)
    return text[: cut if cut > 0 else limit - 1].rstrip(" ,;:–-") + "…"
