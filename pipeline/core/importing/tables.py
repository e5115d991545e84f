"""Reads tables of keywords (CSV), as clippings services and spreadsheets export them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

from pipeline.core.alerts.rules import SEVERITIES
from pipeline.core.importing.imported import Imported, Left, rule_name
from pipeline.core.importing.keywords import Keywords, joined
from pipeline.core.text.folding import fold
from pipeline.core.text.languages import known_codes, vocabulary

_DELIMITERS = ";,\t|"

_WORDS = vocabulary("keyword-tables")
_MEANING = {header: meaning for meaning, headers in _WORDS["headers"].items() for header in headers}
_SEVERITIES = {name: severity for severity, names in _WORDS["severities"].items() for name in names}
_OFF, _EVERY = (frozenset(_WORDS["switches"][name]) for name in ("off", "every_language"))
_SEPARATED = re.compile(r"\s*[;,\n|]\s*")


def is_table(text: str) -> bool:
    """Whether the first line is a header with a column of keywords and at least one other."""
    rows = _rows(text)
    return bool(rows) and len(rows[0][1]) > 1 and "keyword" in _columns(rows[0][1])


def read_table(name: str, text: str) -> Imported:
    """The rules of a table: one for each name (or group), severity, language and exclusion."""
    rows = _rows(text)
    if not rows:
        return Imported(left=(Left(name, "the table is empty"),))
    columns, left = _columns(rows[0][1]), list[Left]()
    if "keyword" not in columns:
        columns = {"keyword": 0}
        if len(rows[0][1]) > 1:
            left.append(Left(", ".join(rows[0][1][1:]), "no column is called keyword; the first was read as keywords"))
    else:
        known = set(columns.values())
        left += [
            Left(f"column {header or number + 1}", "alert rules have nothing like it")
            for number, header in enumerate(rows[0][1])
            if number not in known and any(_at(row, number) for _, row in rows[1:])
        ]
        rows = rows[1:]
    return joined([*_rules(name, rows, columns), Imported(left=tuple(left))])


def _rules(name: str, rows: Sequence[tuple[int, list[str]]], columns: Mapping[str, int]) -> list[Imported]:
    groups: dict[tuple[str, ...], Keywords] = {}
    about: dict[tuple[str, ...], dict[str, object]] = {}
    wrong: list[Left] = []
    for number, row in rows:
        cells = {meaning: _at(row, place) for meaning, place in columns.items()}
        if not any(cells.values()):
            continue
        more = _more(cells, f"line {number}", wrong)
        title = cells.get("name") or cells.get("group") or name
        key = (
            title,
            *(str(more.get(part, "")) for part in ("severity", "languages", "enabled")),
            cells.get("exclude", ""),
        )
        if key not in groups:
            groups[key], about[key] = Keywords(_title(title, more, groups)), more
            for excluded in filter(None, _SEPARATED.split(cells.get("exclude", ""))):
                groups[key].exclude(excluded.removeprefix("-"), f"line {number}")
        if not cells.get("keyword"):
            wrong.append(Left(title, "has no keyword", f"line {number}"))
        for keyword in _keywords(cells.get("keyword", "")):
            groups[key].add(keyword, f"line {number}")
    made = [
        group.imported(about[key]) for key, group in groups.items() if group.plain or group.expressions or group.left
    ]
    return [*made, Imported(left=tuple(wrong))]


def _keywords(cell: str) -> list[str]:
    """The keywords of a cell: several lines, or separated by semicolons, if it is no expression."""
    if re.search(r'["()]|\b(?:AND|OR|NOT)\b', cell):
        return [cell]
    return [part for part in re.split(r"\s*[;\n|]\s*", cell) if part]


def _title(title: str, more: Mapping[str, object], taken: Mapping[tuple[str, ...], Keywords]) -> str:
    """The title, with what distinguishes it from another rule of the same title."""
    names = {group.name.casefold() for group in taken.values()}
    name = rule_name(title)
    for extra in (more.get("languages"), more.get("severity")):
        if name.casefold() in names and extra:
            name = rule_name(f"{title[:60]} ({', '.join(extra) if isinstance(extra, list) else extra})")
    number = 2
    while name.casefold() in names:
        name, number = rule_name(f"{title[:70]} {number}"), number + 1
    return name


def _more(cells: Mapping[str, str], place: str, wrong: list[Left]) -> dict[str, object]:
    """The keys of the rule beside name and query."""
    found: dict[str, object] = {}
    if severity := cells.get("severity"):
        known = _SEVERITIES.get(fold(severity).strip().lower(), severity.strip().lower())
        if known in SEVERITIES:
            found["severity"] = known
        else:
            wrong.append(Left(f"severity {severity}", f"is not one of {', '.join(SEVERITIES)}", place))
    codes = [part.strip().lower()[:2] for part in _SEPARATED.split(cells.get("language", "")) if part.strip()]
    if codes:
        known_languages = [code for code in codes if code in known_codes()]
        given = [part.strip() for part in _SEPARATED.split(cells["language"]) if part.strip()]
        if len(known_languages) == len(codes) and all(re.fullmatch(r"[A-Za-z]{2}(?:[-_]\w+)?", one) for one in given):
            found["languages"] = list(dict.fromkeys(known_languages))
        elif not _EVERY & {one.lower() for one in given}:
            wrong.append(Left(f"language {cells['language']}", "is no code such as es", place))
    if (cells.get("enabled") or "").strip().lower() in _OFF:
        found["enabled"] = False
    if description := " ".join((cells.get("description") or "").split()):
        found["description"] = description
    return found


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Meaning -> number of its column."""
    found: dict[str, int] = {}
    for number, cell in enumerate(header):
        plain = " ".join(re.sub(r"[\W_]+", " ", fold(cell)).lower().split())
        if plain in _MEANING:
            found.setdefault(_MEANING[plain], number)
    return found


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Line and cells of each row that is not empty."""
    delimiter = ""
    head, _, rest = text.lstrip("\ufeff").partition("\n")
    skipped = 0
    if marked := re.fullmatch(r'"?sep=(.)"?\s*', head.strip("\r")):  # Excel's own mark
        delimiter, text, skipped = marked[1], rest, 1
    else:
        text = text.lstrip("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or _delimiter(text), skipinitialspace=True)
    try:
        return [
            (reader.line_num + skipped, [cell.strip() for cell in row]) for row in reader if any(map(str.strip, row))
        ]
    except csv.Error:
        return []


def _delimiter(text: str) -> str:
    """The delimiter by which most of the first lines have the same number of cells, more than one."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    best, score = ",", 0.0
    for candidate in _DELIMITERS:
        counts = [len(row) for row in csv.reader(lines, delimiter=candidate)]
        usual = counts[0] if counts else 1
        same = sum(count == usual for count in counts) / len(counts) if counts else 0
        if usual > 1 and (same, usual) > (score, 0) and same > score:
            best, score = candidate, same
    return best


def _at(row: Sequence[str], number: int) -> str:
    return row[number] if number < len(row) else ""
