"""Faults in configuration: each with its place, reason and remedy, and all of them reported at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from pipeline.core.wording import Text, joined


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem in the configuration.

    `file` is a file name, or where else the value came from ("environment"); `key` the path inside it, such as
    `alert[2].query`; `hint` how to fix it; `line` the line in the file, counted from 1, where that is known.
    """

    file: str
    key: str
    reason: str
    hint: str = ""
    line: int | None = None

    @property
    def top(self) -> str:
        """The first part of the key: `headers` of `headers.X-Edition` and of `headers[0]`."""
        return self.key.partition(".")[0].partition("[")[0]

    @property
    def text(self) -> Text:
        """All of it in one line."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        found = joined(": ", filter(None, (place, self.key, Text(self.reason))))
        return Text("{} ({})", found, Text(self.hint)) if self.hint else found

    def __str__(self) -> str:
        return str(self.text)


class Faults(Exception):
    """The configuration cannot be used."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the known name closest to `name`; `otherwise` if none is close."""
    close = get_close_matches(name, list(known), 1)
    return Text("did you mean {}?", close[0]) if close else otherwise
