"""What a configuration that stays in force does to garbage collection: nothing else may stay with it."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from pipeline.config.folder import load, load_to_stay
from tests.console.newsroom import write_configuration


class Ring:
    """Something that only a collection can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_configuration(tmp_path / "config")
    return tmp_path / "config"


def test_what_stays_is_left_out_of_collections_and_garbage_is_not(folder: Path) -> None:
    load_to_stay(folder)
    garbage = weakref.ref(Ring())
    before = gc.get_freeze_count()
    configuration = load_to_stay(folder)
    assert garbage() is None
    assert gc.get_freeze_count() > before + 100
    del configuration
    assert gc.get_freeze_count() < before + 20  # freed without a collection: nothing in it leads back to itself


def test_what_is_only_looked_at_keeps_nothing_from_being_collected(folder: Path) -> None:
    before = gc.get_freeze_count()
    garbage = weakref.ref(Ring())
    load(folder)
    assert gc.get_freeze_count() <= before
    assert gc.isenabled()
    gc.collect()
    assert garbage() is None
