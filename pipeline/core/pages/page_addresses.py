"""Decides by addresses alone whether a link leads to another page of the same article, and to which.

Pages of an article differ only in a number at a place where sites put the number of a page: `?page=2`, `/2`, `-2.html`,
`/page/2`. The address of the next article differs in more, and that of a list in the path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, unquote, urlsplit

from pipeline.core.pages.terms import all_terms, any_of
from pipeline.core.text.languages import vocabulary
from pipeline.core.urls import canonical

_WORDS = vocabulary("pagination")
_ADDRESSES = _WORDS["addresses"]
_PARAMETERS, _WHOLE_PARAMETERS, _WHOLE_VALUES, _WHOLE_PATHS = (
    frozenset(_ADDRESSES[name]) for name in ("parameters", "whole_parameters", "whole_values", "whole_paths")
)
_NAMES = any_of(sorted(all_terms(_WORDS["page"]), key=len, reverse=True))
_ENDING = re.compile(r"\.(?:x?html?|php\d?|aspx?|jspx?|shtml|cfm|do|amp|ghtml|phtml)$", re.I)
_NUMBER = r"0{0,2}(\d{1,2})"
#: What a page of an article has behind the address of the article. The first two are sure; the last may be part of the
#: name of another article.
_NAMED = re.compile(rf"[/_,.~;:-]?{_NAMES}[-_/=.,]?{_NUMBER}", re.I)
_SEPARATED = re.compile(rf"[/_,.~;:!]{_NUMBER}")
_HYPHENED = re.compile(rf"-{_NUMBER}")
_FIRST = re.compile(rf"[/_,.~;:-]?{_NAMES}[-_/=.,]?0{{0,2}}1$|[_,.~;:!]0{{0,2}}1$|/1$|/index$", re.I)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address stands among those of an article. `number`: of its page, 0 for that of the article itself;
    `whole`: it has all pages. `sure`: no other article has such an address."""

    number: int = 0
    whole: bool = False
    sure: bool = True


def place_of(link: str, article: str) -> Place | None:
    """The place of `link` among the pages of the article that begins at the address `article`; None if it has none."""
    try:
        first, other = urlsplit(canonical(article)), urlsplit(canonical(link))
    except ValueError:
        return None
    if _host(first.netloc) != _host(other.netloc) or (not first.path.strip("/") and not first.query):
        return None
    path, begin = unquote(other.path).rstrip("/"), unquote(first.path).rstrip("/")
    if path == begin:
        return _by_query(first.query, other.query)
    return _by_path(begin, path) if _without_pages(first.query) == _without_pages(other.query) else None


def _host(name: str) -> str:
    return re.sub(r"^(?:www|m|mobile|amp)\.", "", name.lower())


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=100)]


def _without_pages(query: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in _pairs(query) if name not in _PARAMETERS or not value.isdecimal()]


def _by_query(first: str, other: str) -> Place | None:
    """The place of an address with the same path."""
    before, after = _pairs(first), _pairs(other)
    more = [pair for pair in after if pair not in before]
    gone = [pair for pair in before if pair not in after]
    if any(name not in _PARAMETERS or value.lstrip("0") not in ("", "1") for name, value in gone) or len(more) > 1:
        return None
    if not more:
        return Place()
    name, value = more[0]
    if name in _PARAMETERS and value.isdecimal() and len(value) < 3:
        return Place(int(value), sure=name not in ("p", "s"))
    if (name in _WHOLE_PARAMETERS or name in _PARAMETERS) and value.lower() in _WHOLE_VALUES:
        return Place(
            whole=value.lower() in ("all", "full", "alles", "komplett", "viewall") or name in _WHOLE_PARAMETERS
        )
    return None


def _by_path(first: str, other: str) -> Place | None:
    """The place of an address with another path."""
    (stem, ending), (path, other_ending) = map(_split, (first, other))
    if ending and other_ending and ending != other_ending:
        return None
    for begin in dict.fromkeys((stem, _FIRST.sub("", stem))):
        rest = path.removeprefix(begin)
        if not begin.strip("/") or rest == path:
            continue
        if not rest:
            return Place()
        if found := _numbered(rest):
            return replace(found, sure=found.sure and not stem.endswith("/1"))  # "/1" may count articles
        if rest.lstrip("/-_").lower() in _WHOLE_PATHS:
            return Place(whole=True)
    return None


def _numbered(rest: str) -> Place | None:
    for form, sure in ((_NAMED, True), (_SEPARATED, True), (_HYPHENED, False)):
        if found := form.fullmatch(rest):
            return Place(int(found[1]), sure=sure)
    return None


def _split(path: str) -> tuple[str, str]:
    ending = _ENDING.search(path)
    return (path[: ending.start()], ending[0].lower()) if ending else (path, "")


def key_of(article: str) -> str:
    """A part of the article's address that the addresses of its other pages have too, unless they are relative."""
    parts = [part for part in unquote(urlsplit(article).path).split("/") if part]
    while parts and (not (part := _FIRST.sub("", _split(f"/{parts[-1]}")[0]).strip("/")) or part.lower() == "index"):
        parts.pop()
    return part if parts else ""
