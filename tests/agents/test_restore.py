"""A backup of a running daemon, restored in its place: no alert that was sent before comes again."""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.agents.test_daemon import Site, alerts, call, configure, documents, once, running, until
from tests.contracts.channels.receivers import Hook

pytestmark = pytest.mark.slow


def with_hook(config: Path, hook: Hook) -> None:
    file = config / "alerts.toml"
    rules = file.read_text().replace('channels = ["file"]', 'channels = ["file", "hook"]')
    file.write_text(f'{rules}[channels.hook]\ntype = "apprise"\nurl = "{hook.url}"\n')


def messages(hook: Hook) -> Counter[str]:
    """Article -> in how many messages it was."""
    return Counter(number for body in hook.bodies for number in set(re.findall(r"/news/(\d+)", str(body))))


@pytest.mark.parametrize("killed", [False, True])
async def test_alerts_sent_after_the_backup_are_not_sent_again(tmp_path: Path, killed: bool) -> None:
    hook = Hook()
    try:
        async with Site() as site:
            config = configure(tmp_path, site.url)
            with_hook(config, hook)
            async with running(config) as daemon:
                await until(lambda: site.asked["/feed.xml"] > 1)
                site.published = 3
                await until(lambda: len(messages(hook)) == 3)
                code, _, err = await call(config, "backup", str(tmp_path / "saved"))
                assert code == 0, err
                site.published = 8
                await until(lambda: len(messages(hook)) == 8 and alerts(config) == once("sentinel", range(8)))
                code, _, err = await call(config, "restore", str(tmp_path / "saved"), "--force")
                assert (code, f"another daemon (pid {daemon.process.pid})" in err) == (3, True)
                if killed:
                    os.killpg(daemon.process.pid, signal.SIGKILL)
                    await daemon.process.wait()
                else:
                    await daemon.stop(signal.SIGTERM)
            code, out, err = await call(config, "restore", str(tmp_path / "saved"), "--force")
            assert code == 0, err
            assert "5 alerts were handled since the backup" in out or killed
            assert await documents(config) == list(range(3))
            async with running(config) as daemon:
                site.published = 10
                await until(lambda: {"8", "9"} <= set(messages(hook)) and ("sentinel", "9") in alerts(config))
                await daemon.stop(signal.SIGTERM)
            assert await documents(config) == list(range(10))
            assert alerts(config) == once("sentinel", range(10))
            assert messages(hook) == Counter(map(str, range(10)))
    finally:
        hook.close()
