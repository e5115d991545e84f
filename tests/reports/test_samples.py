from __future__ import annotations

from itertools import pairwise

import pytest

from pipeline.reports.samples import Samples


@pytest.mark.parametrize("values", [0, 1, 9, 10, 11, 79, 80, 81, 1_000, 100_000])
def test_samples_are_spread_evenly_in_bounded_memory(values: int) -> None:
    samples = Samples[int](10)
    for value in range(values):
        samples.add(value)
    chosen = samples.chosen()
    assert len(chosen) == min(values, 10)
    assert chosen == sorted(set(chosen))
    assert len(samples._kept) <= 81
    if values > 10:
        assert chosen[0] == 0
        assert chosen[-1] >= values * 0.9
        gaps = [after - before for before, after in pairwise(chosen)]
        assert max(gaps) <= 2.5 * values / 10
