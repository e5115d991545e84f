"""Every channel, opened, and a web hook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.backends.channels.apprise import AppriseChannel
from pipeline.backends.channels.file import JsonLinesChannel
from pipeline.backends.channels.terminal import Screen, TerminalChannel
from tests.contracts.channels.receivers import Broken, Hook, Opened, Titled
from tests.fakes import MemoryChannel


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


@pytest.fixture(params=["terminal", "file", "apprise", "memory"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    if request.param == "terminal":
        screen = Broken()
        yield Opened(
            TerminalChannel(Screen(file=screen, width=200)), screen.getvalue, lambda: setattr(screen, "broken", True)
        )
    elif request.param == "file":
        path = tmp_path / "out" / "alerts.jsonl"

        def put_folder_in_its_place() -> None:
            path.unlink()
            path.mkdir()

        yield Opened(JsonLinesChannel(path), path.read_text, put_folder_in_its_place)
    elif request.param == "apprise":
        hook: Hook = request.getfixturevalue("hook")
        yield Opened(AppriseChannel([hook.url]), lambda: json.dumps(hook.bodies), lambda: setattr(hook, "status", 500))
    else:
        memory = MemoryChannel()
        titles: list[str] = []
        yield Opened(Titled(memory, titles), lambda: " ".join(titles), lambda: setattr(memory, "fails", 9))
