"""Faults in configuration: all of them at once, each with its place. Does not print them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`key` is the path inside the file, as `alert[2].query`; `hint` says what to do."""

    file: str
    key: str
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.key + ': ' if self.key else ''}{self.reason}" + (
            f" ({self.hint})" if self.hint else ""
        )


class Faults(Exception):
    """The configuration cannot be used."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults
