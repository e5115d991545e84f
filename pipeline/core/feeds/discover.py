"""Finds the addresses where a page may have feeds: what it links to, what its platform offers, where feeds usually are.

Nothing here is certain: whoever uses it fetches the candidates and looks at their content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from pipeline.core.feeds.plain import plain
from pipeline.core.text.references import unescape
from pipeline.core.urls import canonical, join

LIMIT = 12  # candidates of each kind
_READ = 2_000_000  # characters of a page
_TAG = re.compile(r"<(link|a|base)\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""")
_TYPES = re.compile(
    r"(?i)application/(?:rss|atom|rdf|feed|json)\b|(?:application|text)/xml\b|text/rss|application/x\.atom"
)
_HEADER = re.compile(r'<([^<>]{1,2000})>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s;,"]+))*)')
_FEED_PATH = re.compile(
    r"(?i)(?:^|[/._-])(?:rss2?|atom|feeds?|rdf|syndication)(?:[/._-]|$)|\.(?:rss|rdf|atom)$|[?&](?:format=|feed=|type=)?"
    r"(?:feed|rss2?|atom)\b|/videos\.xml"
)
_FEED_WORDS = re.compile(r"(?i)\b(?:rss|atom|feeds?|syndication|xml)\b|订阅|フィード|лент[аы]")
_COMMENTS = re.compile(r"(?i)comment|commentaire|kommentar|comentario|commenti|коммент|reply|replies")
_TITLE = re.compile(r"(?is)<title[^>]{0,200}>(.{0,500}?)</title>")
_GENERATOR = re.compile(r"""(?i)<meta[^>]{0,100}name=["']generator["'][^>]{0,100}content=["']([^"']{0,100})""")

