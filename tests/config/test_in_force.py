"""What was last in force is remembered, and what is accepted holds for that change alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.contents import contents_of
from pipeline.config.in_force import InForce
from tests.config.test_losses import rules


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "config"
    made.mkdir()
    (made / "alerts.toml").write_text(rules(*"ABCDE"))
    return made


def test_the_first_start_has_no_past_and_later_ones_have(tmp_path: Path, folder: Path) -> None:
    data = tmp_path / "data"
    assert InForce(data, folder).refusals(contents_of(folder)) == ()
    InForce(data, folder).keep(contents_of(folder))
    assert InForce(data, folder).refusals(contents_of(folder)) == ()
    (folder / "alerts.toml").write_text("")
    assert len(InForce(data, folder).refusals(contents_of(folder))) == 1
    assert InForce(tmp_path / "other", folder).refusals(contents_of(folder)) == ()
    assert InForce(data, tmp_path / "elsewhere").refusals(contents_of(folder)) == ()


def test_a_link_to_the_newest_release_has_the_past_of_the_one_before(tmp_path: Path, folder: Path) -> None:
    current, data = tmp_path / "current", tmp_path / "data"
    current.symlink_to(folder)
    InForce(data, current).keep(contents_of(current))
    (tmp_path / "next").mkdir()
    current.unlink()
    current.symlink_to(tmp_path / "next")
    assert InForce(data, current).refusals(contents_of(current))


def test_only_the_content_that_was_accepted_is_accepted_and_only_once(tmp_path: Path, folder: Path) -> None:
    in_force, file = InForce(tmp_path / "data", folder), folder / "alerts.toml"
    in_force.keep(contents_of(folder))
    file.write_text(rules("A"))
    in_force.accept(in_force.losses(contents_of(folder)))
    assert InForce(tmp_path / "data", folder).refusals(contents_of(folder)) == ()  # after a restart, too
    file.write_text(rules("B"))
    assert in_force.refusals(contents_of(folder))
    file.unlink()
    assert in_force.refusals(contents_of(folder))

    file.write_text(rules("A"))
    in_force.keep(contents_of(folder))
    file.write_text(rules(*"ABCDE"))
    in_force.keep(contents_of(folder))
    file.write_text(rules("A"))
    assert in_force.refusals(contents_of(folder)), "the same loss at another time"


def test_a_damaged_memory_is_no_past(tmp_path: Path, folder: Path) -> None:
    in_force = InForce(tmp_path, folder)
    in_force.keep(contents_of(folder))
    (file,) = tmp_path.glob("in-force-*.json")
    file.write_bytes(file.read_bytes()[:50])
    (folder / "alerts.toml").unlink()
    assert in_force.past() is None
    assert in_force.losses(contents_of(folder)) == ()
    assert not list(tmp_path.glob(".new-*"))
