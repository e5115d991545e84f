"""The options of HttpFetch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """The settings of [fetch], and options without a setting. Times in seconds."""

    agent: str  # name and version
    contact: str  # URL where the operator of a site learns who reads it; may be empty
    allow_networks: tuple[str, ...]  # as CIDR, that may be read besides public addresses
    proxy: (
        str  # http://[user:password@]host:port; it connects instead of us, and must check addresses itself. Empty: none
    )
    timeout: float  # of a whole fetch, with its redirects: limits servers that answer byte by byte
    max_bytes: int  # of a body, compressed and decompressed
    redirects: int
    ca_file: str | None = None  # further certificate authorities, PEM
    connections: int = 100
    connect: float = 10.0
    silence: float = 15.0  # between two pieces of an answer

    @property
    def user_agent(self) -> str:
        return f"{self.agent} (+{self.contact})" if self.contact else self.agent
