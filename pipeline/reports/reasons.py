"""Why an article has a topic, or what it lacks for it: the verdict, and what leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from pipeline.core.tagging.examples import DENIALS
from pipeline.core.tagging.judged import Judged, JudgedTopic, judge_record
from pipeline.core.topics.explain import SEEN, Explained, Trial
from pipeline.core.topics.features import BEGINNING, MEANING
from pipeline.core.topics.judge import RuleSet
from pipeline.core.topics.verifier import Contribution
from pipeline.core.wording import Text, joined
from pipeline.records import Article, Facts, Stated

SHOWN = 8  # contributions to the verdict of a verifier
LEAST = 0.005  # of a contribution that is shown by itself


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an article has a topic, or not. `verdict`: in words. `trials`: the best pattern that holds; without one also
    the nearest. `weights`: what weighed most with the verifier, and `rest` the sum of the others; `by`: what it saw.
    `denial`: why facts remove the topic."""

    topic: str
    holds: bool
    verdict: str
    explained: Explained
    trials: tuple[Trial, ...]
    weights: tuple[Contribution, ...] = ()
    rest: float = 0.0
    by: str = ""
    denial: str = ""


def reasons_of(article: Article, rules: RuleSet, asked: str = "") -> tuple[list[Reason], dict[str, float]]:
    """The topics that rules give an article now, and those that a verifier refuses with its probability. `asked`: a
    topic that is explained too if the article lacks it. Takes up to a second. Raises KeyError for an unknown topic."""
    judged = judge_record(article, rules)
    found = [_reason(judged, topic) for topic in judged.topics]
    if asked and asked not in {one.topic for one in found}:
        found.append(_reason(judged, judged.topic(asked)))
    return found, refusals(judged)


def _reason(judged: Judged, topic: JudgedTopic) -> Reason:
    explained = judged.explain(topic)
    nearest = None if topic.match.matches else explained.nearest
    weights = sorted(explained.verdict.contributions, key=lambda one: -abs(one.weight)) if explained.verdict else []
    shown = [one for one in weights[:SHOWN] if abs(one.weight) >= LEAST]
    return Reason(
        topic.match.rule.id, topic.holds, verdict(topic), explained,
        tuple(trial for trial in (explained.best, nearest) if trial),
        tuple(Contribution(sign_words(one.name), one.weight) for one in shown),
        sum(one.weight for one in weights[len(shown) :]), SEEN[explained.verdict.seen] if explained.verdict else "",
        DENIALS[topic.denied_by] if topic.denied_by else "",
    )  # fmt: skip


_SLOT, _IN_TITLE, _IN_LEAD = "slot ", " in the title", " in the lead"
#: Signs with a name of their own.
_SIGNS = {
    str(text): text
    for text in (
        Text("slots in the title"), Text("slots in one sentence"), Text("slots in two neighbouring sentences"),
        Text("patterns reach the threshold"), Text("patterns for"), Text("patterns against"), Text("bias"),
    )
}  # fmt: skip


def sign_words(name: str) -> Text:
    """The name of a sign that a verifier weighs, or that of the opening."""
    if name in _SIGNS:
        return _SIGNS[name]
    if name.startswith(_SLOT):
        slot = name.removeprefix(_SLOT)
        whole = slot.removesuffix(_IN_TITLE)
        return Text("slot {}", slot) if whole == slot else Text("slot {} in the title", whole)
    if name.endswith(_IN_TITLE):
        return Text("{} in the title", name.removesuffix(_IN_TITLE))
    if name.endswith(_IN_LEAD):
        return Text("{} in the lead", name.removesuffix(_IN_LEAD))
    for part, text in ((BEGINNING, Text("beginning")), (MEANING, Text("meaning"))):
        if name.startswith(f"{part}: "):
            return Text("{}: {}", text, name.removeprefix(f"{part}: "))
    return Text(name)


def refusals(judged: Judged) -> dict[str, float]:
    """Topics that were proposed but that the verifier refuses, with its probability, the likeliest first."""
    held = {topic.match.rule.id for topic in judged.topics}
    others = (
        judged.topic(rule.id).match for rule in judged.rules.rules.topics if rule.verifier and rule.id not in held
    )
    found = {match.rule.id: match.verdict.probability for match in others if match.refused and match.verdict}
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def verdict(topic: JudgedTopic) -> str:
    """The verdict on a topic, such as: yes, score 0.8 (threshold 0.65)."""
    match = topic.match
    score = Text("score {:g} (threshold {:g})", match.score, match.threshold)
    if match.refused and match.verdict and (verifier := match.rule.verifier):
        likely = Text("{:g} (threshold {:g})", match.verdict.probability, verifier.threshold)
        return Text("no, the verifier refuses it: {}; patterns: {}", likely, score)
    parts = [Text("yes") if topic.holds else Text("no")]
    if topic.denied_by:
        parts.append(DENIALS[topic.denied_by])
    if match.accepted_by == "verifier":
        parts.append(Text("by the verifier"))
    return joined(", ", [*parts, score])


def leaves(facts: Facts) -> Iterator[tuple[str, Stated]]:
    """Each fact with its name, such as "vote.for"; a name may occur several times."""
    for field in msgspec.structs.fields(facts):
        value = getattr(facts, field.name)
        match value:
            case Stated():
                yield field.name, value
            case tuple():
                yield from ((field.name, item) for item in value)
            case msgspec.Struct():
                for part in msgspec.structs.fields(value):
                    if (stated := getattr(value, part.name)) is not None:
                        yield f"{field.name}.{part.encode_name}", stated
