"""`almenara init`: creates a configuration folder, or with --compose a folder for `docker compose up`."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG
from pipeline.config.shipped import SHIPPED, SHIPPED_CONFIG

UNNAMED = '# name = "newsroom"'  # in the shipped feeds.toml
NEXT = """next, in {folder}:
  1. put your contact page into config/almenara.toml, [fetch] contact; feeds, topics and alerts are beside it
  2. build the image, in Almenara's source: docker build -t almenara:{version} .
  3. start: docker compose up -d    (about 9 GB of memory; the first start downloads 3 GB)
  4. open http://localhost:5601 as `analyst`, with the ANALYST_PASSWORD of .env
.env holds all passwords: keep it with your backups, and out of version control"""


def init(
    folder: Annotated[
        Path | None, typer.Argument(help="Where to create it. Default: config, or the current folder with --compose.")
    ] = None,
    compose: Annotated[
        bool, typer.Option("--compose", help="Create what `docker compose up` needs: services, new passwords, config/.")
    ] = False,
) -> None:
    """Create a configuration folder with every setting explained.

    With --compose, create what is needed to run Almenara with Kafka, Elasticsearch and Kibana on one machine; see
    docs/docker.md.

    Example: almenara init my-config && almenara check --config my-config
    """
    if compose:
        init_compose(folder or Path())
    else:
        init_config(folder or CONFIG)


def init_config(folder: Path) -> None:
    """Copy the shipped configuration. Raises CommandError if the folder already holds something."""
    if folder.exists() and any(folder.iterdir()):
        raise CommandError(f"{folder} already exists; give another name")
    _copy_config(folder)
    option = "" if folder == CONFIG else f" --config {folder}"
    print(f"created {folder}: settings in almenara.toml, feeds in feeds.toml, alerts in alerts.toml, topics in topics/")
    print(f"next: put your contact page into almenara.toml, then `almenara check{option}` and `almenara run{option}`")


def init_compose(folder: Path) -> None:
    """Create docker-compose.yml, .env and config/ in `folder`; keep those that exist."""
    folder.mkdir(parents=True, exist_ok=True)
    compose = (SHIPPED / "docker-compose.yml").read_text(encoding="utf-8")
    for name, created in (
        ("docker-compose.yml", _create(folder / "docker-compose.yml", compose)),
        (".env", _create(folder / ".env", environment(), mode=0o600)),
        ("config", _create_config(folder / "config")),
    ):
        print(f"created {folder / name}" if created else f"kept {folder / name}, which already exists")
    print(NEXT.format(folder=folder.resolve(), version=__version__))


def environment() -> str:
    """The text of a new .env. Passwords have 192 random bits, as letters and digits, which need no quoting."""
    passwords = ("ELASTIC_PASSWORD", "KIBANA_PASSWORD", "KIBANA_ENCRYPTION_KEY", "WORKER_PASSWORD", "ANALYST_PASSWORD")
    return "\n".join(
        (
            "# Read by docker compose. Created by `almenara init --compose`; docs/docker.md says what each is for.",
            f"IMAGE=almenara:{__version__}",
            *(f"{name}={secrets.token_hex(24)}" for name in passwords),
            "",
        )
    )


def _create(path: Path, text: str, mode: int = 0o644) -> bool:
    """Create `path` with the permissions `mode` from the start; return False if it already exists."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return True


def _create_config(folder: Path) -> bool:
    if folder.exists():
        return False
    _copy_config(folder)
    return True


def _copy_config(folder: Path) -> None:
    """Copy the shipped configuration, with a new name in feeds.toml: no other folder may change its feeds."""
    shutil.copytree(SHIPPED_CONFIG, folder, dirs_exist_ok=True)
    feeds = folder / "feeds.toml"
    text = feeds.read_text(encoding="utf-8")
    feeds.write_text(text.replace(UNNAMED, f'name = "feeds-{secrets.token_hex(4)}"', 1), encoding="utf-8")
