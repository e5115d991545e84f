"""The tag stage: adds topics with evidence, facts, countries, places, and the fingerprint that relate compares."""

from __future__ import annotations

import gc
from typing import ClassVar

from msgspec.structs import replace

from pipeline.core.places.gazetteer import load_gazetteer
from pipeline.core.stories.agencies import credited
from pipeline.core.stories.fingerprint import make_fingerprint
from pipeline.core.tagging.judged import judge_record
from pipeline.core.topics.judge import RuleSet, stored_rules
from pipeline.ports import WorkerPool
from pipeline.records import Article, Fingerprint, Record, Tagged, Tags
from pipeline.stage import Emit, Out, Outcome, Position, Stage

_KEPT = 2  # rule sets that a process keeps: the one in force, and the previous one for records in progress
NONE = Fingerprint()
_rulesets: dict[str, RuleSet] = {}


class Tag(Stage):
    """Articles in, tagged articles out. Assign `rules` to reload: a step uses the rules that were set when it began."""

    name = "tag"
    reads: ClassVar[dict[str, type[Record]]] = {"articles": Article, "articles-backfill": Article}
    writes = ("tagged",)

    def __init__(self, pool: WorkerPool, rules: RuleSet, window: int = 8) -> None:
        self._pool = pool
        self.rules = rules
        self.window = window

    async def step(self, record: Article, at: Position) -> Outcome:
        rules = self.rules
        if record.removed:  # it has no text
            return Emit(
                (Out("tagged", record.id, Tagged(article=record, tags=Tags(rules=rules.hash), fingerprint=NONE)),)
            )
        found = await self._pool.run(tag_article, record, rules.hash, None)
        if found is None:  # a new process, or the first record after a reload: it does not have these rules yet
            found = await self._pool.run(tag_article, record, rules.hash, rules.encoded())
        if found is None:
            raise RuntimeError("a worker process did not keep the rules that it received")
        tags, fingerprint = found
        return Emit((Out("tagged", record.id, Tagged(article=record, tags=tags, fingerprint=fingerprint)),))


def tag_article(article: Article, rules: str, encoded: bytes | None) -> tuple[Tags, Fingerprint] | None:
    """The tags and fingerprint of `article`, by the rule set with the hash `rules`; runs in a worker process.

    The process keeps the compiled set. None: it does not have the set, so call again with its `encoded` form.
    """
    if rules not in _rulesets:
        if encoded is None:
            return None
        load_rules(encoded)
    ruleset = _rulesets[rules]
    tags = tags_of(article, ruleset)
    return tags, make_fingerprint(article, tags)


def load_rules(encoded: bytes) -> None:
    """Load the terms of all languages of these rules (`RuleSet.encoded`), and the gazetteer, in this process and those
    forked from it."""
    ruleset = stored_rules(lambda: encoded)
    while len(_rulesets) >= _KEPT:
        del _rulesets[next(iter(_rulesets))]
    _rulesets[ruleset.hash] = ruleset
    for language in ruleset.rules.languages:
        ruleset.topic_lexicon(language)
    # Rules and gazetteer live as long as the process. Traversing their 200,000 tuples took a third of the time of a
    # step, so the garbage collector ignores them. It does not run before: that would touch every shared page.
    load_gazetteer()
    gc.freeze()


def tags_of(article: Article, rules: RuleSet) -> Tags:
    """The tags of `article`, with the agencies that it credits."""
    return replace(judge_record(article, rules).tags, agency=credited(article))
