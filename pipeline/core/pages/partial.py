"""Judges whether a text is only a part of an article's: a teaser, the free part of a paid one, a page without scripts.

The words are in vocabulary/partial.toml and walls.toml.
"""

from __future__ import annotations

import re

from pipeline.core.pages.metadata import Meta
from pipeline.core.pages.terms import all_terms, any_of
from pipeline.core.pages.wall_phrases import PAYWALL
from pipeline.core.text.languages import vocabulary
from pipeline.records import Partial

FULL = 400  # letters; a text of a feed with as many gives the article itself, and not only a teaser
FULL_SUMMARY = 800  # of a summary in one paragraph
PAID = 1_500  # letters of a text that is not free from which on it is not only the beginning
_NOTICE = 500  # letters of a page that says only that it needs scripts
_LAST = 4  # lines at the end of a text in which a paywall speaks
_LINE = 300  # letters of such a line

_WORDS = vocabulary("partial")
_SCRIPTS = all_terms(_WORDS["needs_javascript"])
_OFFERS = all_terms(_WORDS["offers"])
_OPEN = re.compile(r"(?:…|\.\.\.|\[\s*(?:…|\.\.\.|\+)\s*\]|\(\s*(?:…|\.\.\.|more)\s*\))\s*$", re.I)
_PHRASE = rf"{any_of(all_terms(_WORDS['read_more']))}(?:\s|[.…»›>→:\])]|&\w{{1,8}};|&#\w{{1,8}};)*"
#: The same words may end a sentence: they count in a link, and behind one.
_MORE_LINK = re.compile(
    rf"<a\b[^<>]{{0,1000}}>(?:\s|<[^<>]{{0,200}}>|[\[(])*{_PHRASE}(?:</?[^<>]{{0,200}}>|\s)*$", re.I
)
_MORE = re.compile(rf"(?:^|[.…!?。»”\"\])])\s*[\[(]?{_PHRASE}$", re.I)
_LAST_WORDS = re.compile(rf"(?:^|\s)\s*[\[(]?{_PHRASE}$", re.I)
_WIDE = re.compile("[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff]")


def letters(text: str) -> int:
    """The length of `text` in letters of an alphabet: a character of a script of syllables or words counts as 2.5."""
    return len(text) if text.isascii() else int(len(text) + 1.5 * len(_WIDE.findall(text)))


def is_open(text: str) -> bool:
    """Whether `text` ends as what goes on elsewhere: "…", "[...]"."""
    return _OPEN.search(text[-40:]) is not None


def of_feed(text: str, html: str, summary: bool) -> tuple[str, Partial]:
    """The text of a feed without a link to the rest, and what it lacks. `html`: as the feed has it; `summary`: it is
    called a summary."""
    text, _, last = text.rpartition("\n")
    more = _MORE.search(last, max(0, len(last) - 80))
    linked = _MORE_LINK.search(html, max(0, len(html) - 1_500))
    if linked:
        last = _LAST_WORDS.sub("", last)
    elif more:
        last = last[: more.start() + 1] if more.start() or last[:1] in ".…" else ""
    text = "\n".join(filter(None, (text, last.rstrip())))
    if letters(text) < FULL or is_open(text) or ((more or linked) and letters(text) < 2 * PAID):
        return text, "teaser"
    return text, "teaser" if summary and "\n" not in text and letters(text) < FULL_SUMMARY else ""


def of_page(text: str, meta: Meta) -> tuple[str, Partial]:
    """The text of a page without the words of its paywall, and what it lacks."""
    rows = text.split("\n")
    asks = [row for row in rows[-_LAST:] if len(row) < _LINE and _has(PAYWALL, row)]
    if asks and (meta.free is False or letters(text) < 2 * PAID):
        rest = "\n".join(row for row in rows if row not in asks)
        return rest or text, "paid"
    return text, "paid" if meta.free is False and (letters(text) < PAID or is_open(text)) else ""


def shown(text: str) -> str:
    """What a paid page shows of its article: its text without the lines that offer a subscription."""
    rows = text.split("\n")
    return "\n".join(row for row in rows if len(row) >= _LINE or not _has((*PAYWALL, *_OFFERS), row))


def needs_scripts(text: str) -> bool:
    """Whether a page says only that its text is shown by scripts."""
    return letters(text) < _NOTICE and _has(_SCRIPTS, text)


def _has(phrases: tuple[str, ...], text: str) -> bool:
    low = text.casefold()
    return any(phrase in low for phrase in phrases)
