"""The public flat form of a document: what `process`, `search --json` and `export` print. Decides nothing.

The form (docs/documents.md) is kept stable: keys are added, never renamed or removed. Values are plain JSON values.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from pipeline.records import Dated, Document, Fetched, Sourced

Flat = dict[str, Any]

#: Every key of the form in the order it is printed, with the value that stands where nothing is known.
EMPTY: Mapping[str, Any] = {
    "id": None, "url": None, "source": None, "feed": None, "outlet_country": None,
    "title": None, "title_source": None, "text": None, "truncated": False, "language": None,
    "author": None, "author_source": None, "description": None, "section": None, "image": None,
    "published": None, "published_source": None, "published_raw": None,
    "updated": None, "updated_source": None, "updated_raw": None,
    "first_seen": None, "seen": None,
    "topics": (), "countries": (), "places": (), "facts": (), "rules": None,
    "story_id": None, "duplicate_of": None, "kind": None, "version": None, "seq": None, "material": None, "changes": (),
    "drop": None,
    "backlog": False, "revisit": 0, "guid": None, "aliases": (), "content_hash": None, "fetched": None,
}  # fmt: skip


def flat(document: Document) -> Flat:
    """The document as a dict of JSON values, with every key of EMPTY. Times are ISO 8601 in UTC, ending in `Z`."""
    article, tags, relation = document.article, document.tags, document.relation
    return _whole(
        {
            "id": article.id,
            "url": article.url,
            "source": article.source,
            "feed": article.feed,
            "outlet_country": article.country,
            **_sourced("title", article.title),
            "text": article.text,
            "truncated": article.truncated,
            "language": article.language,
            **_sourced("author", article.author),
            "description": article.description,
            "section": article.section,
            "image": article.image,
            **_dated("published", article.published),
            **_dated("updated", article.updated),
            "first_seen": iso(relation.first_seen),
            "seen": iso(article.seen),
            "topics": _plain(tags.topics),
            "countries": list(tags.countries),
            "places": _plain(tags.places),
            "facts": _plain(tags.facts),
            "rules": tags.rules,
            "story_id": relation.story_id,
            "duplicate_of": relation.duplicate_of,
            "kind": relation.kind,
            "version": relation.version,
            "seq": relation.seq,
            "material": relation.material,
            "changes": _plain(relation.changes),
            "backlog": article.backlog,
            "revisit": article.revisit,
            "guid": article.guid,
            "aliases": list(article.aliases),
            "content_hash": article.content_hash,
            "fetched": _fetched(article.fetched),
        }
    )


def dropped(reason: str, given: Mapping[str, Any]) -> Flat:
    """The same form for an article that became no document; `given` holds what is known of it (`id`, `url`, …).

    Raises KeyError for a key that is not part of the form.
    """
    return _whole({**given, "drop": reason})


def iso(moment: datetime) -> str:
    """`moment` in UTC: 2026-11-22T06:30:00Z, with microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _whole(known: Mapping[str, Any]) -> Flat:
    if strange := known.keys() - EMPTY.keys():
        raise KeyError(f"not in the public form: {', '.join(sorted(strange))}")
    return {key: known.get(key, list(empty) if empty == () else empty) for key, empty in EMPTY.items()}


def _sourced(name: str, value: Sourced | None) -> Flat:
    return {name: value.value, f"{name}_source": value.source} if value else {}


def _dated(name: str, value: Dated | None) -> Flat:
    return {name: iso(value.value), f"{name}_source": value.source, f"{name}_raw": value.raw} if value else {}


def _fetched(fetched: Fetched | None) -> Flat | None:
    return {**_plain(fetched), "at": iso(fetched.at)} if fetched else None


def _plain(value: Any) -> Any:
    """As it comes back from JSON: lists for tuples, dicts for structs."""
    return msgspec.json.decode(msgspec.json.encode(value))
