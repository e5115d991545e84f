"""Loads what reading an article needs before worker processes are forked, so that they share it."""

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

if TYPE_CHECKING:  # the process that forks workers does without the settings
    from pipeline.config.settings import Settings
    from pipeline.core.topics.judge import RuleSet


def preload_entry(settings: Settings, rules: RuleSet) -> tuple[str, ...]:
    """The call of `preload` in the process that forks workers. Writes the compiled rules where it reads them."""
    if settings.data.is_dir():
        cache = FileCache(settings.data / FOLDER)
    else:  # a command that needs no data folder makes none
        folder = tempfile.mkdtemp(prefix="almenara-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        cache = FileCache(Path(folder))
    return "pipeline.assembly.preload:preload", str(cache.folder), store_rules(rules, cache)


def preload(folder: str, rules_key: str) -> None:
    """Load the compiled rules, the names of places and months, and all that reading a page and a feed needs.

    `folder`: of the cache. `rules_key`: of the rules in it; if they are not there, the first article brings them.
    """
    from pipeline.core.places.gazetteer import Gazetteer, load_gazetteer, use_gazetteer
    from pipeline.core.preload import warm
    from pipeline.core.text.date_names import Names, names_anywhere, use_names_anywhere
    from pipeline.stages.tag import keep

    cache = FileCache(Path(folder))
    _from_cache(cache, "gazetteer", Gazetteer, load_gazetteer, use_gazetteer)
    _from_cache(cache, "months", Names, names_anywhere, use_names_anywhere)
    warm()
    rules = cache.read(COMPILED, rules_key)
    with suppress(DamagedRules):
        keep(rules or b"")


def _from_cache(
    cache: FileCache, name: str, kind: Any, load: Callable[[], object], use: Callable[[Any], None]
) -> None:  # fmt: skip
    """Have the core `use` what is in the cache, or `load` it and keep it there. `kind`: its type."""
    data = cache.read(name, program_key())
    if data is not None:
        with suppress(msgspec.MsgspecError):
            use(msgspec.msgpack.decode(data, type=kind))
            return
    cache.write(name, program_key(), msgspec.msgpack.encode(load()))
