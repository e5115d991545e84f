"""Finds the names in a sentence that may be places, and the lists that they form.

A name is a place by a word for its kind beside it ("base naval"), or by a preposition before it or a suffix after it.
Further names in a list share these: "por Tupiza, Uyuni y Potosí", "the ports of Tema and Takoradi".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.core.facts.caseless_names import caseless_names
from pipeline.core.facts.noun_phrases import between, bounds, capital, longest_spans, name_end, small_words
from pipeline.core.facts.scene import Scene
from pipeline.core.places.nations import nations
from pipeline.core.text.languages import base_code, calendar_words, grammar_of
from pipeline.core.topics.hits import Span, overlaps

_QUOTED = ("«", "“", "„", '"', "‘")
_QUOTES = " «“„\"'‘"
_LED = 4  # words from a kind to the bracket or colon before a list: "nine sites (among them …"
_CLOSED = 4  # words from "and" to the kind of all names before it: "Basa, Lumbia and two other sites"
_STEM = 3  # letters of a name before its case ending
_ACRONYM = 3  # letters
_GONE = 2  # words from "leave" to "from"
_AWAY = 3  # words between the kind and the name: "puerto de la"


class PlaceName(NamedTuple):
    """A name in the text. `whole`: with the word for its kind; `name`: alone. `kind`: has such a word; `placed`: has a
    preposition or suffix of place."""

    whole: Span
    name: Span
    kind: bool = False
    placed: bool = False


class Row(NamedTuple):
    """Names in one list, or a single name. `closed`: it ends as lists do. `led`: a kind stands before it: "nine sites
    (among them …", "los puertos son …". `summed`: a kind follows it: "… and two other bases". `bracketed`: it fills
    brackets."""

    names: tuple[PlaceName, ...]
    closed: bool
    led: bool
    summed: bool
    bracketed: bool

    @property
    def span(self) -> Span:
        return self.names[0].whole[0], self.names[-1].whole[1]


class PlaceNames:
    """Finds the names in one scene."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.small = scene, small_words(scene.language)
        self.calendar = calendar_words(scene.language)
        self.mentioned: set[int] = set()
        self.peoples: set[int] = set()  # words that name a country or a people, not a city
        for mention in scene.mentions:
            self.mentioned.add(mention.first)
            if (mention.country or mention.demonym) and not mention.cities:
                self.peoples.update(range(mention.first, mention.last))
        tongues = nations(scene.language).demonyms  # also languages, which are not mentions: "in Spanish"
        towns = {m.first for m in scene.mentions if m.cities}
        words = scene.reading.words
        self.peoples.update(at for at, word in enumerate(words) if word in tongues and at not in towns)

    def rows(self, sentence: int) -> Iterator[Row]:
        """The names in a sentence, in lists."""
        if grammar_of(base_code(self.scene.language)).caseless:
            for found in caseless_names(self.scene, sentence, self.peoples):
                yield Row((PlaceName(*found),), closed=True, led=False, summed=False, bracketed=False)
            return
        at = self.scene.reading.sentences[sentence]
        word = at.first
        while word < at.last:
            begins = self._may_begin(word)
            name = self._name(sentence, word) if begins else None
            if name is None:
                word = self._past_office(sentence, word) if begins else word + 1
                while begins and word < at.last and capital(self.scene, word) and between(self.scene, word - 1) == " ":
                    word += 1
                continue
            row = self._row(sentence, name)
            yield row
            word = max(row.span[1], word + 1)

    def _past_office(self, sentence: int, word: int) -> int:
        """The word after an office or institution, with all of its name: "Secretary of State John Marsh"."""
        roles = ("no-place", "state-body", "ruler", "envoy", "defence-post")
        office = any(first == word for role in roles for first, _ in self.scene.spans_in(role, sentence))
        return max(name_end(self.scene, word), word + 1) if office else word + 1

    def _may_begin(self, word: int) -> bool:
        written, (first, last) = self.scene.reading.written[word], bounds(self.scene, word)
        if word == first and word + 1 < last and capital(self.scene, word + 1) and word not in self.mentioned:
            return False  # the capital letter of a sentence
        return written[:1].isupper() and word not in self.peoples

    def _name(self, sentence: int, word: int) -> PlaceName | None:
        """The name that starts at `word`, unless its words rule out a place."""
        scene, end = self.scene, name_end(self.scene, word)
        kinds = self.scene.spans_in("site", sentence)
        inside = [(first, last) for first, last in kinds if word <= first and last <= end]
        named = sum(last - first for first, last in longest_spans(inside)) < end - word
        opens, closes = any(first == word for first, _ in inside), any(last == end for _, last in inside)
        own_kind = opens or (closes and end - word > 1)
        start = self._kind_before(sentence, word) if self.small.kinds != "behind" else None
        if not named or self._ruled_out(sentence, (word, end), own_kind, start is not None):
            return None
        behind, placed = self._kind_behind(sentence, word, end), self._placed(word, end)
        kind = bool(behind) or start is not None
        quoted = word > bounds(scene, word)[0] and between(scene, word - 1).endswith(_QUOTED)
        rest = [at for at in range(word, end) if not any(first <= at < last for first, last in inside)]
        if opens and rest and all(self._is_acronym(at) for at in rest):
            return None  # "Estado da CEDEAO"
        if inside and not kind and not placed and quoted:
            return None  # probably an exercise: «Estrecho Firme»
        written = scene.reading.written
        shouted = len(written[word]) > 1 and written[word].isupper()
        if kind or ((opens or closes) and not (shouted and end - word > 1 and written[end - 1].isupper())):
            return PlaceName((word if start is None else start, behind or end), (word, end), kind=True, placed=placed)
        return None if shouted else PlaceName((word, end), (word, end), placed=placed)

    def _is_acronym(self, word: int) -> bool:
        """Whether a word is an acronym that is no place, or a small word beside one."""
        written = self.scene.reading.written[word]
        small = self.scene.reading.words[word] in self.small.links
        return small or (len(written) >= _ACRONYM and written.isupper() and word not in self.mentioned)

    def _ruled_out(self, sentence: int, name: Span, own_kind: bool, kind_before: bool) -> bool:
        """Whether a word rules out a place: a month; or an institution or soldiers, unless the name has a word for its
        kind, directly after which only an institution rules it out: "Departamento de Defensa"."""
        words = self.scene.reading.words
        if any(words[word] in self.calendar for word in range(*name)) or self._is_country(sentence, name):
            return True
        if kind_before:
            return self._institution(sentence, name[0])
        if own_kind:
            kinds = [last for first, last in self.scene.spans_in("site", sentence) if first == name[0]]
            at = max(kinds, default=name[1])
            while at < name[1] and self.scene.reading.words[at] in self.small.links:
                at += 1
            return at < name[1] and self._institution(sentence, at)
        roles = ("no-place", "state-body", "force", "instrument-kind", "gazette", "known-formation")
        return any(overlaps(name, self.scene.spans_in(role, sentence)) for role in roles)

    def _is_country(self, sentence: int, name: Span) -> bool:
        """Whether nothing but a country is named: "The Solomon Islands"."""
        words, small = self.scene.reading.words, self.small.articles
        known = self.scene.covered("site", sentence=sentence)
        rest = [word for word in range(*name) if word not in known and words[word] not in small]
        return bool(rest) and self.peoples.issuperset(rest)

    def _institution(self, sentence: int, word: int) -> bool:
        """Whether an institution is named at `word`; not in "Port-au-Prince"."""
        return between(self.scene, word - 1) != "-" and any(
            first == word
            for role in ("no-place", "defence-post", "state-body")
            for first, _ in self.scene.spans_in(role, sentence)
        )

    def _kind_before(self, sentence: int, word: int) -> int | None:
        """Start of the words for a kind before a name: "base naval", "camp d'", "аеропорту «". None without them."""
        scene, first, at = self.scene, bounds(self.scene, word)[0], word
        while at > max(first, word - _AWAY) and scene.reading.words[at - 1] in self.small.links | self.small.articles:
            at -= 1
        if at == first or between(scene, at - 1).strip(_QUOTES) or between(scene, word - 1).strip(_QUOTES + "’"):
            return None
        starts = [start for start, last in self.scene.spans_in("site", sentence) if last == at]
        return min(starts, default=None)

    def _kind_behind(self, sentence: int, word: int, end: int) -> int:
        """End of the words for a kind after a name; 0 without them."""
        first, last = bounds(self.scene, word)
        if self.small.kinds not in ("behind", "both") or end >= last or between(self.scene, end - 1) != " ":
            return 0
        if word == first and word not in self.mentioned:
            return 0  # "Our islands"
        return max((last for first, last in self.scene.spans_in("site", sentence) if first == end), default=0)

    def _placed(self, word: int, end: int) -> bool:
        """Whether a preposition of place is before the name, or a suffix of place after it."""
        scene, (first, last) = self.scene, bounds(self.scene, word)
        if (word > first or word in self.mentioned) and self._in_local_case(scene.reading.words[end - 1]):
            return True
        if end < last and between(scene, end - 1) in ("'", "’") and scene.reading.words[end] in self.small.suffixes:
            return True
        at = word
        while at > max(first, word - 2) and scene.reading.words[at - 1] in self.small.articles - self.small.into:
            at -= 1
        if at == first or not (scene.reading.words[at - 1] in self.small.into or self._origin(at - 1)):
            return False
        return not between(scene, at - 1).strip(_QUOTES) and not between(scene, word - 1).strip(_QUOTES + "’")

    def _in_local_case(self, word: str) -> bool:
        """Whether a word has a case ending of places: "Kuçovában", "Setermoenissa"."""
        return any(word.endswith(end) and len(word) - len(end) >= _STEM for end in self.small.place_endings)

    def _origin(self, word: int) -> bool:
        """Whether a word for an origin follows one for leaving or working: "operate from", "уйти из"."""
        if self.scene.reading.words[word] not in self.small.origins:
            return False
        sentence = self.scene.reading.sentence_at(word)
        spans = (span for role in ("being-there", "withdrawal") for span in self.scene.spans_in(role, sentence))
        return any(first < word and word - last <= _GONE for first, last in spans)

    # ---- lists ----

    def _row(self, sentence: int, name: PlaceName) -> Row:
        """The list that starts with `name`."""
        names, closed = [name], False
        while not closed:
            one = names[-1]
            sure = one.kind or one.placed or len(names) > 1 or one.name[0] in self.mentioned
            following = self._following(sentence, one.whole[1], sure=sure)
            if following is None:
                break
            further, closed = following
            names.append(further)
        (first, last), start, end = bounds(self.scene, names[0].name[0]), names[0].whole[0], names[-1].whole[1]
        led, summed = self._led(sentence, start, len(names)), not closed and self._summed(sentence, end)
        shut = end >= last or ")" in between(self.scene, end - 1)
        bracketed = len(names) > 1 and shut and start > first and "(" in between(self.scene, start - 1)
        if self.small.suffixes and any(name.placed for name in names):
            names = [name._replace(placed=True) for name in names]
        return Row(tuple(names), closed or summed or bracketed or (led and shut), led, summed, bracketed)

    def _following(self, sentence: int, at: int, *, sure: bool) -> tuple[PlaceName, bool] | None:
        """The next name of a list that was read up to `at`, and whether it is the last, after "and". `sure`: the name
        before it is a place."""
        scene, last = self.scene, bounds(self.scene, at - 1)[1]
        sign, ahead = between(scene, at - 1).strip() if at < last else ".", at
        if sign in ("'", "’") and scene.reading.words[at] in self.small.suffixes:
            ahead, sign = at + 1, between(scene, at).strip() if at + 1 < last else "."
        if sure and not sign and (past := self._past_region(ahead, last)):
            ahead, sign = past, ","
        ended = ahead < last and scene.reading.words[ahead] in self.small.joining
        if sign not in ("", ",", ";") or (not ended and not sign):
            return None
        ahead = self._past_kind(sentence, ahead + ended, last)
        if ahead >= last or not self._may_begin(ahead) or between(scene, ahead - 1).strip(_QUOTES + ",;’"):
            return None
        name = self._name(sentence, ahead)
        return (name, ended) if name else None

    def _past_region(self, at: int, last: int) -> int:
        """The word after the region of a place in a list: "Basa in Pampanga, Lumbia in …", or 0."""
        if at + 1 >= last or self.scene.reading.words[at] not in self.small.into or not capital(self.scene, at + 1):
            return 0
        end = name_end(self.scene, at + 1)
        return end if end < last and between(self.scene, end - 1).strip() in (",", ";") else 0

    def _past_kind(self, sentence: int, at: int, last: int) -> int:
        """The word after articles, prepositions and a kind before a name: "e il porto di"."""
        kinds = dict(self.scene.spans_in("site", sentence))
        loose = self.small.articles | self.small.into | self.small.links
        while at < last and not capital(self.scene, at):
            if at in kinds:
                at = kinds[at]
            elif self.scene.reading.words[at] in loose:
                at += 1
            else:
                break
        return at

    def _led(self, sentence: int, start: int, count: int) -> bool:
        """Whether a kind stands before the bracket or colon that opens a list, or shortly before a list of several."""
        scene, first = self.scene, bounds(self.scene, start)[0]
        ends = [last for _, last in scene.spans_in("site", sentence) if last <= start]
        for at in range(start, max(first, start - _LED), -1):
            sign = between(scene, at - 1)
            if "(" in sign or ":" in sign:
                return count > 1 and any(at - _LED <= last <= at for last in ends)
            if sign.strip(_QUOTES):
                return False
        return count > 1 and any(start - _AWAY <= last for last in ends)

    def _summed(self, sentence: int, end: int) -> bool:
        """Whether "and" with a kind follows: "and two other bases"."""
        words, last = self.scene.reading.words, bounds(self.scene, end - 1)[1]
        if end >= last or words[end] not in self.small.joining or between(self.scene, end - 1).strip():
            return False
        return any(end < first <= end + _CLOSED for first, _ in self.scene.spans_in("site", sentence))
