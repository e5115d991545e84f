"""The committed weights of the pair score follow from the committed table; and the sets that the table is made of."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.stories.pairs import FEATURES, STEP, PairScore, pair_score
from scripts.stories.rows import Prepared
from scripts.stories.scores import b_cubed, pairwise
from scripts.stories.sets import Report, own
from scripts.stories.table import Table, features_of, pairs_of, rarity_of
from scripts.train_stories import TABLE, TEXTS, WEIGHTS, as_toml, fit

GATE = Path("tests/gate/stories")


@pytest.fixture(scope="module")
def table() -> Table:
    return Table.read(TABLE)


def test_the_weights_follow_from_the_table(table: Table) -> None:
    assert as_toml(*fit(table)) == as_toml(*fit(table)) == WEIGHTS.read_text(encoding="utf-8")


def test_the_table_is_of_sets_and_tells_both_kinds(table: Table) -> None:
    assert set(table.sets) == {"ecb", "tgcontest", "own", "short", "labelled"}
    for n in range(len(table.sets)):
        assert 0 < table.same[table.group == n].mean() < 1


def test_the_score_tells_the_pairs_of_the_table_apart(table: Table) -> None:
    likely = pair_score().of_features(table.features.astype(np.int64)) >= pair_score().threshold
    right = likely & (table.same == 1)
    assert right.sum() / likely.sum() > 0.85
    assert right.sum() / table.same.sum() > 0.75


def test_a_table_of_other_features_is_refused(table: Table, tmp_path: Path) -> None:
    file = tmp_path / "pairs.npz"
    names = np.array([*FEATURES[:-1], "other"])
    np.savez_compressed(file, features=table.features, same=table.same, group=table.group, sets=table.sets, names=names)
    with pytest.raises(ValueError, match="--extract"):
        Table.read(file)


def test_writing_twice_gives_the_same_bytes(table: Table, tmp_path: Path) -> None:
    files = [tmp_path / "one.npz", tmp_path / "two.npz"]
    for file in files:
        table.write(file)
    assert files[0].read_bytes() == files[1].read_bytes() == TABLE.read_bytes()


@pytest.mark.parametrize("folder", [TEXTS, GATE])
def test_our_reports_tell_events_in_several_languages(folder: Path) -> None:
    reports = own(folder)
    events = Counter(report.event for report in reports)
    assert len({report.id for report in reports}) == len(reports)
    assert sum(size > 1 for size in events.values()) > 0.9 * len(events)
    by_event = {event: [report for report in reports if report.event == event] for event in events}
    assert sum(len({report.language for report in own}) > 1 for own in by_event.values()) > 0.7 * len(events)
    for group in by_event.values():
        times = [report.published for report in group]
        assert max(times) - min(times) < timedelta(days=3)


def test_training_and_gate_share_no_event() -> None:
    assert not {report.event for report in own(TEXTS)} & {report.event for report in own(GATE)}


@pytest.mark.slow
def test_pairs_of_the_committed_texts_are_in_the_table(table: Table) -> None:
    """Vectors may differ by a step between processors, which changes a cosine by thousandths."""
    reports = [report for report in own(TEXTS) if report.event.startswith(("dax", "oil"))]
    rows = Prepared(Path("config")).rows(reports)
    pairs = pairs_of(rows, [report.event for report in reports])
    features = features_of(rows, pairs, rarity_of(rows))
    cosine = FEATURES.index("cosine")
    known = table.features[table.group == table.sets.index("own")][:, cosine]
    assert all(np.abs(known - value).min() <= STEP // 100 for value in features[:, cosine])


def scores(events: str, stories: str) -> tuple[float, float, float, float]:
    one, two = b_cubed(list(events), list(stories)), pairwise(list(events), list(stories))
    return round(one.precision, 3), round(one.recall, 3), round(two.precision, 3), round(two.recall, 3)


def test_scores() -> None:
    assert scores("aabb", "xxyy") == (1, 1, 1, 1)
    assert scores("aabb", "xxxx") == (0.5, 1, 0.333, 1)
    assert scores("aabb", "wxyz") == (1, 0.5, 1, 0)
    assert scores("aab", "xyy") == (0.667, 0.667, 0, 0)
    assert b_cubed(["a"], ["x"]).f == 1
    assert pairwise(list("aa"), list("xy")).f == 0


def test_weights_are_read_as_they_are_written(table: Table) -> None:
    weights, bias = fit(table)
    score = pair_score()
    assert isinstance(score, PairScore)
    assert np.abs(score.weights / STEP - weights).max() < 0.001
    assert abs(score.bias / STEP - bias) < 0.001


def test_a_report_has_a_time() -> None:
    assert all(isinstance(report, Report) and report.published.tzinfo for report in own(TEXTS))
