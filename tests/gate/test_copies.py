"""Copies and look-alikes on texts of our own (scripts/evaluate_copies.py). Floors only go up."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.evaluate_copies import judge, links, read_set

FOLDER = Path("tests/gate/copies")


@pytest.mark.parametrize(("name", "found", "reprints"), [("reprints", 62, 63), ("lookalikes", 0, 0)])
def test_reprints_are_found_and_look_alikes_are_not(name: str, found: int, reprints: int) -> None:
    given = read_set(FOLDER / f"{name}.toml")
    result = judge(given, links(given))
    assert result.reprints == reprints
    assert result.reprints - len(result.missed) >= found, result.missed
    assert result.false == ()


def test_the_sets_are_large_enough_to_mean_something() -> None:
    given = read_set(FOLDER / "lookalikes.toml")
    assert len(given) > 50
    assert len({one.article.language for one in given}) > 8
