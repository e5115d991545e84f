"""Finds the article in a state, and writes it as HTML: whole texts, and documents of blocks as editors keep them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from pipeline.core.pages.embedded import states
from pipeline.core.pages.embedded.blocks import Blocks, is_aside, prose
from pipeline.core.text.tidy import line

LEAST = 200  # characters of prose that are an article
NODES = 60_000  # dicts and lists that are looked at
DEPTH = 40

_HEADLINES = ("headline", "title", "name", "heading", "hed", "seoTitle", "pageTitle", "head_line", "headLine")
_TITLE = re.compile(
    rb"<title\b[^>]{0,500}>([^<]{1,1000})|property=[\"']og:title[\"']\s+content=\"([^\"]{1,1000})\"", re.I
)
#: Keys of what is not the article itself.
_ELSEWHERE = re.compile(
    r"relat|recommend|popular|most_?(?:read|view)|latest|trending|teaser|comment|side_?bar|footer|header|^nav|menu|"
    r"translat|i18n|messages|locale|legal|consent|cookie|privacy|newsletter|promo|advert|^ads?$|config|settings|"
    r"previous|^next|tags$|author|contributor|breadcrumb|seo|meta|polic(?:y|ies)|terms|faq|subscri|paywall|"
    r"gallery|caption|credit|description|summary|abstract|excerpt|^styles?$|^scripts?$|tracking|analytics|schema",
    re.I,
)
_NOT_WORDS = re.compile(r"\W+")


def find(html: bytes, shown: str = "") -> str:
    """The article in the states of `html` as HTML, or "".

    `shown` is the text found in the markup: if that is more than a line, the article must begin like it, or stand
    beside the page's headline.
    """
    opening = _bare(shown[:150])[:60] if len(shown) >= LEAST else ""
    titles = list(_titles(html))
    best, best_score = "", 0.0
    for state in states.read(html):
        search = _Search([_bare(title) for title in titles])
        text, named = search.best(state)
        score = prose(text) * (3.0 if named else 1.0)
        if prose(text) >= LEAST and score > best_score and (named or _is_about(text, titles, opening)):
            best, best_score = text, score
    return best


def _is_about(text: str, titles: list[str], opening: str) -> bool:
    """Whether a text that stands beside no headline is this page's, not a notice: it has the words of the headline."""
    words = line(text, 20_000).casefold()
    bare = _bare(words)
    if opening and opening in bare:
        return True
    for title in titles:
        parts = _title_parts(title)
        found = sum(part in (bare if len(part) == 2 else words) for part in parts)
        if len(parts) >= 2 and found >= max(2, 0.4 * len(parts)):
            return not opening
    return False


def _title_parts(title: str) -> list[str]:
    """The long words of a title; pairs of characters where words are not separated."""
    parts = [word for word in re.findall(r"\w+", title.casefold()) if len(word) >= 4]
    if any(len(word) > 1 and ord(word[0]) > 0x2E80 for word in parts):
        bare = _bare(title)
        return [bare[at : at + 2] for at in range(0, len(bare) - 1, 2)]
    return parts


def _titles(html: bytes) -> Iterable[str]:
    for found in _TITLE.finditer(html, 0, 300_000):
        yield line(unescape((found[1] or found[2]).decode("utf-8", "replace")), 300)


def _bare(text: str) -> str:
    return _NOT_WORDS.sub("", text).casefold()


class _Search:
    """Looks for the largest text, and for that beside the page's headline, which is preferred."""

    def __init__(self, titles: list[str]) -> None:
        self._titles = titles
        self._left = NODES
        self._blocks = Blocks({})

    def best(self, state: Any) -> tuple[str, bool]:
        """The text, and whether it stands beside the page's headline."""
        state = _with_inner(state, 0)
        self._blocks = Blocks(_references(state))
        titled, self._left = self._named(state), NODES
        named = [self._largest(each, 0) for each in titled]
        text = max(named, key=prose, default="")
        return (text, True) if prose(text) >= LEAST else (self._any(state), False)

    def _any(self, state: Any) -> str:
        self._left = NODES
        return self._largest(state, 0, other=True)

    def _named(self, state: Any) -> list[dict[str, Any]]:
        """The objects with the page's headline, inner ones too."""
        found: list[dict[str, Any]] = []
        todo = [(state, 0)]
        while todo and self._left > 0:
            value, depth = todo.pop()
            self._left -= 1
            if isinstance(value, dict):
                if any(self._is_title(value.get(key)) for key in _HEADLINES):
                    found.append(value)
            elif not isinstance(value, list):
                continue
            if depth < DEPTH:
                inner = value.values() if isinstance(value, dict) else value
                todo.extend((each, depth + 1) for each in inner if isinstance(each, dict | list))
        return found[:20]

    def _is_title(self, value: Any) -> bool:
        if isinstance(value, dict):
            value = value.get("rendered") or value.get("text") or value.get("main")
        if not isinstance(value, str) or not 8 <= len(value) <= 500:
            return False
        bare = _bare(line(value, 300))
        return len(bare) >= 8 and any(
            title.startswith(bare) or (len(title) >= 8 and bare.startswith(title)) for title in self._titles
        )

    def _largest(self, value: Any, depth: int, other: bool = False) -> str:
        """The largest text in `value`, not in parts that are about other things; in cards of a list only if `other`."""
        self._left -= 1
        if depth > DEPTH or self._left < 0:
            return ""
        if isinstance(value, str):
            return self._blocks.text(value) if len(value) >= LEAST else ""
        if isinstance(value, list):
            whole = self._blocks.render(value)
            inner = (self._largest(each, depth + 1, other) for each in value if other or not is_aside(each))
            return max((whole, *inner), key=prose)
        if not isinstance(value, dict):
            return ""
        inner = (
            self._largest(self._blocks.resolved(each), depth + 1, other)
            for key, each in value.items()
            if not _ELSEWHERE.search(key)
        )
        return max(("", *inner), key=prose)


def _with_inner(value: Any, depth: int) -> Any:
    """`value` with the JSON that strings hold, as SvelteKit and others write answers of their servers."""
    if depth > DEPTH:
        return None
    if isinstance(value, dict):
        return {key: _with_inner(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_inner(each, depth + 1) for each in value]
    if isinstance(value, str) and len(value) >= LEAST and value[0] in "{[" and value[-1] in "}]":
        try:
            return _with_inner(json.loads(value), depth + 10)
        except (ValueError, RecursionError):
            return value
    return value


def _references(state: Any) -> dict[str, Any]:
    """The objects of Apollo's cache by their keys, such as Paragraph:17."""
    found: dict[str, Any] = {}
    todo = [(state, 0)]
    while todo:
        value, depth = todo.pop()
        if isinstance(value, dict) and depth < 5:
            found.update((key, each) for key, each in value.items() if ":" in key and isinstance(each, dict))
            todo.extend((each, depth + 1) for each in list(value.values())[:200] if isinstance(each, dict))
    return found
