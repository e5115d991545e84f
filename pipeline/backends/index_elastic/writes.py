"""Makes the write of each kind of record: its index, its id, its version and its source."""

from __future__ import annotations

from typing import Any

from pipeline.backends.index_elastic.bulk import Write
from pipeline.backends.index_elastic.earlier import version_write
from pipeline.core.alerts.ecs import alert_of, alert_source, entry_id
from pipeline.core.documents.ecs import document_of, document_source, month
from pipeline.core.documents.old_versions import version_of
from pipeline.core.documents.story_ecs import story_of, story_source
from pipeline.records import Alert, Document, Story


def write_of(record: Document | Alert | Story) -> Write:
    """The write of a record. Of the alerts of a rule and an article, the one of the newest version stays."""
    match record:
        case Alert():
            return Write.of("alerts", month(record.first_seen), entry_id(record), record.version, alert_source(record))
        case Story():
            return Write.of("stories", month(record.opened), record.id, record.seq, story_source(record))
    relation = record.relation
    return Write.of("documents", month(relation.first_seen), record.article.id, relation.seq, document_source(record))


def rewritten(kind: str, source: dict[str, Any]) -> Write:
    """The write of a stored record, in the form of this version."""
    match kind:
        case "versions":
            return version_write(version_of(source))
        case "stories":
            return write_of(story_of(source))
        case "alerts":
            return write_of(alert_of(source))
    return write_of(document_of(source))
