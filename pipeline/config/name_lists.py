"""Reads the lists of names in lists/, which queries use as @name."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.core.faults import Fault
from pipeline.core.query.leaves import name_parts
from pipeline.core.query.names import NameList, read_names

LISTS = "lists/*"
_NAME = re.compile(r"[^\W_][\w-]*\.txt")
_FAULTS = 20  # of one file


def read_lists(folder: Path) -> tuple[dict[str, NameList], list[Fault]]:
    """The lists by name, and all faults; a list with faults is there with the names that could be read."""
    lists: dict[str, NameList] = {}
    faults: list[Fault] = []
    for file in sorted(folder.glob(LISTS)):
        name = f"lists/{file.name}"
        if file.name.startswith(".") or file.name == "README.md":
            continue
        if not _NAME.fullmatch(file.name):
            hint = "name it NAME.txt: letters, digits and hyphens"
            faults.append(Fault(name, "", "is no list of names", hint))
            continue
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            faults.append(Fault(name, "", f"not UTF-8: {error.reason}", "save the file as UTF-8", line))
            text = error.object.decode("utf-8-sig", "ignore")
        except OSError as error:
            faults.append(Fault(name, "", error.strerror or str(error), "check that the file is readable"))
            continue
        lists[file.stem], wrong = read_names(file.stem, text, name_parts)
        faults += [Fault(name, "", reason, "", line) for line, reason in wrong[:_FAULTS]]
        if len(wrong) > _FAULTS:
            faults.append(Fault(name, "", f"{len(wrong) - _FAULTS} more faults", "", wrong[_FAULTS][0]))
    return lists, faults
