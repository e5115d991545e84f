"""Measures how long the daemon takes from its start until it has read the first page.

    ./test python scripts/bench_start.py [--rounds 3] [--show]

Serves one feed with one article on the loopback interface, starts `almenara run` on it with the shipped topics, and
stops when the daemon reports the article. Prints wall time, and CPU time of all its processes, with an empty cache and
with a full one. The yardstick is the CPU time of a Python process that imports numpy and lxml: compare ratios, not
seconds, between machines. `--show` prints the daemon's log.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIMIT = 120.0  # seconds for one start
TITLE = "Senado uruguayo autoriza el ingreso de 120 marines"
PARAGRAPH = (
    "La Cámara de Senadores aprobó este martes, con 19 votos a favor y 11 en contra, el proyecto de ley que autoriza "
    "el ingreso al país de 120 infantes de marina de Estados Unidos, que participarán en un ejercicio en Montevideo."
)
PAGE = f"<html lang='es'><head><title>{TITLE}</title></head><body><article><h1>{TITLE}</h1>" + "".join(
    f"<p>{PARAGRAPH} Fue la sesión número {n}.</p>" for n in range(6)
)
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Room</title><item><title>{title}</title>
<link>{url}/article</link></item></channel></rss>"""
SETTINGS = '[fetch]\ndelay_per_site = 0\nallow_networks = ["127.0.0.0/8"]\n[logs]\nformat = "json"\n'


class Site(BaseHTTPRequestHandler):
    """The feed at /feed.xml, the article everywhere else."""

    def do_GET(self) -> None:
        feed = self.path == "/feed.xml"
        body = FEED.format(title=TITLE, url=f"http://{self.headers['Host']}") if feed else PAGE
        content = body.encode()
        self.send_response(404 if self.path == "/robots.txt" else 200)
        self.send_header("Content-Type", "application/rss+xml" if feed else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


def configure(folder: Path, url: str) -> Path:
    config = folder / "config"
    config.mkdir()
    shutil.copytree(ROOT / "config" / "topics", config / "topics")
    (config / "almenara.toml").write_text(SETTINGS, "utf-8")
    (config / "alerts.toml").write_text("", "utf-8")
    (config / "feeds.toml").write_text(f'[[feed]]\nid = "room"\nname = "Room"\nurl = "{url}/feed.xml"\n', "utf-8")
    return config


def descendants(process: int) -> Iterator[int]:
    """The process and all that it started, by /proc."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    yield from found


def cpu_time(process: int) -> float:
    """CPU seconds of a process and its descendants, those that ended included."""
    ticks = 0
    for one in descendants(process):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def start(config: Path, show: bool) -> tuple[float, float]:
    """Wall and CPU seconds until the daemon reports the article."""
    command = [sys.executable, "-m", "pipeline", "run", "--config", str(config)]
    began = time.monotonic()
    daemon = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    killer = threading.Timer(LIMIT, daemon.kill)
    killer.start()
    try:
        for line in daemon.stderr or ():
            if show:
                print(f"{time.monotonic() - began:6.2f} {line.rstrip()}", file=sys.stderr)
            if TITLE in line:
                return time.monotonic() - began, cpu_time(daemon.pid)
        raise SystemExit("the daemon ended before it reported the article")
    finally:
        killer.cancel()
        daemon.send_signal(signal.SIGINT)
        daemon.wait(30)


def yardstick() -> float:
    """CPU seconds of a process that imports numpy and lxml."""
    before = os.times()
    subprocess.run([sys.executable, "-c", "import numpy, lxml.html, asyncio"], check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--show", action="store_true")
    given = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    results: dict[str, list[tuple[float, float, float]]] = {"empty cache": [], "full cache": []}
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory() as folder:
            config = configure(Path(folder), f"http://127.0.0.1:{server.server_port}")
            for found in results.values():
                for state in ("*.sqlite*", "index"):  # all but the cache
                    for path in (Path(folder) / "data").glob(state):
                        shutil.rmtree(path) if path.is_dir() else path.unlink()
                found.append((*start(config, given.show), yardstick()))
    for name, found in results.items():
        wall, cpu, unit = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"{name}: wall {wall:.2f} s, CPU {cpu:.2f} s, {cpu / unit:.1f} times the yardstick ({unit:.2f} s)")


if __name__ == "__main__":
    main()
