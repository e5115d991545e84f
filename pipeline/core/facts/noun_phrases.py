"""Finds where names and phrases end, by capital letters, punctuation and the small words of vocabulary/phrases.toml.

A phrase never extends beyond its sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.core.facts.scene import Scene
from pipeline.core.facts.signs import JOINS, breaks
from pipeline.core.text.folding import fold
from pipeline.core.text.languages import base_code, calendar_words, vocabulary
from pipeline.core.text.words import words
from pipeline.core.topics.hits import Span

_ABBREVIATED = 3  # letters
LONGEST_NAME = 8  # words
LONGEST_PHRASE = 14
_ASIDE = 6  # words from an earlier time to the comma before or after it
VERB_LAST = 7  # words of a phrase that ends in its verb


@dataclass(frozen=True, slots=True)
class SmallWords:
    """The tables of one language; vocabulary/phrases.toml explains each."""

    into: frozenset[str]
    origins: frozenset[str]
    place_endings: tuple[str, ...]
    suffixes: frozenset[str]
    adjectival: frozenset[str]
    articles: frozenset[str]
    links: frozenset[str]
    in_names: frozenset[str]
    joining: frozenset[str]
    ends: frozenset[str]
    until: frozenset[str]
    marks: frozenset[str]
    behind: frozenset[str]
    by: frozenset[str]
    qualities: frozenset[str]
    kinds: str  # before, behind, both
    formations: str
    verbs_last: bool
    heads_last: bool
    compounds: tuple[str, ...]
    weapon_compounds: tuple[str, ...]
    task_compounds: tuple[str, ...]
    yesterday: frozenset[str]
    two_days_ago: tuple[tuple[str, ...], ...]  # longest first
    today: frozenset[str]
    coming: frozenset[str]
    day_endings: tuple[tuple[str, tuple[str, ...]], ...]
    before_year: frozenset[str]
    host_marks: frozenset[str]
    host_bases: frozenset[str]


@cache
def small_words(language: str | None) -> SmallWords:
    """The small words of `language`; empty if there is no table, except those that count in every language."""
    tables = vocabulary("phrases")
    return _small_words(tables.get(base_code(language) or "en", {}), tables["any"])


def _small_words(table: Mapping[str, str], everywhere: Mapping[str, str]) -> SmallWords:
    def folded(name: str) -> frozenset[str]:
        return frozenset(words(table.get(name, "")))

    def of_any(name: str) -> frozenset[str]:
        return frozenset(words(everywhere[name]))

    return SmallWords(
        folded("in"), folded("from"), tuple(sorted(folded("place_endings"))), folded("suffixes"),
        folded("adjectival"), folded("articles"), folded("links"),
        folded("links") | of_any("in_names"), folded("and"), folded("ends"), folded("until"), folded("marks"),
        folded("behind"), folded("by"), folded("weapons"), table.get("kinds", ""), table.get("formations", ""),
        table.get("verbs") == "last", table.get("heads") == "last", tuple(sorted(folded("compounds"))),
        tuple(sorted(folded("weapon_compounds"))), tuple(sorted(folded("task_compounds"))), folded("yesterday"),
        _phrases(table.get("two_days_ago", "")), folded("today"), folded("coming"),
        _endings(table.get("day_endings", "")), of_any("before_year"), of_any("host_marks"), of_any("host_bases"),
    )  # fmt: skip


def _phrases(listed: str) -> tuple[tuple[str, ...], ...]:
    """The words of phrases with commas between them, longest phrase first."""
    return tuple(sorted((tuple(words(one)) for one in listed.split(",") if one.strip()), key=len, reverse=True))


def _endings(listed: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Parsed endings: "a:u y ek:ku" becomes (("a", ("u", "y")), ("ek", ("ku",)))."""
    found: list[tuple[str, list[str]]] = []
    for one in listed.split():
        end, colon, other = one.partition(":")
        if colon:
            found.append((fold(end), []))
        found[-1][1].append(fold(other if colon else end))
    return tuple((end, tuple(others)) for end, others in found)


def bounds(scene: Scene, word: int) -> tuple[int, int]:
    """First and last (exclusive) word of the sentence that contains `word`."""
    sentence = scene.reading.sentences[scene.reading.sentence_at(word)]
    return sentence.first, sentence.last


def between(scene: Scene, word: int) -> str:
    """The text between `word` and the next word of its sentence."""
    return scene.reading.gap(word + 1)


def capital(scene: Scene, word: int) -> bool:
    """Whether the word is capitalised."""
    return scene.reading.written[word][:1].isupper()


def numbered(scene: Scene, word: int) -> bool:
    """Whether the word contains a digit."""
    return any(sign.isdigit() for sign in scene.reading.written[word])


def name_end(scene: Scene, first: int) -> int:
    """End of the name that starts at `first`: words with capitals or digits, with small links between them."""
    last, end = bounds(scene, first)[1], first + 1
    while end < last and end - first < LONGEST_NAME and _joined(scene, end - 1):
        if capital(scene, end) or (numbered(scene, end) and between(scene, end - 1) in (" ", "-")):
            end += 1
            continue
        ahead = end
        while ahead < min(end + 2, last - 1) and _links(scene, ahead):
            ahead += 1
        if ahead == end or not capital(scene, ahead):
            break
        end = ahead + 1
    return end


def _links(scene: Scene, word: int) -> bool:
    """Whether the word links two parts of a name: "Puerto de Palos", "Port-au-Prince"."""
    if between(scene, word - 1) == between(scene, word) == "-":
        return True
    return scene.reading.words[word] in small_words(scene.language).in_names and _joined(scene, word)


