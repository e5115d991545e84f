"""Loads models, rules and gazetteer before worker processes are forked, so that they share the memory."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pipeline.config.cached_rules import COMPILED, store_rules
from pipeline.config.file_cache import FOLDER, FileCache, program_key
from pipeline.core.topics.compiled import DamagedRules

if TYPE_CHECKING:  # the process that forks workers does not load the settings
    from pipeline.config.settings import Settings
    from pipeline.core.topics.judge import RuleSet


def preload_entry(settings: Settings, rules: RuleSet) -> tuple[str, ...]:
    """The call of `preload` for ProcessPool. Writes the compiled rules to the cache that `preload` reads."""
    if settings.data.is_dir():
        cache = FileCache(settings.data / FOLDER)
    else:  # a command that needs no data folder does not create one
        folder = tempfile.mkdtemp(prefix="almenara-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        cache = FileCache(Path(folder))
    return "pipeline.assembly.preload:preload", str(cache.folder), store_rules(rules, cache)


def preload(folder: str, rules_key: str) -> None:
    """Load the compiled rules, the gazetteer, the names of months, and the libraries that read pages and feeds.

    `folder`: of the cache. `rules_key`: of the rules in it; if they are missing, the first article brings them.
    """
    from pipeline.core.places.gazetteer import Gazetteer, load_gazetteer, use_gazetteer
    from pipeline.core.preload import warm
    from pipeline.core.text.date_names import Names, names_anywhere, use_names_anywhere
    from pipeline.stages.tag import load_rules

    cache = FileCache(Path(folder))
    _from_cache(cache, "gazetteer", Gazetteer, load_gazetteer, use_gazetteer)
    _from_cache(cache, "months", Names, names_anywhere, use_names_anywhere)
    warm()
    rules = cache.read(COMPILED, rules_key)
    with suppress(DamagedRules):
        load_rules(rules or b"")


def _from_cache(
    cache: FileCache, name: str, kind: Any, load: Callable[[], object], use: Callable[[Any], None]
) -> None:  # fmt: skip
    """Make the core `use` the cached data; without it, `load` it and cache it. `kind`: its type."""
    data = cache.read(name, program_key())
    if data is not None:
        with suppress(msgspec.MsgspecError):
            use(msgspec.msgpack.decode(data, type=kind))
            return
    cache.write(name, program_key(), msgspec.msgpack.encode(load()))
