"""The command line as tests call it, and what they put on the log."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.assembly.deployment import deployment_for
from pipeline.records import Dead, Record, encode
from pipeline.stage import Out

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


#: Commands that only read the log. They must not change it, nor a file of the data folder.
READING_COMMANDS = [
    tuple(command.split())
    for command in (
        "check", "check --json", "accept --dry-run", "status", "status --json", "audit", "audit --json",
        "feeds list", "feeds list --json",
        "feeds list --failing", "feeds export", "feeds show x",
        "feeds apply --dry-run", "feeds apply --dry-run --json", "alerts list",
        "alerts list --json", "channels list",
        "channels list --json", "dead list", "dead list --json", "dead show 0", "search", "search senate --json",
        "query senate", "query senate --json",
        "versions a1", "versions a1 --json", "stories list", "stories list senate --json", "stories show a1",
        "stories show s1 --json", "alerts test Markets", "alerts test Markets --json",
        "alerts explain Markets a1", "alerts explain Markets a1 --json",
        "alerts fired", "alerts fired --json", "alerts stats", "alerts stats --json",
        "alerts mutes", "alerts mutes --json",
        "channels preview file", "channels preview file --json",
        "export", "streams list", "streams list --json", "rules stats", "explain article.html", "watch", "watch --json",
    )
]  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """Exit code and output of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Ask = Callable[..., Answer]
Use = Callable[..., None]  # names the servers to use


def publish(config: Path, *outs: Out) -> None:
    deployment_for(config).with_log(lambda log: log.publish(outs), write=True)


def dead(record: Record | bytes, offset: int, cut: bool = False) -> Out:
    value = zlib.compress(record if isinstance(record, bytes) else encode(record))
    one = Dead(stage="tag", stream="articles", partition=0, offset=offset, key=f"k{offset}", error="KeyError",
               detail="Traceback …", at=AT, value=value, cut=cut)  # fmt: skip
    return Out("dead", f"articles/0/{offset}", one)


def almenara(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments], input=stdin, capture_output=True, timeout=60, check=False
    )