def _joined(scene: Scene, word: int) -> bool:
    """Whether a name may continue after `word`; after a full stop only if it is an abbreviation such as "St."."""
    sign, written = between(scene, word), scene.reading.written[word]
    return sign in JOINS or (sign == ". " and written.isalpha() and len(written) <= _ABBREVIATED)


def compounds(scene: Scene, sentence: int, endings: tuple[str, ...]) -> list[Span]:
    """Words of a sentence with one of `endings`: "Panzerlehrbrigade"."""
    at = scene.reading.sentences[sentence]
    if not endings:
        return []
    return [(word, word + 1) for word in range(at.first, at.last) if scene.reading.words[word].endswith(endings)]


def clause_end(scene: Scene, first: int, longest: int = LONGEST_PHRASE) -> int:
    """End of the phrase that starts at `first`: punctuation, a new clause or a time ends it."""
    small, last = small_words(scene.language), bounds(scene, first)[1]
    end = first + 1
    while end < min(last, first + longest):
        if breaks(between(scene, end - 1)) and not _within_number(scene, end):
            break
        if scene.reading.words[end] in small.ends or opens_time(scene, end):
            break
        end += 1
    loose = small.joining | small.into | small.articles | small.links | small.until
    while end > first + 1 and scene.reading.words[end - 1] in loose and not capital(scene, end - 1):
        end -= 1
    return end


def clause_start(scene: Scene, last: int, longest: int = LONGEST_PHRASE) -> int:
    """Start of the phrase that ends before word `last`."""
    small, first = small_words(scene.language), bounds(scene, last - 1)[0]
    start = last - 1
    while start > max(first, last - longest):
        if breaks(between(scene, start - 1)):
            break
        before = scene.reading.words[start - 1]
        if small.heads_last and before in small.suffixes - small.adjectival:
            break  # "Aksaz'da" is a location
        if before in small.ends or (before in small.until and (small.heads_last or opens_time(scene, start - 1))):
            break
        start -= 1
    return start


def ands_in(scene: Scene, sentence: int) -> set[int]:
    """The words for "and" in a sentence. Of a single letter the accent matters: Italian "è" is not "e"."""
    written, words = scene.reading.written, scene.reading.words
    return {
        first
        for first, _ in scene.spans_in("and", sentence)
        if len(words[first]) > 1 or written[first].lower() == words[first]
    }


def _within_number(scene: Scene, word: int) -> bool:
    return between(scene, word - 1) in (".", ",") and numbered(scene, word - 1) and numbered(scene, word)


def phrase_of(scene: Scene, word: Span) -> Span:
    """A verb or noun with its complements: after it, or before it in languages that put the verb last."""
    if small_words(scene.language).heads_last:
        return clause_start(scene, word[1], VERB_LAST), word[1]
    end = clause_end(scene, word[1] - 1)
    if small_words(scene.language).verbs_last and end == word[1] and not capital(scene, word[0]):
        return clause_start(scene, end, VERB_LAST), end
    return word[0], end


def opens_time(scene: Scene, word: int) -> bool:
    """Whether a time starts at the word: "from 3 May", "until June", "on Monday"."""
    small, words, calendar = small_words(scene.language), scene.reading.words, calendar_words(scene.language)
    if words[word] not in small.until:
        return words[word] in small.into and word + 1 < bounds(scene, word)[1] and words[word + 1] in calendar
    ahead = range(word + 1, min(word + 3, bounds(scene, word)[1]))
    return any(numbered(scene, at) or scene.reading.words[at] in calendar for at in ahead)


def longest_spans(spans: Sequence[Span]) -> list[Span]:
    """The spans in order, overlapping ones merged."""
    kept: list[Span] = []
    for first, last in sorted(spans):
        if kept and first < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(last, kept[-1][1]))
        else:
            kept.append((first, last))
    return kept


def in_clause(scene: Scene, one: Span, other: Span, apart: int) -> bool:
    """Whether at most `apart` words are between the two, and no punctuation that separates clauses."""
    (_, end), (start, _) = sorted((one, other))
    if start - end > apart:
        return False
    return not any(breaks(between(scene, word)) for word in range(end - 1, start))


class Timeline:
    """Separates the sentences of a scene that are about the event from background. Computed once per finder."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        sentences = scene.reading.sentences
        in_text = [n for n in scene.event if sentences[n].field == "text"]
        first = [n for n in range(len(sentences)) if sentences[n].field == "text"][:1]
        self._opening = {n for n in scene.event if sentences[n].field == "title"} | {*in_text[:1], *first}

    def background(self, sentence: int) -> bool:
        """Whether a sentence is about earlier years, unless it is one of the first that showed the event."""
        if sentence in self._opening:
            return False
        earlier = () if sentence in self.scene.event else self.scene.spans_in("earlier", sentence)
        return any(not self._aside(span) for span in (*self.scene.spans_in("background", sentence), *earlier))

    def _aside(self, span: Span) -> bool:
        """Whether words stand between commas within a sentence: "the memorandum, signed in 2025, lets them train"."""
        first, last = bounds(self.scene, span[0])
        before = range(span[0], max(first, span[0] - _ASIDE), -1)
        behind = range(span[1], min(last, span[1] + _ASIDE))
        return any("," in between(self.scene, word - 1) for word in before) and any(
            "," in between(self.scene, word - 1) for word in behind
        )

    def current(self) -> list[int]:
        """The sentences that are not background, by number: text first, then title."""
        sentences = self.scene.reading.sentences
        order = sorted(range(len(sentences)), key=lambda n: (sentences[n].field == "title", n))
        return [n for n in order if not self.background(n)]
