"""Reads feeds (RSS, Atom, JSON Feed) into items, and lists of feeds (OPML, feeds.toml)."""
