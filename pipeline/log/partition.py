"""Maps a key to a partition, in the same way on every log."""

from __future__ import annotations

import zlib


def partition_of(key: str, partitions: int) -> int:
    """The partition of a key; the same in every process and version."""
    return zlib.crc32(key.encode()) % partitions
