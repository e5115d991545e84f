"""`almenara backup` and `almenara restore`: save and restore everything of an embedded deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.assembly.backup import Restored, check_backup
from pipeline.assembly.deployment import deployment_for
from pipeline.assembly.saved_files import changed_files, restore_configuration
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, Config
from pipeline.commands.reindex import rebuild


def backup(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")], config: Config = CONFIG) -> None:
    """Copy log, documents, configuration and alert files into a folder.

    The daemon can keep running. Only you can read the folder: the configuration may contain secrets. Files outside the
    configuration and data folders, such as those that `url_file` names elsewhere, are not included.

    Example: almenara backup /media/disk/almenara-2026-03-01
    """
    try:
        size = deployment_for(config).backups().save(folder, config)
    except ValueError as error:
        raise CommandError(str(error)) from None
    print(f"{folder}: {size / 1e6:.1f} MB. Restore it with `almenara restore {folder}`")


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `almenara backup` created.")],
    config: Config = CONFIG,
    force: Annotated[bool, typer.Option("--force", help="Replace existing data, which is moved aside.")] = False,
    configuration: Annotated[
        bool, typer.Option("--configuration", help="Replace a different configuration, which is moved aside.")
    ] = False,
) -> None:
    """Restore a backup of an embedded deployment.

    Stop the daemon first. Existing data is moved aside, never deleted. The configuration is restored where there is
    none; one that differs stays as it is, unless you give --configuration. Alerts sent since the backup are not sent
    again if the data that is replaced says so; without it, channels other than files may get them twice.

    Example: almenara restore /media/disk/almenara-2026-03-01 --force
    """
    try:
        if config.exists():
            deployment_for(config).backups()  # a deployment that has none says so, whatever the folder holds
        check_backup(folder)
        changed = changed_files(folder, config) if config.exists() else []
        if changed and configuration:
            deployment_for(config).backups().require_stopped()
        if not config.exists() or (changed and configuration):
            if (before := restore_configuration(folder, config)) is not None:
                print(f"the previous configuration is in {before}")
            changed = []
        deployment = deployment_for(config)
        restored = deployment.backups().restore(folder, force)
    except ValueError as error:
        raise CommandError(str(error)) from None
    if restored.aside is not None:
        print(f"the previous data is in {restored.aside}")
    _print_alerts(restored)
    print(f"restored {folder} into {deployment.settings.data}: {rebuild(deployment)} documents")
    if changed:
        named = ", ".join(changed[:5]) + (" …" if len(changed) > 5 else "")
        print(f"{config} was left as it is; {len(changed)} files differ from {folder / 'config'}: {named}")


def _print_alerts(restored: Restored) -> None:
    if restored.alerts:
        print(f"{restored.alerts} alerts were handled since the backup and are not sent again")
    elif restored.alerts is None:
        print("there is no previous log to read: alerts sent since the backup may be sent again, except to files")
