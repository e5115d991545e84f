"""Fixtures of several contract tests."""

from __future__ import annotations

import pytest

from pipeline.backends.index_elastic import ElasticOptions
from tests.options import elastic_options


@pytest.fixture
def options(elasticsearch: str, prefix: str) -> ElasticOptions:
    return elastic_options(elasticsearch, prefix=prefix.strip("."), refresh=True)
