"""Handles URLs of articles: canonical form, article id, registrable domain, links in feeds.

courlan (a dependency of trafilatura) is not used: it is made for crawling, and would give different articles one id,
because it sorts queries, drops `cid`, `source` and `ref`, and takes the inner of two nested URLs.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, urljoin, urlsplit

import idna

from pipeline.core.sites import domain_of
from pipeline.core.url_parameters import is_tracking
from pipeline.core.url_variants import one_form, plain_form

LIMIT = 8192  # characters of a canonical URL; servers refuse longer request lines
RAW_LIMIT = 65536

_EDGES = "".join(map(chr, range(0x21)))  # what WHATWG URL strips: C0 controls and space
_INNER = dict.fromkeys(map(ord, "\t\n\r"))
_SCHEME = re.compile(r"(?i)^([a-z][a-z0-9+.-]*):")
_WHOLE = re.compile(r"(?i)https?://[^/?#\\]")
_HOST = re.compile(r"^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]")
_QUERY = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]")
_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@lru_cache(1024)
def canonical(url: str) -> str:
    """`url` in the form in which it is stored, compared and fetched. Raises ValueError if it is not an http(s) URL.

    RFC 3986 6.2.2 and 6.2.3 (case, percent-encoding, dot segments, default port, empty path), IDNA 2008, no userinfo,
    no fragment, no tracking parameters. It leads to the same page as `url`: scheme, `www.`, final slash, empty path
    segments and the order of the query stay, because a server may answer differently. A fragment that is a script's
    route (`#!/a`, `#/a`) also stays: nothing else distinguishes such articles.
    """
    parts = _split(url)
    scheme, host, port = parts.scheme, _host(parts), _port(parts)
    netloc = host if port is None else f"{host}:{port}"
    path = _dots(_escape(parts.path, _PATH)) or "/"
    query = _clean_query(_escape(parts.query, _QUERY))
    fragment = _escape(parts.fragment, _QUERY) if parts.fragment[:1] in ("!", "/") else ""
    result = f"{scheme}://{netloc}{path}{'?' + query if query else ''}{'#' + fragment if fragment else ''}"
    if len(result) > LIMIT:
        raise ValueError(f"URL longer than {LIMIT} characters")
    return result


@lru_cache(1024)
def article_id(url: str) -> str:
    """The id of the article at `url`: 32 hex digits, the same for all addresses of one article. Raises ValueError."""
    return id_of(canonical(url))


def id_of(address: str) -> str:
    """The id of the article at `address`, which is canonical already."""
    return hashlib.sha256(one_form(address).encode()).hexdigest()[:32]


def address_id(url: str) -> str:
    """An id of the address itself, for what has no variants, such as feeds: the same with http and https, with and
    without `www.` and a final slash. Raises ValueError."""
    return hashlib.sha256(plain_form(canonical(url)).encode()).hexdigest()[:32]


def registrable(url: str) -> str:
    """The site of `url`, to which request limits apply: its registrable domain by the public suffix list bundled in
    `tld`, including private suffixes (so each blog of a host is a site). The host if the suffix is unknown; `host:port`
    for an IP address or a single label, where the port distinguishes servers. Raises ValueError."""
    parts = _split(url)
    host = _host(parts)
    if "." not in host or _is_address(host):
        return f"{host}:{_port(parts) or _DEFAULT_PORTS[parts.scheme]}"
    return domain_of(host)


def join(base: str, link: str) -> str:
    """The absolute URL of `link`, found in a feed or page at `base`. Raises ValueError if it is not an http(s) URL.

    Repairs common errors in feeds: white space, left-over CDATA marks, `&amp;` escaped twice, no scheme before `www.`,
    `https//` and `http:/` for `://`, `feed:` before a URL.
    """
    link = link.translate(_INNER).strip(_EDGES)
    if link.startswith("<![CDATA["):
        link = link[9:].removesuffix("]]>").strip(_EDGES)
    link = link.replace("&amp;", "&").replace("&#038;", "&").replace("&#38;", "&")
    if len(link) > RAW_LIMIT:
        raise ValueError("link too long")
    link = re.sub(r"(?i)^feed:(?://)?(?=https?:)", "", link)
    link = re.sub(r"(?i)^feed://", "http://", link)
    if re.match(r"(?i)https?(?::|//)", link) and not re.match(r"(?i)https?://[^/]", link):
        link = re.sub(r"(?i)^(https?)(?::/*|//+)", r"\1://", link)
    if link[:4].lower() == "www.":
        link = f"https://{link}"
    if not link:
        raise ValueError("empty link")
    absolute = link if _WHOLE.match(link) else urljoin(base, link)
    _host(_split(absolute))
    return absolute


def _split(url: str) -> SplitResult:
    url = url.translate(_INNER).strip(_EDGES)
    if len(url) > RAW_LIMIT:
        raise ValueError("URL too long")
    scheme = _SCHEME.match(url)
    if not scheme or scheme[1].lower() not in _DEFAULT_PORTS:
        raise ValueError(f"not an http or https URL: {url[:200]!r}")
    # Browsers read a backslash as a slash; urllib would take it, and everything up to the next slash, into the host
    # name.
    cut = min((n for n in (url.find("?"), url.find("#")) if n >= 0), default=len(url))
    return urlsplit(url[:cut].replace("\\", "/") + url[cut:])


def _host(parts: SplitResult) -> str:
    """The host in lower-case ASCII; an IPv6 address in brackets."""
    host = (parts.hostname or "").rstrip(".")
    if not host or len(host) > 253:
        raise ValueError("URL without a usable host name")
    if ":" in host:
        address = ipaddress.IPv6Address(host)  # its error is a ValueError
        if address.scope_id:
            raise ValueError("address with a zone")
        return f"[{address.compressed}]"
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except UnicodeError as error:  # idna.IDNAError is one
            raise ValueError(f"not a host name: {error}") from error
    host = host.lower().rstrip(".")
    if not _HOST.match(host) or len(host) > 253:
        raise ValueError(f"not a host name: {host[:100]!r}")
    return host


def _port(parts: SplitResult) -> int | None:
    port = parts.port  # its error is a ValueError
    if port == 0:
        raise ValueError("port 0")
    return None if port == _DEFAULT_PORTS[parts.scheme] else port


def _escape(part: str, illegal: re.Pattern[str]) -> str:
    """Normalise escapes (RFC 3986 6.2.2.2): upper case, undone for unreserved characters, added for illegal ones."""
    part = _STRAY.sub("%25", part)
    part = illegal.sub(lambda found: _percent(found[0]), part)
    return _ESCAPE.sub(_unescape, part)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))


def _unescape(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()


def _dots(path: str) -> str:
    """Remove dot segments (RFC 3986 5.2.4); empty segments stay."""
    done: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(done) > 1:
                done.pop()
        elif segment != ".":
            done.append(segment)
    if segments[-1] in (".", ".."):
        done.append("")
    return "/".join(done)


def _clean_query(query: str) -> str:
    return "&".join(part for part in query.split("&") if part and not is_tracking(part))


def _is_address(host: str) -> bool:
    """Whether the host is an IPv6 address in brackets or an IPv4 address, including the odd forms of `inet_aton`
    (`0x7f.1`)."""
    last = host.rpartition(".")[2]
    return host.startswith("[") or last.isdecimal() or bool(re.fullmatch(r"0x[0-9a-f]*", last))
