"""Drills on configurations that differ between workers, or between workers and commands."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from scripts.drills.channels import alerts_toml
from scripts.drills.distributed import Distributed
from scripts.drills.drill import Drill, Missed

RULE = '\n[[alert]]\nname = "another"\nquery = "nothing-has-this-word"\nchannels = ["file"]\n'
FEED = '[[feed]]\nid = "nobody-added-this"\nname = "Other"\nurl = "https://feeds.example.org/other.xml"\n'
READING = (
    "feeds list", "feeds export", "status", "audit", "alerts list", "dead list", "streams list", "search sentinel",
    "export", "check",
)  # fmt: skip


@asynccontextmanager
async def other_feeds(stand: Distributed) -> AsyncIterator[None]:
    """Commands that only read, run with another feeds.toml, must leave the feeds of the workers as they are."""
    other = stand.folder / "other-config"
    shutil.copytree(stand.config, other)
    (other / "feeds.toml").write_text(FEED)
    before = await _written(stand)
    for command in READING:
        code, out, err = await stand.almenara(*command.split(), config=other)
        if "Traceback" in err or code not in (0, 5):
            raise Missed(f"`almenara {command}` ended with {code}: {(err or out)[-300:]}")
    if await _written(stand) != before:
        raise Missed("commands that only read have written to the stream feeds")
    yield


async def _written(stand: Distributed) -> int:
    return sum(end for (stream, _), end in (await stand.log.ends()).items() if stream == "feeds")


def drills() -> list[Drill[Distributed]]:
    return [
        Drill(
            "other-rules", "one worker has other alert rules", partial(alerts_toml, more=RULE),
            status="^worker: different: index-alert-notify: .*alerts",
        ),
        Drill("other-feeds", "reading commands with another feeds.toml", other_feeds),
    ]  # fmt: skip
