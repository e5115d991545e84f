"""Reads the configuration folder: settings, feeds, topic rules, alerts, lists of names. Reports all faults at once."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pipeline.config.cached_rules import cached_rules
from pipeline.config.file_cache import FOLDER, FileCache
from pipeline.config.name_lists import LISTS, read_lists
from pipeline.config.read_settings import check_exists, settings_of
from pipeline.config.read_toml import files_in, is_there, read_toml, read_toml_folder
from pipeline.config.rule_texts import try_texts
from pipeline.config.settings import Settings
from pipeline.config.templates import TEMPLATES, missing, read_templates
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.documents.fields import keyword
from pipeline.core.faults import Fault, Faults
from pipeline.core.feeds.seed import Seed
from pipeline.core.feeds.seed_file import parse_seed
from pipeline.core.messages.templates import Template
from pipeline.core.query.names import NameList
from pipeline.core.tagging.examples import checked_rules
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.judge import RuleSet, parse_rules
from pipeline.core.topics.slot_stats import empty_slots

T = TypeVar("T")
RULES = "topics/**/*.toml"
NAMES = ("almenara.toml", "feeds.toml", "alerts.toml")


@dataclass(frozen=True)
class Configuration:
    """The configuration in force. `folder` is where it was read from."""

    folder: Path
    settings: Settings
    seed: Seed  # as feeds.toml has it, without a name if it gives none
    rules: RuleSet
    alerts: AlertSet
    warnings: tuple[Fault, ...] = ()  # allowed, but probably a mistake
    lists: Mapping[str, NameList] = field(default_factory=dict)
    templates: Mapping[str, Template] = field(default_factory=dict)  # of messages, by file name


@contextmanager
def _uncollected(*, stays: bool) -> Iterator[None]:
    """No garbage collection while a configuration is read: 100,000 rules are millions of objects, and every full
    collection would stop the process to look at them. `stays`: no later collection looks at what is there then."""
    if stays and gc.get_freeze_count():
        gc.collect()  # what is garbage now would never be freed; quick, because it leaves out what stayed before
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        if stays:
            gc.freeze()
    finally:
        if enabled:
            gc.enable()


def load_to_stay(
    folder: Path, environment: Mapping[str, str] = os.environ, *, create_cache: bool = False
) -> Configuration:
    """As `load`, for the configuration that a process works with until it ends or takes another. Raises Faults."""
    with _uncollected(stays=True):
        return _load(folder, environment, create_cache=create_cache)


def load(
    folder: Path, environment: Mapping[str, str] = os.environ, *, run_examples: bool = False, create_cache: bool = False
) -> Configuration:
    """Read and validate the folder; with `run_examples`, also run the examples of topics and alerts. Raises Faults.

    `create_cache`: cache the compiled rules even if the data folder does not exist yet.
    """
    with _uncollected(stays=False):
        return _load(folder, environment, run_examples=run_examples, create_cache=create_cache)


def _load(
    folder: Path, environment: Mapping[str, str], *, run_examples: bool = False, create_cache: bool = False
) -> Configuration:
    faults: list[Fault] = []
    settings = _or_faults(faults, lambda: settings_of(folder, environment))
    seed = _or_faults(faults, lambda: _seed(folder))
    cache = FileCache(settings.data / FOLDER) if settings and not run_examples else None
    rules = _or_faults(faults, lambda: rules_of(folder, run_examples, cache, create_cache=create_cache))
    topics = [rule.id for rule in rules.rules.topics] if rules else None
    lists, wrong = read_lists(folder)
    faults += wrong
    parsed = _or_faults(faults, lambda: parse_alerts(_toml(folder, "alerts.toml"), topics, lists, _known(seed)))
    templates, wrong = read_templates(folder)
    faults += wrong + (missing(parsed[0].channels.values(), folder) if parsed else [])
    untried: list[Fault] = []
    if run_examples and rules and parsed:
        wrong, untried = try_texts(parsed[0].rules, rules, _toml(folder, "alerts.toml"))
        faults += wrong
    if faults or settings is None or seed is None or rules is None or parsed is None:
        raise Faults(tuple(faults))
    empty = empty_slots(rules.rules) if run_examples else ()
    alerts, warnings = parsed[0], (*parsed[1], *untried, *empty)
    return Configuration(folder, settings, seed, rules, alerts, warnings, lists, templates)


def seed_of(folder: Path) -> Seed:
    """The feeds of feeds.toml. Raises Faults."""
    check_exists(folder)
    return _seed(folder)


def alerts_of(folder: Path) -> AlertSet:
    """The alert rules of alerts.toml. Raises Faults."""
    check_exists(folder)
    return parse_alerts(_toml(folder, "alerts.toml"), lists=lists_of(folder))[0]


def lists_of(folder: Path) -> dict[str, NameList]:
    """The lists of names in lists/. Raises Faults."""
    lists, faults = read_lists(folder)
    if faults:
        raise Faults(tuple(faults))
    return lists


def rules_of(
    folder: Path, run_examples: bool = False, cache: FileCache | None = None, *, create_cache: bool = False
) -> RuleSet:
    """The topic rules of topics/, from the `cache` if their files did not change. Raises Faults."""
    check_exists(folder)
    if cache is not None:
        names = files_in(folder, (RULES,))
        found = cached_rules(folder, names, cache, create=create_cache)
        if found is not None:
            return found
    files = rule_files(folder)
    return checked_rules(files) if run_examples else parse_rules(files)


def rule_files(folder: Path) -> list[TomlFile]:
    """The files of the topics, named from the configuration folder: "topics/strike/es.toml". Raises Faults."""
    check_exists(folder)
    return read_toml_folder(folder, RULES)


Fingerprint = tuple[tuple[str, int, int, int, int], ...]


def fingerprint(folder: Path, *others: Path) -> Fingerprint:
    """A value that changes when a file of the configuration does, or one of the `others`."""
    found: list[tuple[str, int, int, int, int]] = []
    files: list[Path] = []
    for pattern in (*NAMES, RULES, LISTS, TEMPLATES):
        try:
            files += [folder / name for name in files_in(folder, (pattern,))]
        except Faults as error:  # a folder that cannot be listed
            found.append((str(error), 0, 0, 0, 0))
    for file in (*files, *others):
        try:
            stat = file.stat()
        except OSError:
            continue
        # The inode, because a file that another replaces may have the same time and size.
        found.append((str(file), stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_size))
    return tuple(found)


def _known(seed: Seed | None) -> dict[str, set[str]]:
    """Field -> the values that it has in feeds.toml, as queries compare them."""
    if seed is None or not seed.feeds:
        return {}
    return {
        "feed": {keyword(feed.id) for feed in seed.feeds},
        "source": {keyword(feed.name) for feed in seed.feeds},
    }


def _seed(folder: Path) -> Seed:
    exists = is_there(folder / "feeds.toml")
    return replace(parse_seed(_toml(folder, "feeds.toml")), exists=exists)


def _toml(folder: Path, name: str) -> TomlFile:
    file = folder / name
    return read_toml(file) if is_there(file) else TomlFile(name, {})


def _or_faults(faults: list[Fault], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Faults as error:
        faults += error.faults
        return None
