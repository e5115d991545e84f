"""The configuration folder as one value: settings, feeds, topic rules, alerts. All faults of all files at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pipeline.core.alerts import AlertSet, parse_alerts
from pipeline.core.faults import Fault, Faults
from pipeline.core.feedlist import parse_feeds
from pipeline.core.topics import RuleSet, parse_rules
from pipeline.records import Feed
from pipeline.settings import Settings, load_settings, read_toml

T = TypeVar("T")
NAMES = ("almenara.toml", "feeds.toml", "alerts.toml")


@dataclass(frozen=True)
class Configuration:
    """What is in force. `folder` is where it was read from."""

    folder: Path
    settings: Settings
    feeds: tuple[Feed, ...]
    rules: RuleSet
    alerts: AlertSet


def load(folder: Path, environment: Mapping[str, str] = os.environ, *, run_examples: bool = False) -> Configuration:
    """Read and validate the folder; with `run_examples` the topics' examples too. Raises Faults: all there are."""
    faults: list[Fault] = []
    settings = _or_faults(faults, lambda: settings_of(folder, environment))
    feeds = _or_faults(faults, lambda: feeds_of(folder))
    rules = _or_faults(faults, lambda: parse_rules(_topic_files(folder), run_examples=run_examples))
    alerts = _or_faults(faults, lambda: parse_alerts(_toml(folder, "alerts.toml")))
    if faults or settings is None or feeds is None or rules is None or alerts is None:
        raise Faults(tuple(faults))
    return Configuration(folder, settings, feeds, rules, alerts)


def settings_of(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings alone, `data` made absolute: it begins at the folder that holds the configuration folder."""
    if not folder.is_dir():
        raise Faults((Fault(str(folder), "", "no such folder", "make one with `almenara init`, or give --config"),))
    settings = load_settings(folder / "almenara.toml", environment)
    return settings.model_copy(update={"data": folder.resolve().parent / settings.data})


def feeds_of(folder: Path) -> tuple[Feed, ...]:
    """The seed list alone."""
    return parse_feeds(_toml(folder, "feeds.toml"))


def fingerprint(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Changes when a file of the configuration does."""
    files = [folder / name for name in NAMES] + sorted((folder / "topics").glob("*.toml"))
    found = []
    for file in files:
        try:
            stat = file.stat()
        except OSError:
            continue
        found.append((str(file), stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def _topic_files(folder: Path) -> dict[str, dict[str, Any]]:
    names = sorted(f"topics/{file.name}" for file in (folder / "topics").glob("*.toml"))
    return {name: _toml(folder, name) for name in names}


def _toml(folder: Path, name: str) -> dict[str, Any]:
    if not (folder / name).exists():
        return {}
    values, faults = read_toml(folder / name)
    if faults:
        raise Faults(tuple(faults))
    return values


def _or_faults(faults: list[Fault], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Faults as error:
        faults += error.faults
        return None
