"""The parts of an article's address that queries compare."""

from __future__ import annotations

from urllib.parse import urlsplit

from pipeline.core.urls import registrable


def host(url: str) -> str | None:
    """The host of `url`, lower-case; None if it has no host."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def registered_domain(url: str) -> str | None:
    """The registrable domain of `url`; None for an address or a broken URL."""
    try:
        return registrable(url)
    except ValueError:
        return None


def sites(url: str) -> tuple[str, ...]:
    """The host of `url` without www., and every domain above it: news.example.co.uk, example.co.uk, co.uk, uk."""
    name = (host(url) or "").rstrip(".").removeprefix("www.")
    labels = name.split(".")
    if name.replace(".", "").isdigit() or ":" in name:
        return (name,) if name else ()
    return tuple(".".join(labels[n:]) for n in range(len(labels))) if name else ()
