"""Decides what of a configuration was lost: a file was emptied, deleted or cut, or drops most of what it held."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from pipeline.config.contents import RULES, SETTINGS, Contents, FileContents
from pipeline.core.faults import Fault

FEW = 4  # of fewer than this, only the loss of all counts
NAMED = 5  # names in a message
MISSING = "missing"  # in place of the hash of a file that is not there

_ONE = {
    "rules": "rule", "channels": "channel", "feeds": "feed", "entries": "entry", "names": "name", "settings": "setting"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loss:
    """What of one file is lost. `lost`: kind -> names; `had`: kind -> how many there were.

    `hash`: of the file as it is now; MISSING if it is not there. `how`: "deleted", "empty", "cut" if most is gone, or
    "torn" if it looks half written: then what is lost may also say something else.
    """

    file: str
    hash: str
    how: str
    lost: dict[str, tuple[str, ...]]
    had: dict[str, int]

    def fault(self) -> Fault:
        """The reason why the file is refused, in one line."""
        if self.how == "torn":
            return self._torn()
        parts = [_counted(len(names), self.had[kind], kind) for kind, names in self.lost.items()]
        how = {"deleted": "was deleted", "empty": "is empty", "cut": "lost most of its contents"}[self.how]
        without = f"{how}: without {' and '.join(parts)} that it had when last in force: {self._named()}"
        return Fault(self.file, "", without, f"put it back, or confirm with `almenara accept {self.file}`")

    def _torn(self) -> Fault:
        reason = f"looks half written: gone, or different at its end: {self._named()}"
        return Fault(self.file, "", reason, f"write it again, or confirm with `almenara accept {self.file}`")

    def _named(self) -> str:
        names = [name for found in self.lost.values() for name in found]
        return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def _counted(lost: int, had: int, kind: str) -> str:
    if lost == had:
        return f"the only {_ONE[kind]}" if had == 1 else f"all {had} {kind}"
    return f"{lost} of the {had} {kind}"


def losses(before: Contents, now: Contents) -> tuple[Loss, ...]:
    """What was lost between two states of a folder, by file. A rule that is switched off is there; one that has another
    name or stands in another file, and says the same, too."""
    said = _said(now)
    found = []
    for file, old in sorted(before.items()):
        new = now.get(file)
        lost = {}
        for kind, items in old.items.items():
            here = new.items.get(kind, {}) if new else {}
            gone = [key for key, says in items.items() if key not in here and (kind, says) not in said]
            if _is_loss(kind, len(items), len(gone), len(here), new):
                lost[kind] = tuple(old.titles.get(key, key) for key in gone)
        if not lost and new is not None and (lost := _torn(old, new)):
            found.append(Loss(file, new.hash, "torn", lost, {kind: len(old.items[kind]) for kind in lost}))
        elif lost:
            how = "deleted" if new is None else "cut" if any(new.items.values()) else "empty"
            had = {kind: len(old.items[kind]) for kind in lost}
            found.append(Loss(file, new.hash if new else MISSING, how, lost, had))
    return tuple(found)


def _torn(old: FileContents, new: FileContents) -> dict[str, tuple[str, ...]]:
    """Kind -> names that are gone or say something else, if the file looks like the beginning of the old one.

    It does if its last line is cut off; or if the last things are gone, and the last one left is another: a
    file that is being copied ends somewhere.
    """
    found = {}
    for kind, items in old.items.items():
        here = new.items.get(kind, {})
        other = [key for key, says in items.items() if here.get(key) != says]
        left = [key for key in items if key in here]
        following = next((key for key in items if key not in here), "")
        started = [key for key in here if key not in items and not new.ended and following.startswith(key)]
        if not other or list(items)[: len(left)] != left or list(here) != [*left, *started]:
            continue
        gone = len(items) - len(left)
        last_is_other = bool(gone and left) and here[left[-1]] != items[left[-1]] and len(other) == gone + 1
        if last_is_other or (old.ended and not new.ended):
            found[kind] = tuple(old.titles.get(key, key) for key in other)
    return found


def _said(now: Contents) -> set[tuple[str, str]]:
    return {
        (kind, says) for file in now.values() for kind, items in file.items.items() for says in items.values() if says
    }


def _is_loss(kind: str, had: int, gone: int, left: int, file: FileContents | None) -> bool:
    if kind == SETTINGS and had < FEW and file is not None and not file.blank:
        return False  # a setting or two made comments
    return (had >= FEW and 2 * gone > had) or (0 < gone == had and left < had)


def removed(before: Contents, now: Contents) -> dict[str, tuple[str, ...]]:
    """File -> names that it no longer holds, whether these are many or few."""
    found = {}
    for file, old in before.items():
        here = now[file].items if file in now else {}
        gone = [
            old.titles.get(key, key) for kind in old.items for key in old.items[kind] if key not in here.get(kind, {})
        ]
        if gone:
            found[file] = tuple(gone)
    return found


def ended_histories(before: Contents, now: Contents) -> tuple[tuple[str, str], ...]:
    """(key, new name) of the rules that were renamed without an id, so that what is known about them ends.

    A new name belongs to a rule that is gone if it finds the same, or else if the two names are near.
    """
    old, new = (state["alerts.toml"].items.get(RULES, {}) if "alerts.toml" in state else {} for state in (before, now))
    gone = {key: says for key, says in old.items() if key not in new}
    added = {key: says for key, says in new.items() if key not in old}
    pairs = []
    for key, says in gone.items():
        same = [name for name, other in added.items() if other == says] or get_close_matches(key, added, 1)
        if same:
            added.pop(same[0])
            pairs.append((key, now["alerts.toml"].titles.get(same[0], same[0])))
    return tuple(pairs)
