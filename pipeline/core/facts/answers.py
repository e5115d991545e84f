"""Finds words for what was named before, beside an act: "it approved the request", "la aprobó", "stimmte ihm zu".

They are the hits of the concept in the role "named-before", which patterns of [[outcomes]] can name: an act with such
words answers what was asked or agreed earlier. A noun counts unless it is indefinite ("a new request"), a pronoun where
its language has objects (vocabulary/antecedents.toml). Both count only behind a sentence that names forces, their
permission, a request or an agreement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from pipeline.core.facts.listed import endings, is_listed, phrases
from pipeline.core.facts.noun_phrases import small_words
from pipeline.core.facts.scene import NAMED_BEFORE
from pipeline.core.facts.signs import breaks
from pipeline.core.text.languages import calendar_words
from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Hits, Span
from pipeline.core.topics.rules import FactRules

_NOUNS = ("plea", "agreement", "instrument-again", "instrument-kind")  # what can be decided
_NAMED = (*_NOUNS[:2], "force", "service", "leave")  # what shows that it was named before
_NEAR = 6  # words between a pronoun and its verb
_NEAR_NOUN = 8
_RELATIVE = 2  # words from "which" to its verb
_STARTS = 4  # words in which a pronoun is near the start of a sentence
BACK = 2  # sentences from an act to the body that is its subject, named only there
_INDEFINITE = 2  # words in which an indefinite word comes before a noun


def with_answers(reading: Reading, language: str | None, facts: FactRules, hits: Hits) -> Hits:
    """The hits with those of what was named before."""
    key = facts.roles.get(NAMED_BEFORE)
    if key is None:
        return hits
    decider = facts.roles.get("decider", "decider")
    decided = [hits.spans(decider, number) for number in range(reading.parts["lead"])]
    found, deciding, words = set[Span](), set(hits.get(decider, ())), _Words(reading, language)
    answering = {pattern.all[0] for _, pattern in facts.outcomes if key in pattern.all}
    for number in _following(reading, _concepts(facts, _NAMED), hits):
        nouns = {span for concept in _concepts(facts, _NOUNS) for span in hits.spans(concept, number)}
        of = {
            word
            for concept in _concepts(facts, ["of"])
            for span in hits.spans(concept, number)
            for word in range(*span)
        }
        acts = [span for concept in answering for span in hits.spans(concept, number) if words.decides(span, number)]
        here = set[Span]()
        for act in acts:
            here.update(span for span in nouns if words.has_noun(act, span))
            here.update(words.pronouns(act, number, of))
        found |= here
        named = any(decided[before] for before in range(max(0, number - BACK), number))
        if named and not decided[number] and words.has_subject(number):
            deciding.update((first, first) for first, _ in acts)
    return hits.with_spans({key: sorted(found), decider: sorted(deciding)})


def _concepts(facts: FactRules, roles: Iterable[str]) -> list[str]:
    """The keys of the concepts in these roles, as far as the topic names any."""
    return [facts.roles[role] for role in roles if role in facts.roles]


def _following(reading: Reading, concepts: Iterable[str], hits: Hits) -> range:
    """The sentences of the lead that follow one that names forces, a request or an agreement."""
    named = (number for concept in concepts for number in hits.where(concept) if hits.spans(concept, number))
    lead = reading.parts["lead"]
    return range(min(named, default=lead) + 1, lead)


class _Words:
    """What stands beside an act."""

    def __init__(self, reading: Reading, language: str | None) -> None:
        self.reading, self.language = reading, language
        small = small_words(language)
        self.times = calendar_words(language) | small.into | small.until | small.by | small.joining | small.yesterday
        self.beside = phrases("beside", language)
        self.near, self.last = (
            frozenset(word for phrase in phrases(table, language) for word in phrase) for table in ("near", "last")
        )
        others = (word for table in ("beside", "subject") for phrase in phrases(table, language) for word in phrase)
        self.relative = small.ends - self.near - self.last - frozenset(others)
        self.joined = frozenset(word for phrase in phrases("joined", language) for word in phrase)
        self.endings = endings("endings", language)

    def decides(self, act: Span, number: int) -> bool:
        """Whether the act is no relative clause, which describes: "a memorandum that allows it"."""
        first = max(self.reading.sentences[number].first, act[0] - _RELATIVE)
        return self.relative.isdisjoint(self.reading.words[first : act[0]])

    def has_subject(self, number: int) -> bool:
        """Whether a pronoun near the start of the sentence can mean the body that an earlier one named."""
        first = self.reading.sentences[number].first
        last = min(self.reading.sentences[number].last, first + _STARTS * self.reading.pace)
        return is_listed("subject", self.language, self.reading.words[first:last])

    def has_noun(self, act: Span, noun: Span) -> bool:
        """Whether a noun beside the act can mean what was named before."""
        (_, end), (start, _) = sorted((act, noun))
        inside = act[0] < noun[0] and noun[1] < act[1]  # "turned the request down"
        if not inside and not 0 <= start - end <= _NEAR_NOUN * self.reading.pace:
            return False
        before = self.reading.words[max(0, noun[0] - _INDEFINITE) : noun[0]]
        return not is_listed("indefinite", self.language, before)

    def pronouns(self, act: Span, number: int, of: Collection[int]) -> Iterator[Span]:
        """The pronouns that are the object of an act."""
        at, words = self.reading.sentences[number], self.reading.words
        first, last = act
        noun = last in of and last < at.last  # "le refus de"
        for phrase in self.beside:
            start = first - len(phrase)
            if noun and len(phrase) == 1:
                continue
            if start >= at.first and tuple(words[start:first]) == phrase and not self._parted(start, first):
                yield start, first
        if last < at.last and words[last] in self.joined and self.reading.gap(last) == "-":
            yield last, last + 1
        if self.endings and words[last - 1].endswith(self.endings):
            yield first, first  # no word of its own
        reach = _NEAR * self.reading.pace
        for word in range(max(at.first, first - reach), min(at.last, last + reach)):
            if word in (first, last - 1) or not (words[word] in self.near or self._ends(word, at.last)):
                continue
            if not self._parted(min(word, last - 1), max(word, first)):
                yield word, word + 1

    def _ends(self, word: int, end: int) -> bool:
        """Whether a word that can be an article is a pronoun, because no noun can follow."""
        if self.reading.words[word] not in self.last:
            return False
        after = word + 1
        return after >= end or breaks(self.reading.gap(after)) or self.reading.words[after] in self.times | self.last

    def _parted(self, one: int, other: int) -> bool:
        """Whether a sign that ends a phrase is between two words."""
        return any(breaks(self.reading.gap(word)) for word in range(one + 1, other + 1))
