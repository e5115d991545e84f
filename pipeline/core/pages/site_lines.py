"""Learns which lines of text repeat over a whole site, and removes them: prompts for newsletters, notices, links.

A line is learned when it stands in many articles of a site that have nothing else in common. Articles are related if
they share words of their titles that are rare on the site, or other lines, and related ones count once: so versions of
a story, the days of a live ticker, and stories that use the same quote or agency paragraph prove nothing.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from pipeline.core.text.tidy import visible
from pipeline.records import Article, RecentArticle, SiteLine, SiteLines

RECENT = 32  # articles of a site that are compared
LINES, WORDS = 32, 12  # remembered of each: its last lines, and the words of its title
SHORTEST, LONGEST = 24, 1_500  # bytes of a line that may be learned; shorter ones are subheadings
INDEPENDENT, SHARE, SPREAD = 8, 0.2, timedelta(hours=20)  # for a line that comes again on another day
AT_ONCE, MOST = 6, 0.6  # independent articles, and the share of all, from which one day is enough
COMMON = 0.7  # share of a site's titles from which a word says nothing about the story
SAME_LINES, SAME_TITLE = 0.75, 0.5  # shares of lines and words from which articles are nearly the same
LEARNED = 100  # lines of a site
UNSEEN = timedelta(days=30)  # after which a line is forgotten
SAMPLE = 200  # characters of a line that are kept for people
REST, REST_SHARE = 140, 0.2  # characters, and the share of the text, that must be left

_WORD = re.compile(r"[^\W\d_]{4,}")


def after(known: SiteLines | None, site: str, article: Article, moment: datetime) -> SiteLines:
    """What is known of a site after one more article, with its text before anything was removed, first seen at
    `moment`. An article that is known replaces what it was."""
    known = known or SiteLines(site=site, seen=moment)
    lines = _lines(article.text)
    own = RecentArticle(
        id=_number(article.id), seen=moment, lines=_packed(map(_number, lines)), title=_packed(_title(article))
    )  # fmt: skip
    recent = (*(one for one in known.recent if one.id != own.id), own)[-RECENT:]
    counts = Counter(number for one in recent for number in _numbers(one.lines))
    learned = {line.number: line for line in known.lines if moment - line.seen < UNSEEN}
    site_seen = max(known.seen, moment)
    for text in lines:
        number = _number(text)
        if number in learned:
            learned[number] = replace(learned[number], seen=max(moment, learned[number].seen))
        elif counts[number] >= AT_ONCE and _repeats(number, recent, counts):
            learned[number] = SiteLine(number=number, text=text[:SAMPLE], since=site_seen, seen=moment)
    kept = sorted(learned.values(), key=lambda line: line.seen)[-LEARNED:]
    return replace(known, seen=site_seen, recent=recent, lines=tuple(kept))


def without(article: Article, known: SiteLines | None, before: datetime) -> tuple[str, int]:
    """The text of an article without the lines that were learned before a moment, and how many were removed.

    The first line stays, and so does everything if too little would be left.
    """
    numbers = {line.number for line in known.lines if line.since < before} if known else set[int]()
    first, *others = article.text.split("\n")
    kept = [line for line in others if not (numbers and _learnable(line) and _number(line) in numbers)]
    text = "\n".join((first, *kept))
    if len(kept) == len(others) or len(text) < max(REST, REST_SHARE * len(article.text)):
        return article.text, 0
    return text, len(others) - len(kept)


def _repeats(number: int, recent: Sequence[RecentArticle], counts: Counter[int]) -> bool:
    """Whether so many independent articles have the line that it is the site's. `counts`: of lines."""
    with_it = [one for one in recent if number in _numbers(one.lines)]
    share, times = len(with_it) / len(recent), [one.seen for one in with_it]
    if share >= MOST:
        needed = AT_ONCE
    elif share >= SHARE and max(times) - min(times) >= SPREAD:
        needed = INDEPENDENT
    else:
        return False
    words = Counter(word for one in recent for word in _numbers(one.title))
    common = {word for word, times in words.items() if times >= COMMON * len(recent)}
    site = {line for line, times in counts.items() if times >= AT_ONCE}
    return _independent(with_it, common, site) >= needed


def _independent(articles: Sequence[RecentArticle], common: set[int], site: set[int]) -> int:
    """How many articles have no relative among those counted before. `common`: words of titles, `site`: lines, that
    relate no articles unless these are nearly the same in all."""
    chosen: list[tuple[set[int], set[int]]] = []
    for one in articles:
        lines, words = set(_numbers(one.lines)), set(_numbers(one.title))
        for other_lines, other_words in chosen:
            shared_lines, shared_words = lines & other_lines, words & other_words
            if len(shared_lines - site) >= 2 or len(shared_words - common) >= 2:
                break
            if len(shared_lines) >= SAME_LINES * len(lines) or len(shared_words) > SAME_TITLE * len(
                words | other_words
            ):
                break
        else:
            chosen.append((lines, words))
    return len(chosen)


def _lines(text: str) -> list[str]:
    """The lines that may be learned, without the first."""
    return [line for line in dict.fromkeys(text.split("\n")[1:]) if _learnable(line)][-LINES:]


def _learnable(line: str) -> bool:
    return SHORTEST <= len(line.encode()) <= LONGEST


def _title(article: Article) -> list[int]:
    """The words of the title; pairs of characters where words are not separated."""
    title = visible(article.title.value).casefold()
    words = _WORD.findall(title) if " " in title.strip() else [title[n : n + 2] for n in range(len(title) - 1)]
    return [_number(word) for word in dict.fromkeys(words)][:WORDS]


def _number(text: str) -> int:
    """32 bits that stand for a text, without regard to letter case and white space."""
    return int.from_bytes(hashlib.blake2b(" ".join(text.casefold().split()).encode(), digest_size=4).digest(), "little")


def _packed(numbers: Iterable[int]) -> bytes:
    found = tuple(numbers)
    return struct.pack(f"<{len(found)}I", *found)


def _numbers(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 4}I", packed[: len(packed) // 4 * 4])
