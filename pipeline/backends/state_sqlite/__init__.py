"""Caches of state streams in SQLite files."""

from pipeline.backends.state_sqlite.archive import ArchiveSqlite
from pipeline.backends.state_sqlite.records import StateSqlite

__all__ = ["ArchiveSqlite", "StateSqlite"]
