"""Is this page the article, or a wall in front of it? Answers a fixed reason, or None. Fetches and extracts nothing.

Structure decides before words do: addresses, status, JSON-LD, how much text there is beside links. Phrases, in the
languages of the shipped feeds, count only on pages with little text: an article *about* cookies or error 404 has much.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline.core.pages.metadata import Meta
from pipeline.core.pages.wall_phrases import CHALLENGE, CONSENT, NOT_FOUND, NOT_FOUND_TITLE, PAYWALL
from pipeline.core.text.words import words

LITTLE = 1_500  # characters of visible text (navigation aside): walls have less, articles mostly more
STUB = 700  # characters of extracted text below which a page may be a paywall's stub
BRIEF = 12  # words that a page must have to be an article; a flash of 40 is one
_CONSENT_HOST = re.compile(
    r"^(?:consent|consents|guce|myprivacy|privacy-mgmt|cmp|cookie|cookies|gdpr|tcf|choices|privacy-policy)\d?\.", re.I
)
_CONSENT_PATH = re.compile(
    r"/(?:consent|collectconsent|cookie-?wall|cookie-?consent|privacy-?gate|gdpr-?consent)(?:[/?.]|$)", re.I
)
_LOGIN = re.compile(
    r"^(?:login|signin|auth|account|accounts|sso|idp|konto)\.|/(?:login|signin|sign-in|log-in|sso|oauth2?)(?:[/?.]|$)",
    re.I,
)
_SUBSCRIBE = re.compile(
    r"/(?:subscribe|subscription|suscripcion|suscribete|abo|abonnement|paywall|registerwall)(?:[/?.]|$)", re.I
)
_ERROR_PATH = re.compile(r"/(?:404|error|not-?found|page-not-found|pagina-no-encontrada)(?:\.\w{2,5})?/?$", re.I)
_INDEX = re.compile(r"/(?:index|default|home|inicio|portada|start|accueil)(?:\.\w{2,5})?$", re.I)
_LANGUAGE_ROOT = re.compile(r"/[a-z]{2}(?:[-_][a-zA-Z]{2})?$")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a judgement rests on. `asked` was fetched, `url` answered after redirects."""

    asked: str
    url: str
    meta: Meta
    text: str  # extracted
    shown: int  # characters that the page shows
    links: int  # of these, inside links
    headers: dict[str, str]
    head: bytes  # the page's first bytes: where challenges load their scripts


def judge(page: Seen) -> str | None:
    """The reason why this is no article: consent_wall, challenge, login_wall, paywall, soft_404, home_page,
    section_page, no_text, too_short; None where it is one."""
    return by_address(page.asked, page.url) or _challenge(page) or _soft_404(page) or _by_text(page)


def by_address(asked: str, url: str) -> str | None:
    """Where the redirects led says it: consent host, login, error page, or from an article to the home page."""
    if asked == url:
        return None
    before, after = urlsplit(asked), urlsplit(url)
    host = after.netloc.rpartition("@")[2]
    if _CONSENT_HOST.match(host) or _CONSENT_PATH.search(after.path):
        return None if _CONSENT_HOST.match(before.netloc) or _CONSENT_PATH.search(before.path) else "consent_wall"
    if (_LOGIN.search(host) or _LOGIN.search(after.path)) and not _LOGIN.search(f"{before.netloc}{before.path}"):
        return "login_wall"
    if _SUBSCRIBE.search(after.path) and not _SUBSCRIBE.search(before.path):
        return "paywall"
    if _ERROR_PATH.search(after.path) and not _ERROR_PATH.search(before.path):
        return "soft_404"
    if is_root(after.path) and not after.query and not (is_root(before.path) and not before.query):
        return "home_page"
    return None


def is_root(path: str) -> bool:
    """The home page's path, of one language too: "", "/", "/index.html", "/es/"."""
    path = _INDEX.sub("", path).rstrip("/")
    return not path or _LANGUAGE_ROOT.fullmatch(path) is not None


def challenged(headers: dict[str, str], head: bytes) -> bool:
    """A bot challenge by headers or by the script it loads; for answers with an error status too."""
    if headers.get("cf-mitigated") == "challenge" or headers.get("x-datadome") == "protected":
        return True
    low = head[:30_000].lower()
    return any(mark in low for mark in CHALLENGE.scripts)


def _challenge(page: Seen) -> str | None:
    if page.headers.get("cf-mitigated") == "challenge":
        return "challenge"
    if len(page.text) >= LITTLE or page.meta.article:
        return None
    title = page.meta.window_title.casefold()
    if any(phrase in title for phrase in CHALLENGE.titles):
        return "challenge"
    # Sites behind a guard load its script on every page: it counts only where there is hardly anything else.
    return "challenge" if page.shown < 400 and challenged(page.headers, page.head) else None


def _soft_404(page: Seen) -> str | None:
    meta = page.meta
    titled = any(NOT_FOUND_TITLE.search(title) for title in (meta.window_title, meta.h1) if title)
    if titled and not (meta.article and len(page.text) >= 300) and len(page.text) < LITTLE:
        return "soft_404"
    if len(page.text) < 500 and not meta.article and _said(NOT_FOUND, page.text[:500]):
        return "soft_404"
    return None


def _by_text(page: Seen) -> str | None:
    text, meta = page.text, page.meta
    if len(text) < LITTLE and _is_consent(text, meta):
        return "consent_wall"
    if len(text) < STUB and (meta.free is False or _said(PAYWALL, text)):
        return "paywall"
    if urlsplit(page.url).path in ("", "/") and not urlsplit(page.url).query and not meta.article:
        return "home_page"
    if _is_section(page):
        return "section_page"
    if not text:
        return "no_text"
    return "too_short" if len(text) < 200 and _count(text) < BRIEF else None


def _is_consent(text: str, meta: Meta) -> bool:
    """Most of the text is what consent dialogs say. An article about them says it once or twice among other things."""
    low = text.casefold()
    found = {phrase for phrase in CONSENT if phrase in low}
    said = sum(low.count(phrase) * len(phrase) for phrase in found)
    share = said / max(1, len(low))
    return len(found) >= (5 if meta.article else 3) and share > (0.15 if meta.article else 0.07)


def _is_section(page: Seen) -> bool:
    """A list of other articles: JSON-LD says so, or links are most of what is shown and nothing calls it an article."""
    if page.meta.article or page.meta.published:
        return False
    if page.meta.listing and page.links > 0.5 * page.shown:
        return True
    return len(page.text) < LITTLE and page.shown > 1_000 and page.links > 0.7 * page.shown


def _said(phrases: tuple[str, ...], text: str) -> bool:
    low = text.casefold()
    return any(phrase in low for phrase in phrases)


def _count(text: str) -> float:
    """Words; a character of a script without blanks counts as half of one."""
    return sum(0.5 if len(word) == 1 and ord(word) > 0xDFF else 1.0 for word in words(text))
