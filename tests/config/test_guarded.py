"""Files that are just being written, copied or exchanged are looked at again before they are judged."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.config.contents import contents_of
from pipeline.config.folder import fingerprint
from pipeline.config.guarded import LOOKS, Refused, load_guarded
from pipeline.config.in_force import InForce
from tests.config.test_losses import rules

WHOLE = rules(*"ABCDE")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "config"
    made.mkdir()
    (made / "alerts.toml").write_text(WHOLE)
    InForce(tmp_path / "data", made).keep(contents_of(made))
    return made


class Steps:
    """A clock on which something happens at each wait."""

    def __init__(self, *acts: Callable[[], object]) -> None:
        self.acts: Iterator[Callable[[], object]] = iter(acts)
        self.waited = 0

    def __call__(self, seconds: float) -> None:
        self.waited += 1
        next(self.acts, lambda: None)()


def test_an_editor_that_removes_the_file_for_a_moment(folder: Path) -> None:
    file = folder / "alerts.toml"
    file.rename(folder / "alerts.toml~")
    steps = Steps(lambda: None, lambda: (folder / "alerts.toml~").rename(file))
    assert len(load_guarded(folder, changing=True, wait=steps).configuration.alerts.rules) == 5


def test_a_copy_that_goes_on(folder: Path) -> None:
    file = folder / "alerts.toml"
    pieces = [WHOLE[: len(WHOLE) * n // 4] for n in range(5)]
    file.write_text(pieces[0])
    steps = Steps(*(lambda piece=piece: file.write_text(piece) for piece in pieces[1:]))
    assert len(load_guarded(folder, changing=True, wait=steps).configuration.alerts.rules) == 5


def test_a_link_that_is_exchanged(folder: Path, tmp_path: Path) -> None:
    """As Kubernetes exchanges a ConfigMap: alerts.toml → ..data/alerts.toml, ..data → another folder."""
    for name, text in (("..1", WHOLE), ("..2", rules(*"ABCDEF"))):
        (folder / name).mkdir()
        (folder / name / "alerts.toml").write_text(text)
    (folder / "..data").symlink_to("..1")
    (folder / "alerts.toml").unlink()
    (folder / "alerts.toml").symlink_to("..data/alerts.toml")
    assert len(load_guarded(folder, changing=True, wait=Steps()).configuration.alerts.rules) == 5
    (folder / "..data").unlink()  # between the two, the file is a link that leads nowhere

    def put() -> None:
        os.symlink("..2", folder / "..tmp")
        os.replace(folder / "..tmp", folder / "..data")

    assert len(load_guarded(folder, changing=True, wait=Steps(lambda: None, put)).configuration.alerts.rules) == 6


def test_what_stays_wrong_is_refused_with_the_state_that_was_judged(folder: Path) -> None:
    (folder / "alerts.toml").write_text("")
    steps = Steps()
    with pytest.raises(Refused, match="is empty"):
        load_guarded(folder, changing=True, wait=steps)
    assert steps.waited == 2
    (folder / "alerts.toml").write_text(WHOLE + "[[alert]")
    with pytest.raises(Refused, match="not TOML"):
        load_guarded(folder, wait=Steps())


def test_files_that_never_stop_changing_are_refused(folder: Path) -> None:
    file = folder / "alerts.toml"
    sizes = (lambda n=n: file.write_text(WHOLE + "\n" * n) for n in range(2 * LOOKS))
    with pytest.raises(Refused, match="never stop changing"):
        load_guarded(folder, changing=True, wait=Steps(*sizes))


def test_a_change_in_a_linked_folder_is_seen(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "shared"
    outside.mkdir()
    (folder / "topics").mkdir()
    (folder / "topics" / "strike").symlink_to(outside)
    before = fingerprint(folder)
    (outside / "topic.toml").write_text("x")
    assert fingerprint(folder) != before
