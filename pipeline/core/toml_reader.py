"""Reads typed values from TOML files; collects every fault, with its line, and continues.

    reader = TomlReader(TomlFile.parse("feeds.toml", content))
    for feed in reader.root.tables("feed"):
        feed.only("id", "url")
        feed.text("id", required=True)
    reader.finish()  # raises Faults with all of them

A value that is missing or wrong is replaced by the default, so that the rest can be read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

from pipeline.core.faults import Fault, Faults, did_you_mean
from pipeline.core.toml_lines import Path, lines_of
from pipeline.core.wording import Text

Default = TypeVar("Default")
FIX = Text("fix that line, then run `almenara check`")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_DURATION = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*([smhdw])\s*")


@dataclass(frozen=True)
class TomlFile:
    """A parsed TOML file that knows its lines. Without `text`, faults have no line."""

    name: str
    data: Mapping[str, Any]
    text: str = field(default="", repr=False)

    @classmethod
    def parse(cls, name: str, content: bytes) -> TomlFile:
        """The file `name` with this content. Raises Faults if it is not TOML in UTF-8."""
        try:
            text = content.decode("utf-8-sig")  # Windows editors write a byte order mark
            return cls(name, tomllib.loads(text), text)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            fault = Fault(name, "", Text("not TOML: not UTF-8: {}", error.reason), "save the file as UTF-8", line)
        except tomllib.TOMLDecodeError as error:
            fault = Fault(name, *_syntax_fault(str(error), text))
        except RecursionError:
            fault = Fault(name, "", "not TOML that can be read: nested too deeply", "use fewer brackets")
        raise Faults((fault,))

    def line(self, path: Path) -> int | None:
        """The line of the value at `path`, or of the innermost table around it that the file has."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return None

    @cached_property
    def _lines(self) -> dict[Path, int]:
        return lines_of(self.text)


def _syntax_fault(message: str, text: str) -> tuple[str, str, str, int]:
    """Key, reason, hint and line of a fault from what `tomllib` says."""
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    if not found:
        return "", Text("not TOML: {}", message), FIX, 1
    if not found[2]:
        return "", Text("not TOML: {}, at the end of the file", found[1]), FIX, max(1, len(text.splitlines()))
    return "", Text("not TOML: {}, column {}", found[1], found[3]), FIX, int(found[2])


class TomlReader:
    """Reads one file from its `root` table. Several readers may add to one list of `faults`."""

    def __init__(self, file: TomlFile, faults: list[Fault] | None = None) -> None:
        self.file = file
        self.faults: list[Fault] = [] if faults is None else faults
        self.warnings: list[Fault] = []

    @property
    def root(self) -> Table:
        """The table of the whole file; not kept, so that nothing leads back to itself and waits for a collection."""
        return Table(self, (), "", self.file.data)

    def finish(self) -> None:
        """Raise Faults if there is any."""
        if self.faults:
            raise Faults(tuple(self.faults))


