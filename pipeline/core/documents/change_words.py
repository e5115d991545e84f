"""Says in a few words what changed in a version: for lists of documents and for alerts."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.records import Change

SHOWN = 4  # changes that are named
_NAMES = {"title": "headline", "text": "wording", "whole": "the whole text instead of a part"}


def in_words(changes: Sequence[Change]) -> str:
    """For example "3500 → 4200, + 12 May, headline and 2 more"; empty without changes."""
    said = list(dict.fromkeys(map(_said, changes)))
    more = f" and {len(said) - SHOWN} more" if len(said) > SHOWN else ""
    return ", ".join(said[:SHOWN]) + more


def _said(change: Change) -> str:
    if change.kind in _NAMES:
        return _NAMES[change.kind]
    if change.before and change.after:
        return f"{change.before} → {change.after}"
    return f"+ {change.after}" if change.after else f"- {change.before}"
