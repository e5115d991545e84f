"""The TOML reader: every fault at once, each with its line; lines are compared with generated documents."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.faults import Fault, Faults, did_you_mean
from pipeline.core.toml_lines import Path as KeyPath
from pipeline.core.toml_lines import lines_of
from pipeline.core.toml_reader import Table, TomlFile, TomlReader

ROOT = Path(__file__).parents[2]


def paths_of(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Every key, table and element in parsed TOML."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*path, key)
        yield from paths_of(inner, (*path, key))


def value_at(data: Any, path: KeyPath) -> Any:
    for part in path:
        data = data[part]
    return data


@pytest.mark.parametrize(
    "file",
    [*sorted((ROOT / "config").rglob("*.toml")), *sorted((ROOT / "pipeline" / "core" / "vocabulary").glob("*.toml"))],
    ids=lambda file: file.name,
)
def test_every_value_of_a_shipped_file_has_a_line(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    data, lines, rows = tomllib.loads(text), lines_of(text), text.splitlines()
    assert set(lines) == set(paths_of(data))
    assert list(lines.values()) == sorted(lines.values()) or "[[" in text
    for path, line in lines.items():
        value = value_at(data, path)
        if isinstance(path[-1], int) and isinstance(value, str) and "\n" not in value and "\\" not in rows[line - 1]:
            assert value in rows[line - 1]


# -- generated documents: each value is a number of its own, and the writer notes the line it puts it on


@dataclass
class Writer:
    """Writes TOML; `expected` maps each number that it wrote to its line."""

    draw: Callable[[st.SearchStrategy[Any]], Any]
    text: str = ""
    expected: dict[int, int] = field(default_factory=dict)

    def filling(self, newlines: bool = True) -> None:
        """Blanks, and where a line may end, comments and line ends."""
        self.text += self.draw(
            st.sampled_from(["", " ", "\t", *(["\n", " # [x] = \"'\n", "\r\n"] if newlines else [])])
        )

    def key(self, name: str) -> None:
        self.text += self.draw(st.sampled_from([name, f'"{name}"', f"'{name}'", json.dumps(name + 'é"]'), "'#[='"]))

    def value(self, depth: int = 2) -> None:
        kind = self.draw(st.sampled_from(["number", "number", "other", *(["array", "inline"] if depth else [])]))
        if kind == "number":
            self.expected[len(self.expected)] = self.text.count("\n") + 1
            self.text += str(len(self.expected) - 1)
        elif kind == "other":
            self.text += self.draw(
                st.sampled_from([
                    "true", "-1.5e3", "1979-05-27 07:32:00", "07:32:00", '"a # ] \\" ="', "'[x] \\'", '""', "''",
                    '"""\n"two"" \\" quotes \\\n\n"""', "'''\n'two'' [x]\n'''", '"""a"""""', "'''a'''''", '""""""',
                ])
            )  # fmt: skip
        else:
            self.text += "[" if kind == "array" else "{"
            for number in range(self.draw(st.integers(0, 3))):
                self.text += "," if number else ""
                self.filling(kind == "array")
                if kind == "inline":
                    self.text += f"k{number}"
                    self.text += " = "
                self.value(depth - 1)
                self.filling(kind == "array")
            self.text += "]" if kind == "array" else "}"

    def table(self, header: str) -> None:
        self.filling()
        self.text += header
        for number in range(self.draw(st.integers(0, 4))):
            self.text += "\n"
            self.filling()
            self.text += f"k{number}"
            if self.draw(st.booleans()):
                self.text += " . "
                self.key("inner")
            self.text += "= "
            self.value()
        self.text += self.draw(st.sampled_from(["\n", " # comment\n", "\r\n"]))


@st.composite
def documents(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[str, dict[int, int]]:
    writer = Writer(draw)
    writer.table("")
    for number in range(draw(st.integers(0, 3))):
        writer.table(draw(st.sampled_from([f"[t{number}]", f"[t{number}.u]", f"[ 't{number}' . \"u\" ]"])))
        array = f"a{number}"
        for _ in range(draw(st.integers(0, 3))):
            writer.table(f"[[{array}]]")
            if draw(st.booleans()):
                writer.table(f"[{array}.inner]")
            for _ in range(draw(st.integers(0, 2))):
                writer.table(f"[[ {array}.list ]]")
    return writer.text, writer.expected


@given(documents())
def test_lines_agree_with_tomllib(document: tuple[str, dict[int, int]]) -> None:
    text, expected = document
    data, lines = tomllib.loads(text), lines_of(text)
    assert set(lines) == set(paths_of(data))
    values = {path: value_at(data, path) for path in lines}
    found = {value: lines[path] for path, value in values.items() if type(value) is int}
    assert found == expected


# -- typed access

DOCUMENT = b"""# settings
number = "x"
list = [
  "good",
  5,
  " ",
]

[[alert]]
nmae = "T"

[[alert]]
name = ["a"]
severity = "hihg"
day = "soon"
share = 3

