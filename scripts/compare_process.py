"""Compares what `almenara process` gives in this checkout with what it gave at another commit.

    ./test python scripts/compare_process.py [REVISION] [--sets demo development …] [--show N]

The input is every page of the demo site and every labelled article (tests/gate), built once from this checkout and
given to both programs, each with the configuration of its own commit. Prints, for each set, one hash of the output of
either commit; exits with 1 when any differ, EXCEPTIONS aside. Takes about two minutes for all sets on two cores.
"""

from __future__ import annotations

import argparse
import asyncio
import difflib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from pipeline.demo.content import entries
from pipeline.demo.site import Site

ROOT = Path(__file__).resolve().parents[1]
LABELLED = ("development", "locked", "short", "unseen")
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)

#: Keys that say which program made a document; every commit may change them.
VERSIONS = ("rules", "extractor")

#: (set, article, key) -> why the two commits may differ there.
EXCEPTIONS: Mapping[tuple[str, str, str], str] = {
    ("development", "it-f11", "topics"): "179 votes were a year of long ago",
    ("development", "tr-t01", "facts"): "200 of 1.200 was an earlier year",
    ("unseen", "de-v3", "facts"): "200 soldiers were an earlier year",
    ("short", "pt-q14", "topics"): "2026 was no earlier year in 2027",
    ("short", "pt-q14", "facts"): "2026 was no earlier year in 2027",
}

Line = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("revision", nargs="?", default="05a8df0")
    parser.add_argument("--sets", nargs="*", choices=("demo", *LABELLED), default=["demo", *LABELLED])
    parser.add_argument("--show", type=int, default=3, metavar="N", help="differing articles to show per set")
    options = parser.parse_args()
    different = False
    with checkout(options.revision) as before:
        for name in options.sets:
            lines = demo() if name == "demo" else labelled(name)
            old, new = (documents(root, lines) for root in (before, ROOT))
            hashes = [hashed(name, found) for found in (old, new)]
            same = hashes[0] == hashes[1]
            different = different or not same
            print(f"{name:<12} {len(lines):>5} articles  {hashes[0]} {'==' if same else '!='} {hashes[1]}", flush=True)
            for line in differences(name, old, new, options.show) if not same else ():
                print(f"    {line}")
    return int(different)


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """A temporary work tree of `revision`."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        git("worktree", "add", "--detach", "--quiet", str(tree), revision)
        try:
            yield tree
        finally:
            git("worktree", "remove", "--force", str(tree))


def git(*arguments: str) -> None:
    subprocess.run(["git", "-C", str(ROOT), *arguments], check=True)


# -- input ------------------------------------------------------------------------------------------------------------


def labelled(name: str) -> list[Line]:
    """The articles of one labelled set, as plain text."""
    lines = []
    for file in sorted((ROOT / "tests" / "gate" / name).glob("*.toml")):
        for article in tomllib.loads(file.read_text(encoding="utf-8"))["article"]:
            lines.append(
                {
                    "id": article["id"],
                    "url": f"https://{name}.example/{article['id']}",
                    "title": article["title"],
                    "text": article["text"],
                    "language": article["language"],
                    "published": article["published"].isoformat(),
                }
            )
    return lines


def demo() -> list[Line]:
    """The pages of the demo site, in both of its editions, as if they had been fetched from named hosts."""
    return asyncio.run(_demo())


async def _demo() -> list[Line]:
    lines = []
    async with Site(NOW) as site, httpx.AsyncClient(follow_redirects=True) as client:
        keys = sorted(entry.key for entry in entries())
        hosts = dict.fromkeys(host_of(site.url(key)) for key in keys)  # ports differ from run to run, their order too
        names = {host: f"outlet{n}.example" for n, host in enumerate(hosts, 1)}
        for edition in (1, 2):
            for key in keys:
                url = site.url(key)
                answer = await client.get(url)
                if answer.headers.get("content-type", "").startswith("text/html"):
                    line = {"id": f"{key}/{edition}", "url": url, "html": answer.text, "seen": NOW.isoformat()}
                    lines.append({name: replaced(value, names) for name, value in line.items()})
            site.advance()
    return lines


def host_of(url: str) -> str:
    """Host and port of a URL."""
    return httpx.URL(url).netloc.decode()


def replaced(text: str, names: Mapping[str, str]) -> str:
    """The text with each host replaced by its name."""
    for host, name in names.items():
        text = text.replace(host, name)
    return text


# -- output -----------------------------------------------------------------------------------------------------------


def documents(root: Path, lines: list[Line]) -> list[Line]:
    """What `almenara process` of the checkout at `root` makes of the lines, in order."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ALMENARA_")}
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "process", "-", "--config", str(root / "config")],
        input="".join(json.dumps(line) + "\n" for line in lines).encode(),
        stdout=subprocess.PIPE,
        cwd=root,
        env=environment | {"PYTHONPATH": str(root)},
        check=False,
    )
    if done.returncode not in (0, 1):  # 1: a line was no article
        sys.exit(f"process failed in {root} with exit code {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def compared(name: str, document: Line) -> Line:
    """The document without what may differ."""
    id_ = str(document.get("id"))
    return {key: value for key, value in document.items() if key not in VERSIONS and (name, id_, key) not in EXCEPTIONS}


def hashed(name: str, found: list[Line]) -> str:
    text = "\n".join(json.dumps(compared(name, one), sort_keys=True) for one in found)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def differences(name: str, old: list[Line], new: list[Line], most: int) -> Iterator[str]:
    """The first `most` articles that differ, key by key."""
    if len(old) != len(new):
        yield f"{len(old)} documents before, {len(new)} now"
    pairs = [(a, b) for a, b in zip(old, new, strict=False) if compared(name, a) != compared(name, b)]
    yield f"{len(pairs)} articles differ"
    for before, now in pairs[:most]:
        a, b = compared(name, before), compared(name, now)
        for key in sorted(a.keys() | b.keys()):
            if a.get(key) != b.get(key):
                yield f"{a.get('id')} {key}:"
                old_text, new_text = (json.dumps(line.get(key), indent=1, ensure_ascii=False) for line in (a, b))
                changes = difflib.unified_diff(old_text.splitlines(), new_text.splitlines(), lineterm="", n=0)
                yield from (f"  {line}" for line in list(changes)[2:14])


if __name__ == "__main__":
    sys.exit(main())
