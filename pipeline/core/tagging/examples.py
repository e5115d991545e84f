"""Checks that a rule set judges its own examples correctly, including facts."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.core.faults import Fault, Faults
from pipeline.core.tagging.judged import Denial, judge_article
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.explain import Trial
from pipeline.core.topics.judge import RuleSet, parse_rules, topic_of
from pipeline.core.topics.rules import Example, TopicRule
from pipeline.core.wording import Text

DENIALS: dict[Denial, Text] = {
    "past": Text("its facts are only of earlier years"),
    "own forces": Text("its facts are of the deciding country's own forces"),
}

_TRAIN = "add labelled texts of this kind and train the verifier again: docs/topics.md, section 12"


def checked_rules(files: Iterable[TomlFile]) -> RuleSet:
    """The rule set in the files, after its examples have passed. Raises Faults with every fault."""
    ruleset = parse_rules(files)
    faults = check_examples(ruleset)
    if faults:
        raise Faults(tuple(faults))
    return ruleset


def check_examples(ruleset: RuleSet) -> list[Fault]:
    """A fault for each example that its topic judges wrongly, with the score and what was missing."""
    wrong = (_wrong(ruleset, rule, example) for rule in ruleset.rules.topics for example in rule.examples)
    return [fault for fault in wrong if fault]


def _wrong(ruleset: RuleSet, rule: TopicRule, example: Example) -> Fault | None:
    """The fault of an example that is judged wrongly; None if it is judged correctly."""
    judged = judge_article(ruleset, example.title, example.text, example.language, example.published)
    topic = judged.topic(rule.id)
    if topic.holds == example.matches:
        return None
    start = (example.title or example.text)[:60]
    score = f"scores {topic.match.score:g}, threshold {topic.match.threshold:g}: {start!r}"
    if not example.matches:
        evidence = topic_of(topic.match, judged.context.reading).evidence
        words = ", ".join(f"{item.concept} {item.text!r}" for item in evidence)
        stricter = _TRAIN if topic.match.accepted_by == "verifier" else "make a concept or pattern stricter"
        return example.fault(f"matches, {score}", f"because of {words}: {stricter}")
    if topic.denied_by:
        hint = DENIALS[topic.denied_by]
        return example.fault(f"does not match, {score}", hint)
    explained = judged.explain(topic)
    if topic.match.refused and explained.verdict and rule.verifier:
        likely = f"{explained.verdict.probability:g}, threshold {topic.match.needed:g}"
        return example.fault(f"does not match, the verifier refuses it: {likely}: {start!r}", _TRAIN)
    return example.fault(f"does not match, {score}", _lack(explained.nearest))


def _lack(nearest: Trial | None) -> str:
    """What the nearest pattern lacks, as a hint."""
    if nearest is None:
        return "the patterns that hold weigh too little"
    if nearest.missing:
        return f"nearest pattern {nearest.pattern}: {', '.join(nearest.missing)} missing"
    vetoes = ", ".join(f"{part.concept} {part.words!r}" for part in nearest.vetoes)
    return f"nearest pattern {nearest.pattern}: {f'excluded by {vetoes}' if vetoes else nearest.reason}"
