"""Tests under a limit of the operating system run in a process of their own, so that no other test meets the limit."""

from __future__ import annotations

import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any


def in_own_process(check: Callable[..., None], *arguments: Any) -> None:
    """Run `check`, a function of a module, in a new process. Raises what it raises."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(check, *arguments).result()


def limit(kind: int, value: int) -> None:
    """Set the soft limit `kind` (resource.RLIMIT_…) of this process."""
    resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))
