"""Adds notes to documents: that the page of an article was removed, or is there again (`Relation.noted`)."""

from __future__ import annotations

from msgspec.structs import replace

from pipeline.records import Document


def with_note(stored: Document, note: Document) -> Document:
    """The stored document with what `note`, which has no text of its own, says about it."""
    return replace(stored, relation=replace(note.relation, noted=""))
