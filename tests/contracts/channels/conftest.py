"""A web hook, and opened channels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contracts.channels.kinds import Opened, opened
from tests.contracts.channels.receivers import Hook


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


@pytest.fixture
def open_kind(tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Opens a channel by the name of its kind, and ends its receiver."""
    found: list[Opened] = []

    def open_one(kind: str, timeout: float = 5) -> Opened:
        found.append(opened(kind, tmp_path, timeout))
        return found[-1]

    yield open_one
    for one in found:
        one.go()
        one.end()
