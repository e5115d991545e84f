"""A place for a worker, on real servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agents.workers import Place
from tests.contracts.test_log_kafka_access import ports as ports


@pytest.fixture
def place(tmp_path: Path, prefix: str) -> Place:
    """An operator who has named no servers yet."""
    names = {"ALMENARA_KAFKA_PREFIX": prefix, "ALMENARA_ELASTICSEARCH_PREFIX": prefix.rstrip(".")}
    return Place.made(tmp_path / "place", **names)