@dataclass(slots=True)
class Table:
    """One table of the file. `label` is its name in faults: `alert[2]`, unless it is set to something clearer."""

    reader: TomlReader
    path: Path
    label: str
    values: Mapping[str, Any]

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def fault(self, key: str, reason: str, hint: str = "", *, item: int | None = None) -> None:
        """Add a fault at the value of `key`, at its element number `item` (from 0), or with key "" at this table."""
        self.reader.faults.append(self._fault(key, reason, hint, item))

    def warn(self, key: str, reason: str, hint: str = "") -> None:
        """Add a warning: allowed, but probably not meant."""
        self.reader.warnings.append(self._fault(key, reason, hint, None))

    def _fault(self, key: str, reason: str, hint: str, item: int | None) -> Fault:
        path = (*self.path, *([key] if key else []), *([] if item is None else [item]))
        return Fault(self.reader.file.name, self.name(key), reason, hint, self.reader.file.line(path))

    def name(self, key: str) -> str:
        """The name of the value of `key` in faults."""
        return f"{self.label}.{key}" if self.label and key else self.label or key

    def line(self, key: str = "") -> int | None:
        """The line of the value of `key`, or with key "" of this table."""
        return self.reader.file.line((*self.path, key) if key else self.path)

    def only(self, *known: str) -> None:
        """Add a fault for each key that is not among `known`."""
        for key in self.values:
            if key not in known:
                self.fault(key, "unknown key", did_you_mean(key, known, Text("known keys: {}", ", ".join(known))))

    def missing(self, key: str, hint: str = "") -> None:
        self.fault(key, "is missing", hint)

    # -- values

    def text(self, key: str, *, required: bool = False, hint: str = "") -> str | None:
        """A string; with `required`, not a blank one."""
        value = self.values.get(key)
        hint = hint or f'{key} = "…"'
        if value is None:
            if required:
                self.missing(key, hint)
            return None
        if not isinstance(value, str):
            self.fault(key, Text("must be a string, not {}", kind_of(value)), hint)
            return None
        if required and not value.strip():
            self.fault(key, "is empty", hint)
            return None
        return value

    def texts(self, key: str, *, required: bool = False, hint: str = "") -> tuple[str, ...]:
        """A list of strings, none of them blank; with `required`, at least one."""
        hint = hint or f'{key} = ["…", "…"]'
        if key not in self.values:
            if required:
                self.missing(key, hint)
            return ()
        value = self.values[key]
        if not isinstance(value, list | tuple):
            self.fault(key, Text("must be a list of strings, not {}", kind_of(value)), hint)
            return ()
        wrong = [number for number, item in enumerate(value) if not isinstance(item, str) or not item.strip()]
        for number in wrong:
            found = "empty" if isinstance(value[number], str) else kind_of(value[number])
            self.fault(
                key, Text("must be a list of strings, but element {} is {}", number + 1, found), hint, item=number
            )
        if required and not value:
            self.fault(key, "is an empty list", hint)
        return () if wrong else tuple(value)

    def integer(self, key: str, default: Default, least: int, most: int | None = None) -> int | Default:
        """A whole number from `least` to `most`."""
        value: int | Default = self._number(key, default, int, Text("a whole number"), least, most)
        return value

    def number(self, key: str, default: Default, least: float, most: float | None = None) -> float | Default:
        """A number, whole or not, from `least` to `most`."""
        value = self._number(key, default, int | float, Text("a number"), least, most)
        return float(value) if value is not default else default

    def _number(self, key: str, default: Any, kind: Any, name: str, least: float, most: float | None) -> Any:
        value = self.values.get(key)
        if value is None:
            return default
        bounds = (
            Text("{}, {:g} or more", name, least) if most is None else Text("{} from {:g} to {:g}", name, least, most)
        )
        if isinstance(value, bool) or not isinstance(value, kind):
            self.fault(key, Text("must be {}, not {}", bounds, kind_of(value)))
            return default
        if not (least <= value and (most is None or value <= most)):
            self.fault(key, Text("must be {}, not {!r}", bounds, value))
            return default
        return value

    def duration(self, key: str, default: Default, least: float, most: float | None = None) -> float | Default:
        """Seconds, written as 30s, 10m, 12h, 7d or 4w, from `least` to `most` of them."""
        value = self.values.get(key)
        if value is None:
            return default
        found = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if not found:
            self.fault(key, "must be a duration", 'such as "30s", "10m", "12h", "7d", "4w"')
            return default
        seconds = float(found[1]) * _SECONDS[found[2]]
        if seconds < least or (most is not None and seconds > most):
            bounds = (
                Text("at least {}", written(least))
                if most is None
                else Text("from {} to {}", written(least), written(most))
            )
            self.fault(key, Text("must be {}, not {}", bounds, value))
            return default
        return seconds

    def boolean(self, key: str, default: bool) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.fault(key, Text("must be true or false, not {}", kind_of(value)))
            return default
        return value

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A date without a time."""
        value = self.values.get(key)
        if value is None and required:
            self.missing(key, f"{key} = 2026-03-14")
        elif value is not None and (isinstance(value, datetime) or not isinstance(value, date)):
            self.fault(
                key,
                Text("must be a date, not {}", kind_of(value)),
                Text("{}, without quotation marks", f"{key} = 2026-03-14"),
            )
            return None
        return value

    def choice(self, key: str, known: Collection[str], default: Default) -> str | Default:
        """One of the `known` strings."""
        if key not in self.values:
            return default
        value = self.values[key]
        if not isinstance(value, str) or value not in known:
            self.fault(
                key, Text("must be one of {}, not {!r}", ", ".join(known), value), did_you_mean(str(value), known)
            )
            return default
        return value

    # -- tables

    def table(self, key: str) -> Table:
        """The table [key], empty if it is missing."""
        value = self.values.get(key, {})
        if not isinstance(value, Mapping):
            self.fault(key, Text("must be a table, not {}", kind_of(value)), f"[{self.name(key)}]")
            value = {}
        return Table(self.reader, (*self.path, key), self.name(key), value)

    def tables(self, key: str, *, required: bool = False) -> list[Table]:
        """The tables [[key]]; with `required`, at least one. Their labels count from 1."""
        value = self.values.get(key, [])
        hint = Text("write {}, with two brackets", f"[[{key}]]")
        if not isinstance(value, list | tuple):
            self.fault(key, Text("must be a list of tables, not {}", kind_of(value)), hint)
            return []
        if required and not value:
            self.missing(key, Text("add at least one {}", f"[[{key}]]"))
        found = []
        for number, item in enumerate(value):
            if isinstance(item, Mapping):
                found.append(Table(self.reader, (*self.path, key, number), f"{self.name(key)}[{number + 1}]", item))
            else:
                reason = Text("must be a list of tables, but element {} is {}", number + 1, kind_of(item))
                self.fault(key, reason, hint, item=number)
        return found


def written(seconds: float) -> str:
    """A duration as in the file: 90 seconds are 90s, 120 are 2m."""
    unit = next(
        unit for unit, size in reversed(_SECONDS.items()) if (seconds % size == 0 and seconds >= size) or size == 1
    )
    return f"{seconds / _SECONDS[unit]:g}{unit}"


def kind_of(value: object) -> str:
    """The kind of a TOML value, in words."""
    names: dict[type, str] = {
        str: Text("a string"), bool: Text("true or false"), int: Text("a number"), float: Text("a number"),
        list: Text("a list"), tuple: Text("a list"), datetime: Text("a date and time"), date: Text("a date"),
    }  # fmt: skip
    return Text("a table") if isinstance(value, Mapping) else names.get(type(value), f"a {type(value).__name__}")
