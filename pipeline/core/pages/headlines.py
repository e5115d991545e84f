"""Ranks the headlines of a page, removes the outlet's name from them, and compares two headlines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.core.urls import registrable
from pipeline.records import Sourced

LOGO = 20  # characters; a shorter <h1> that differs from <title> is a logo or a menu
_WORDS = re.compile(r"\w+")
_SEPARATOR = re.compile(r"\s+(?:[|\-–—·•«»:/]|::|//|\\|>|›|»)\s+|\s*[|｜_]\s*")


def rank(candidates: Iterable[Sourced], window_title: str, h1: str, site: str, url: str) -> tuple[Sourced, ...]:
    """`candidates`, most trusted first, without the outlet's name.

    Those that are cut off ("…", by plugins at 110 characters) are moved to the end, and behind others those that no
    other candidate confirms, short ones last: an <h1> around the logo, JSON-LD of a widget.
    """
    parts = _SEPARATOR.split(window_title)
    rest = max((len(part) for part in parts if part != h1), default=0)
    logo = h1 if h1 in (parts[0], parts[-1]) and len(h1) < rest and 2 * len(h1) < len(window_title) else ""
    site = site or logo
    own = {name.casefold() for name in (site, label(url)) if name}
    found = [Sourced(without_site(title.value[:500], site, url), title.source) for title in candidates]
    found = [title for title in found if title.value and title.value.casefold() not in own]
    confirmed = [any(same(one.value, other.value) for other in found if other is not one) for one in found]

    def doubt(n: int) -> tuple[bool, bool, bool]:
        title = found[n].value
        return title.endswith(("…", "...")), not confirmed[n], not confirmed[n] and len(title) < LOGO

    return tuple(found[n] for n in sorted(range(len(found)), key=doubt))


def same(one: str, other: str) -> bool:
    """Whether two headlines are of one article: one begins with the other, or has half of its words."""
    short, long = sorted((_bare(one), _bare(other)), key=len)
    if long.startswith(short[:60]) and short:
        return True
    few, many = sorted((set(_WORDS.findall(one.casefold())), set(_WORDS.findall(other.casefold()))), key=len)
    return bool(few) and 2 * len(few & many) >= len(few)


def without_site(title: str, site: str, url: str) -> str:
    """`title` without the outlet's name at either end: "Rain in Lima | El Diario" -> "Rain in Lima"."""
    parts = [part for part in _SEPARATOR.split(title) if part]
    if len(parts) < 2:
        return title
    names = {_bare(name) for name in (site, label(url)) if name}
    for edge, cut in ((parts[-1], title.rfind(parts[-1])), (parts[0], None)):
        bare = _bare(edge)
        if bare and any(bare == name or (len(name) > 3 and bare.startswith(name)) for name in names):
            rest = title[:cut] if cut is not None else title[len(edge) :]
            rest = rest.strip().strip("|-–—·•«»:/>›_｜\\").strip()
            return without_site(rest, site, url) if rest else title
    return title


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def label(url: str) -> str:
    """The name in the domain: `diario` for www.diario.com.pe."""
    try:
        return registrable(url).partition(".")[0]
    except ValueError:
        return ""
