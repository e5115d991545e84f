"""Lists the signs between words that end a phrase, and those across which a name goes on, for all finders."""

from __future__ import annotations

from collections.abc import Collection

#: One of these between two words ends a phrase and a clause.
BREAKS = frozenset(",;:.!?()[]/—–…\n，、；：。！？（）「」،؛؟")
#: What may be between two words of one name, or between a number and what it counts.
JOINS = frozenset(("", " ", "-", "‑", "'", "’", " «", " “", ' "', " „", " („", "\u00a0"))
#: Join an ending to a name: "Kenya'nın", "Kenya's".
APOSTROPHES = ("'", "’", "ʼ")
#: Open and close a quotation or the name of a ship.
OPENS, CLOSES = '«“„"‘', '»”“"’'


def breaks(gap: str, *, besides: Collection[str] = ()) -> bool:
    """Whether the text between two words has a sign that ends a phrase, other than those in `besides`."""
    return any(sign in BREAKS and sign not in besides for sign in gap)
