"""Writes the demo site's pages: articles in their outlet's layout with the usual boilerplate, walls and stubs.

Every text is escaped here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from html import escape
from string import Template
from typing import Any

from pipeline.demo.content import HERE, Boilerplate, Entry, Outlet, blocks, boilerplate, slug

_DATE_FORMATS = {"en": "%d %B %Y %H:%M", "de": "%d.%m.%Y, %H:%M", "zh": "%Y-%m-%d %H:%M", "ar": "%Y/%m/%d %H:%M"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The content of a page. `related`: (title, url) of the outlet's other articles."""

    outlet: Outlet
    entry: Entry
    url: str  # canonical
    published: datetime
    updated: datetime | None = None
    related: tuple[tuple[str, str], ...] = ()
    amp_url: str | None = None


def article(sheet: Sheet, *, amp: bool = False) -> str:
    """The article's page, or its AMP variant."""
    return _page(sheet, body_html(sheet), layout="amp" if amp else sheet.outlet.layout)


def paywall(sheet: Sheet) -> str:
    """The first sentence and an offer to subscribe."""
    words = boilerplate()[sheet.outlet.language]
    stub = (
        f"<p>{escape(sheet.entry.lead)}</p>"
        f'<div class="paywall"><p>{escape(words.paywall)}</p><a class="btn" href="/abo">{escape(words.subscribe)}</a>'
        f'<a href="/login">{escape(words.login)}</a></div>'
    )
    return _page(sheet, stub, free=False)


def soft_404(sheet: Sheet) -> str:
    """A page that says "not found" in the outlet's layout, but has status 200."""
    outlet, words = sheet.outlet, boilerplate()[sheet.outlet.language]
    values = _words(outlet, words) | {
        "head": f"<meta charset=\"utf-8\"><title>{escape(words.missing)} - {escape(outlet.name)}</title>",
        "title": escape(words.missing), "lead": "", "section": "", "section_slug": "", "author": "", "author_slug": "",
        "published": "", "human_date": "", "key": "", "number": "0", "url": escape(outlet.url),
        "body": f"<p>{escape(words.missing_text)}</p>", "links": _links(sheet.related), "remarks": "",
    }  # fmt: skip
    return _template(outlet.layout).substitute(values)


def consent_wall(outlet: Outlet) -> str:
    """A page that only asks for consent; the article would follow a click."""
    return _template("consent").substitute(_words(outlet, boilerplate()[outlet.language]))


def front(outlet: Outlet, teasers: Sequence[tuple[str, str, str]]) -> str:
    """The home page. `teasers`: (title, lead, url)."""
    html = "\n".join(
        f'<section class="teaser"><h2><a href="{escape(url)}">{escape(title)}</a></h2><p>{escape(lead)}</p></section>'
        for title, lead, url in teasers
    )
    values = _words(outlet, boilerplate()[outlet.language])
    return _template("front").substitute(values, teasers=html, url=escape(outlet.url) + "/", charset=_charset(outlet))


def body_html(sheet: Sheet) -> str:
    """The article's body, with an advertisement and a link box between its paragraphs."""
    words = boilerplate()[sheet.outlet.language]
    parts = [_block(block, f"{sheet.published:%B %d, %Y}") for block in blocks(sheet.entry.body)]
    if sheet.related:
        title, url = sheet.related[0]
        link = f'<a href="{escape(url)}">{escape(title)}</a>'
        parts.insert(3, f'<div class="inline-related"><b>{escape(words.related)}:</b> {link}</div>')
    parts.insert(2, f'<div class="ad ad-inline"><span class="ad-label">{escape(words.ad)}</span></div>')
    return "\n".join(parts)


def picture(key: str) -> str:
    """A coloured rectangle in place of a photograph."""
    hue = sum(key.encode()) % 360
    rectangle = f'<rect width="16" height="9" fill="hsl({hue},40%,60%)"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9">{rectangle}</svg>'


def _block(block: str, date: str) -> str:
    kind, text = block[:3], block[3:]
    if kind == "## ":
        return f"<h2>{escape(text)}</h2>"
    if kind == "!! ":
        return f'<figure><img src="/img/inline.svg" alt=""><figcaption>{escape(text)}</figcaption></figure>'
    if kind == "@@ ":
        handle, name, post, link = (escape(part.strip()) for part in text.split("|"))
        return (
            f'<blockquote class="twitter-tweet" data-lang="en"><p dir="ltr">{post} <a href="https://{link}">{link}</a></p>'
            f'&mdash; {name} ({handle}) <a href="https://{link}">{date}</a></blockquote>'
            '<script async src="https://post.example/widgets.js" charset="utf-8"></script>'
        )
    return f"<p>{escape(block)}</p>"


