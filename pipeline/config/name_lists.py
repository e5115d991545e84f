"""Reads the lists of names in lists/, which queries use as @name."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.config.read_toml import files_in, read_bytes
from pipeline.core.faults import Fault, Faults
from pipeline.core.query.leaves import name_parts
from pipeline.core.query.names import NameList, read_names

LISTS = "lists/*"
_NAME = re.compile(r"[^\W_][\w-]*\.txt")
_FAULTS = 20  # of one file


def read_lists(folder: Path) -> tuple[dict[str, NameList], list[Fault]]:
    """The lists by name, and all faults; a list with faults is there with the names that could be read."""
    lists: dict[str, NameList] = {}
    faults: list[Fault] = []
    try:
        names = files_in(folder, (LISTS,))
    except Faults as error:
        return {}, list(error.faults)
    for name in names:
        file = folder / name
        if file.name == "README.md":
            continue
        if not _NAME.fullmatch(file.name):
            hint = "name it NAME.txt: letters, digits and hyphens"
            faults.append(Fault(name, "", "is no list of names", hint))
            continue
        try:
            text = read_bytes(file, name).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            faults.append(Fault(name, "", f"not UTF-8: {error.reason}", "save the file as UTF-8", line))
            text = error.object.decode("utf-8-sig", "ignore")
        except Faults as error:
            faults += error.faults
            continue
        if "\0" in text:
            line = text.count("\n", 0, text.index("\0")) + 1
            faults.append(Fault(name, "", "has a NUL byte: it was not written to its end, or is not text", "", line))
            continue
        lists[file.stem], wrong = read_names(file.stem, text, name_parts)
        faults += [Fault(name, "", reason, "", line) for line, reason in wrong[:_FAULTS]]
        if len(wrong) > _FAULTS:
            faults.append(Fault(name, "", f"{len(wrong) - _FAULTS} more faults", "", wrong[_FAULTS][0]))
    return lists, faults
