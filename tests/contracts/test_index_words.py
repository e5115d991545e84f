"""How many words of an index start alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.indices import BACKENDS, PARAMS, closed, numbered


@pytest.fixture(params=PARAMS)
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    opened = await BACKENDS[request.param](request, tmp_path / "index")
    yield opened
    await closed(opened)


async def test_words_that_start_alike_are_counted(index: Any) -> None:
    await index.put([
        numbered(1, "Troops", "trooper troops Troöps"),
        numbered(2, "Other", "trooping tropical"),
    ])  # fmt: skip
    assert await index.words_starting("troop", 100) == 3  # troops, trooper, trooping
    assert await index.words_starting("troop", 2) == 3
    assert await index.words_starting("troop", 1) == 2
    assert await index.words_starting("nosuch", 100) == 0
