"""`almenara init --compose`: a folder from which `docker compose up` starts everything. Starts nothing itself."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from pipeline import __version__
from pipeline.commands.configure import SHIPPED

NEXT = """next, in {folder}:
  1. put your contact page into config/almenara.toml, [fetch] contact; feeds, topics and alerts lie beside it
  2. make the image, in Almenara's source: docker build -t almenara:{version} .
  3. start: docker compose up -d    (about 9 GB of memory; the first start downloads 3 GB)
  4. open http://localhost:5601 as `analyst`, with the ANALYST_PASSWORD of .env
.env holds all passwords: keep it with your backups, and out of version control"""


def init_compose(folder: Path) -> None:
    """Make docker-compose.yml, .env and config/ in `folder`. What is there already stays untouched."""
    folder.mkdir(parents=True, exist_ok=True)
    compose = SHIPPED.with_name("docker-compose.yml").read_text(encoding="utf-8")
    for name, made in (
        ("docker-compose.yml", _made(folder / "docker-compose.yml", compose)),
        (".env", _made(folder / ".env", environment(), mode=0o600)),
        ("config", _configured(folder / "config")),
    ):
        print(f"made {folder / name}" if made else f"kept {folder / name}, which was there already")
    print(NEXT.format(folder=folder.resolve(), version=__version__))


def environment() -> str:
    """The text of a new .env: passwords of 192 random bits, letters and digits only, so that nothing quotes them."""
    passwords = ("ELASTIC_PASSWORD", "KIBANA_PASSWORD", "KIBANA_ENCRYPTION_KEY", "WORKER_PASSWORD", "ANALYST_PASSWORD")
    return "\n".join(
        (
            "# Read by docker compose. Made by `almenara init --compose`; docs/docker.md says what each is for.",
            f"IMAGE=almenara:{__version__}",
            *(f"{name}={secrets.token_hex(24)}" for name in passwords),
            "",
        )
    )


def _made(path: Path, text: str, mode: int = 0o644) -> bool:
    """Whether `path` was not there; then it is now. It never exists with a wider mode than `mode`."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return True


def _configured(folder: Path) -> bool:
    if folder.exists():
        return False
    shutil.copytree(SHIPPED, folder)
    return True
