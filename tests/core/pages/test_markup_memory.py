"""A page that needs more memory than its process may have is no empty page."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from pipeline.core.pages import markup


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the limit is set from /proc")
def test_a_page_too_large_for_the_memory_is_an_error_and_not_an_empty_page() -> None:
    body = b"<html><body>" + b"<p>x" * 1_900_000
    limits = resource.getrlimit(resource.RLIMIT_AS)
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + (150 << 20), limits[1]))
    try:
        with pytest.raises(MemoryError):
            markup.parse(body)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
