"""`almenara backup` and `almenara restore`: save and restore the embedded log and documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.assembly.deployment import deployment_for
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, Config
from pipeline.commands.reindex import rebuild


def backup(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")], config: Config = CONFIG) -> None:
    """Copy the embedded log and documents into a folder.

    The daemon can keep running.

    Example: almenara backup /media/disk/almenara-2026-03-01
    """
    try:
        size = deployment_for(config).backups().save(folder)
    except ValueError as error:
        raise CommandError(str(error)) from None
    print(f"{folder}: {size / 1e6:.1f} MB. Restore it with `almenara restore {folder}`")


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `almenara backup` created.")],
    config: Config = CONFIG,
    force: Annotated[bool, typer.Option("--force", help="Replace existing data, which is moved aside.")] = False,
) -> None:
    """Restore a backup of the embedded log and documents.

    Stop the daemon first. Existing data is moved aside, never deleted.

    Example: almenara restore /media/disk/almenara-2026-03-01 --force
    """
    deployment = deployment_for(config)
    try:
        aside = deployment.backups().restore(folder, force)
    except ValueError as error:
        raise CommandError(str(error)) from None
    if aside is not None:
        print(f"the previous data is in {aside}")
    print(f"restored {folder} into {deployment.settings.data}: {rebuild(deployment)} documents")
