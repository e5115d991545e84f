"""The embedded index: tantivy for search, SQLite as the record store."""

from pipeline.backends.index_tantivy.database import CannotOpen
from pipeline.backends.index_tantivy.index import TantivyIndex

__all__ = ["CannotOpen", "TantivyIndex"]
