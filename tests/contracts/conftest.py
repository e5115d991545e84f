"""Fixtures of several contract tests."""

from __future__ import annotations

import pytest

from pipeline.backends.index_elastic import ElasticOptions


@pytest.fixture
def options(elasticsearch: str, prefix: str) -> ElasticOptions:
    return ElasticOptions(elasticsearch, prefix=prefix.strip("."), refresh=True)
