"""Writes durations as the configuration files have them."""

from __future__ import annotations


def written_duration(seconds: float) -> str:
    """The largest unit that gives a whole number: 5400 seconds as "90m"."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size and not seconds % size:
            return f"{int(seconds // size)}{unit}"
    return f"{seconds:g}s"
