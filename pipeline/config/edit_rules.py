"""Changes one rule of alerts.toml and keeps the rest of the file as people wrote it, with its comments.

file = RuleFile.read(folder)
edit = file.changed("Foreign troops", {"query": "troops", "throttle": None})
edit.check(topics)  # the set of rules as it would be, and warnings; raises Faults
edit.save()         # raises Conflict if the file changed meanwhile
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tomlkit
from tomlkit.exceptions import InvalidStringError, TOMLKitError
from tomlkit.items import AoT, Table

from pipeline.config.folder import lists_of
from pipeline.config.read_toml import is_there, read_bytes
from pipeline.config.write_file import replace_file
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.faults import Fault, Faults, did_you_mean
from pipeline.core.toml_reader import TomlFile
from pipeline.core.wording import Text

NAME = "alerts.toml"
TERMINAL = {"terminal": {"type": "terminal"}}  # the channel of the first rule
LARGEST = 1_000_000  # bytes of a file that is edited here: tomlkit needs about 2 s for as many


class Conflict(Exception):
    """The file is not the one that was edited: another person or program changed it."""


@dataclass(frozen=True)
class RuleFile:
    """alerts.toml as it was read. `version` changes with every byte of it."""

    folder: Path
    content: bytes

    @classmethod
    def read(cls, folder: Path) -> RuleFile:
        """The file; an empty one if it is missing. Raises Faults if it cannot be read."""
        file = folder / NAME
        return cls(folder, read_bytes(file) if is_there(file) else b"")

    @property
    def version(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]

    def rule(self, named: str) -> Mapping[str, Any]:
        """The table of the rule with this id or name, as values of TOML. Raises Faults."""
        tables = _tables(TomlFile.parse(NAME, self.content).data)
        return tables[_place(tables, named)]

    def changed(self, named: str, values: Mapping[str, Any]) -> RuleEdit:
        """The file with these values in the rule `named` (id or name; "": a new rule at the end). A value None removes
        the key; a value that the rule has already is not written again. A file without channels gets one.

        Raises Faults.
        """
        document = self._document()
        tables = document.get("alert")
        if tables is None:
            tables = document["alert"] = tomlkit.aot()
        if not isinstance(tables, AoT):
            raise _fault("its rules are no [[alert]] tables", "write each rule as a table of its own")
        if named:
            place = _place(tables, named)
        else:
            place = len(tables)
            tables.append(tomlkit.table())
            if not document.get("channels"):
                document["channels"] = TERMINAL
        _apply(tables[place], values)
        return RuleEdit(self, _text(document), place, "changed" if named else "added")

    def without(self, named: str) -> RuleEdit:
        """The file without the rule. Raises Faults."""
        document = self._document()
        tables = document.get("alert", [])
        place = _place(tables, named)
        del tables[place]
        return RuleEdit(self, _text(document), place, "removed")

    def _document(self) -> tomlkit.TOMLDocument:
        if len(self.content) > LARGEST:
            why = Text("has {:,} bytes; rules of files over {:,} are edited by hand", len(self.content), LARGEST)
            raise _fault(why, "run `almenara check` after a change")
        TomlFile.parse(NAME, self.content)  # with the line of a fault
        try:
            return tomlkit.parse(self.content.decode("utf-8-sig"))
        except TOMLKitError as error:
            raise _fault(f"cannot be edited here: {error}", "edit the file by hand") from error


@dataclass(frozen=True)
class RuleEdit:
    """A changed alerts.toml that is not written yet. `place`: of the rule among the [[alert]] tables."""

    file: RuleFile
    content: bytes
    place: int
    kind: Literal["added", "changed", "removed"]

    @property
    def written(self) -> str:
        """The version of the file once it is saved."""
        return RuleFile(self.file.folder, self.content).version

    def check(
        self, topics: Collection[str] | None = None, known: Mapping[str, Collection[str]] | None = None
    ) -> tuple[AlertSet, tuple[Fault, ...]]:
        """The rules as they would be, and warnings about them. Raises Faults, also if more than the one rule changed.

        `topics`, `known`: as `topics` and `sources` of `parse_alerts`.
        """
        alerts, warnings = parse_alerts(
            TomlFile.parse(NAME, self.content), topics, lists_of(self.file.folder),
            {field: set(values) for field, values in (known or {}).items()},
        )  # fmt: skip
        self._check_rest()
        return alerts, tuple(warnings)

    def save(self) -> str:
        """Write the file; return its new version. Raises Conflict, OSError."""
        self.unchanged()
        replace_file(self.file.folder / NAME, self.content)
        return self.written

    def unchanged(self) -> None:
        """Raise Conflict if the file is no longer as it was read."""
        if RuleFile.read(self.file.folder).version != self.file.version:
            raise Conflict(Text("{} was changed meanwhile: look at the rule again before you save it", NAME))

    def _check_rest(self) -> None:
        """Everything but the rule must be as it was, whatever the library that writes TOML does."""
        before, after = (tomllib.loads(content.decode("utf-8-sig")) for content in (self.file.content, self.content))
        rules, new = _tables(before), _tables(after)
        if self.kind != "added":
            del rules[self.place]
        elif not before.get("channels"):
            before["channels"] = TERMINAL
        if self.kind != "removed":
            del new[self.place]
        before["alert"], after["alert"] = rules, new
        if before != after:
            raise _fault("cannot be edited here without changing other parts of it", "edit the file by hand")


def _tables(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    tables = data.get("alert")
    return list(tables) if isinstance(tables, list) else []


def _place(tables: Sequence[Any], named: str) -> int:
    for place, table in enumerate(tables):
        if isinstance(table, Mapping) and _is(table, named):
            return place
    names = [str(table["name"]) for table in tables if isinstance(table, Mapping) and "name" in table]
    hint = did_you_mean(named, names, f"rules: {', '.join(names[:20])}" if names else "the file has no rules")
    raise Faults((Fault(NAME, "alert", Text("there is no rule {!r}", named), hint),))


def _is(table: Mapping[str, Any], named: str) -> bool:
    return named.casefold() in {str(table[key]).casefold() for key in ("id", "name") if key in table}


def _text(document: tomlkit.TOMLDocument) -> bytes:
    return tomlkit.dumps(document).encode()


def _apply(table: Table, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if value is None:
            table.pop(key, None)
        elif key not in table or _plain(table[key]) != value:
            table[key] = _written(value)


def _plain(value: Any) -> Any:
    return value.unwrap() if hasattr(value, "unwrap") else value


def _written(value: Any) -> Any:
    """The value as an item of TOML; a text of several lines as such, if it can be written literally."""
    if isinstance(value, str) and "\n" in value and not value.startswith("\n") and not value.endswith("'"):
        with suppress(InvalidStringError):
            return tomlkit.string(value, literal=True, multiline=True)
    return tomlkit.item(list(value) if isinstance(value, tuple) else value)


def _fault(why: str, hint: str) -> Faults:
    return Faults((Fault(NAME, "", why, hint),))
