"""Failpoints: named places where a test can kill the daemon (like FreeBSD's fail(9), fail-rs); no effect otherwise.

`ALMENARA_FAILPOINT=name:n` kills the whole process group with SIGKILL when `name` is passed for the n-th time;
`ALMENARA_FAILPOINT_TRACE=FILE` appends every name passed, so that a test can check that each place was reached.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

_name, _, _nth = os.environ.get("ALMENARA_FAILPOINT", "").partition(":")
_trace = os.environ.get("ALMENARA_FAILPOINT_TRACE")
_passed: Counter[str] = Counter()


def point(name: str) -> None:
    """Kill the process group here if ALMENARA_FAILPOINT names this place."""
    if not (_name or _trace):
        return
    _passed[name] += 1
    if _trace:
        with Path(_trace).open("a") as file:
            file.write(name + "\n")
    if name == _name and _passed[name] == int(_nth or 1):
        os.killpg(0, signal.SIGKILL)
