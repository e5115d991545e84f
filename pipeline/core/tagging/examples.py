"""Whether a rule set judges its own examples as they say, the whole way, facts too. Reads no files."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.core.faults import Fault, Faults
from pipeline.core.tagging.judged import judge_article
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.explain import explain
from pipeline.core.topics.judge import RuleSet, parse_rules
from pipeline.core.topics.rules import Example, TopicRule


def checked_rules(files: Iterable[TomlFile]) -> RuleSet:
    """Parsed rule files as a rule set that judges its own examples correctly. Raises Faults with every fault."""
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
    judged = judge_article(ruleset, example.title, example.text, example.language)
    topic = judged.topic(rule.id)
    if topic.holds == example.matches:
        return None
    result = explain(topic.match, ruleset.rules, judged.context.reading, judged.hits)
    start = (example.title or example.text)[:60]
    score = f"scores {result.topic.score:g}, threshold {rule.threshold:g}: {start!r}"
    if not example.matches:
        words = ", ".join(f"{e.concept} {e.text!r}" for e in result.topic.evidence)
        return example.fault(f"matches, {score}", f"because of {words}: make a concept or pattern stricter")
    if result.matches:
        hint = "its facts tell only of the past, or of the deciding country's own forces"
        return example.fault(f"does not match, {score}", hint)
    tried = "; ".join(f"{t.pattern}: {', '.join(t.missing)} missing" for t in result.tried if t.missing)
    return example.fault(f"does not match, {score}", tried or "no pattern with weight is near")
