"""Lists of names, which queries use as `@name`: read, and prepared so that matching does not try every name."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.core.text import typed
from pipeline.core.wording import Text

MOST_NAMES = 100_000
LONGEST_NAME = 200  # characters

Part = tuple[tuple[str, ...], ...]  # alternatives of one word, each a sequence of tokens


@dataclass(frozen=True, slots=True)
class NameList:
    """A list of names by the token of each that is rarest in it. Two lists are equal if name and hash are."""

    name: str
    hash: str  # of the names as compared
    size: int = field(compare=False)
    #: A token -> the names of which every occurrence has it, or another that leads to the same name.
    by_token: Mapping[str, tuple[tuple[Part, ...], ...]] = field(compare=False, repr=False)

    @property
    def anchors(self) -> frozenset[str]:
        """Tokens of which every occurrence of a name has one."""
        return frozenset(self.by_token)


def name_list(name: str, entries: Iterable[tuple[Part, ...]]) -> NameList:
    """The list of these names, each the parts of a phrase."""
    unique = sorted(dict.fromkeys(entries))
    digest = hashlib.sha256()
    times: Counter[str] = Counter()
    for parts in unique:
        digest.update(repr(parts).encode())
        times.update(token for part in parts for alternative in part for token in alternative)
    by_token: dict[str, list[tuple[Part, ...]]] = {}
    for parts in unique:
        keys = ({min(alternative, key=times.__getitem__) for alternative in part} for part in parts)
        for token in min(keys, key=lambda tokens: max(times[token] for token in tokens)):
            by_token.setdefault(token, []).append(parts)
        if (tag := hashtag(parts)) is not None:
            by_token.setdefault(tag, []).append((((tag,),),))
    frozen = {token: tuple(names) for token, names in by_token.items()}
    return NameList(name, digest.hexdigest()[:16], len(unique), frozen)


def read_names(
    name: str, text: str, parts_of: Callable[[str], tuple[Part, ...]]
) -> tuple[NameList, list[tuple[int, str]]]:
    """The list in `text`, one name a line (a line that starts with # is a comment), and its faults by line.

    `parts_of` gives the parts of a name as of a quoted phrase; it raises ValueError with a message for people.
    """
    entries: list[tuple[Part, ...]] = []
    faults: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        entry = line.strip()
        if not entry or entry.startswith("# ") or entry == "#":
            continue
        try:
            if len(entry) > LONGEST_NAME:
                raise ValueError(Text("a name of {} characters, at most {} are allowed", len(entry), LONGEST_NAME))
            entries.append(parts_of(entry))
        except ValueError as error:
            faults.append((number, str(error)))
        if len(entries) > MOST_NAMES:
            faults.append((number, f"more than {MOST_NAMES:,} names; split the list in two"))
            break
    if not entries and not faults:
        faults.append((1, "the list has no names; write one a line"))
    return name_list(name, entries), faults


def hashtag(parts: tuple[Part, ...]) -> str | None:
    """The token of the words of a phrase written as a hashtag; None for a phrase of too many or other characters."""
    return typed.tag(" ".join(token for part in parts for token in max(part, key=len)))
