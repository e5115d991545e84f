"""Tells articles from walls in front of them: consent dialogs, bot checks, logins, paywalls, error pages, lists.

Structure is checked before words: addresses, headers, JSON-LD, the share of text in links. Phrases, in the languages
of the shipped feeds, count only on pages with little text, because an article *about* cookies or error 404 has more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline.core.pages import firewalls
from pipeline.core.pages.metadata import Meta
from pipeline.core.pages.prose import Passage
from pipeline.core.pages.wall_phrases import (
    CHALLENGE_TITLES,
    CONSENT,
    CONSENT_HOST,
    CONSENT_PATH,
    ERROR_PATH,
    HOME_PATH,
    LOGIN,
    NOT_FOUND,
    NOT_FOUND_TITLE,
    PAYWALL,
    SUBSCRIBE_PATH,
)
from pipeline.core.text.words import words

LITTLE = 1_500  # characters of text without navigation: walls have less, most articles more
STUB = 700  # characters of extracted text; a page with less may be the visible part of a paywalled one
_SINGLE = ("video", "audio", "music", "book")  # og:type of a page about one work
BRIEF = 12  # minimum words of an article; a news flash has about 40
_LANGUAGE_ROOT = re.compile(r"/[a-z]{2}(?:[-_][a-zA-Z]{2})?$")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What is known about a fetched page."""

    requested: str  # URL
    url: str  # that answered, after redirects
    meta: Meta
    text: str  # extracted
    shown: int  # characters on the page
    links: int  # characters in links
    headers: dict[str, str]
    head: bytes  # the first bytes of the page, where bot checks load their scripts
    passage: Passage  # the longest; needed only where `may_be_list`
    named: bool  # its headline is the title of the feed's entry


def find_wall(page: Fetched) -> str | None:
    """The reason why the page is not an article; None if it is one.

    Reasons: consent_wall, challenge, login_wall, paywall, soft_404, home_page, section_page, no_text, too_short.
    """
    return find_wall_by_address(page.requested, page.url) or _challenge(page) or _soft_404(page) or _by_text(page)


def find_wall_by_address(requested: str, url: str) -> str | None:
    """The wall that a redirect led to: a consent host, a login, an error page, or the home page."""
    if requested == url:
        return None
    before, after = urlsplit(requested), urlsplit(url)
    host = after.netloc.rpartition("@")[2]
    if CONSENT_HOST.match(host) or CONSENT_PATH.search(after.path):
        return None if CONSENT_HOST.match(before.netloc) or CONSENT_PATH.search(before.path) else "consent_wall"
    if (LOGIN.search(host) or LOGIN.search(after.path)) and not LOGIN.search(f"{before.netloc}{before.path}"):
        return "login_wall"
    if SUBSCRIBE_PATH.search(after.path) and not SUBSCRIBE_PATH.search(before.path):
        return "paywall"
    if ERROR_PATH.search(after.path) and not ERROR_PATH.search(before.path):
        return "soft_404"
    if is_root(after.path) and not after.query and not (is_root(before.path) and not before.query):
        return "home_page"
    return None


def is_root(path: str) -> bool:
    """Whether the path is that of a home page, or of one language of it: "", "/", "/index.html", "/es/"."""
    path = HOME_PATH.sub("", path).rstrip("/")
    return not path or _LANGUAGE_ROOT.fullmatch(path) is not None


def challenged(headers: dict[str, str], head: bytes) -> bool:
    """Whether headers or scripts show a bot check; also for answers with an error status."""
    return firewalls.named(headers, head) is not None


def _challenge(page: Fetched) -> str | None:
    if firewalls.named_in_headers(page.headers):
        return "challenge"
    if len(page.text) >= LITTLE or page.meta.article:
        return None
    title = page.meta.window_title.casefold()
    if any(phrase in title for phrase in CHALLENGE_TITLES):
        return "challenge"
    # Sites with a guard load its script on every page: it counts only if there is hardly anything else.
    return "challenge" if page.shown < 400 and challenged(page.headers, page.head) else None


def _soft_404(page: Fetched) -> str | None:
    meta = page.meta
    titled = any(NOT_FOUND_TITLE.search(title) for title in (meta.window_title, meta.h1) if title)
    if titled and not ((meta.article or page.named) and len(page.text) >= 300) and len(page.text) < LITTLE:
        return "soft_404"
    if len(page.text) < 500 and not meta.article and _has(NOT_FOUND, page.text[:500]):
        return "soft_404"
    return None


def _by_text(page: Fetched) -> str | None:
    text, meta = page.text, page.meta
    if len(text) < LITTLE and _is_consent(text, meta):
        return "consent_wall"
    if len(text) < STUB and (meta.free is False or _has(PAYWALL, text)):
        return "paywall"
    if _is_home(page):
        return "home_page"
    if _is_section(page):
        return "section_page"
    if not text:
        return "no_text"
    return "too_short" if len(text) < 200 and _count_words(text) < BRIEF else None


def _is_home(page: Fetched) -> bool:
    """Whether the address is that of a home page, unless its page is the article that the feed names."""
    parts = urlsplit(page.url)
    own = page.meta.article or (page.named and page.passage.characters >= 400)
    return parts.path in ("", "/") and not parts.query and not own


def _is_consent(text: str, meta: Meta) -> bool:
    """Whether much of the text is phrases of consent dialogs. An article about them has one or two."""
    low = text.casefold()
    found = {phrase for phrase in CONSENT if phrase in low}
    share = sum(low.count(phrase) * len(phrase) for phrase in found) / max(1, len(low))
    return len(found) >= (5 if meta.article else 3) and share > (0.15 if meta.article else 0.07)


def may_be_list(meta: Meta) -> bool:
    """Whether nothing that the page says of itself makes it an article. A visible date does not: teasers have one."""
    return not meta.article and all(date.source == "html" for date in meta.published)


def _is_section(page: Fetched) -> bool:
    """Whether the page lists articles: JSON-LD says so, or it is mostly links; and it has little prose of its own."""
    if not may_be_list(page.meta):
        return False
    listed = page.meta.listing and page.links > 0.5 * page.shown
    linked = page.shown > 1_000 and page.links > 0.7 * page.shown
    return (listed or linked) and not _has_prose(page)


def _has_prose(page: Fetched) -> bool:
    """Whether the page has prose as an article does: one paragraph suffices if it is about what the feed says, or about
    one work; without that two paragraphs, or a long one, and twice as much if it calls itself a list."""
    paragraphs, characters = page.passage
    if page.named or page.meta.og_type.startswith(_SINGLE):
        return paragraphs > 0
    factor = 2 if page.meta.listing else 1
    return (paragraphs > factor and characters >= 200 * factor) or characters >= 400 * factor


def _has(phrases: tuple[str, ...], text: str) -> bool:
    low = text.casefold()
    return any(phrase in low for phrase in phrases)


def _count_words(text: str) -> float:
    """The number of words; a character of a script without spaces counts as half a word."""
    return sum(0.5 if len(word) == 1 and ord(word) > 0xDFF else 1.0 for word in words(text))
