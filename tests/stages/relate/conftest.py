"""A relate stage with its log."""

from __future__ import annotations

import pytest

from tests.stages.relate.house import House


@pytest.fixture
async def house() -> House:
    house = House()
    await house.restart()
    return house
