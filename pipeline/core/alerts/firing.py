"""Decides which alert rules a document fires, and makes the alerts.

Which rules match is found by core/matching, for all rules together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from copy import copy

from pipeline.core.alerts.fact_line import fact_line
from pipeline.core.alerts.rules import AlertRule, ChannelSpec, hash_of
from pipeline.core.documents.fields import TEXT_FIELDS, keyword
from pipeline.core.matching.frequencies import Frequencies, Shares
from pipeline.core.matching.matcher import Matcher
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import SPANS, match
from pipeline.core.query.snippets import snippet
from pipeline.core.query.tree import And, Equal, Node, Or
from pipeline.core.query.written import to_text
from pipeline.records import Alert, Document, Span

BRANCH = 1000  # characters of the branch kept in an alert


class AlertSet:
    """A set of rules compiled for matching. Immutable: a reload makes a new one."""

    def __init__(self, rules: Sequence[AlertRule], channels: Mapping[str, ChannelSpec] | None = None) -> None:
        self.rules = tuple(rules)
        self.channels = dict(channels or {})
        self._live = [rule for rule in rules if rule.enabled]
        self._hashes = [rule.hash for rule in self._live]
        self.hash = hash_of(*self._hashes)
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
        """The alerts of a document, in the order of the rules. A new version without a material change has none, nor
        has a note that the page was removed. The terms of the document are counted in `learnt`."""
        relation = document.relation
        if relation.noted or (relation.version > 1 and not relation.material):
            return ()
        view = DocumentView(document)
        found = self._matcher.matches(view, learnt)
        return tuple(self._alert(self._live[number], self._hashes[number], document, view) for number in found)

    def _alert(self, rule: AlertRule, rule_hash: str, document: Document, view: DocumentView) -> Alert:
        article, tags, relation = document.article, document.tags, document.relation
        found = match(rule.asked, view)
        assert found is not None, rule.name  # `asked` is a part of `node`, which matches
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
            changes=relation.changes,
            backlog=article.backlog,
            copies=rule.copies,
            profile=article.profile,
        )


def alert_id(article: str, version: int, rule: str) -> str:
    """The id of an alert: there is one per article version and rule."""
    return hashlib.sha256("\0".join((article, str(version), rule)).encode()).hexdigest()[:32]


def _with_evidence(spans: tuple[Span, ...], branch: Node, document: Document) -> tuple[Span, ...]:
    """The spans, and for each topic that the branch names, the words that are its evidence."""
    asked = {keyword(leaf.value) for leaf in _equals(branch) if leaf.field == "topic"}
    found = {(span.field, span.start, span.end): span for span in spans}
    for topic in document.tags.topics:
        if keyword(topic.id) in asked:
            for evidence in topic.evidence:
                span = Span(field=evidence.field, start=evidence.start, end=evidence.end, text=evidence.text)
                found.setdefault((span.field, span.start, span.end), span)
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
