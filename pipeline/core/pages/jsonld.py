"""Reads the schema.org JSON-LD of a page, broken blocks too, and picks the node about this page.

Covers what news sites use (@type and @graph), but no contexts and other features of the W3C recommendation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import escape, unescape
from typing import Any

from pipeline.core.text.tidy import line
from pipeline.core.urls import article_id, join

BLOCK_LIMIT = 1_000_000  # characters of one script
BLOCKS = 40
NODES = 2_000
UPDATES = 500  # of a live blog

Node = dict[str, Any]

_OPENING = re.compile(r"\s*(?:(?://|/\*)\s*)?(?:<!--|<!\[CDATA\[)\s*(?:\*/)?")
_CLOSING = re.compile(r"(?:(?://|/\*)\s*)?(?:-->|\]\]>)\s*(?:\*/)?\s*;?\s*$")
_GLUED = re.compile(
    r"([a-z\u00df-\u00ff\u0430-\u044f]{3}[.!?…][\"”»]?)"
    r"(?=[\"“«¿¡]?[A-Z\u00c0-\u00de\u0410-\u042f][a-z\u00df-\u00ff\u0430-\u044f ])"
)
_TRAILING_COMMA = re.compile(r",(\s{0,200}[}\]])")
#: Keys of further nodes about the page. Lists of other articles (itemListElement, hasPart) are not followed.
_INWARD = ("@graph", "mainEntity", "mainEntityOfPage")
_ARTICLE = ("Article", "Posting", "Report", "Review")
_PAGE = ("WebPage", "ItemPage", "VideoObject", "Event", "MediaObject", "PodcastEpisode")
_LISTING = {"CollectionPage", "ItemList", "SearchResultsPage"}


def load(scripts: Iterable[str]) -> list[Node]:
    """Every node of the blocks in document order, outer ones first; a block that cannot be repaired is skipped."""
    found: list[Node] = []
    for number, script in enumerate(scripts):
        if number >= BLOCKS:
            break
        if len(script) <= BLOCK_LIMIT and (block := _loads(script)) is not None:
            found.extend(_walk(block))
    return found[:NODES]


def _loads(script: str) -> Any:
    """The value of one block. Tries it as it is, without comment marks, HTML-unescaped, without trailing commas."""
    tries = [script]
    opening = _OPENING.match(script)
    bare = script[opening.end() if opening else 0 :].strip()
    closing = _CLOSING.search(bare, max(0, len(bare) - 40))
    bare = bare[: closing.start() if closing else None].rstrip(" \r\n\t;")
    if bare != script:
        tries.append(bare)
    if "&quot;" in bare or "&#34;" in bare or "&#034;" in bare:
        tries.append(unescape(bare))
    tries.append(_TRAILING_COMMA.sub(r"\1", tries[-1]))
    for text in tries:
        try:
            return json.loads(text, strict=False)  # raw line breaks inside strings are common
        except (ValueError, RecursionError):
            continue
    try:  # two objects in a row, or text behind: read the first
        return json.JSONDecoder(strict=False).raw_decode(bare)[0]
    except (ValueError, RecursionError):
        return None


def _walk(block: Any) -> Iterator[Node]:
    todo = [block]
    seen = 0
    while todo and seen < NODES:
        value = todo.pop()
        seen += 1
        if isinstance(value, list):
            todo.extend(reversed(value[:NODES]))
        elif isinstance(value, dict):
            if "@type" in value or "@id" in value:
                yield value
            todo.extend(value[key] for key in reversed(_INWARD) if isinstance(value.get(key), dict | list))


def types(node: Node) -> tuple[str, ...]:
    """The node's types without namespace."""
    raw = node.get("@type")
    return tuple(
        re.split(r"[/:#]", name)[-1] for name in (raw if isinstance(raw, list) else [raw]) if isinstance(name, str)
    )


def is_article(node: Node) -> bool:
    return any(name.endswith(_ARTICLE) for name in types(node))


def is_listing(node: Node) -> bool:
    return any(name in _LISTING for name in types(node))


