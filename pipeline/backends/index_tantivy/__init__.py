"""The embedded index: tantivy for search, SQLite as the record store."""

from pipeline.backends.index_tantivy.index import TantivyIndex
from pipeline.backends.index_tantivy.store import CannotOpen

__all__ = ["CannotOpen", "TantivyIndex"]
