"""Finds the state body that decides: the chamber, government or head of state next to the act, with its full name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pipeline.core.facts.country_roles import BODIES
from pipeline.core.facts.decision import Decision
from pipeline.core.facts.parties import Parties
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.signs import APOSTROPHES
from pipeline.core.topics.hits import Span
from pipeline.records import Stated

# Preference among bodies that are asked: a chamber comes first.
_RANKS = {role: {"ruler": 1, "council": 2, "cabinet": 3, "court": 4}.get(role, 0) for role in BODIES}
_CHAMBERS = ("chamber", "national-chamber")
_ASKED = frozenset(("proposed", "debated"))  # outcomes for which the acting body may be another than the asked one
_OVERTURNED = frozenset(("rejected", "revoked", "debated"))  # the outcomes a court can cause
_BEHIND = 3  # words added to the distance of a body after the act: usually it is the subject, and comes before
_LONGEST = 9  # words searched for a name on either side


def find_body(scene: Scene, parties: Parties) -> Stated | None:
    """The state body, as named in the text; never a sender's."""
    decision = scene.decision
    if decision is None:
        return None
    names = _Names(scene)
    bodies = _bodies(scene, names, decision, {str(sender.value) for sender in parties.senders})
    acts = defaultdict[int, list[Span]](list)
    for act in decision.acts:
        acts[scene.reading.sentence_at(act[0])].append(act)
    order = [sentence for sentence in _sentences(scene, decision) if bodies[sentence]]
    if not order:
        return None
    if decision.outcome in _ASKED:  # whoever signs or submits, it is for the chamber to decide
        order.sort(key=lambda sentence: (sentence not in acts, min(_RANKS[role] for _, role in bodies[sentence])))
    span, role = _nearest(bodies[order[0]], acts[order[0]], asked=decision.outcome in _ASKED)
    if role == "members":  # they mean their chamber, if it is named
        chambers = (body for sentence in order for body in bodies[sentence] if body[1] in _CHAMBERS)
        span, _ = next(chambers, (span, role))
    return scene.as_written(*names.whole(span))


def _bodies(scene: Scene, names: _Names, decision: Decision, senders: set[str]) -> Mapping[int, list[tuple[Span, str]]]:
    """Words for bodies with their kinds, by sentence: the longest of overlapping ones, without bodies of senders."""
    roles = [role for role in _RANKS if role != "court" or decision.outcome in _OVERTURNED]
    found = sorted((span[0], -span[1], role) for role in roles for span in scene.spans(role))
    bodies = defaultdict[int, list[tuple[Span, str]]](list)
    reached = 0
    for first, last, role in ((first, -minus, role) for first, minus, role in found):
        if first >= reached:
            reached = last
            whole = names.whole((first, last))
            if senders.isdisjoint(names.countries(*whole)) and not names.asks(whole):
                bodies[scene.reading.sentence_at(first)].append(((first, last), role))
    return bodies


def _sentences(scene: Scene, decision: Decision) -> Iterable[int]:
    """The sentences to search, in order: those of the text with the act, then the headline, then the first ones."""
    reading = scene.reading
    with_act = sorted({reading.sentence_at(first) for first, _ in decision.acts})
    lead = range(reading.parts["lead"])
    in_text = [n for n in with_act if reading.sentences[n].field == "text"]
    return dict.fromkeys([*in_text, *with_act, *(n for n in lead if reading.sentences[n].field == "text"), *lead])


def _nearest(bodies: Sequence[tuple[Span, str]], acts: Sequence[Span], *, asked: bool) -> tuple[Span, str]:
    """The body nearest to an act; if a body is asked, a chamber before a government."""

    def rank(body: tuple[Span, str]) -> tuple[int, int]:
        span, role = body
        return _RANKS[role] if asked else 0, min((_distance(span, act) for act in acts), default=span[0])

    return min(bodies, key=rank)


def _distance(span: Span, act: Span) -> int:
    if span[1] <= act[0]:
        return act[0] - span[1]
    return _BEHIND + (span[0] - act[1] if act[1] <= span[0] else span[0] - act[0])


class _Names:
    """Finds where the name of a body starts and ends: "la Asamblea Legislativa de Costa Rica"."""

    def __init__(self, scene: Scene) -> None:
        self.reading = scene.reading
        self.articles = {word for first, last in scene.spans("the") for word in range(first, last)}
        self.of = {word for first, last in scene.spans("of") for word in range(first, last)}
        self.at = {first for first, last in scene.spans("at") if last - first == 1}
        self.nouns = {word for role in _RANKS for first, last in scene.spans(role) for word in range(first, last)}
        self.pleas = {word for first, last in scene.spans("plea") for word in range(first, last)}
        self.capitals = {mention.first for mention in scene.mentions if any(city.capital for city in mention.cities)}
        self.named = {word: m.country for m in scene.mentions for word in range(m.first, m.last)}

    def countries(self, first: int, last: int) -> set[str | None]:
        return {self.named.get(word) for word in range(first, last)}

    def asks(self, phrase: Span) -> bool:
        """Whether the body made a request: "einen Antrag der Regierung", "the government's request"."""
        before = phrase[0] - 1
        while before >= 0 and before in self.of:
            before -= 1
        return before in self.pleas or (phrase[1] in self.of and phrase[1] + 1 in self.pleas)

    def whole(self, span: Span) -> Span:
        """The full name: with its article, its owner, and capitalised words."""
        sentence = self.reading.sentences[self.reading.sentence_at(span[0])]
        first, last = span
        while first > max(sentence.first, span[0] - _LONGEST) and self._beside(first - 1):
            part = first - 1
            if part - 1 in self.named and part in self.of and self._joined(part - 1):
                part -= 1  # "Kenya's cabinet"
            if not self._part(part):
                break
            first = part
        if first > sentence.first and self._beside(first - 1) and first - 1 in self.articles:
            first -= 1
        while last < min(sentence.last, span[1] + _LONGEST) and self._beside(last - 1):
            part = self._past_links(last, sentence.last)
            if part >= sentence.last or not self._part(part):
                break
            last = part + 1
        return first, last

    def _past_links(self, word: int, closing: int) -> int:
        """The word after "de la", or after "in" if a capital city means its state."""
        if word in self.at and word + 1 in self.capitals and self._beside(word):
            return word + 1
        while word < closing - 1 and self._beside(word) and (word in self.of or word in self.articles):
            word += 1
        return word

    def _part(self, word: int) -> bool:
        if word in self.named or word in self.nouns:
            return True
        sentence = self.reading.sentences[self.reading.sentence_at(word)]
        return sentence.field == "text" and word > sentence.first and self.reading.written[word][:1].isupper()

    def _beside(self, word: int) -> bool:
        """Whether only a space or an apostrophe separates it from the next word."""
        return word + 1 < len(self.reading.places) and len(self.reading.gap(word + 1)) <= 1

    def _joined(self, word: int) -> bool:
        """Whether an apostrophe joins it to the next word."""
        return self.reading.gap(word + 1).startswith(APOSTROPHES)
