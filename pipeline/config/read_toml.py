"""Reads TOML files from disk."""

from __future__ import annotations

from pathlib import Path

from pipeline.core.faults import Fault, Faults
from pipeline.core.toml_reader import TomlFile


def read_toml(file: Path, name: str = "") -> TomlFile:
    """The parsed file, called `name` in faults. Raises Faults if it cannot be read or is not TOML."""
    name = name or file.name
    try:
        content = file.read_bytes()
    except OSError as error:
        fault = Fault(name, "", error.strerror or str(error), "check that the file exists and is readable")
        raise Faults((fault,)) from error
    return TomlFile.parse(name, content)


def read_toml_folder(folder: Path, pattern: str) -> list[TomlFile]:
    """The files of a folder that match `pattern`, by name; names are relative to it. Raises Faults of all of them."""
    names = sorted(file.relative_to(folder).as_posix() for file in folder.glob(pattern))
    parsed: list[TomlFile] = []
    faults: list[Fault] = []
    for name in names:
        try:
            parsed.append(read_toml(folder / name, name))
        except Faults as error:
            faults += error.faults
    if faults:
        raise Faults(tuple(faults))
    return parsed
