"""A closed index leaves nothing behind in the process that had it open."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.contracts.indices import find, numbered
from tests.contracts.tantivy_index import fill, opened

THREADS = Path("/proc/self/task")


@pytest.mark.skipif(not THREADS.exists(), reason="threads of the system are counted in /proc")
@pytest.mark.parametrize("write", [True, False])
async def test_a_closed_index_leaves_no_thread_of_tantivy(tmp_path: Path, write: bool) -> None:
    await fill(tmp_path, numbered(1, "one"))
    before, held = threads(), []
    for _ in range(3):
        async with opened(tmp_path, write) as index:
            assert await find(index, "one") == ["a1"]
            held.append(index)  # as somebody may who opened it
    async with asyncio.timeout(10):
        while threads() > before:  # they look twice a second whether they are still needed
            await asyncio.sleep(0.05)


def threads() -> int:
    """How many threads of tantivy this process has."""
    return sum("tantivy" in name_of(one) for one in THREADS.iterdir())


def name_of(thread: Path) -> str:
    """The name of a thread; "" if it has ended meanwhile."""
    try:
        return (thread / "comm").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
