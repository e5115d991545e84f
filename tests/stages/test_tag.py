from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from pipeline.core.stories.copies import TEXT
from pipeline.core.stories.features import ROW
from pipeline.core.topics.judge import RuleSet, parse_rules
from pipeline.records import SCHEMA, Article, Sourced, Tagged, decode, encode
from pipeline.stage import Emit, Message, Position, Unavailable, run
from pipeline.stages import tag as module
from pipeline.stages.tag import Tag
from tests.fakes import InlinePool
from tests.topic_files import topic_files

T = TypeVar("T")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
AT = Position("articles", 0, 7)
ARTICLE = Article(
    id="a1", url="https://example.org/1", feed="f", source="Example", content_hash="h", seen=NOW, language="es",
    title=Sourced(value="El Congreso vota en Lima", source="html"),
    text="El Congreso aprobó el ingreso de tropas al Perú.\nLlegarán a Cusco.",
)  # fmt: skip


def rules(word: str) -> RuleSet:
    topic = {
        "id": "t", "version": 1, "threshold": 0.5, "title": {"en": "T"}, "concepts": {"c": {"es": [word]}},
        "patterns": [{"all": ["c"], "weight": 1.0}],
        "must_match": [{"text": word}], "must_not_match": [{"text": "x"}],
    }  # fmt: skip
    return parse_rules(topic_files(topic))


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    module._rulesets.clear()


class CountingPool(InlinePool):
    """Remembers whether each call carried the encoded rules, and may do something before it."""

    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        self.carried: list[bool] = []
        self.before = before

    async def run(self, job: Callable[..., T], *args: Any) -> T:
        self.carried.append(args[-1] is not None)
        self.before()
        return await super().run(job, *args)


async def step(stage: Tag, article: Article = ARTICLE) -> Tagged:
    outcome = await stage.step(article, AT)
    assert isinstance(outcome, Emit)
    (out,) = outcome.outs
    assert (out.stream, out.key) == ("tagged", article.id)
    assert isinstance(out.record, Tagged)
    return out.record


async def test_an_article_is_tagged() -> None:
    ruleset = rules("tropas")
    tagged = await step(Tag(InlinePool(), ruleset))
    assert tagged.article == ARTICLE
    assert tagged.tags.rules == ruleset.hash
    assert [t.id for t in tagged.tags.topics] == ["t"]
    assert tagged.tags.countries == ("PE",)
    assert [p.name for p in tagged.tags.places] == ["Lima", "Cusco"]
    assert tagged.tags.facts == ()
    assert (len(tagged.fingerprint.features), len(tagged.fingerprint.text)) == (ROW.itemsize, TEXT.itemsize)
    assert decode(Tagged, encode(tagged)) == tagged


async def test_rules_go_to_a_process_once() -> None:
    pool = CountingPool()
    stage = Tag(pool, rules("tropas"))
    await step(stage)
    await step(stage)
    module._rulesets.clear()  # the process was recycled
    await step(stage)
    assert pool.carried == [False, True, False, False, True]


async def test_a_record_is_judged_by_one_set_though_another_comes_into_force_meanwhile() -> None:
    old, new = rules("tropas"), rules("naranjas")
    stage = Tag(CountingPool(before=lambda: setattr(stage, "rules", new)), old)
    tagged = await step(stage)
    assert tagged.tags.rules == old.hash
    assert tagged.tags.topics
    tagged = await step(stage)
    assert tagged.tags.rules == new.hash
    assert not tagged.tags.topics


async def test_many_reloads_keep_few_sets_and_judge_right() -> None:
    stage = Tag(InlinePool(), rules("tropas"))
    for word in ("ingreso", "naranjas", "congreso", "tropas"):
        stage.rules = rules(word)
        assert bool((await step(stage)).tags.topics) is (word != "naranjas")
    assert len(module._rulesets) == 2


@pytest.mark.parametrize(
    "text", ["", "\n", "…", "ー", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")]
)
async def test_an_article_with_nothing_to_find_is_tagged(text: str) -> None:
    bare = Article(
        id="a2", url="u", feed="f", source="s", content_hash="h", seen=NOW, language=None,
        title=Sourced(value="", source="html"), text=text,
    )  # fmt: skip
    tagged = await step(Tag(InlinePool(), rules("tropas")), bare)
    assert not tagged.tags.topics
    assert not tagged.tags.countries
    assert not tagged.tags.places


async def _never(error: Unavailable, attempt: int) -> None:
    raise AssertionError(error)


async def test_a_record_of_another_kind_is_dead_not_lost() -> None:
    message = Message(replace(AT, offset=8), "k", b'{"v":%d}' % SCHEMA, NOW)
    ended = await run(Tag(InlinePool(), rules("tropas")), message, lambda: NOW, _never)
    assert ended.ending == "dead"
