"""Alert rules in force, and what a document sets off. Reading the rules is alertrules.py, delivery is stages/notify.py.

A document is not tried against every rule: each rule is anchored on literals (or keywords) of which one must be there,
all literals are looked for in one pass (Aho-Corasick), and only rules so found are evaluated exactly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import ahocorasick

from pipeline.core.alerts.fact_line import fact_line
from pipeline.core.documents.fields import TEXT_FIELDS, keyword
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import SPANS, holds, match
from pipeline.core.query.snippets import snippet
from pipeline.core.query.tree import And, Equal, Node, Or, Phrase, Prefix, Word, to_text
from pipeline.records import Alert, Document, Span

SEVERITIES = ("info", "low", "medium", "high", "critical")
BRANCH = 1000  # characters of the branch kept in an alert

#: A literal in the joined words of a document, or a keyword field and its value.
Anchor = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class AlertRule:
    """`node` is what must hold: the query and the filters. `asked` is the part shown as the reason."""

    name: str
    query: str
    node: Node
    asked: Node
    severity: str
    channels: tuple[str, ...]
    copies: str = "skip"  # or "alert"
    enabled: bool = True
    description: str = ""

    @property
    def hash(self) -> str:
        """Changes with everything that decides what is sent."""
        return _hash(self.name, to_text(self.node), self.severity, ",".join(self.channels), self.copies)


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """Where alerts go. URLs carry secrets: they are never printed, logged or published."""

    name: str
    type: str  # terminal, file, apprise
    path: str | None = None
    urls: tuple[str, ...] = field(default=(), repr=False)  # ${NAME} stands for an environment variable
    url_file: str | None = None
    max_mb: int | None = None


class AlertSet:
    """A set of rules compiled for matching. Never changes: a reload makes another."""

    def __init__(self, rules: Sequence[AlertRule], channels: Mapping[str, ChannelSpec] | None = None) -> None:
        self.rules = tuple(rules)
        self.channels = dict(channels or {})
        self.hash = _hash(*(rule.hash for rule in rules if rule.enabled))
        self.always: list[int] = []  # rules no literal or keyword speaks for
        self._live = [rule for rule in rules if rule.enabled]
        self._hashes = [rule.hash for rule in self._live]
        self._keywords: dict[tuple[str, str], list[int]] = {}
        self._by_literal: list[list[int]] = []
        self._automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
        self._compile()

    def _compile(self) -> None:
        numbers: dict[str, int] = {}
        for number, rule in enumerate(self._live):
            found = anchors(rule.node)
            if found is None:
                self.always.append(number)
                continue
            for anchor in found[1]:
                if isinstance(anchor, tuple):
                    self._keywords.setdefault(anchor, []).append(number)
                else:
                    literal = numbers.setdefault(anchor, len(numbers))
                    if literal == len(self._by_literal):
                        self._by_literal.append([])
                        self._automaton.add_word(anchor, literal)
                    self._by_literal[literal].append(number)
        if numbers:
            self._automaton.make_automaton()

    def candidates(self, view: DocumentView) -> list[AlertRule]:
        """The rules that may hold, in their order; no rule that holds is left out."""
        return [self._live[number] for number in self._candidates(view)]

    def _candidates(self, view: DocumentView) -> list[int]:
        found = set(self.always)
        if self._by_literal:
            # Three blanks: a phrase must not reach from the title into the text.
            words = f" {' '.join(view.words('title'))}   {' '.join(view.words('text'))} "
            for literal in {literal for _, literal in self._automaton.iter(words)}:
                found.update(self._by_literal[literal])
        for name in {name for name, _ in self._keywords}:
            for value in view.keywords(name):
                found.update(self._keywords.get((name, value), ()))
        return sorted(found)

    def fire(self, document: Document) -> tuple[Alert, ...]:
        """The alerts of a document, in the order of the rules. A new version that changes nothing material has none."""
        if document.relation.version > 1 and not document.relation.material:
            return ()
        view = DocumentView(document)
        alerts = []
        for number in self._candidates(view):
            rule = self._live[number]
            if holds(rule.node, view):
                alerts.append(self._alert(rule, self._hashes[number], document, view))
        return tuple(alerts)

    def _alert(self, rule: AlertRule, rule_hash: str, document: Document, view: DocumentView) -> Alert:
        article, tags, relation = document.article, document.tags, document.relation
        found = match(rule.asked, view)
        assert found is not None, rule.name  # `asked` is a part of `node`, which holds
        spans = _with_evidence(found.spans, found.branch, document)
        return Alert(
            id=alert_id(article.id, relation.version, rule.name),
            rule=rule.name,
            rule_hash=rule_hash,
            rules=self.hash,
            severity=rule.severity,
            channels=rule.channels,
            article=article.id,
            version=relation.version,
            story_id=relation.story_id,
            duplicate_of=relation.duplicate_of,
            title=article.title.value,
            url=article.url,
            source=article.source,
            feed=article.feed,
            language=article.language,
            published=article.published,
            first_seen=relation.first_seen,
            query=rule.query,
            branch=_cut(to_text(found.branch)),
            matched=spans,
            snippet=snippet(article.text, [span for span in spans if span.field == "text"]),
            topics=tuple(topic.id for topic in tags.topics),
            countries=tags.countries,
            fact_lines=tuple(line for facts in tags.facts if (line := fact_line(facts))),
            backlog=article.backlog,
            copies=rule.copies,
        )


def alert_id(article: str, version: int, rule: str) -> str:
    """The id of the one alert of an article version and a rule."""
    return hashlib.sha256("\0".join((article, str(version), rule)).encode()).hexdigest()[:32]


def _with_evidence(spans: tuple[Span, ...], branch: Node, document: Document) -> tuple[Span, ...]:
    """The spans, and for a topic that the branch asks for the words that spoke for the topic."""
    asked = {keyword(leaf.value) for leaf in _equals(branch) if leaf.field == "topic"}
    found = {(span.field, span.start, span.end): span for span in spans}
    for topic in document.tags.topics:
        if keyword(topic.id) in asked:
            for said in topic.evidence:
                span = Span(field=said.field, start=said.start, end=said.end, text=said.text)
                found.setdefault((said.field, said.start, said.end), span)
    return tuple(sorted(found.values(), key=lambda span: (TEXT_FIELDS.index(span.field), span.start, span.end)))[:SPANS]


def _equals(node: Node) -> list[Equal]:
    match node:
        case And(parts) | Or(parts):
            return [leaf for part in parts for leaf in _equals(part)]
        case Equal():
            return [node]
    return []


def _cut(text: str) -> str:
    return text if len(text) <= BRANCH else text[: BRANCH - 1] + "…"


#: How often a keyword condition holds, roughly: a rule is best found by its rarest one.
_FREQUENT = {"kind": 0.9, "language": 0.3, "outlet_country": 0.1, "country": 0.1, "site": 0.05, "section": 0.05}


def anchors(node: Node) -> tuple[float, frozenset[Anchor]] | None:
    """Anchors of which at least one is in every document that `node` holds for, with how often that is, roughly
    (0 to 1 and more). None where there are none: a range, a negation, or one of these in an OR."""
    match node:
        case Word(word):
            return _rarity(word), frozenset((f" {word} ",))
        case Prefix(prefix):
            return _rarity(prefix), frozenset((f" {prefix}",))
        case Phrase(words, 0):
            return _rarity("".join(words)), frozenset((f" {' '.join(words)} ",))
        case Phrase(words):
            rarest = min(words, key=_rarity)
            return _rarity(rarest), frozenset((f" {rarest} ",))
        case Equal(name, value):
            return _FREQUENT.get(name, 0.03), frozenset(((name, keyword(value)),))
        case And(parts):
            known = [found for found in map(anchors, parts) if found is not None]
            return min(known, key=lambda found: found[0], default=None)
        case Or(parts):
            every = [anchors(part) for part in parts]
            sure = [found for found in every if found is not None]
            if len(sure) == len(every):
                return sum(found[0] for found in sure), frozenset().union(*(found[1] for found in sure))
    return None


def _rarity(literal: str) -> float:
    """Guess at the share of documents that have it. Short words are common; a Han or Thai character says more."""
    letters = len(literal) if literal.isascii() else sum(2.5 if char > "\u0dff" else 1 for char in literal)
    return float(min(0.9, 8 / letters**2.5))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
