"""`almenara accept`: confirms that a changed configuration may lose most of what a file held."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.config.contents import contents_of
from pipeline.config.in_force import InForce
from pipeline.config.losses import Loss
from pipeline.config.read_settings import settings_of


def accept(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="Such as alerts.toml or topics/strikes. Default: all.")
    ] = "",
    config: Config = CONFIG,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be lost.")] = False,
    as_json: AsJson = False,
) -> None:
    """Confirm that a file of the configuration may lose its contents.

    Shows what is lost since the configuration was last in force, and accepts the files exactly as they are now. A
    running daemon applies them within seconds; one that did not start for this reason does. On a broker every worker
    remembers its own configuration: run it with the data folder of each.

    Example: almenara accept alerts.toml
    """
    in_force = InForce(settings_of(config).data, config)
    past = in_force.past()
    found = in_force.losses(contents_of(config))
    chosen = tuple(loss for loss in found if not file or _is(loss.file, file, config))
    if file and not chosen and not any(_is(known, file, config) for known in past or {}):
        refused = ", ".join(loss.file for loss in found) or "none"
        raise CommandError(f"{file} was never in force here; files that are refused: {refused}")
    if chosen and not dry_run:
        in_force.accept(chosen)
    if as_json:
        print(json.dumps([asdict(loss) | {"accepted": not dry_run} for loss in chosen], ensure_ascii=False))
        return
    for loss in chosen:
        _show(loss)
    if not chosen:
        print("nothing is refused" + (f" in {file}" if file else ""))
    elif not dry_run:
        print(f"accepted: {', '.join(loss.file for loss in chosen)}, as {_they(chosen)} now")


def _they(chosen: tuple[Loss, ...]) -> str:
    return "it is" if len(chosen) == 1 else "they are"


def _is(known: str, wanted: str, config: Path) -> bool:
    """Whether a file is the wanted one, or in the wanted folder; as seen from the configuration folder or from here."""
    name = wanted.rstrip("/")
    beside = Path(name).as_posix().removeprefix(f"{config.as_posix().rstrip('/')}/")
    return any(known == one or known.startswith(f"{one}/") for one in (name, beside))


def _show(loss: Loss) -> None:
    for kind, names in loss.lost.items():
        if loss.how == "torn":
            print(f"{loss.file} looks half written: {kind} that are gone or different at its end")
            for name in names:
                print(f"  - {name}")
            continue
        how = {"deleted": "was deleted", "empty": "is empty", "cut": f"lost most of its {kind}"}[loss.how]
        print(f"{loss.file} {how}: without {len(names)} of {loss.had[kind]} {kind}")
        for name in names:
            print(f"  - {name}")
    if loss.file == "feeds.toml" and loss.how == "deleted":
        print("  its feeds stay on the log; `almenara feeds remove` stops one")
