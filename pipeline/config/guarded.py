"""Loads a configuration that may be used: without faults, and without having lost most of what was in force.

A file that is just being written, copied or exchanged is looked at again before it is judged.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.contents import Contents, contents_of
from pipeline.config.folder import Configuration, Fingerprint, fingerprint, load_to_stay
from pipeline.config.in_force import InForce
from pipeline.config.losses import ended_histories, removed
from pipeline.core.faults import Fault, Faults

SETTLE = 0.5  # seconds without a change after which files count as written
LOOK_AGAIN = 2.0  # seconds in which what is wrong may still be corrected
LOOKS = 40  # of files that never stop changing


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that may be used. `removed`: file -> names that are no longer there; `ended`: (key, new name) of
    rules that were renamed without an id."""

    configuration: Configuration
    contents: Contents
    in_force: InForce
    seen: Fingerprint
    removed: dict[str, tuple[str, ...]]
    ended: tuple[tuple[str, str], ...]


class Refused(Faults):
    """The configuration cannot be used; `seen` is the state of its files that was judged."""

    def __init__(self, faults: tuple[Fault, ...], seen: Fingerprint) -> None:
        super().__init__(faults)
        self.seen = seen


def load_guarded(
    folder: Path, in_force: InForce | None = None, *, create_cache: bool = False, changing: bool = False,
    wait: Callable[[float], None] = time.sleep,
) -> Loaded:  # fmt: skip
    """Read and validate the folder, and compare it with what was last in force. Raises Refused.

    `in_force`: of the data folder in use; default: that of the settings that are read. `changing`: a file was just seen
    to change, so wait until all are still.
    """
    for _ in range(LOOKS):
        seen = fingerprint(folder)
        if changing:
            wait(SETTLE)
            if fingerprint(folder) != seen:
                continue
        try:
            loaded = _load(folder, in_force, seen, create_cache)
        except Faults as error:
            wait(LOOK_AGAIN if changing else SETTLE)
            if fingerprint(folder) == seen:
                raise Refused(error.faults, seen) from error
            continue
        if fingerprint(folder) == seen:
            return loaded
    fault = Fault(str(folder), "", "its files never stop changing", "write them to another place, then move them here")
    raise Refused((fault,), fingerprint(folder))


def _load(folder: Path, in_force: InForce | None, seen: Fingerprint, create_cache: bool) -> Loaded:
    configuration = load_to_stay(folder, create_cache=create_cache)
    contents = contents_of(folder)
    in_force = in_force or InForce(configuration.settings.data, folder)
    if faults := in_force.refusals(contents):
        raise Faults(faults)
    past = in_force.past() or {}
    gone = removed(past, contents)
    return Loaded(configuration, contents, in_force, seen, gone, ended_histories(past, contents))
