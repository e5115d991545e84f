"""`almenara demo --serve` as a user runs it: the console answers with the demo's stories until Ctrl-C."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.slow


def test_the_demo_is_served_until_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "demo", "--serve", "--keep", str(tmp_path / "demo")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            _look(process)
        finally:
            process.kill()


def _look(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    found = next(match for line in process.stdout if (match := re.search(r"Open (http://\S+) in a browser", line)))
    front = httpx.get(found[1], follow_redirects=True, timeout=20)
    assert front.status_code == 200
    assert "Suriname" in front.text
    assert 'data-story="' in front.text
    system = httpx.get(f"{found[1]}/system", timeout=20)
    assert system.status_code == 200
    _save_a_rule(found[1])
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0


def _save_a_rule(address: str) -> None:
    """A rule that is saved is in force for the next page."""
    with httpx.Client(base_url=address, timeout=20) as client:
        form = client.get("/rules/edit?name=Ferries&query=ferry").text
        named = dict(re.findall(r'<input type="hidden" name="(token|version)" value="([^"]*)"', form))
        channels = re.findall(r'name="channels" value="([^"]+)"', form)[:1]
        fields = {"name": "Ferries", "query": "ferry", "trigger": "article", "enabled": "1", "channels": channels}
        assert client.post("/rules/edit", data={**named, **fields}).status_code == 303
        assert "Ferries" in client.get("/rules").text
