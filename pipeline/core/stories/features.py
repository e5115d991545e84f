"""What stories are told apart by: one row of 586 bytes for each article, made by tag and compared by relate.

Names, words and numbers are those of the opening, as keys (keys.py). Lists have a fixed size, in the order of the
text, and end with zeros. `ROW` is the layout, little-endian, the same on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories import cells, vectors
from pipeline.core.stories.capitals import names_in
from pipeline.core.stories.days import days_of, eastern_dates, years_of
from pipeline.core.stories.keys import key, name_keys, number_keys, word_keys
from pipeline.core.stories.traits import opening_traits
from pipeline.core.text import words
from pipeline.core.text.encoder import DIMENSIONS, LANGUAGES
from pipeline.core.text.languages import base_code
from pipeline.core.text.prose import Body
from pipeline.records import Article, Facts, Tags

OPENING = 1500  # characters of prose that names, words, numbers and days are taken from
TITLE = 300  # characters of a title that count
NAMES, WORDS, NUMBERS, DAYS, YEARS, COUNTRIES, TOPICS, SENDERS = 24, 32, 12, 4, 4, 4, 4, 4
TITLED = 14  # words of the title among WORDS, at most
LETTERS = 3  # of a word in a script without capitals that may be a name

ROW = np.dtype([
    ("vector", "u1", (DIMENSIONS // 2,)),  # see vectors.py
    ("names", "<u4", (NAMES,)),
    ("words", "<u4", (WORDS,)),  # first those of the title
    ("numbers", "<u4", (NUMBERS,)),
    ("days", "<u2", (DAYS,)),  # since 1970
    ("years", "<u2", (YEARS,)),
    ("countries", "<u2", (COUNTRIES,)),
    ("topics", "<u2", (TOPICS,)),
    ("senders", "<u2", (SENDERS,)),
    ("host", "<u2", (1,)),
    ("vote", "<u2", (1,)),
    ("language", "<u2"),
    ("titled", "u1"),  # how many of `words` are of the title
    ("encoded", "u1"),  # 1: the encoder knows the language, so `vector` means something
    ("cell", "<u2"),  # of the vector, see cells.py; 0: there is no vector
    ("source", "<u4"),
    ("hour", "<i4"),  # since 1970, of publication, or when it was first seen
])  # fmt: skip

Rows = NDArray[np.void]

_PLACES = {name: int(field[1]) for name, field in (ROW.fields or {}).items()}
#: The columns of each short list in `lists_of`.
LISTS = {
    name: slice((_PLACES[name] - _PLACES["days"]) // 2, (_PLACES[name] - _PLACES["days"]) // 2 + ROW[name].shape[0])
    for name in ("days", "years", "countries", "topics", "senders", "host", "vote")
}


def row_of(article: Article, tags: Tags, prose: Body, vector: bytes) -> bytes:
    """The row of an article as bytes. `vector`: DIMENSIONS int8. About 0.4 ms."""
    row = np.zeros(1, ROW)
    title, opening = article.title.value[:TITLE], prose.text[:OPENING].rpartition(" ")[0] or prose.text[:OPENING]
    text = f"{title} {opening}"
    read = words.words(opening)
    found = opening_traits(title, Body(opening, read), article.language)
    moment = article.published.value if article.published else article.seen
    titled, rest = word_keys(words.words(title))[:TITLED], word_keys(read)
    steps = np.frombuffer(vector, np.int8)
    if steps.any():
        row["vector"] = vectors.packed(steps)
        row["cell"] = cells.cells_of(row["vector"])
    row["titled"], row["encoded"] = len(titled), base_code(article.language) in LANGUAGES
    row["source"] = key("source", article.source)
    row["language"] = _short("language", base_code(article.language) or "")
    row["hour"] = int(moment.timestamp() // 3600)
    names = name_keys((*_title_names(title, article.language), *found.names, *_caseless(title, opening)))
    listed: dict[str, Iterable[int]] = {
        "names": names, "words": dict.fromkeys((*titled, *rest)), "numbers": number_keys(found.amounts),
        "days": days_of((*found.dates, *eastern_dates(text)), moment.date()), "years": years_of(text),
        "countries": (_short("country", country) for country in tags.countries),
        "topics": (_short("topic", topic.id) for topic in tags.topics),
        **_facts(tags.facts),
    }  # fmt: skip
    for name, values in listed.items():
        _fill(row[name][0], values)
    return row.tobytes()


def keys_of(rows: Rows) -> NDArray[np.uint32]:
    """The keys of names, words and numbers of each row, in this order: a view of K x (NAMES + WORDS + NUMBERS)."""
    return _columns(rows, "names", "days").view("<u4")


def lists_of(rows: Rows) -> NDArray[np.uint16]:
    """The short lists of each row, from days to vote: K x the columns that LISTS names."""
    return _columns(rows, "days", "language").view("<u2")


def _columns(rows: Rows, first: str, after: str) -> NDArray[np.uint8]:
    """The bytes of the fields from `first` to before `after`."""
    start, end = _PLACES[first], _PLACES[after]
    return np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), ROW.itemsize)[:, start:end].copy()


def rows_of(packed: Sequence[bytes]) -> Rows:
    """Rows from their bytes. Raises ValueError if one has another size."""
    if any(len(one) != ROW.itemsize for one in packed):
        raise ValueError(f"a row of features has {ROW.itemsize} bytes")
    return np.frombuffer(b"".join(packed), ROW)


def _fill(into: NDArray[Any], values: Iterable[int]) -> None:
    """The first different values that fit."""
    kept = list(dict.fromkeys(values))[: len(into)]
    into[: len(kept)] = np.minimum(kept, np.iinfo(into.dtype).max)


def _short(kind: str, text: str) -> int:
    """A 16-bit key, for kinds with few different values; 0 for no text."""
    return (key(kind, text) & 0xFFFF) or 1 if text else 0


def _title_names(title: str, language: str | None) -> list[str]:
    """The names in a title, unless all its longer words have capitals."""
    longer = [word for word in title.split() if len(word) > 3 and word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in longer)
    return [] if 2 * capitals > len(longer) + 1 else names_in(title, language)


_KATAKANA = re.compile(r"[ァ-ヺー]{2,}")


def _caseless(title: str, opening: str) -> list[str]:
    """What may be a name in a script without capitals: each longer word, and in Japanese those in katakana. How rare
    they are says the rest."""
    text = f"{title} {opening}"
    longer = (word for word in words.words(text) if len(word) >= LETTERS and word.upper() == word and word.isalpha())
    return [*longer, *_KATAKANA.findall(text)]


def _facts(found: Sequence[Facts]) -> dict[str, Iterable[int]]:
    """Host, senders and vote of the first facts that state a host."""
    facts = next((one for one in found if one.host), None)
    if facts is None or facts.host is None:
        return {}
    vote = facts.vote
    counts = [str(count.value) for count in (vote.for_, vote.against) if count] if vote else []
    return {
        "host": (_short("country", str(facts.host.value)),),
        "senders": (_short("country", str(sender.value)) for sender in facts.senders),
        "vote": (_short("vote", "-".join(counts)),) if len(counts) > 1 else (),
    }
