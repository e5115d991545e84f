"""Arguments and options that several commands have."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

CONFIG = Path("config")
Config = Annotated[
    Path,
    typer.Option(
        "--config", metavar="DIR", envvar="ALMENARA_CONFIG", help="Folder with almenara.toml, feeds.toml, topics/ …"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file instead of to standard output.")
]
Since = Annotated[
    datetime | None, typer.Option(help="First seen at this time or later: 2026-03-01 or 2026-03-01T12:00:00 (UTC).")
]
Until = Annotated[datetime | None, typer.Option(help="First seen before this time.")]
