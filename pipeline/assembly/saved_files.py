"""The files of a backup beside log and index: the configuration folder, and what channels wrote to the data folder."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path

from pipeline.assembly.data_lock import NAME
from pipeline.config.file_cache import FOLDER

CONFIG, DATA = "config", "data"
_BLOCK = 1 << 20
#: What the data folder holds besides: saved in another way, or not worth saving.
_ELSEWHERE = ("log.sqlite*", "index", "known.sqlite*", "archive.sqlite*", "stories.sqlite*", NAME, FOLDER)


def save_files(config: Path, data: Path, folder: Path) -> None:
    """Copy the configuration folder and the other files of the data folder into the backup `folder`.

    Links are followed: the backup does not depend on where they lead. A data folder inside the configuration folder is
    left out of it.
    """
    inside = data.resolve()

    def left_out(where: str, names: list[str]) -> set[str]:
        return {name for name in names if (Path(where) / name).resolve() == inside}

    shutil.copytree(config, folder / CONFIG, ignore=left_out)
    unfinished = folder / f"{DATA}.unfinished"
    unfinished.mkdir()
    for file in other_files(data):
        shutil.copy2(file, unfinished / file.name)
    unfinished.rename(folder / DATA)  # a backup without it is not complete, and `restore` refuses it


def other_files(data: Path) -> list[Path]:
    """What channels wrote to the data folder, such as alerts.jsonl and its older parts."""
    return sorted(
        file for file in data.glob("*") if file.is_file() and not any(file.match(pattern) for pattern in _ELSEWHERE)
    )


def restore_files(folder: Path, target: Path, before: Path) -> None:
    """Put the other files of the backup `folder` into `target`.

    `before`: the data that is being replaced. A file there that continues the saved one is taken instead: its channel
    then knows the alerts that it wrote since the backup, and does not write them again.
    """
    for saved in sorted((folder / DATA).glob("*")):
        newer = before / saved.name
        shutil.copy2(newer if _continues(newer, saved) else saved, target / saved.name)


def _continues(newer: Path, older: Path) -> bool:
    """Whether the file begins with all of the other."""
    if not newer.is_file() or newer.stat().st_size < older.stat().st_size:
        return False
    with newer.open("rb") as one, older.open("rb") as other:
        while block := other.read(_BLOCK):
            if one.read(len(block)) != block:
                return False
    return True


def changed_files(folder: Path, config: Path) -> list[str]:
    """The files of the saved configuration that are not the same in `config`, and those that only `config` has."""
    saved = folder / CONFIG
    names = {file.relative_to(top).as_posix() for top in (saved, config) for file in top.rglob("*") if file.is_file()}
    return sorted(name for name in names if not _same(saved / name, config / name))


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)


def restore_configuration(folder: Path, config: Path) -> Path | None:
    """Put the saved configuration in place; a configuration that is there is moved to another folder, which is
    returned."""
    staged, aside = config.with_name(f"{config.name}-restoring"), None
    shutil.rmtree(staged, ignore_errors=True)
    shutil.copytree(folder / CONFIG, staged)
    if config.exists():
        aside = free_name(config)
        config.rename(aside)
    staged.rename(config)
    return aside


def free_name(folder: Path) -> Path:
    """A name beside `folder` that nothing has yet: NAME-before-restore, NAME-before-restore-2 …"""
    number, free = 1, folder.with_name(f"{folder.name}-before-restore")
    while free.exists():
        number += 1
        free = folder.with_name(f"{folder.name}-before-restore-{number}")
    return free
