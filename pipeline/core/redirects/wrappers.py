"""Takes the address of an article out of links that wrap it: of search engines, aggregators, alerts, social networks,
mail filters. Nothing is fetched.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from pipeline.core.urls import canonical

_DEPTH = 4  # wrappers in wrappers
_ABSOLUTE = re.compile(r"(?i)https?://[^\s/]")
_GOOGLE = r"(?:www\.|news\.|news\.url\.|plus\.url\.)?google(?:\.com?)?\.[a-z]{2,3}"


@dataclass(frozen=True, slots=True)
class Wrapper:
    """Hosts and paths of one kind of link, as patterns for the whole of each, and where it has the address: in one of
    `parameters` of the query, or where `read` finds it in the path with its query."""

    host: str
    path: str
    parameters: tuple[str, ...] = ()
    read: Callable[[str], str | None] = lambda rest: None


def _after_slash(rest: str) -> str | None:
    """google.com/amp/s/example.org/a: `s` stands for https."""
    found = re.match(r"/(?:amp|c|v|i)/(s/)?(.+)", rest)
    return f"http{'s' if found[1] else ''}://{found[2]}" if found else None


def _google_news(rest: str) -> str | None:
    """The address in the old form of Google News's links: base64 of a protocol buffer, whose field 4 is the address.

    The newer form has only a number of Google's there.
    """
    code = re.search(r"/(?:articles|read)/([\w-]{20,})", rest)
    try:
        packed = base64.urlsafe_b64decode(code[1] + "=" * (-len(code[1]) % 4)) if code else b""
    except (binascii.Error, ValueError):
        return None
    # The length in front of it is not trusted: it takes one byte or two. A second address, that of AMP, may follow.
    found = re.search(rb"\x22([\x80-\xff]?[\x01-\x7f])(https?://[\x21-\x7e]+)", packed)
    if not found:
        return None
    length = found[1][0] & 0x7F | (found[1][1] << 7 if len(found[1]) > 1 else 0)
    return found[2][:length].decode("ascii")


def _bing(rest: str) -> str | None:
    """bing.com/ck/a?…&u=a1… with base64."""
    found = re.search(r"[?&]u=a1([\w-]{8,})", rest)
    try:
        return base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode() if found else None
    except ValueError:
        return None


def _after_star(rest: str) -> str | None:
    """rd.yahoo.com/…/*http://example.org/a"""
    found = re.search(r"\*{1,2}(https?(?::|%3a).+)", rest, re.I)
    return unquote(found[1]) if found and "%3a" in found[1][:9].lower() else found[1] if found else None


def _yahoo(rest: str) -> str | None:
    """r.search.yahoo.com/…/RU=https%3a%2f%2fexample.org%2fa/RK=…"""
    found = re.search(r"/RU=([^/]+)", rest)
    return unquote(found[1]) if found else None


def _proofpoint_2(rest: str) -> str | None:
    """urldefense.proofpoint.com/v2/url?u=https-3A__example.org_a"""
    found = re.search(r"[?&]u=([^&]+)", rest)
    return unquote(found[1].replace("-", "%").replace("_", "/")) if found else None


def _proofpoint_3(rest: str) -> str | None:
    """urldefense.com/v3/__https://example.org/a__;…"""
    found = re.search(r"/v3/__(.+?)__;", rest)
    return re.sub(r"^(https?):/(?!/)", r"\1://", found[1]) if found and "*" not in found[1] else None


def _feedsportal(rest: str) -> str | None:
    """rss.feedsportal.com/c/1/f/2/s/3/l/0Lexample0Borg0Ca/story01.htm"""
    found = re.search(r"/l/0[LM]([^/]+)", rest)
    return f"http://{re.sub('0([A-Z])', lambda m: _FEEDSPORTAL.get(m[1], ''), found[1])}" if found else None


_FEEDSPORTAL = {
    "A": "0", "B": ".", "C": "/", "D": "?", "E": "-", "F": "=", "G": "&", "H": ",", "I": "_", "J": "%", "K": "+",
    "N": ".com", "O": ".co.uk", "S": "www.", "T": ".org",
}  # fmt: skip

WRAPPERS = (
    # Google: search, alerts, news, AMP. Alerts and search use every country's domain.
    Wrapper(_GOOGLE, r"/url|/alerts/.*|/imgres", ("url", "q", "imgrefurl")),
    Wrapper(r"news\.google\.com", r"(?:/rss|/__i/rss/rd)?/(?:articles|read)/.+", read=_google_news),
    Wrapper(_GOOGLE, r"/amp/.+", read=_after_slash),
    Wrapper(r"[\w-]+\.cdn\.ampproject\.org", r"/[civ]/.+", read=_after_slash),
    Wrapper(r"www\.googleadservices\.com|adclick\.g\.doubleclick\.net", r"/.*", ("adurl",)),
    # other search engines
    Wrapper(r"(?:www\.|cn\.)?bing\.com", r"/news/apiclick\.aspx", ("url",)),
    Wrapper(r"(?:www\.|cn\.)?bing\.com", r"/ck/a", read=_bing),
    Wrapper(r"r\.search\.yahoo\.com", r"/.+", read=_yahoo),
    Wrapper(r"(?:[\w-]+\.)*rd\.yahoo\.(?:com|co\.jp)", r"/.+", read=_after_star),
    Wrapper(r"(?:html\.|lite\.)?duckduckgo\.com", r"/l/?", ("uddg",)),
    Wrapper(r"(?:clck\.)?yandex\.[a-z]{2,3}|clck\.yandex\.[a-z]{2,3}", r"/(?:redir|jsredir).*", ("url",), _after_star),
    Wrapper(r"(?:www\.)?ecosia\.org|www\.startpage\.com|www\.qwant\.com", r"/(?:link|redirect).*", ("url",)),
    # social networks and comment systems
    Wrapper(r"(?:[lmw]{1,3}|lm|web)\.facebook\.com|facebook\.com|l\.workplace\.com", r"/l\.php|/flx/warn/?", ("u",)),
    Wrapper(r"l\.(?:instagram|threads|messenger|wl)\.(?:com|net|co)", r"/.*", ("u",)),
    Wrapper(r"t\.umblr\.com|(?:www\.)?tumblr\.com", r"/redirect|/safe-mode.*", ("z",)),
    Wrapper(r"(?:www\.)?youtube\.com", r"/redirect", ("q", "url")),
    Wrapper(r"(?:www\.)?linkedin\.com", r"/redir/(?:redirect|general-malware-page)|/safety/go/?", ("url",)),
    Wrapper(r"out\.reddit\.com|(?:www\.)?reddit\.com", r"/(?:t3_\w+|submit|media)?", ("url",)),
    Wrapper(r"(?:m\.|www\.)?vk\.(?:com|ru)|away\.vk\.com", r"/away(?:\.php)?", ("to",)),
    Wrapper(r"(?:m\.|www\.)?ok\.ru", r"/dk", ("st.link",)),
    Wrapper(r"disq\.us|(?:www\.)?disqus\.com", r"/(?:url|p/.*)", ("url",)),
    Wrapper(r"(?:www\.)?pinterest\.[a-z.]{2,6}", r"/offsite/?", ("url",)),
    Wrapper(r"slack-redir\.net", r"/link", ("url",)),
    Wrapper(r"link\.zhihu\.com|link\.csdn\.net|link\.juejin\.cn|gitee\.com", r"/(?:link)?", ("target",)),
    Wrapper(r"(?:www\.)?douban\.com|(?:weibo\.cn|weibo\.com|passport\.weibo\.com)", r"/(?:link2?|sinaurl).*",
            ("url", "u", "toasturl")),
    Wrapper(r"steamcommunity\.com", r"/linkfilter/?", ("url", "u")),
    # readers, aggregators, media monitoring
    Wrapper(r"(?:www\.)?getpocket\.com|flipboard\.com", r"/redirect|/save", ("url",)),
    Wrapper(r"(?:www\.)?feedly\.com", r"/i/(?:entry|spotlight)/.*", ("url",)),
    Wrapper(r"(?:[\w-]+\.)?meltwater\.com", r"/redirect.*", ("url", "u")),
    Wrapper(r"(?:da|rss)\.feedsportal\.com|[\w.-]+\.feedsportal\.com", r"/.+", read=_feedsportal),
    Wrapper(r"(?:feedproxy\.google|feeds\.feedburner|rss\.feedburner)\.com", r"/~r/.+", ("url",),
            lambda rest: found[0] if (found := re.search(r"https?://.+", rest)) else None),
    # mail filters and shorteners for affiliates
    Wrapper(r"[\w.-]*safelinks\.protection\.outlook\.(?:com|us)", r"/.*", ("url",)),
    Wrapper(r"urldefense\.proofpoint\.com", r"/v2/url", read=_proofpoint_2),
    Wrapper(r"urldefense(?:\.proofpoint)?\.(?:com|us)", r"/v3/.+", read=_proofpoint_3),
    Wrapper(r"linkprotect\.cudasvc\.com|(?:www\.)?clicktime\.symantec\.com", r"/.*", ("a", "u")),
    Wrapper(r"(?:go\.redirectingat|go\.skimresources|redirect\.viglink|exit|click\.linksynergy)\.(?:com|sc)", r"/.*",
            ("url", "u", "murl")),
    Wrapper(r"(?:www\.)?awin1\.com|(?:www\.)?zenaps\.com", r"/.*", ("ued", "p")),
)  # fmt: skip
_COMPILED = [(re.compile(one.host, re.I), re.compile(one.path, re.I), one) for one in WRAPPERS]
_ALERT = frozenset({"usg", "ct", "cd", "rct", "ved", "sa"})  # parameters of alerts and search results


def unwrapped(url: str) -> str:
    """The address that `url` wraps, else `url`."""
    for _ in range(_DEPTH):
        inner = _inner(url)
        if inner is None:
            break
        url = inner
    return url


def _inner(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not (parts.query or len(parts.path) > 8):
        return None
    rest = f"{parts.path}{'?' + parts.query if parts.query else ''}"
    for hosts, paths, wrapper in _COMPILED:
        if hosts.fullmatch(host) and paths.fullmatch(parts.path):
            query = parse_qsl(parts.query) if wrapper.parameters else []
            values = [value for name in wrapper.parameters for key, value in query if key == name]
            if found := _first_address((*values, wrapper.read(rest) or "")):
                return found
    return _of_alert(parts.path, parts.query)


def _of_alert(path: str, query: str) -> str | None:
    """The address in `/url?rct=j&sa=t&url=…&ct=ga&usg=…`, of any host: the parameters of alerts leave no doubt."""
    if path.rstrip("/").rpartition("/")[2] != "url" or "http" not in query:
        return None
    values = dict(parse_qsl(query))
    return _first_address((values.get("url", ""), values.get("q", ""))) if len(_ALERT & values.keys()) > 1 else None


def _first_address(candidates: tuple[str, ...]) -> str | None:
    for candidate in candidates:
        if _ABSOLUTE.match(candidate):
            try:
                canonical(candidate)
            except ValueError:
                continue
            return candidate
    return None
