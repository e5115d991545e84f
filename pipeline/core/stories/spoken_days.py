"""Reads a day of the month in words: "the fourth of May", "treinta y uno de mayo", "четвертого мая"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from pipeline.core.stories.figures import number_words
from pipeline.core.text import words
from pipeline.core.text.languages import vocabulary


def day_in_words(read: Sequence[str], language: str) -> tuple[str, int]:
    """The day of the month that the last of the folded words state, and how many words that takes; "" and 0 if they
    state no day."""
    added, _, joining = number_words(language)
    days = _ordinals(language)
    for count in (3, 2, 1):
        part = [word for word in read[-count:] if word not in joining or count == 1]
        values = [added.get(word) or days.get(word) or 0 for word in part]
        if len(read) < count or not part or not all(values) or (len(values) > 1 and values[0] not in (20, 30)):
            continue
        if len(values) <= 2 and (len(values) == 1 or values[1] < 10) and sum(values) <= 31:
            return str(sum(values)), count
    return "", 0


@cache
def _ordinals(language: str) -> Mapping[str, int]:
    listed = vocabulary("figures")["ordinals"].get(language, {})
    return {word: int(value) for value, text in listed.items() for word in words.words(text)}
