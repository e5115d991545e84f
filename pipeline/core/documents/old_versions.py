"""The form in which Elasticsearch keeps earlier versions of documents: they are read by id and not searched."""

from __future__ import annotations

import base64
import zlib
from typing import Any

from pipeline.core.documents.mapping import Leaf, template
from pipeline.records import Document, decode, encode


def version_template() -> dict[str, Any]:
    """Settings and mappings of an index of earlier versions."""
    return template((Leaf("article", "keyword", "id of the article"), Leaf("version", "integer", "its number")))


def version_id(document: Document) -> str:
    """The id of a version in the index."""
    return f"{document.article.id}.{document.relation.version}"


def version_source(document: Document) -> dict[str, Any]:
    """The source of a version; its text is compressed."""
    packed = base64.b64encode(zlib.compress(encode(document))).decode()
    return {"article": document.article.id, "version": document.relation.version, "record": {"zlib": packed}}


def version_of(source: dict[str, Any]) -> Document:
    """The document in a source made by `version_source`. Raises SchemaError for a record of another schema."""
    return decode(Document, zlib.decompress(base64.b64decode(source["record"]["zlib"])))
