"""Times of day as tests write them."""

from __future__ import annotations


def time_words(minutes: int) -> str:
    """Minutes after midnight as "07:30"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
