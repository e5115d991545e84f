"""The prose of an article, and its opening.

Boilerplate around an article (bylines, "updated 3 minutes ago", counters) changes on every fetch and is left out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.core.text import words
from pipeline.core.text.languages import vocabulary

SHORT = 12  # words; a shorter paragraph without an end of sentence is boilerplate
COUNTER = 6  # words; a longer line that counts something says more
TITLE, LEAD = 300, 300  # characters of the title, and of the prose after it, that belong to the opening

_WORD = r"\b"
_END = re.compile(r"[.!?…。！？｡؟۔।॥።။។][\"'”’»›)\]」』]*\s*$")


def alternatives(table: str) -> str:
    """The entries of a table of vocabulary/traits.toml in all languages as one regular expression, the longest
    first. Those that begin a word are tried only where one begins, which halves the time of a search."""
    found = (entry for listed in vocabulary("traits")[table].values() for entry in listed)
    entries = sorted(found, key=len, reverse=True)
    words = "|".join(entry.removeprefix(_WORD) for entry in entries if entry.startswith(_WORD))
    others = [entry for entry in entries if not entry.startswith(_WORD)]
    return "|".join([*others, rf"{_WORD}(?:{words})"] if words else others)


# Lines that begin with "Updated …", or say that the article was updated; and counters ("5 min read", "12 comments").
_BOILERPLATE = re.compile(rf"(?i)^\W*(?:{alternatives('line_openings')})|{alternatives('stamps')}")
_COUNTER = re.compile(rf"(?i)\d\s*(?:{alternatives('counters')})")


class Body(NamedTuple):
    """The prose of an article and its folded words."""

    text: str
    words: list[str]


def body(text: str) -> Body:
    """`text` without boilerplate. A text of nearly only short lines (a list, a score sheet) is kept whole."""
    prose = prose_of(text)
    return Body(prose, words.words(prose))


@lru_cache(maxsize=2)  # topics and stories ask for the same article
def prose_of(text: str) -> str:
    """`text` without boilerplate, as in `body`."""
    prose = "\n".join(line for line in text.split("\n") if _is_prose(line))
    return text if 2 * len(prose) < len(text) else prose


def opening(title: str, prose: str) -> str:
    """The words with which an article begins, on one line: its title and the first sentences. Of this text the vector
    is made that topics and stories share."""
    lead = prose[:LEAD].rpartition(" ")[0] if len(prose) > LEAD else prose
    return f"{title[:TITLE]}. {lead}".replace("\n", " ").strip(". ")


def _is_prose(line: str) -> bool:
    if len(line) > 12 * SHORT:
        return True
    if not (_END.search(line) or len(words.words(line)) >= SHORT):
        return False
    if _COUNTER.search(line) and line.count(" ") < COUNTER:
        return False
    return not _BOILERPLATE.search(line)
