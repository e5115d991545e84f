"""Reads files of keywords and rules of ElastAlert 2 from disk, for `almenara alerts import`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from pipeline.commands.file_text import NoText, text_of
from pipeline.core.decoding.decode import decode
from pipeline.core.importing.elastalert import read_rule
from pipeline.core.importing.imported import Imported, Left
from pipeline.core.importing.keywords import read_keywords
from pipeline.core.importing.tables import is_table, read_table

LARGEST = 50_000_000  # bytes
YAML_LARGEST = 1_000_000
YAML = (".yaml", ".yml")
TABLES = (".csv", ".tsv", ".tab")
BINARY = {b"PK\x03\x04": "a spreadsheet or archive", b"\xd0\xcf\x11\xe0": "an old spreadsheet", b"%PDF": "a PDF"}
IMPORTS = 50  # files that one rule may import


def read_files(files: list[Path], encoding: str = "") -> Iterator[tuple[str, Imported]]:
    """What each file gives, with its name. A folder stands for the YAML files in it; `-` for standard input.

    `encoding`: of keywords and tables; "": found out.
    """
    for file in files:
        if file.is_dir():
            yield from ((str(inner), _read(inner)) for inner in _rules_in(file))
        elif file.suffix.lower() in YAML:
            yield from _read_yaml(file)
        else:
            yield str(file), _read(file, encoding)


def _rules_in(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in YAML and file.is_file())


def _read_yaml(file: Path) -> Iterator[tuple[str, Imported]]:
    """One rule, or those in the rules_folder of a configuration file."""
    found = _mapping(file)
    folders = found.get("rules_folder") if isinstance(found, Mapping) and "type" not in found else None
    if folders is None:
        yield str(file), _read(file)
        return
    for folder in folders if isinstance(folders, list) else [folders]:
        place = next((top / str(folder) for top in (file.parent, Path()) if (top / str(folder)).is_dir()), None)
        if place is None:
            yield str(file), Imported(left=(Left(f"rules_folder: {folder}", "there is no such folder"),))
            continue
        yield from ((str(inner), _read(inner)) for inner in _rules_in(place))


def _read(file: Path, encoding: str = "") -> Imported:
    try:
        if file.suffix.lower() in YAML:
            return _rule(file)
        content = sys.stdin.buffer.read(LARGEST + 1) if str(file) == "-" else _content(file, LARGEST)
    except OSError as error:
        return _unread(file, error.strerror or str(error))
    except _Unreadable as error:
        return _unread(file, str(error))
    if kind := next((kind for mark, kind in BINARY.items() if content.startswith(mark)), None):
        return _unread(file, f"is {kind}: save it as CSV or text")
    try:
        text, guessed = text_of(content, encoding)
    except NoText as error:
        return _unread(file, str(error))
    name = file.stem if str(file) != "-" else "Imported"
    table = file.suffix.lower() in TABLES or is_table(text)
    found = read_table(name, text) if table else read_keywords(name, text)
    return replace(found, left=(*guessed, *found.left))


class _Unreadable(Exception):
    pass


def _content(file: Path, largest: int) -> bytes:
    if not file.is_file():
        raise _Unreadable("there is no such file" if not file.exists() else "is no ordinary file")
    if file.stat().st_size > largest:
        raise _Unreadable(f"has more than {largest:,} bytes")
    return file.read_bytes()


def _unread(file: Path, why: str) -> Imported:
    return Imported(left=(Left(str(file), why),))


# -- YAML


def _mapping(file: Path) -> Any:
    """What the file holds; None if it cannot be read."""
    try:
        return yaml.safe_load(decode(_content(file, YAML_LARGEST)).text)
    except (OSError, _Unreadable, yaml.YAMLError, RecursionError, ValueError):
        return None


def _rule(file: Path) -> Imported:
    """The rule with what it imports: as ElastAlert does, its own options win, and filters add up."""
    missing: list[Left] = []
    rule = _load(file)
    if not isinstance(rule, Mapping):
        return read_rule(rule, file.stem)
    rule = dict(rule)
    stack, seen = _imports(rule, file), 0
    rule.pop("import", None)
    while stack and seen < IMPORTS:
        place, seen = stack.pop(), seen + 1
        loaded = _mapping(place)
        if not isinstance(loaded, Mapping):
            missing.append(Left(f"import: {place.name}", "cannot be read"))
            continue
        stack += _imports(loaded, place)
        rule = {**{key: value for key, value in loaded.items() if key != "import"}, **rule} | _filters(loaded, rule)
    if any("filter" in left.what or "import" in left.what for left in missing):
        missing.append(Left("the rule", "what it imports may hold a part of its condition"))
        return Imported(left=tuple(missing))
    return read_rule(rule, file.stem)


def _filters(loaded: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, Any]:
    both = [one["filter"] for one in (loaded, rule) if isinstance(one.get("filter"), list)]
    return {"filter": [part for filters in both for part in filters]} if both else {}


def _imports(rule: Mapping[str, Any], file: Path) -> list[Path]:
    named = rule.get("import") or []
    return [file.parent / str(one) for one in (named if isinstance(named, list) else [named])]


def _load(file: Path) -> Any:
    """The first document of the file. Raises _Unreadable."""
    try:
        return yaml.safe_load(decode(_content(file, YAML_LARGEST)).text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise _Unreadable(f"is no YAML that can be read: {getattr(error, 'problem', None) or error}{place}") from error
    except (RecursionError, ValueError) as error:
        raise _Unreadable(f"is no YAML that can be read: {error}") from error
