"""Alerts link to Kibana where there is one."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.assembly.channels import configured_channels
from pipeline.config.folder import load
from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.records import Alert, decode
from tests.builders import alert, message
from tests.contracts.channels.kinds import SECRET
from tests.contracts.channels.receivers import Hook

# -- Kibana

KIBANA = KibanaLink("https://kibana.example", "newsroom", "almenara-documents")


async def delivered(alerts: Sequence[Alert], hook: Hook, folder: Path, **environment: str) -> dict[str, Any]:
    """What the channels of a configuration say of the alerts: terminal, file and web hook."""
    (folder / "config" / "topics").mkdir(parents=True)
    (folder / "config" / "feeds.toml").write_text("")
    (folder / "config" / "alerts.toml").write_text(
        '[channels]\nscreen = {type = "terminal"}\nfile = {type = "file", path = "alerts.jsonl"}\n'
        f'hook = {{type = "webhook", url = "{hook.web}", secret = "{SECRET}"}}\n'
    )
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        opened = configured_channels(load(folder / "config", environment))
    for channel in opened.values():
        await channel.send(message(*alerts), "key")
        await channel.close()
    lines = (folder / "data" / "alerts.jsonl").read_bytes().splitlines()
    return {"screen": shown.getvalue(), "file": lines, "hook": hook.bodies[-1]}


@pytest.mark.parametrize("count", [1, 3])
async def test_every_channel_links_to_kibana(hook: Hook, tmp_path: Path, count: int) -> None:
    alerts = [alert(f"a{n}", story_id=f"s{n}") for n in range(count)]
    said = await delivered(alerts, hook, tmp_path, KIBANA_URL=f"{KIBANA.url}/", ALMENARA_KIBANA_SPACE=KIBANA.space)
    assert said["screen"].count(KIBANA.link(alerts)) == 1
    assert said["hook"]["data"]["text"].count(KIBANA.link(alerts)) == 1
    assert said["hook"]["data"]["kibana"] == KIBANA.link(alerts)
    assert [row["kibana"] for row in said["hook"]["data"]["alerts"]] == [KIBANA.link([one]) for one in alerts]
    assert [json.loads(line)["kibana"] for line in said["file"]] == [KIBANA.link([one]) for one in alerts]
    assert [decode(Alert, line) for line in said["file"]] == alerts


@pytest.mark.parametrize("count", [1, 3])
async def test_without_kibana_nobody_speaks_of_it(hook: Hook, tmp_path: Path, count: int) -> None:
    said = await delivered([alert(f"a{n}") for n in range(count)], hook, tmp_path)
    assert "kibana" not in repr(said).lower()
