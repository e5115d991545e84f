"""Tries the alert rules on the texts beside them, tagged as an article would be."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.alerts.text_trials import Failed, TrialText, tried
from pipeline.core.faults import Fault
from pipeline.core.tagging.judged import judge_article
from pipeline.core.text.detect_language import detect
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.judge import RuleSet
from pipeline.core.wording import Text
from pipeline.records import Tags

SECONDS = 60.0  # for the texts of all rules together; a text takes a few milliseconds


def try_texts(
    rules: Sequence[AlertRule], topics: RuleSet, file: TomlFile, now: Callable[[], float] = time.monotonic,
    limit: float = SECONDS,
) -> tuple[list[Fault], list[Fault]]:  # fmt: skip
    """The faults of texts that a rule judges wrongly, and a warning if `limit` seconds were too few to try them all.

    `file`: where the rules come from, one table [[alert]] each, in their order.
    """
    found: list[Fault] = []
    tag, until = _Tagger(topics), now() + limit
    for number, rule in enumerate(rules):
        if not rule.must_match and not rule.must_not_match:
            continue
        if now() > until:
            left = sum(bool(one.must_match or one.must_not_match) for one in rules[number:])
            reason = Text("the texts of {} rules were not tried: {:g} seconds were too few", left, limit)
            return found, [Fault(file.name, f'alert "{rule.name}"', reason, "", file.line(("alert", number)))]
        found += [_fault(rule, number, failed, file) for failed in tried(rule, tag)]
    return found, []


def _fault(rule: AlertRule, number: int, failed: Failed, file: TomlFile) -> Fault:
    line = file.line(("alert", number, failed.key, failed.number)) or file.line(("alert", number))
    return Fault(file.name, f'alert "{rule.name}".{failed.key}[{failed.number}]', failed.reason, failed.hint, line)


class _Tagger:
    """Language and tags of texts; each text is judged once, however many rules have it."""

    def __init__(self, topics: RuleSet) -> None:
        self._topics = topics
        self._judged: dict[TrialText, Tags] = {}

    def __call__(self, text: TrialText, tagged: bool) -> tuple[str | None, Tags]:
        found = None if text.language else detect(text.title, text.text)
        language = text.language or (found[0] if found else None)
        if not tagged:
            return language, Tags(rules=self._topics.hash)
        if text not in self._judged:
            self._judged[text] = judge_article(self._topics, text.title, text.text, language).tags
        return language, self._judged[text]
