"""The addresses of the Atom feeds of views."""

from __future__ import annotations


def feed_of(path: str, query: str = "") -> str:
    """The address of the feed of a view. `path`: below /atom; `query`: as in the address of the view."""
    return f"/atom/{path}?{query}" if query else f"/atom/{path}"
