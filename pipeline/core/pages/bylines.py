"""Reads the names of authors from bylines. The words of bylines are in vocabulary/bylines.toml.

An author is a person, or a name that a person writes under. A site's own name, a desk ("Staff", "Redaktion"), a number,
a date, an address and a company are not authors. A news agency is one where no person is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.core.pages.terms import all_terms, any_of
from pipeline.core.text.date_phrases import without_dates
from pipeline.core.text.languages import vocabulary
from pipeline.core.text.tidy import line

NAME = 80  # characters of one
NAMES = 10
BETWEEN = "; "  # bylines that are kept as one text
WRITTEN = 200  # characters of it

_WORDS = vocabulary("bylines")
_OPENINGS = any_of(sorted(all_terms(_WORDS["by"]), key=len, reverse=True))
#: In front of a name; a single word in front of a name in capitals only, so that "De Gaulle" stays.
BY = re.compile(rf"^(?:{_OPENINGS}(?:\s*[:：/／]\s*|\s+)|[:：-]\s*|[©✍]\s*)", re.I)
_BEHIND = re.compile(rf"(?<=\w){any_of(all_terms(_WORDS['behind']))}$")
_LETTERS = any_of(term for term in all_terms(_WORDS["and"]) if len(term) == 1)
_AND = any_of(term for term in all_terms(_WORDS["and"]) if len(term) > 1)
_SPLIT = re.compile(
    rf"\s*[;|•·●/、，،\n]\s*|\s+[–—-]\s+|\s*,\s+(?:{_AND}\s+)?|\s+(?:{_AND}|[&+])\s+|\s+{_LETTERS}\s+(?=\S+\s+\S)", re.I
)
_NOT_A_NAME = re.compile(r"@|→|\bfacebook\.com|^\W*$|[{}<>\[\]]|[?!:…](?:\s|$)|\d{3}|\d:\d|^\S+\.[a-z]{2,7}$")
#: A byline that begins with a company or an address names nobody.
_NOBODY = re.compile(
    r"https?://|www\.|©|\b(?:copyright|GmbH|Ltd|LLC|Inc|PLC|SARL|SAS|Kft|Pty|ООО|ЗАО)\b|\b(?:e\.\s?V|S\.A|S\.L|S\.r\.l|B\.V)\b\."
    r"|\sAG$|株式会社|有限公司|주식회사",
    re.I,
)
_NOT_NAMES = frozenset(word for term in all_terms(_WORDS["not_names"]) for word in (term, *re.split(r"[\s-]", term)))
_ROLES = re.compile(rf"(?<!\w){any_of(all_terms(_WORDS['roles']))}(?!\w)", re.I)
_AGENCIES = frozenset(all_terms(_WORDS["agencies"]))
_ASIDE = re.compile(r"\s*[(（\[].{0,80}[)）\]]\s*")
_PARTS = re.compile(r"[\W_]+")
_ENDINGS = frozenset(("com", "net", "org", "info", "co", "de", "at", "ch", "es", "fr", "it", "pl", "ru", "uk", "www"))
_PARTICLES = {
    "al", "af", "av", "bin", "da", "das", "de", "del", "dela", "della", "den", "der", "des", "di", "do", "dos", "du",
    "el", "ibn", "la", "las", "le", "los", "of", "ten", "ter", "thi", "van", "vom", "von", "y", "zu", "zum",
}  # fmt: skip


def read_byline(raw: Iterable[str], *sites: str) -> str:
    """Names joined by commas, each once; "" for no author. `sites`: the names of the site, which are no authors."""
    names: dict[str, str] = {}
    own = [_bare(site) for site in sites if site]
    for entry in raw:
        for name in _names(line(entry, 300)):
            if not _is_site(name, own):
                names.setdefault(_bare(name), name)
    agencies = [name for name in names.values() if name.casefold() in _AGENCIES]
    persons = [name for name in names.values() if name not in agencies and not (agencies and name.islower())]
    return ", ".join((persons or agencies)[:NAMES])[:300]


def as_written(author: str, *bylines: str) -> str:
    """The bylines as written, each once, in one line; "" if they say no more than `author`."""
    kept = dict.fromkeys(line(one, WRITTEN) for one in bylines)
    more = [one for one in kept if one and _bare(_without_by(one)) != _bare(author)]
    return BETWEEN.join(more)[:WRITTEN]


def is_personal(name: str) -> bool:
    """Whether a name of a visible text looks like that of a person: two to five words that begin as names do."""
    words = name.split()
    if name.isupper() or name[:1] == name[:1].lower() != name[:1].upper():
        return name.isupper() and 1 < len(words) < 5
    if not any(char.isupper() for char in name):  # a script without case
        return 2 <= len(name) <= 30 and len(words) < 5
    return 1 < len(words) < 6 and all(word[:1].isupper() or word.casefold() in _PARTICLES for word in words)


def _names(text: str) -> Iterator[str]:
    full = False  # a name of several words came before
    if _NOBODY.search(text[: text.find(",")] if "," in text else text):
        return
    for piece in _SPLIT.split(_ASIDE.sub(" ", without_dates(_without_by(text)))):
        name = _BEHIND.sub("", _without_by(piece.strip(" ,;|-–—.*\"'“”"))).strip(" ,;|-–—*")
        if not name or len(name) > NAME or _NOT_A_NAME.search(name):
            continue
        if full and (_ROLES.search(name) or (" " not in name and name[0].isupper()) or name[0].islower()):
            continue  # "Ana Ruiz, Madrid", "Ana Ruiz, in Madrid", "Ana Ruiz, Political Correspondent"
        full = full or " " in name
        yield name


def _without_by(text: str) -> str:
    for _ in range(2):
        match = BY.match(text)
        rest = text[match.end() :] if match else ""
        if not match or not rest or (":" not in match.group() and rest[:1].islower() and rest[:1] != rest[:1].upper()):
            break
        if match.group()[:1].isupper() and match.group().strip().casefold() in _PARTICLES and len(rest.split()) < 2:
            break  # "De Gaulle", "Di Maio"
        text = rest
    return text


def _is_site(name: str, own: list[str]) -> bool:
    """Whether a name is that of the site or of a desk, or made of such words: "Coastwire Staff", "coastwire.com"."""
    bare = _bare(name)
    if bare in own or name.casefold() in _NOT_NAMES or bare.endswith("admin"):
        return True
    rest = bare
    for site in own:
        rest = rest.replace(site, "") if len(site) > 3 else rest
    words = [word for word in _PARTS.split(name.casefold()) if word]
    known = [word in _NOT_NAMES or word in _ENDINGS or word in own or word.isdigit() for word in words]
    if all(known):
        return True
    if rest == bare:
        return False
    others = [word for word, is_known in zip(words, known, strict=True) if not is_known]
    return not rest or all(any(word in site for site in own) for word in others)


def _bare(name: str) -> str:
    return _PARTS.sub("", name).casefold()
