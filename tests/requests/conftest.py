"""A real log for requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pipeline.backends.log_sqlite import SqliteLog
from pipeline.config.settings import Settings
from pipeline.log.streams import declared_streams
from tests.builders import SEEN


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    opened = SqliteLog(tmp_path / "log.sqlite", declared_streams(Settings().keep, 3600.0), lambda: SEEN)
    yield opened
    await opened.close()
