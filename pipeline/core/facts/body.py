"""Finds the state body that decides: the chamber, government or head of state next to the act, with its full name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from pipeline.core.facts.answers import BACK
from pipeline.core.facts.candidates import Candidate, position, scale
from pipeline.core.facts.country_roles import BODIES, BODY, SUBJECT, CountryRole
from pipeline.core.facts.decision import Decision
from pipeline.core.facts.noun_phrases import Timeline
from pipeline.core.facts.parties import Parties
from pipeline.core.facts.scene import Scene
from pipeline.core.facts.signs import APOSTROPHES
from pipeline.core.text.languages import calendar_words
from pipeline.core.topics.hits import Span, overlaps
from pipeline.records import Stated

_CHAMBERS = ("chamber", "national-chamber")
_ASKED = frozenset(("proposed", "debated"))  # outcomes for which the acting body may be another than the asked one
_OVERTURNED = frozenset(("rejected", "revoked", "debated"))  # the outcomes a court can cause
_LONGEST = 9  # words searched for a name on either side
_NEAR = 6  # words between a body and its act
_MOST = 100  # bodies of one article
_OFTEN = 3  # times that a body is named in an article that is much about it


def find_body(scene: Scene, parties: Parties, mentioned: Sequence[CountryRole]) -> Stated | None:
    """The state body, as named in the text; never a sender's."""
    candidates = body_candidates(scene, parties, mentioned)
    best = scale("body").best(candidates)
    if best is None:
        return None
    return scene.as_written(*whole_name(scene, _meant(scene, candidates, best)))


def _meant(scene: Scene, candidates: Sequence[Candidate[Span]], best: Candidate[Span]) -> Span:
    """The words that name the body best: members mean their chamber, and "the chamber" the last one that was named."""
    chambers = [one.value for one in candidates if _is_chamber(one)]
    if "members" in best.evidence:
        return next(iter(chambers), best.value)
    names = _Names(scene)
    if not _is_chamber(best) or not _only_noun(scene, names, best.value):
        return best.value
    before = [span for span in chambers if scene.reading.split <= span[0] and span < best.value]
    return next((span for span in sorted(before, reverse=True) if not _only_noun(scene, names, span)), best.value)


def _only_noun(scene: Scene, names: _Names, span: Span) -> bool:
    """Whether a body is called no more than "the chamber": without a name, its country, or a name of one country."""
    first, last = names.whole(span)
    plain = all(word in names.articles or span[0] <= word < span[1] for word in range(first, last))
    return plain and span not in scene.spans("national-chamber") and span[1] - span[0] == 1


def whole_name(scene: Scene, span: Span) -> Span:
    """The full name of a body, from the word for it: "the National Assembly of Benin"."""
    return _Names(scene).whole(span)


def _is_chamber(one: Candidate[Span]) -> bool:
    return not one.evidence.isdisjoint(_CHAMBERS)


def body_candidates(scene: Scene, parties: Parties, mentioned: Sequence[CountryRole]) -> list[Candidate[Span]]:
    """The words for bodies, with their evidence; without bodies of senders and those that made a request. The state
    itself is one where it acts: "N'Djamena ended the agreement"."""
    decision = scene.decision
    if decision is None:
        return []
    names, timeline = _Names(scene), Timeline(scene)
    senders = {str(sender.value) for sender in parties.senders}
    host = str(parties.host.value) if parties.host else None
    acting = {scene.reading.sentence_at(first) for first, _ in decision.acts}
    before = _before(scene, acting)
    here = {number: list(_bodies(scene, number)) for number in range(len(scene.reading.sentences))}
    answering = _answering(scene, here)
    often = Counter(_noun(scene, span) for bodies in here.values() for span, _ in bodies)
    titled = {_noun(scene, span) for number in range(scene.reading.parts["headline"]) for span, _ in here[number]}
    found = list[Candidate[Span]]()
    for sentence, bodies in here.items():
        around = position(timeline, sentence) | _place(scene, sentence, acting, before)
        acts = [act for act in decision.acts if scene.reading.sentence_at(act[0]) == sentence]
        nearest = min((_distance(span, act) for span, _ in bodies for act in acts), default=0)
        for span, role in bodies[: _MOST - len(found)]:
            whole = names.whole(span)
            countries = names.countries(*whole) - {None}
            if not senders.isdisjoint(countries) or names.asks(whole):
                continue
            evidence = around | _kind(role) | _of_outcome(decision, role) | _beside_act(span, acts, nearest)
            evidence |= {"of-host"} if host in countries else {"of-another"} if countries else set()
            evidence |= {"starts"} if whole[0] == scene.reading.sentences[sentence].first else set()
            evidence |= {"mandate"} if overlaps(span, scene.spans_in("mandate-body", sentence)) else set()
            evidence |= {"answers"} if sentence in answering else set()
            evidence |= {"often"} if often[_noun(scene, span)] >= _OFTEN else set()
            evidence |= {"titled"} if "title" not in around and _noun(scene, span) in titled else set()
            found.append(scale("body").weigh(span, sentence, evidence))
    for one in mentioned:
        acts = [act for act in decision.acts if scene.reading.sentence_at(act[0]) == one.sentence]
        if one.country == host and acts and one.kind in (SUBJECT, BODY) and not one.body:
            evidence = position(timeline, one.sentence) | _place(scene, one.sentence, acting, before) | {"state"}
            evidence |= _beside_act((one.first, one.last), acts, nearest=-1) | ({"capital"} if one.city else set())
            found.append(scale("body").weigh((one.first, one.last), one.sentence, evidence))
    return found


