"""Drills on channels and configurations, in both deployments."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from scripts.drills.drill import Drill
from scripts.drills.stand import Stand

RULE = '\n[[alert]]\nname = "another"\nquery = "nothing-has-this-word"\nchannels = ["file"]\n'


@asynccontextmanager
async def hook_answers(stand: Stand, mode: str) -> AsyncIterator[None]:
    stand.hook.mode = mode
    yield
    stand.hook.mode = ""


@asynccontextmanager
async def file_is_folder(stand: Stand) -> AsyncIterator[None]:
    """The file that alerts go to cannot be written: something else is there."""
    file = stand.alerts
    stand.alerts = file.rename(file.with_suffix(".kept"))
    file.mkdir()
    yield
    file.rmdir()
    stand.alerts = stand.alerts.rename(file)


@asynccontextmanager
async def alerts_toml(stand: Stand, more: str) -> AsyncIterator[None]:
    """Other alert rules on the machine that judges alerts, and nowhere else."""
    file = stand.machine("alert").config / "alerts.toml"
    before = file.read_text()
    file.write_text(before + more)
    yield
    file.write_text(before)


def drills(name: str = "", title: str = "") -> list[Drill[Stand]]:
    """Those for both deployments. `name` and `title` go before theirs."""
    return [
        Drill(
            f"{name}hook-hangs", f"{title}a channel does not answer", partial(hook_answers, mode="hang"),
            status="^channel hook: failing", health=": channel hook: failing", again=20,
        ),
        Drill(
            f"{name}hook-fails", f"{title}a channel refuses every message", partial(hook_answers, mode="fail"),
            status="^channel hook: failing", health=": channel hook: failing",
        ),
        Drill(
            f"{name}file-fails", f"{title}the file for alerts cannot be written", file_is_folder,
            status="^channel file: failing", health=": channel file: failing",
        ),
        Drill(
            f"{name}bad-rules", f"{title}a changed alerts.toml has a fault", partial(alerts_toml, more="[[alert]\n"),
            status="^configuration: refused: .*alerts.toml", health=": configuration: refused",
        ),
    ]  # fmt: skip