#: Where feeds usually are, relative to the root of the site; the most frequent first.
USUAL = (
    "/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed/", "/rss/", "/feeds", "/feed.json",
    "/feeds/posts/default?alt=rss", "/index.rdf", "/?feed=rss2", "/blog/feed", "/news/rss", "/rss/news.xml",
)  # fmt: skip
#: Where sitemaps of news usually are, for sites whose robots.txt names none.
SITEMAPS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/sitemap.xml", "/sitemap_index.xml")
#: Platforms: what their pages have in them, and where the feed is from there (relative to the page or the root).
_PLATFORMS = (
    (re.compile(r"/wp-content/|/wp-includes/|wordpress", re.I), ("feed/", "/feed/")),
    (re.compile(r"substackcdn\.com|substack\.com", re.I), ("/feed",)),
    (re.compile(r"content=[\"']blogger|\.blogspot\.", re.I), ("/feeds/posts/default?alt=rss",)),
    (re.compile(r"content=[\"']Ghost\b", re.I), ("/rss/",)),
    (re.compile(r"content=[\"']Joomla", re.I), ("?format=feed&type=rss",)),
    (re.compile(r"content=[\"']Drupal|/sites/default/files/", re.I), ("/rss.xml",)),
    (re.compile(r"squarespace", re.I), ("?format=rss",)),
    (re.compile(r"content=[\"']Hugo\b", re.I), ("index.xml", "/index.xml")),
    (re.compile(r"content=[\"']Jekyll", re.I), ("/feed.xml",)),
    (re.compile(r"wixstatic\.com|content=[\"']Wix", re.I), ("/blog-feed.xml",)),
    (re.compile(r"content=[\"']TYPO3", re.I), ("/rss.xml", "/?type=9818")),
    (re.compile(r"/arc/outboundfeeds/|arcpublishing", re.I), ("/arc/outboundfeeds/rss/?outputType=xml",)),
    (re.compile(r"content=[\"']Discourse", re.I), ("/latest.rss",)),
)
#: Hosts with addresses of feeds that follow from the address of a page.
_HOSTS = (
    (r"(?:www\.|m\.)?youtube\.com/channel/(UC[\w-]{20,})", "https://www.youtube.com/feeds/videos.xml?channel_id={0}"),
    (r"(?:www\.|m\.)?youtube\.com/playlist\?(?:.*&)?list=([\w-]+)", "https://www.youtube.com/feeds/videos.xml?playlist_id={0}"),
    (r"medium\.com/(@?[\w.-]+)", "https://medium.com/feed/{0}"),
    (r"(?:www\.|old\.)?reddit\.com/((?:r|user)/[\w-]+)", "https://www.reddit.com/{0}/.rss"),
    (r"github\.com/([\w.-]+/[\w.-]+)", "https://github.com/{0}/releases.atom"),
    (r"([\w-]+)\.tumblr\.com", "https://{0}.tumblr.com/rss"),
    (r"vimeo\.com/([\w-]+)/?$", "https://vimeo.com/{0}/videos/rss"),
    (r"bsky\.app/profile/([\w.:-]+)", "https://bsky.app/profile/{0}/rss"),
    (r"([\w.-]+)/(@[\w.-]+)/?$", "https://{0}/{1}.rss"),  # Mastodon
    (r"(?:www\.)?dailymotion\.com/(?:user/)?([\w-]+)/?$", "https://www.dailymotion.com/rss/user/{0}"),
)  # fmt: skip
_CHANNEL = re.compile(
    r'"(?:channelId|externalId)"\s*:\s*"(UC[\w-]{20,})"|itemprop="(?:identifier|channelId)" content="(UC[\w-]{20,})"'
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be that of a feed. `how` it was found, for people."""

    url: str
    title: str = ""
    how: str = ""

    @property
    def comments(self) -> bool:
        """Whether it seems to be about what readers say."""
        return bool(_COMMENTS.search(self.title) or _COMMENTS.search(urlsplit(self.url).path))


def whole(address: str) -> str:
    """What a person typed as an http(s) address: a bare host gets https. Raises ValueError."""
    text = address.strip()
    if re.match(r"(?i)[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?]|$)", text):
        text = f"https://{text}"
    url = re.sub(r"(?i)^(?:feed|rss):(?://)?(?=https?:)", "", text)
    canonical(url)
    return url


def linked(html: str, headers: Mapping[str, str], page: str) -> list[Candidate]:
    """The feeds that a page names: in Link headers (RFC 8288), <link> and <a>; those of articles first."""
    found = [*_in_header(headers.get("link", ""), page), *_in_tags(html[:_READ], page)]
    return _sorted(found)


def offered(html: str, page: str) -> list[Candidate]:
    """The feeds that the platform of the page usually has."""
    found, (_, _, rest) = list[Candidate](), page.partition("://")
    for pattern, form in _HOSTS:
        if match := re.match(pattern, rest, re.IGNORECASE):
            found.append(Candidate(form.format(*match.groups()), how="this platform has it there"))
    if "youtube.com" in rest and (channel := _CHANNEL.search(html)):
        address = f"https://www.youtube.com/feeds/videos.xml?channel_id={channel[1] or channel[2]}"
        found.append(Candidate(address, how="of this channel"))
    for mark, places in _PLATFORMS:
        if mark.search(html[:_READ]):
            found += _at(page, places, "this platform has it there")
    return _sorted(found)


def usual(page: str) -> list[Candidate]:
    """Where feeds usually are: in the folder of the page, then at the root of its site."""
    folder = urljoin(page, ".")
    near = [urljoin(folder, name) for name in ("feed", "rss", "rss.xml")] if urlsplit(folder).path != "/" else []
    return _sorted(_at(page, (*near, *USUAL), "feeds are often there"), limit=20)


def sitemaps(robots: Iterable[str], page: str) -> list[Candidate]:
    """Sitemaps that may serve as a feed. `robots`: those that robots.txt names."""
    named = [Candidate(url, how="named in robots.txt") for url in robots]
    named.sort(key=lambda each: "news" not in each.url.lower().partition("://")[2].partition("/")[2])
    return _sorted([*named, *_at(page, SITEMAPS, "sitemaps are often there")], limit=6)


def title_of(html: str) -> str:
    """The title of a page, "" if it has none."""
    found = _TITLE.search(html[:_READ])
    return (plain(found[1], 100) or "") if found else ""


def _at(page: str, places: Iterable[str], how: str) -> list[Candidate]:
    return [Candidate(_joined(page, place), how=how) for place in places]


def _in_header(header: str, page: str) -> Iterator[Candidate]:
    for link in _HEADER.finditer(header[:20_000]):
        attributes = _attributes(link[2].replace(";", " "))
        if "alternate" in attributes.get("rel", "").lower().split() and _TYPES.search(attributes.get("type", "")):
            yield Candidate(_joined(page, link[1].strip()), attributes.get("title", ""), "named in the Link header")


def _in_tags(html: str, page: str) -> Iterator[Candidate]:
    base, anchors = page, list[Candidate]()
    for tag in _TAG.finditer(html):
        attributes = _attributes(tag[2])
        href = attributes.get("href", "").strip()
        kind = tag[1].lower()
        if kind == "base" and href and base == page:
            base = _joined(page, href) or page
        elif kind == "link" and href:
            rel = attributes.get("rel", "").lower().split()
            if ("alternate" in rel and _TYPES.search(attributes.get("type", ""))) or "feed" in rel:
                yield Candidate(_joined(base, href), attributes.get("title", ""), "named in the page")
        elif kind == "a" and href and len(anchors) < 4 * LIMIT:
            text = plain(html[tag.end() : tag.end() + 300].partition("</a")[0], 80) or ""
            if _TYPES.search(attributes.get("type", "")) or _leads(href, f"{text} {attributes.get('title', '')}"):
                anchors.append(Candidate(_joined(base, href), text, "linked in the page"))
    yield from anchors


def _leads(href: str, text: str) -> bool:
    """Whether a link seems to lead to a feed."""
    if href.lower().startswith(("feed:", "rss:")):
        return True
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    if re.search(r"(?i)\.(?:html?|pdf|jpe?g|png)$", parts.path):
        return False
    place = f"{parts.path}?{parts.query}" if parts.query else parts.path
    named = bool(_FEED_WORDS.search(text)) and parts.path.lower().endswith((".xml", ".php"))
    return named or bool(_FEED_PATH.search(place))


def _joined(base: str, href: str) -> str:
    try:
        return join(base, href)
    except ValueError:
        return ""


def _attributes(raw: str) -> dict[str, str]:
    return {m[1].lower(): unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(raw[:5_000])}


def _sorted(candidates: Iterable[Candidate], limit: int = LIMIT) -> list[Candidate]:
    """Each address once, in order, those of comments last."""
    found: dict[str, Candidate] = {}
    for each in candidates:
        try:
            found.setdefault(canonical(each.url), each)
        except ValueError:
            continue
    return sorted(found.values(), key=lambda each: each.comments)[:limit]