def pick(nodes: list[Node], url: str, title: str) -> Node | None:
    """The article node about the page at `url` with the <title> `title`, else a page node, else None.

    A single article is taken. Of several, the one with the page's address is taken, else the one with its headline,
    else the one with the longest text. If all of several have other addresses, none is about the page.
    """
    articles = [node for node in nodes if is_article(node)]
    if not articles:
        pages = [node for node in nodes if any(name.endswith(_PAGE) for name in types(node))]
        return max(pages, key=lambda node: "datePublished" in node, default=None)
    here = article_id(url)

    def score(node: Node) -> tuple[bool, bool, bool, int]:
        headline = text(node.get("headline")) or text(node.get("name")) or ""
        named = bool(headline) and headline[:60].casefold() in title.casefold()
        return _is_at(node, url, here), named, "datePublished" in node, len(text(node.get("articleBody")) or "")

    best = max(articles, key=score)
    at, named, *_ = score(best)
    return best if len(articles) == 1 or at or named or not any(map(_has_address, articles)) else None


def _has_address(node: Node) -> bool:
    return any(node.get(key) for key in ("url", "mainEntityOfPage"))


def _is_at(node: Node, url: str, here: str) -> bool:
    for value in (node.get("url"), node.get("mainEntityOfPage"), node.get("@id")):
        link = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(link, str) and 0 < len(link) < 4096:
            try:
                if article_id(join(url, link.partition("#")[0] or url)) == here:
                    return True
            except ValueError:
                continue
    return False


def text(value: Any, limit: int = 2_000) -> str | None:
    """A property of any shape as one line of text; None if it has none."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("name") or value.get("url")
        else:
            break
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return line(str(value), limit) or None


def body(node: Node) -> str:
    """The text in `node`: articleBody, and that of each update of a live blog with its headline; may hold markup."""
    own = _body(node)
    updates = node.get("liveBlogUpdate")
    found = [_update(each) for each in (updates if isinstance(updates, list) else [updates])[:UPDATES]]
    if not any(found):
        return _separated(own) if "<" not in own else own
    return "\n".join(filter(None, (_as_html(own), *found)))


def _body(node: Node) -> str:
    for key in ("articleBody", "text"):
        value = node.get(key)
        if isinstance(value, list):
            value = "\n".join(filter(None, (each if isinstance(each, str) else text(each) for each in value)))
        elif isinstance(value, dict):
            value = value.get("@value")
        if isinstance(value, str) and value.strip():
            return value
    return ""


def _update(update: Any) -> str:
    """One update of a live blog as HTML: its headline, then its text."""
    if not isinstance(update, dict):
        return ""
    own = _as_html(_body(update))
    headline = text(update.get("headline"), 500) or text(update.get("name"), 500)
    return (
        f"<h2>{escape(headline)}</h2>{own}"
        if headline and own
        else own or (f"<p>{escape(headline)}</p>" if headline else "")
    )


def _as_html(words: str) -> str:
    if "<" in words or "&lt;" in words:
        return unescape(words) if "<" not in words else words
    return "".join(f"<p>{escape(unescape(part))}</p>" for part in _separated(words).splitlines() if part.strip())


def _separated(words: str) -> str:
    """`words` with paragraphs apart that a site glued together ("… in March.People queued")."""
    if "\n" in words or len(_GLUED.findall(words)) < 2:
        return words
    return _GLUED.sub(r"\1\n", words)


def link(value: Any) -> str | None:
    """The address in a property that is one, or an object with one (image, logo)."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("url") or value.get("contentUrl") or value.get("@id")
        else:
            break
    return value.strip() if isinstance(value, str) and value.strip() else None


def names(value: Any, nodes: list[Node]) -> list[str]:
    """The names in a property such as `author`: strings, persons, lists of them, references by @id to other nodes."""
    found: list[str] = []
    for entry in (value if isinstance(value, list) else [value])[:20]:
        if isinstance(entry, dict) and "name" not in entry and isinstance(entry.get("@id"), str):
            entry = next((node for node in nodes if node.get("@id") == entry["@id"] and "name" in node), entry)
        if isinstance(entry, dict):
            inner = entry.get("name")
            found.extend(filter(None, map(text, inner[:20] if isinstance(inner, list) else [inner])))
        elif isinstance(entry, str) and (name := text(entry)):
            found.append(name)
    return found


def free(node: Node) -> bool | None:
    """The value of isAccessibleForFree, which sites write as a boolean or as a word."""
    value = node.get("isAccessibleForFree")
    if value is None:  # of the parts that it names
        parts = node.get("hasPart")
        parts = parts if isinstance(parts, list) else [parts]
        values = [free(part) for part in parts[:20] if isinstance(part, dict) and "isAccessibleForFree" in part]
        return False if False in values else None
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().rsplit("/", 1)[-1].lower())
    return value if isinstance(value, bool) else None