def _kind(role: str) -> set[str]:
    return set() if role == "mandate-body" else {role}


def _place(scene: Scene, sentence: int, acting: Collection[int], before: Collection[int]) -> set[str]:
    """The evidence from where a sentence is: the first of the text, in the lead or behind it, with the act or before
    one with it."""
    found = {"act"} if sentence in acting else {"before-acting"} if sentence in before else set()
    if scene.reading.sentences[sentence].first == scene.reading.split:
        found.add("opening")
    if sentence >= scene.reading.parts["lead"]:
        found.add("rest")
    return found


def _before(scene: Scene, acting: Collection[int]) -> set[int]:
    """The sentences before those with the act that name no body: "The Senate met on Tuesday. It approved …"."""
    text = [n for n in acting if scene.reading.sentences[n].field == "text" and not any(_bodies(scene, n))]
    return {n - 1 for n in text if n > 0 and scene.reading.sentences[n - 1].field == "text"}


def _answering(scene: Scene, here: Mapping[int, Sequence[tuple[Span, str]]]) -> set[int]:
    """The sentences with an act that answers what was named before, or the nearest before one that names a body."""
    nearest = (next((n for n in range(one, one - BACK - 1, -1) if here.get(n)), None) for one in scene.answers)
    return {number for number in nearest if number is not None}


def _noun(scene: Scene, span: Span) -> tuple[str, ...]:
    """The words for a body, to recognise it when it is named again."""
    return tuple(scene.reading.folded(*span))


def _of_outcome(decision: Decision, role: str) -> set[str]:
    """The evidence from what is decided: if a body is asked, a chamber comes before a government; a court can only
    overturn."""
    if role == "court" and decision.outcome in _OVERTURNED:
        return {"overturns"}
    if decision.outcome not in _ASKED:
        return set()
    return {"asked-chamber" if role in _CHAMBERS else "asked-ruler" if role == "ruler" else "asked-other"}


def _beside_act(span: Span, acts: Sequence[Span], nearest: int) -> set[str]:
    """The evidence from where the act is: usually the body is its subject, and comes before it."""
    found = set[str]()
    if acts and min(_distance(span, act) for act in acts) == nearest:
        found.add("nearest")
    if any(0 <= act[0] - span[1] <= _NEAR for act in acts):
        found.add("before-act")
    if any(0 <= span[0] - act[1] <= _NEAR for act in acts):
        found.add("after-act")
    return found


def _bodies(scene: Scene, sentence: int) -> Iterator[tuple[Span, str]]:
    """Words for bodies in a sentence with their kinds: the longest of overlapping ones."""
    roles = (*BODIES, "ministry", "mandate-body")
    found = sorted((span[0], -span[1], role) for role in roles for span in scene.spans_in(role, sentence))
    reached = 0
    for first, last, role in ((first, -minus, role) for first, minus, role in found):
        if first >= reached:
            reached = last
            yield (first, last), role


def _distance(span: Span, act: Span) -> int:
    return act[0] - span[1] if span[1] <= act[0] else span[0] - act[1] if act[1] <= span[0] else span[0] - act[0]


class _Names:
    """Finds where the name of a body starts and ends: "the National Assembly of Benin"."""

    def __init__(self, scene: Scene) -> None:
        self.reading = scene.reading
        self.articles = scene.covered("the")
        self.of = scene.covered("of")
        self.at = {first for first, last in scene.spans("at") if last - first == 1}
        self.nouns = scene.covered(*BODIES)
        self.pleas = scene.covered("plea")
        self.capitals = {mention.first for mention in scene.mentions if any(city.capital for city in mention.cities)}
        self.calendar = calendar_words(scene.language)
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
            if not self._part(part) or self._placed(part, sentence.first):
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

    def _placed(self, word: int, opening: int) -> bool:
        """Whether a country only says where: "W Albanii parlament …"."""
        while word > opening and word - 1 in self.named:
            word -= 1
        return word in self.named and word > opening and word - 1 in self.at

    def _part(self, word: int) -> bool:
        if word in self.named or word in self.nouns:
            return True
        sentence = self.reading.sentences[self.reading.sentence_at(word)]
        inside = sentence.field == "text" and word > sentence.first and self.reading.words[word] not in self.calendar
        return inside and self.reading.written[word][:1].isupper()

    def _beside(self, word: int) -> bool:
        """Whether only a space or an apostrophe separates it from the next word."""
        return word + 1 < len(self.reading.places) and len(self.reading.gap(word + 1)) <= 1

    def _joined(self, word: int) -> bool:
        """Whether an apostrophe joins it to the next word."""
        return self.reading.gap(word + 1).startswith(APOSTROPHES)