[channels.screen]
enabled = "yes"
"""


def read() -> tuple[Fault, ...]:
    reader = TomlReader(TomlFile.parse("some.toml", DOCUMENT))
    root = reader.root
    assert root.integer("number", 7, 1) == 7
    assert root.texts("list") == ()
    for table in root.tables("alert"):
        table.only("name", "severity", "day", "share")
        assert table.text("name", required=True) is None
        assert table.choice("severity", ("low", "high"), "low") == "low"
        assert table.day("day") is None
        assert table.number("share", 0.5, 0, 1) == 0.5
    assert not root.table("channels").table("screen").boolean("enabled", False)
    with pytest.raises(Faults) as caught:
        reader.finish()
    return caught.value.faults


def test_every_fault_at_once_with_its_line() -> None:
    assert [str(fault) for fault in read()] == [
        "some.toml:2: number: must be a whole number, 1 or more, not a string",
        'some.toml:5: list: must be a list of strings, but element 2 is a number (list = ["…", "…"])',
        'some.toml:6: list: must be a list of strings, but element 3 is empty (list = ["…", "…"])',
        "some.toml:10: alert[1].nmae: unknown key (did you mean name?)",
        'some.toml:9: alert[1].name: is missing (name = "…")',
        'some.toml:13: alert[2].name: must be a string, not a list (name = "…")',
        "some.toml:14: alert[2].severity: must be one of low, high, not 'hihg' (did you mean high?)",
        "some.toml:15: alert[2].day: must be a date, not a string (day = 2026-03-14, without quotation marks)",
        "some.toml:16: alert[2].share: must be a number from 0 to 1, not 3",
        "some.toml:19: channels.screen.enabled: must be true or false, not a string",
    ]


def root_of(**data: Any) -> Table:
    return TomlReader(TomlFile("some.toml", data)).root


def test_good_values_are_returned() -> None:
    table = root_of(text="a", texts=["a", "b"], whole=3, part=0.5, flag=True, day=date(2026, 3, 14), one={"two": {}})
    assert table.text("text", required=True) == "a"
    assert table.texts("texts", required=True) == ("a", "b")
    assert (table.integer("whole", None, 1, 3), table.integer("none", None, 1)) == (3, None)
    assert (table.number("part", 0.0, 0), table.number("whole", 0.0, 0)) == (0.5, 3.0)
    assert table.boolean("flag", False)
    assert [root_of(k=text).duration("k", None, 1) for text in ("90s", "1.5h", "2w")] == [90, 5400, 14 * 86400]
    assert table.duration("none", None, 1) is None
    assert table.day("day", required=True) == date(2026, 3, 14)
    assert table.choice("text", ("a",), None) == "a"
    assert table.table("one").table("two").label == "one.two"
    assert table.tables("none") == []
    table.reader.finish()


@pytest.mark.parametrize(
    ("read", "value", "reason"),
    [
        (lambda table: table.integer("k", 0, 1, 9), True, "a whole number from 1 to 9, not true or false"),
        (lambda table: table.integer("k", 0, 1, 9), 1.5, "not a number"),
        (lambda table: table.integer("k", 0, 1, 9), 10, "from 1 to 9, not 10"),
        (lambda table: table.number("k", 0, 1), float("nan"), "1 or more, not nan"),
        (lambda table: table.duration("k", None, 1), "soon", "must be a duration"),
        (lambda table: table.duration("k", None, 1), 5, "must be a duration"),
        (lambda table: table.duration("k", None, 90, 7200), "3h", "from 90s to 2h, not 3h"),
        (lambda table: table.duration("k", None, 86400), "1h", "at least 1d, not 1h"),
        (lambda table: table.text("k", required=True), " ", "is empty"),
        (lambda table: table.texts("k", required=True), [], "an empty list"),
        (lambda table: table.texts("k"), "a", "a list of strings, not a string"),
        (lambda table: table.table("k"), [1], "a table, not a list"),
        (lambda table: table.tables("k"), {"a": 1}, "a list of tables, not a table"),
        (lambda table: table.tables("k"), [1], "element 1 is a number"),
        (lambda table: table.tables("k", required=True), [], "is missing"),
    ],
)
def test_a_wrong_value_is_one_fault(read: Callable[[Table], object], value: Any, reason: str) -> None:
    table = root_of(k=value)
    read(table)
    (fault,) = table.reader.faults
    assert (fault.file, fault.key, fault.line) == ("some.toml", "k", None)
    assert reason in fault.reason


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"a = 1\n[fetch", 2, "at the end of the file"),
        (b"a = 1\n\x00", 2, "column 1"),
        (b"a = 1\na = 2", 2, "Cannot overwrite"),
        (b"a = 1\n\nb = '\xff'", 3, "not UTF-8"),
        (b"", None, ""),
    ],
)
def test_a_file_that_is_not_toml(content: bytes, line: int | None, reason: str) -> None:
    if line is None:
        assert TomlFile.parse("some.toml", content).data == {}
        return
    with pytest.raises(Faults, match="not TOML") as caught:
        TomlFile.parse("some.toml", content)
    (fault,) = caught.value.faults
    assert str(fault).startswith(f"some.toml:{line}: not TOML: ")
    assert reason in fault.reason


def test_a_file_nested_too_deeply() -> None:
    with pytest.raises(Faults, match="nested too deeply"):
        TomlFile.parse("some.toml", b"a = " + b"[" * 100_000)


def test_the_closest_name_is_suggested() -> None:
    assert did_you_mean("evry", ("every", "url")) == "did you mean every?"
    assert did_you_mean("x", ("every",), "known: every") == "known: every"
