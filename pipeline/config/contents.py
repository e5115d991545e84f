"""What each file of the configuration holds, by name: rules, channels, feeds, concepts, names of a list.

Read without judging it, so that two states of a folder can be compared whatever else is wrong with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pipeline.config.read_toml import files_in, read_bytes, read_toml
from pipeline.core.faults import Fault, Faults

RULES, CHANNELS, FEEDS, ENTRIES, NAMES, SETTINGS = "rules", "channels", "feeds", "entries", "names", "settings"

PATTERNS = ("almenara.toml", "feeds.toml", "alerts.toml", "topics/**/*.toml", "lists/*.txt")

#: Keys of a rule that say nothing about what it finds.
_ABOUT = ("name", "id", "description", "enabled")


class FileContents(msgspec.Struct, frozen=True):
    """One file. `hash` of its bytes (SHA-256, 16 hex digits); `items`: kind -> key of each, in order -> hash of what it
    says. `ended`: its last line has an end.

    The key of a rule is its id, or its name without one; `titles` has the names of those with an id.
    """

    hash: str
    items: dict[str, dict[str, str]]
    blank: bool = False  # nothing but blanks
    titles: dict[str, str] = {}
    ended: bool = True


Contents = Mapping[str, FileContents]  # by file, from the configuration folder: "lists/banks.txt"


def contents_of(folder: Path) -> dict[str, FileContents]:
    """The contents of every file of the folder that is there. Raises Faults of those that cannot be read."""
    found: dict[str, FileContents] = {}
    faults: list[Fault] = []
    for name in files_in(folder, PATTERNS):
        try:
            found[name] = _contents(folder / name, name)
        except Faults as error:
            faults += error.faults
    if faults:
        raise Faults(tuple(faults))
    return found


def _contents(file: Path, name: str) -> FileContents:
    content = read_bytes(file, name)
    titles: dict[str, str] = {}
    if name.startswith("lists/"):
        items = {NAMES: _names(content.decode("utf-8-sig", "replace"))}
    else:
        data = read_toml(file, name).data
        items = _items(name, data)
        titles = {key: str(rule["name"]) for key, rule in _rules(data) if rule.get("name") not in (None, key)}
    blank = not content.strip(b"\xef\xbb\xbf \t\r\n\f\v")
    return FileContents(hash_of(content), items, blank, titles, content.endswith((b"\n", b"\r")))


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _items(name: str, data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    match name:
        case "alerts.toml":
            rules = {key: _hash({k: v for k, v in rule.items() if k not in _ABOUT}) for key, rule in _rules(data)}
            return {RULES: rules, CHANNELS: {key: _hash(value) for key, value in _table(data, "channels").items()}}
        case "feeds.toml":
            return {FEEDS: {str(feed.get("id")): _hash(feed.get("url")) for feed in _tables(data, "feed")}}
        case "almenara.toml":
            return {SETTINGS: dict.fromkeys(_paths(data), "")}
        case _:
            return {ENTRIES: {key: _hash(value) for key, value in data.items()}}


def _rules(data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for rule in _tables(data, "alert"):
        key = rule.get("id") or rule.get("name")
        if isinstance(key, str):
            yield key, rule


def _names(text: str) -> dict[str, str]:
    lines = (line.strip() for line in text.splitlines())
    return {line: line for line in lines if line and line != "#" and not line.startswith("# ")}


def _paths(data: Mapping[str, Any], around: str = "") -> Iterator[str]:
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from _paths(value, f"{around}{key}.")
        else:
            yield f"{around}{key}"


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key)
    return found if isinstance(found, Mapping) else {}


def _tables(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = data.get(key)
    return [table for table in found if isinstance(table, Mapping)] if isinstance(found, list) else []


def _hash(value: Any) -> str:
    return hash_of(msgspec.json.encode(value, enc_hook=str, order="sorted"))
