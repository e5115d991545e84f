"""Decides which alert rules a document fires, and makes the alerts.

Which rules match is found by core/matching, for all rules together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from copy import copy

from msgspec.structs import replace

from pipeline.core.alerts.age import is_old
from pipeline.core.alerts.fact_line import fact_line
from pipeline.core.alerts.quotes import Occurrence, quotes
from pipeline.core.alerts.rules import AlertRule, ChannelSpec, Reader, hash_of
from pipeline.core.documents.fields import TEXT_FIELDS, keyword
from pipeline.core.matching.frequencies import Frequencies, Shares
from pipeline.core.matching.matcher import Matcher
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import SPANS, Match, match
from pipeline.core.query.tree import And, Equal, Node, Not, Or
from pipeline.core.query.written import to_text
from pipeline.core.stories.traits import traits_of
from pipeline.core.text.tidy import cut
from pipeline.records import Alert, Document, Span, Tags, Topic, Traits

BRANCH = 1000  # characters of the branch kept in an alert
PLACES = 24  # places kept in an alert


class AlertSet:
    """A set of rules compiled for matching. Immutable: a reload makes a new one."""

    def __init__(
        self, rules: Sequence[AlertRule], channels: Mapping[str, ChannelSpec] | None = None,
        reader: Reader = Reader(),  # noqa: B008  # immutable
    ) -> None:  # fmt: skip
        self.rules = tuple(rules)
        self.reader = reader
        self.channels = dict(channels or {})
        self._live = [rule for rule in rules if rule.enabled]
        self._hashes = [rule.hash for rule in self._live]
        self.hash = hash_of(f"{reader.old_after:g}", *self._hashes)
        self._matcher = Matcher([rule.node for rule in self._live])

    @property
    def always(self) -> Sequence[int]:
        """Numbers, among the enabled rules, of those that are tried on every document."""
        return self._matcher.always

    def anchored(self, shares: Shares) -> AlertSet:
        """The same rules, arranged for documents of which these shares have a term: nothing else is different."""
        made = copy(self)
        made._matcher = self._matcher.anchored(shares)
        return made

    def fire(self, document: Document, learnt: Frequencies | None = None) -> tuple[Alert, ...]:
        """The alerts of a document, in the order of the rules.

        Every version has them, because only notify knows which one was reported; a note that the page was removed has
        none. The terms of the document are counted in `learnt`.
        """
        if document.relation.noted:
            return ()
        view = DocumentView(document)
        found = self._matcher.matches(view, learnt)
        traits: Traits | None = None
        alerts = []
        for number in found:
            rule = self._live[number]
            alert = self._counted(rule, self._hashes[number], document)
            if not rule.counts:
                traits = traits or traits_of(document.article, document.tags.facts)
                alert = _explained(alert, rule, document, view, traits)
            alerts.append(alert)
        return tuple(alerts)

    def sketch(self, view: DocumentView) -> tuple[Alert, ...]:
        """The same alerts without what only readers are shown or comparisons of versions need, in a fraction of the
        time. They have no score unless a budget asks for it."""
        document = view.document
        if document.relation.noted:
            return ()
        alerts = []
        for number in self._matcher.matches(view):
            rule = self._live[number]
            alert = self._counted(rule, self._hashes[number], document)
            if not rule.counts:
                alert = replace(alert, changes=document.relation.changes)
                alert = _scored(alert, rule, document, view) if rule.budget is not None else alert
            alerts.append(alert)
        return tuple(alerts)

    def _counted(self, rule: AlertRule, rule_hash: str, document: Document) -> Alert:
        """The alert of a rule that only counts articles."""
        article, relation = document.article, document.relation
        return Alert(
            id=alert_id(article.id, relation.version, rule.key),
            rule=rule.key,
            name=rule.name,
            rule_hash=rule_hash,
            rules=self.hash,
            severity=rule.severity,
            channels=rule.channels,
            article=article.id,
            version=relation.version,
            story_id=relation.story_id,
            merged=relation.merged,
            duplicate_of=relation.duplicate_of,
            title=article.title.value,
            url=article.url,
            source=article.source,
            outlet_country=article.country,
            feed=article.feed,
            language=article.language,
            published=article.published,
            first_seen=relation.first_seen,
            seen=article.seen,
            topics=tuple(topic.id for topic in document.tags.topics),
            old=is_old(document, self.reader.old_after),
            counted=rule.counts,
            backlog=article.backlog,
            copies=rule.copies,
        )


def _explained(alert: Alert, rule: AlertRule, document: Document, view: DocumentView, traits: Traits) -> Alert:
    """The alert with why the rule matches, and what a reader is shown."""
    article, tags = document.article, document.tags
    found = _asked(rule, view)
    evidence = _evidence_of(_named(found.branch, tags))
    alert = _scored(alert, rule, document, view, found)
    return replace(
        alert,
        query=rule.query,
        branch=cut(to_text(found.branch), BRANCH),
        quotes=quotes(article, [*found.shown, *evidence], alert.matched),
        countries=tags.countries,
        places=tuple(dict.fromkeys(place.name for place in tags.places))[:PLACES],
        changes=document.relation.changes,
        traits=traits,
        profile=article.profile,
    )


def _scored(
    alert: Alert, rule: AlertRule, document: Document, view: DocumentView, found: Match | None = None
) -> Alert:  # fmt: skip
    """The alert with what its score follows from. `found`: how the rule matches, if that is known."""
    found, tags = found or _asked(rule, view), document.tags
    named = _named(found.branch, tags)
    return replace(
        alert,
        matched=_joined(found.spans, _evidence_of(named)),
        share=_positive(found.branch) / max(1, _positive(rule.asked)),
        topic_score=max((topic.score for topic in named or tags.topics), default=0.0),
        fact_lines=tuple(line for facts in tags.facts if (line := fact_line(facts))),
        independent=document.relation.independent,
        differs=document.relation.differs,
    )


def _asked(rule: AlertRule, view: DocumentView) -> Match:
    found = match(rule.asked, view)
    assert found is not None, rule.name  # `asked` is a part of `node`, which matches
    return found


def alert_id(article: str, version: int, rule: str) -> str:
    """The id of an alert: there is one per article version and rule (its key)."""
    return hashlib.sha256("\0".join((article, str(version), rule)).encode()).hexdigest()[:32]


def _named(branch: Node, tags: Tags) -> tuple[Topic, ...]:
    """The topics of the article that the branch names."""
    asked = {keyword(leaf.value) for leaf in _equals(branch) if leaf.field == "topic"}
    return tuple(topic for topic in tags.topics if keyword(topic.id) in asked)


def _evidence_of(topics: Iterable[Topic]) -> list[list[Occurrence]]:
    return [part for topic in topics for part in _evidence(topic)]


def _evidence(topic: Topic) -> list[list[Occurrence]]:
    """Where the concepts were found that a topic follows from."""
    concepts: dict[str, list[Occurrence]] = {}
    for one in topic.evidence:
        span = Span(field=one.field, start=one.start, end=one.end, text=one.text)
        concepts.setdefault(one.concept, []).append((span,))
    return list(concepts.values())


def _joined(spans: tuple[Span, ...], evidence: Iterable[Iterable[Occurrence]]) -> tuple[Span, ...]:
    """The spans and those of the evidence, each once, in the order title, text, by place."""
    every = (*spans, *(span for part in evidence for one in part for span in one))
    found = {(TEXT_FIELDS.index(span.field), span.start, span.end): span for span in every}
    return tuple(found[key] for key in sorted(found))[:SPANS]


def _equals(node: Node) -> list[Equal]:
    match node:
        case And(parts) | Or(parts):
            return [leaf for part in parts for leaf in _equals(part)]
        case Equal():
            return [node]
    return []


def _positive(node: Node) -> int:
    """How many words and conditions a query has, without those that must not hold."""
    match node:
        case And(parts) | Or(parts):
            return sum(map(_positive, parts))
        case Not():
            return 0
    return 1
