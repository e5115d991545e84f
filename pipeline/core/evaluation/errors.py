"""Classes of error in topics: at which step an article lost a topic that it has, or got one that it lacks.

They are computed from labels and from how the article was judged, and name no word of it: a set that nobody may read
can be reported by class, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from pipeline.core.evaluation.labels import LabelledArticle
from pipeline.core.tagging.judged import Judged, JudgedTopic

Kind = Literal["missed", "wrong"]

#: Notes of labels that begin like this, up to a colon, say what kind of article it is.
NOTED = ("hard negative", "near miss")


class TopicError(NamedTuple):
    """One wrong or missed topic of an article. `step`: where it was lost, or what accepted it. `article`: what a wrong
    topic's article is instead, "" for a missed one."""

    kind: Kind
    step: str
    article: str
    topic: str
    language: str


class ErrorClass(NamedTuple):
    """Errors of one class: their number, and how many there are by topic, the most frequent first."""

    kind: Kind
    step: str
    article: str
    number: int
    topics: tuple[tuple[str, int], ...]


def topic_errors(article: LabelledArticle, judged: Judged) -> Iterator[TopicError]:
    """The errors of an article, in alphabetical order of topics."""
    found = {topic.match.rule.id for topic in judged.topics if topic.holds}
    for name in sorted(found ^ set(article.topics)):
        topic = judged.topic(name)
        if name in found:
            yield TopicError("wrong", _accepted(topic), _instead(article), name, article.language)
        else:
            untagged = name in judged.rules.untagged(article.language)
            yield TopicError("missed", _lost(topic, untagged=untagged), "", name, article.language)


def error_classes(errors: Iterable[TopicError]) -> tuple[ErrorClass, ...]:
    """The errors by class: missed before wrong, the largest classes first."""
    topics: dict[tuple[Kind, str, str], Counter[str]] = {}
    for error in errors:
        topics.setdefault((error.kind, error.step, error.article), Counter())[error.topic] += 1
    classes = [
        ErrorClass(*key, counted.total(), tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))))
        for key, counted in topics.items()
    ]
    return tuple(sorted(classes, key=lambda one: (one.kind, -one.number, one.step, one.article)))


def _lost(topic: JudgedTopic, *, untagged: bool) -> str:
    """The step at which the article lost the topic."""
    match, verifier = topic.match, topic.match.rule.verifier
    if topic.denied_by:
        return f"removed by a fact: {topic.denied_by}"
    if match.verdict is None or verifier is None:
        if match.filling is None and not match.reaches:
            return "no candidate: no terms in its language" if untagged else "no candidate"
        return "below the threshold"
    if match.reaches:
        return "vetoed by the verifier"
    doubtful = match.verdict.probability >= verifier.threshold / 2
    return f"refused by the verifier, {'in doubt' if doubtful else 'clearly'}"


def _accepted(topic: JudgedTopic) -> str:
    """What gave the article the topic."""
    if topic.match.accepted_by == "patterns":
        return "accepted by patterns"
    proposed = topic.match.proposed is not None
    return f"accepted by the verifier, proposed by {'its opening' if proposed else 'slots'}"


def _instead(article: LabelledArticle) -> str:
    """What the article is instead: the topics that it has, or the kind that its note gives."""
    if article.topics:
        return f"about {', '.join(sorted(article.topics))}"
    noted = article.note.partition(":")[0].strip().casefold()
    return next((kind for kind in NOTED if noted.endswith(kind)), "no topic")
