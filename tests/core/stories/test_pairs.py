"""The rows of features, how rare keys are, and the score of pairs."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from pipeline.core.stories.features import NAMES, ROW, Rows, row_of, rows_of
from pipeline.core.stories.keys import name_key
from pipeline.core.stories.pairs import FEATURES, STEP, PairScore, pair_features, pair_score
from pipeline.core.stories.rarity import Rarity
from pipeline.core.text.encoder import DIMENSIONS
from pipeline.core.text.prose import body
from pipeline.records import Facts, Stated, Tags, Topic, Vote
from tests import builders

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
TITLE = "Ferry line to Isla Brenta to reopen"
TEXT = "The council of Valmora voted 31-12 on Tuesday to reopen the line. Leader Irene Sandoval expects 1,250 people."
VECTOR = np.arange(DIMENSIONS, dtype=np.int64) % 90 - 45


def row(
    title: str = TITLE, text: str = TEXT, language: str = "en", source: str = "A", vector: int = 1, days: int = 0,
    tags: Tags | None = None,
) -> Rows:  # fmt: skip
    article = builders.article(title, text, language=language, source=source, published=AT + timedelta(days))
    turned = np.roll(VECTOR, vector).astype(np.int8).tobytes()
    return rows_of([row_of(article, tags or Tags(rules=""), body(text), turned)])


def features(one: Rows, other: Rows) -> dict[str, float]:
    found = pair_features(one, other, Rarity())[0] / STEP
    return dict(zip(FEATURES, found.tolist(), strict=True))


def stated(value: str | int) -> Stated:
    return Stated(value=value, sentence="", start=0, end=0, field="text")


def facts(host: str, sender: str, vote: int) -> Tags:
    one = Facts(
        topic="troops", host=stated(host), senders=(stated(sender),), vote=Vote(for_=stated(vote), against=stated(25))
    )
    return Tags(rules="", topics=(Topic(id="troops", score=1.0),), countries=(host, sender), facts=(one,))


def test_a_row_is_small_and_bounded() -> None:
    many = " ".join(f"Name{chr(65 + n)}{'aeiou'[n % 5]}rt and {n}00 boats," for n in range(26)) * 50
    packed = row(many, many)
    assert ROW.itemsize <= 900
    assert np.count_nonzero(packed["names"]) <= NAMES


def test_a_row_has_what_the_opening_says() -> None:
    found = row()[0]
    assert {name_key("Valmora"), name_key("Sandoval"), name_key("Brenta")} <= set(found["names"].tolist())
    assert found["numbers"].any()
    assert found["encoded"] == 1
    assert found["days"].tolist() == [20515, 0, 0, 0]  # 3 March 2026
    assert found["titled"] == 5  # ferry, line, isla, brenta, reopen


def test_rows_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="bytes"):
        rows_of([b"1"])
    assert len(rows_of([])) == 0


def test_the_same_article_shares_everything() -> None:
    found = features(row(), row(source="B"))
    for name in ("cosine", "names_share", "words_share", "title_share", "days_shared"):
        assert found[name] == 1, name
    assert not any(found[name] for name in FEATURES if name.endswith("clash"))
    assert found["apart"] == found["same_source"] == found["across"] == found["unknown"] == 0


@pytest.mark.parametrize(("other", "name", "value"), [
    (row(source="B", language="es"), "across", 1),
    (row(source="B", language="es"), "words_share", 0),
    (row(source="A"), "same_source", 1),
    (row(language="sv"), "unknown", 1),
    (row(language="sv"), "cosine", 0),
    (row(days=1), "apart", 1),
    (row(days=7), "apart_more", 0.5),
    (row(days=-90), "apart_more", 1),
    (row(text=TEXT.replace("Tuesday", "Friday")), "days_clash", 1),
    (row(text=TEXT.replace("31-12", "40-3").replace("1,250", "900")), "numbers_clash", 1),
])  # fmt: skip
def test_what_two_articles_differ_in(other: Rows, name: str, value: float) -> None:
    assert features(row(), other)[name] == pytest.approx(value)


@pytest.mark.parametrize(("other", "same", "clash"), [
    (facts("AO", "BR", 73), 1, 0), (facts("AO", "CV", 73), 0, 0), (facts("NA", "BR", 73), 0, 1),
    (facts("AO", "BR", 70), 0, 1),
])  # fmt: skip
def test_facts(other: Tags, same: float, clash: float) -> None:
    found = features(row(tags=facts("AO", "BR", 73)), row(tags=other))
    assert (found["facts"], found["facts_clash"], found["topics"]) == (same, clash, 1)


def test_one_call_for_many_is_many_calls() -> None:
    rows = np.concatenate([row(days=n, vector=n, source=str(n % 3)) for n in range(9)])
    together = pair_features(rows[0], rows, Rarity())
    assert all((pair_features(rows[0], one.reshape(1), Rarity()) == all_[None]).all()
               for one, all_ in zip(rows, together, strict=True))  # fmt: skip
    assert (pair_features(rows[3], rows[:3], Rarity()) == np.concatenate(
        [pair_features(one, rows[3:4], Rarity()) for one in rows[:3]]
    )).all()  # fmt: skip


def test_the_parts_of_the_explanation_are_the_whole() -> None:
    score, rarity = pair_score(), Rarity()
    one, other = row(), row(source="B", language="es", days=2)
    total = sum(part.contribution for part in score.explain(one, other, rarity))
    [probability] = score.probabilities(one, other, rarity)
    assert probability == pytest.approx(1 / (1 + np.exp(-total)))
    assert probability > score.threshold


def test_weights_of_every_feature_are_needed() -> None:
    with pytest.raises(KeyError):
        PairScore.of({"bias": 0.0, "threshold": 0.5, "weights": {"cosine": 1.0}})


def test_rare_keys_weigh_more_and_what_leaves_is_forgotten() -> None:
    rarity, order = Rarity(), random.Random(1)
    articles = [np.array([7, 100 + n, 0], np.uint32) for n in range(500)]
    for keys in articles:
        rarity.add(keys[None])
    common, rare, unseen, none = rarity(np.array([7, 100, 5000, 0], np.uint32)).tolist()
    assert 1 == unseen > rare > common > none == 0
    order.shuffle(articles)
    for keys in articles:
        rarity.remove(keys[None])
    assert rarity(np.array([7, 100], np.uint32)).tolist() == [1, 1]


def test_weights_of_keys_are_whole_steps() -> None:
    rarity = Rarity()
    for n in range(40):
        rarity.add(np.arange(1, n + 2, dtype=np.uint32)[None])
    weights = rarity(np.arange(1, 60, dtype=np.uint32)) * 256
    assert (weights == np.rint(weights)).all()
