"""What readers of the console keep: a fold over `readers`."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.records import Kept


@dataclass
class Keeping:
    """By user and kind, what is kept. `take` may repeat."""

    _of: dict[tuple[str, str], dict[str, Kept]] = field(default_factory=dict)

    def take(self, key: str, kept: Kept | None) -> None:
        """Take the newest record of a key; None: it is kept no longer."""
        if kept is not None:
            self._of.setdefault((kept.user, kept.kind), {})[kept.id] = kept
        elif place := parts(key):
            user, kind, id = place
            self._of.get((user, kind), {}).pop(id, None)

    def of(self, user: str, kind: str) -> dict[str, Kept]:
        """What a user keeps of a kind, by id, in the order in which it was kept first."""
        return dict(self._of.get((user, kind), {}))

    def has(self, user: str, kind: str, id: str) -> bool:
        """Whether the user keeps it."""
        return id in self._of.get((user, kind), ())


def key_of(user: str, kind: str, id: str) -> str:
    """The key of a record. No user and no kind has a slash."""
    return f"{user}/{kind}/{id}"


def parts(key: str) -> tuple[str, str, str] | None:
    """User, kind and id of a key; None if it is no such key."""
    found = key.split("/", 2)
    return (found[0], found[1], found[2]) if len(found) == 3 else None
