"""A page that needs more memory than its process may have is no empty page."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from pipeline.core.pages import markup
from tests.limits import in_own_process, limit

MEMORY_MAP = Path("/proc/self/statm")


@pytest.mark.skipif(not MEMORY_MAP.exists(), reason="the limit is set from /proc")
def test_a_page_too_large_for_the_memory_is_an_error_and_not_an_empty_page() -> None:
    in_own_process(_parse_with_little_memory, b"<html><body>" + b"<p>x" * 1_900_000)


def _parse_with_little_memory(body: bytes) -> None:
    mapped = int(MEMORY_MAP.read_text().split()[0]) * resource.getpagesize()
    limit(resource.RLIMIT_AS, mapped + (150 << 20))
    with pytest.raises(MemoryError):
        markup.parse(body)
