"""The settings and the command that tests of the machine's limits use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.agents.newsroom import ALERTS

SETTINGS = """
[fetch]
delay_per_site = 0
per_domain = 64
allow_networks = ["127.0.0.1/32"]
[clean]
processes = 1
[poll]
revisit = ["72h"]
[logs]
level = "warning"
"""


def configure(folder: Path, url: str = "http://127.0.0.1:9") -> Path:
    config = folder / "config"
    (config / "topics").mkdir(parents=True)
    (config / "almenara.toml").write_text(SETTINGS)
    (config / "alerts.toml").write_text(ALERTS)
    (config / "feeds.toml").write_text(f'[[feed]]\nid = "room"\nname = "Newsroom"\nurl = "{url}/feed.xml"\n')
    return config


def almenara(config: Path, *arguments: str) -> tuple[int, str]:
    """Exit code, and what was said on standard error."""
    command = [sys.executable, "-m", "pipeline", *arguments, "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr
