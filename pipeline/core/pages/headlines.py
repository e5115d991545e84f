"""Ranks the headlines of a page, removes the outlet's name from them, and compares two headlines."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache

from pipeline.core.pages.terms import all_terms
from pipeline.core.text.languages import vocabulary
from pipeline.core.urls import registrable
from pipeline.records import Sourced

KICKER = 40  # characters of a line above the headline, in the same <h1>
LOGO = 20  # characters; a shorter <h1> that differs from <title> is a logo or a menu
_GENERIC = frozenset(all_terms(vocabulary("headlines")["generic"]))
_DOMAIN = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[a-z]{2,}/?", re.I)
_WORDS = re.compile(r"\w+")
_GAPS = re.compile(r"[\W_]+")
_SEPARATOR = re.compile(r"\s+(?:[|\-–—·•«»:/]|::|//|\\|>|›|»)\s+|\s*[|｜_]\s*")


def rank(
    candidates: Iterable[Sourced], window_title: str, h1: str, site: str, url: str, source: str = ""
) -> tuple[Sourced, ...]:
    """`candidates`, most trusted first, without the outlet's name; those that are its name, or generic, are left out.

    Those that are cut off ("…", by plugins at 110 characters) are moved to the end, and behind others those that no
    other candidate confirms, short ones last: an <h1> around the logo, JSON-LD of a widget. Of one that another
    continues behind a separator ("Rain in Lima - Weather - Today"), the shorter is the headline. `source`: the outlet's
    name as the feed has it.
    """
    given = list(candidates)
    logos = _logos(window_title, h1, [title.value for title in given if title.source != "html"], site)
    own = {_bare(name) for name in (site, label(url), source, *logos) if name}
    found = [Sourced(without_site(title.value[:500], site, url, own), title.source) for title in given]
    found = [title for title in found if not _nameless(title.value, own)]
    found = [_shortened(title, found) for title in found]
    confirmed = [any(same(one.value, other.value) for other in found if other is not one) for one in found]

    def doubt(n: int) -> tuple[bool, bool, bool]:
        title = found[n].value
        return title.endswith(("…", "...")), not confirmed[n], not confirmed[n] and len(title) < LOGO

    return tuple(found[n] for n in sorted(range(len(found)), key=doubt))


def choose_h1(headings: Sequence[str], window_title: str, og_title: str) -> int | None:
    """Which of several <h1> is the headline, or None.

    The one that is og:title, else the last that is a part of <title> (the logo stands above), else one like a part of
    it if the first is as short as a logo, else the first.
    """
    if len(headings) < 2:
        return 0 if headings else None
    bare = [_bare(heading) for heading in headings]
    parts = {_bare(part) for part in _SEPARATOR.split(window_title) if part}
    if (meant := _bare(og_title)) and meant in bare:
        return bare.index(meant)
    exact = [n for n, heading in enumerate(bare) if heading in parts]
    if exact:
        return exact[-1]
    alike = (n for n, heading in enumerate(headings) if len(heading) >= LOGO and same(heading, window_title))
    return next(alike, 0) if len(headings[0]) < LOGO else 0


def _logos(window_title: str, h1: str, others: Sequence[str], site: str) -> Iterator[str]:
    """Those of a page's titles that are the outlet's name: an end of <title>, if the <h1> is another part of it; or the
    <h1>, if it is an end of <title> whose rest is longer, and neither the outlet's name nor another title says more."""
    parts = [part for part in _SEPARATOR.split(window_title) if part]
    if len(parts) < 2:
        if len(window_title.split()) < 4 <= len(h1.split()) and not same(window_title, h1):
            yield window_title  # the same on every page
        return
    heading, ends = _bare(h1), {_bare(parts[0]), _bare(parts[-1])}
    if heading in map(_bare, parts) and heading != _bare(site):
        yield from (title for title in others if _bare(title) in ends - {heading} and len(title) < len(h1))
    rest = max((len(part) for part in parts if part != h1), default=0)
    doubtful = not site and heading not in {_bare(title) for title in others}
    if doubtful and heading in ends and len(h1) < rest and 2 * len(h1) < len(window_title):
        yield h1


def _nameless(title: str, own: set[str]) -> bool:
    """Whether a title is empty, the outlet's name, its domain, or what templates write on every page."""
    bare = _bare(title)
    if not bare or bare in own or " ".join(title.casefold().split()).strip(" .:!-|") in _GENERIC:
        return True
    return bool(_DOMAIN.fullmatch(title.strip())) and any(name and bare.startswith(name) for name in own)


def _shortened(title: Sourced, others: Sequence[Sourced]) -> Sourced:
    """`title` without what stands behind or before another, whole one and a separator."""
    for other in others:
        short = other.value
        if len(short) < len(title.value) and (len(short) >= LOGO or " " in short):
            rest = title.value[len(short) :] if title.value.startswith(short) else ""
            if rest and _SEPARATOR.match(rest) and ":" not in rest[:3]:
                return Sourced(short, title.source)
            before = title.value[: -len(short)] if title.value.endswith(short) else ""
            kicker = title.source == "html" and len(short.split()) > 2 and len(before) < KICKER and before.endswith(" ")
            if before and (kicker or re.search(r"\s[|»›·•]\s$", before)):
                return Sourced(short, title.source)
    return title


def same(one: str, other: str) -> bool:
    """Whether two headlines are of one article: one begins with the other, or has half of its words."""
    short, long = sorted((_bare(one), _bare(other)), key=len)
    if long.startswith(short[:60]) and short:
        return True
    few, many = sorted((set(_WORDS.findall(one.casefold())), set(_WORDS.findall(other.casefold()))), key=len)
    return bool(few) and 2 * len(few & many) >= len(few)


def without_site(title: str, site: str, url: str, own: Collection[str] = ()) -> str:
    """`title` without the outlet's name at either end: "Rain in Lima | El Diario" -> "Rain in Lima".

    `own`: further names of it, bare.
    """
    parts = [part for part in _SEPARATOR.split(title) if part]
    names = {*own, *(_bare(name) for name in (site, label(url)) if name)}
    if len(parts) < 2:
        return _without_attached(title, names)
    for edge, cut in ((parts[-1], title.rfind(parts[-1])), (parts[0], None)):
        bare = _bare(edge)
        known = any(bare == name or (len(name) > 3 and bare.startswith(name)) for name in names)
        if bare and known:
            rest = title[:cut] if cut is not None else title[len(edge) :]
            rest = rest.strip().strip("|-–—·•«»:/>›_｜\\").strip()
            return without_site(rest, site, url, own) if rest else title
    return title


def _without_attached(title: str, names: set[str]) -> str:
    """`title` without a name of the outlet behind a dash without spaces, as in Chinese."""
    head, dash, tail = title.rpartition("-") if "-" in title else title.rpartition("—")
    return head.strip(" -—") if dash and head and not tail.isascii() and _bare(tail) in names else title


@lru_cache(1024)
def _bare(name: str) -> str:
    return _GAPS.sub("", name).casefold()


def label(url: str) -> str:
    """The name in the domain: `diario` for www.diario.com.pe."""
    try:
        return registrable(url).partition(".")[0]
    except ValueError:
        return ""
