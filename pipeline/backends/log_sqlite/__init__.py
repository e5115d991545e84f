"""The embedded log in one SQLite file."""

from pipeline.backends.log_sqlite.log import SqliteLog

__all__ = ["SqliteLog"]
