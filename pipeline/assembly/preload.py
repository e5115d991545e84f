"""Loads what reading an article needs before worker processes are forked, so that they share it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from pipeline.config.cached_rules import COMPILED, store_rules
from pipeline.config.file_cache import FileCache, program_key
from pipeline.config.settings import Settings
from pipeline.core.topics.compiled import DamagedRules
from pipeline.core.topics.judge import RuleSet

GAZETTEER = "gazetteer"  # a kind of cached files


def preload_entry(settings: Settings, rules: RuleSet) -> tuple[str, ...]:
    """The call of `preload` in the process that forks workers. Writes the compiled rules where it reads them."""
    if settings.data.is_dir():
        cache = FileCache(settings.data / "cache")
    else:  # a command that needs no data folder makes none
        folder = tempfile.mkdtemp(prefix="almenara-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        cache = FileCache(Path(folder))
    return "pipeline.assembly.preload:preload", str(cache.folder), store_rules(rules, cache)


def preload(folder: str, rules_key: str) -> None:
    """Load the gazetteer, the compiled rules, and all that reading a page and a feed needs."""
    from pipeline.core.places.gazetteer import decode_gazetteer, encode_gazetteer, load_gazetteer, use_gazetteer
    from pipeline.core.preload import warm
    from pipeline.stages.tag import keep

    cache = FileCache(Path(folder))
    places = cache.read(GAZETTEER, program_key())
    if places is not None:
        use_gazetteer(decode_gazetteer(places))
    else:
        cache.write(GAZETTEER, program_key(), encode_gazetteer(load_gazetteer()))
    warm()
    rules = cache.read(COMPILED, rules_key)
    if rules is not None:  # otherwise the first article brings them along
        with suppress(DamagedRules):
            keep(rules)
