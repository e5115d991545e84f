"""Alert rules and channels as plain data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from pipeline.core.query.tree import Node, lists_in
from pipeline.core.query.written import to_text

SEVERITIES = ("info", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One rule. `node` must match: the query and the filters. `asked` is the part of it that is shown as the reason."""

    name: str
    query: str
    node: Node
    asked: Node
    severity: str
    channels: tuple[str, ...]
    copies: str = "skip"  # or "alert"
    enabled: bool = True
    description: str = ""

    @property
    def hash(self) -> str:
        """Changes with everything that decides which alerts are sent, and where."""
        lists = sorted({f"@{found.name}={found.hash}" for found in lists_in(self.node)})
        return hash_of(self.name, to_text(self.node), self.severity, ",".join(self.channels), self.copies, *lists)


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """Where alerts go. URLs carry secrets: they are never printed, logged or published."""

    name: str
    type: str  # terminal, file, apprise
    path: str | None = None
    urls: tuple[str, ...] = field(default=(), repr=False)  # ${NAME} stands for an environment variable
    url_file: str | None = None
    max_mb: int | None = None
    line: int | None = field(default=None, compare=False)  # of its table in alerts.toml


def hash_of(*parts: str) -> str:
    """A short hash of the parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