def _page(sheet: Sheet, body: str, layout: str | None = None, free: bool = True) -> str:
    outlet, entry, words = sheet.outlet, sheet.entry, boilerplate()[sheet.outlet.language]
    local = sheet.published.astimezone(timezone(timedelta(minutes=outlet.offset)))
    section = entry.section or words.sections[1]
    values = _words(outlet, words) | {
        "head": _head(sheet, amp=layout == "amp", free=free),
        "title": escape(entry.title), "lead": escape(entry.lead), "body": body, "key": escape(entry.key),
        "section": escape(section), "section_slug": slug(section) or "s", "number": str(entry.number),
        "author": escape(entry.author), "author_slug": slug(entry.author) or "a", "url": escape(sheet.url),
        "published": local.isoformat(), "links": _links(sheet.related),
        "human_date": local.strftime(_DATE_FORMATS.get(outlet.language, "%d/%m/%Y %H:%M")),
        "remarks": "".join(f"<li><b>user{n}</b> {escape(text)}</li>" for n, text in enumerate(words.remarks, 1)),
    }  # fmt: skip
    return _template(layout or outlet.layout).substitute(values)


def _head(sheet: Sheet, *, amp: bool, free: bool) -> str:
    outlet, entry = sheet.outlet, sheet.entry
    published = sheet.published.isoformat()
    updated = sheet.updated.isoformat() if sheet.updated else None
    meta = {
        "og:type": "article", "og:title": entry.title, "og:description": entry.lead, "og:url": sheet.url,
        "og:site_name": outlet.name, "og:locale": f"{outlet.language}_{outlet.country}",
        "og:image": f"{outlet.url}/img/{entry.key}.svg", "article:published_time": published,
        "article:modified_time": updated, "article:section": entry.section,
    }  # fmt: skip
    lines = [
        _charset(outlet),
        f"<title>{escape(entry.title)} | {escape(outlet.name)}</title>",
        f'<link rel="canonical" href="{escape(sheet.url)}">',
        f'<meta name="description" content="{escape(entry.lead)}">',
        *(f'<meta property="{name}" content="{escape(value)}">' for name, value in meta.items() if value),
    ]
    if sheet.amp_url and not amp:
        lines.append(f'<link rel="amphtml" href="{escape(sheet.amp_url)}">')
    if outlet.jsonld != "none":
        lines.append(f'<script type="application/ld+json">{_jsonld(sheet, published, updated, free)}</script>')
    return "\n".join(line for line in lines if line)


def _jsonld(sheet: Sheet, published: str, updated: str | None, free: bool) -> str:
    outlet, entry = sheet.outlet, sheet.entry
    news: dict[str, Any] = {
        "@type": "NewsArticle", "headline": entry.title, "description": entry.lead, "datePublished": published,
        "dateModified": updated or published, "articleSection": entry.section, "inLanguage": outlet.language,
        "mainEntityOfPage": sheet.url, "isAccessibleForFree": free,
        "author": [{"@type": "Person", "name": entry.author}],
    }  # fmt: skip
    publisher = {"@type": "NewsMediaOrganization", "@id": f"{outlet.url}/#org", "name": outlet.name}
    if outlet.jsonld == "graph":
        org = {"@id": publisher["@id"]}
        site = {"@type": "WebSite", "@id": f"{outlet.url}/#site", "url": outlet.url, "publisher": org}
        crumb = {"@type": "ListItem", "position": 1, "name": outlet.name}
        crumbs = {"@type": "BreadcrumbList", "itemListElement": [crumb]}
        value: dict[str, Any] = {"@graph": [site, publisher, crumbs, news | {"publisher": org}]}
    else:
        value = news | {"publisher": publisher}
    text = json.dumps({"@context": "https://schema.org"} | value, ensure_ascii=False).replace("</", "<\\/")
    # A trailing comma is the most common fault of JSON-LD written by templates.
    return text[:-1] + ",}" if outlet.jsonld == "broken" else text


def _charset(outlet: Outlet) -> str:
    return f'<meta charset="{outlet.charset}">' if outlet.declared == "both" else ""


def _words(outlet: Outlet, words: Boilerplate) -> dict[str, str]:
    """The values that every page of an outlet has."""
    links = [f'<a href="/{slug(name) or n}">{escape(name)}</a>' for n, name in enumerate(words.sections)]
    texts = {name: escape(value) for name in words.__struct_fields__ if isinstance(value := getattr(words, name), str)}
    return texts | {
        "lang": outlet.language, "dir": "rtl" if outlet.language == "ar" else "ltr", "site": escape(outlet.name),
        "nav": "".join(f"<li>{link}</li>" for link in links), "nav_inline": " | ".join(links),
    }  # fmt: skip


def _links(related: Sequence[tuple[str, str]]) -> str:
    return "".join(f'<li><a href="{escape(url)}">{escape(title)}</a></li>' for title, url in related)


@cache
def _template(name: str) -> Template:
    return Template(HERE.joinpath("templates", f"{name}.html").read_text("utf-8"))
