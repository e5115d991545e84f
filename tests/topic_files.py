"""Rule files from short tables, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.core.toml_reader import TomlFile

_SOURCE = ("source", "from", "to")  # keys of a concept that are not languages
Files = dict[str, dict[str, Any]]


def topic_files(*topics: Mapping[str, Any], shared: Mapping[str, Any] | None = None) -> list[TomlFile]:
    """Parsed rule files, as `parse_rules` takes them, of topics as in `topic_tables`."""
    return toml_files(topic_tables(*topics, shared=shared))


def toml_files(tables: Mapping[str, Mapping[str, Any]]) -> list[TomlFile]:
    """Parsed files by path."""
    return [TomlFile(path, data) for path, data in tables.items()]


def topic_tables(*topics: Mapping[str, Any], shared: Mapping[str, Any] | None = None) -> Files:
    """What rule files say, by path in config/topics.

    A topic is what topic.toml says, but each concept has its terms by language,
    `{"strike": {"en": ["strike"], "unless": {"en": ["air strike"]}}}`, and it has `must_match` and `must_not_match`.
    """
    files: Files = {}
    for topic in topics:
        files |= _folder(topic["id"], "topic.toml", topic)
    return files | (_folder("_shared", "concepts.toml", {"concepts": shared}) if shared else {})


def _folder(name: str, main: str, tables: Mapping[str, Any]) -> Files:
    files: Files = {f"{name}/{main}": {**tables, "concepts": {}}}
    for concept, table in tables["concepts"].items():
        source = {key: table[key] for key in _SOURCE if key in table}
        files[f"{name}/{main}"]["concepts"][concept] = {"description": "", **source}
        terms = {language: value for language, value in table.items() if language not in ("unless", *_SOURCE)}
        for group, by_language in (("terms", terms), ("unless", table.get("unless", {}))):
            for language, several in by_language.items():
                files.setdefault(f"{name}/{language}.toml", {}).setdefault(concept, {})[group] = several
    for kind in ("must_match", "must_not_match"):
        for example in files[f"{name}/{main}"].pop(kind, ()):
            language = example.get("language", "any")
            own = {key: value for key, value in example.items() if key != "language"}
            files.setdefault(f"{name}/{language}.toml", {}).setdefault(kind, []).append(own)
    return files


def write_topics(folder: Path, files: Mapping[str, str]) -> None:
    """Texts of rule files by path in `folder`/topics."""
    for path, text in files.items():
        file = folder / "topics" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def shipped_topics() -> list[str]:
    """Ids of the topics in config/topics."""
    return sorted(file.parent.name for file in (Path(__file__).parents[1] / "config" / "topics").glob("*/topic.toml"))
