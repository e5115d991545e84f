"""The command line: maps names to commands, and errors to messages and exit codes.

A command is declared in `pipeline/commands/` and imported when it is used.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.loading import STYLE, LazyGroup

#: Name -> module of pipeline/commands and function in it; in the order of `almenara --help`.
COMMANDS = {
    "init": "init:init",
    "check": "check:check",
    "run": "daemon:run",
    "worker": "daemon:worker",
    "console": "console:console",
    "demo": "demo:demo",
    "poll": "poll:poll",
    "process": "process:process",
    "explain": "explain:explain",
    "evaluate": "evaluate:evaluate",
    "search": "search:search",
    "query": "query:query",
    "versions": "versions:versions",
    "stories list": "stories:list_command",
    "stories show": "stories:show_command",
    "stories merge": "story_edits:merge_command",
    "stories split": "story_edits:split_command",
    "watch": "watch:watch",
    "export": "export:export",
    "accept": "accept:accept",
    "status": "status:status",
    "health": "health:health",
    "audit": "audit:audit",
    "skip": "skip:skip",
    "reindex": "reindex:reindex",
    "rebuild-state": "rebuild_state:rebuild",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "bench": "bench:bench",
    "feeds list": "feeds:list_feeds",
    "feeds apply": "feeds:apply_feeds",
    "feeds add": "add_feed:add_feed",
    "feeds test": "try_feed:try_feed",
    "feeds show": "show_feed:show_feed",
    "feeds remove": "feeds:remove_feed",
    "feeds pause": "feeds:pause_feed",
    "feeds resume": "feeds:resume_feed",
    "feeds import": "feeds:import_feeds",
    "feeds export": "feeds:export_feeds",
    "rules format": "rules:format_rules",
    "rules stats": "rules:show_stats",
    "alerts list": "alerts:list_alerts",
    "alerts import": "import_alerts:import_alerts",
    "alerts test": "try_rule:try_rule",
    "alerts explain": "explain_alert:explain_alert",
    "alerts resend": "resend:resend",
    "alerts fired": "fired:list_fired",
    "alerts stats": "alert_stats:show_stats",
    "alerts mark": "mark:mark",
    "alerts mute": "mutes:mute",
    "alerts mutes": "mutes:list_mutes",
    "alerts unmute": "mutes:unmute",
    "channels list": "channels:list_channels",
    "channels test": "channels:try_channel",
    "channels preview": "preview:preview",
    "users list": "users:list_users",
    "users add": "users:add_user",
    "users token": "users:token",
    "users remove": "users:remove_user",
    "dead list": "dead:list_dead",
    "dead show": "dead:show_dead",
    "dead replay": "dead:replay_dead",
    "streams create": "streams:create_streams",
    "streams list": "streams:list_streams",
    "streams repair": "streams:repair_streams",
    "kibana import": "kibana:import_dashboard",
}
GROUPS = {
    "feeds": "Find, test, add, show, list, import and export feeds.",
    "stories": "List and show stories, merge and split them.",
    "rules": "Format topic rules; find redundant and missing terms.",
    "alerts": "Show, try, mute and judge alerts and their rules.",
    "channels": "Show and test where messages go.",
    "users": "List, add and remove those who may log in to the console.",
    "dead": "Inspect and replay records that a stage could not handle.",
    "streams": "Create, list and repair the streams on a Kafka broker.",
    "kibana": "Set up Kibana to browse what is in Elasticsearch.",
}


def _print_version(wanted: bool) -> None:
    if wanted:
        from pipeline import __version__

        typer.echo(f"almenara {__version__}")
        raise typer.Exit


def almenara(
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="DIR", help="Configuration folder; can also be given after the command."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Monitor the world's news feeds, read every article once, and alert you when something you follow happens.

    Begin with `almenara demo`, then `almenara init` and `almenara run`. `almenara COMMAND --help` has examples.
    """
    if config:
        os.environ["ALMENARA_CONFIG"] = str(config)  # the default of --config of every command


def command_line() -> LazyGroup:
    """The root command, with all others below it."""
    app = typer.Typer(name="almenara", cls=LazyGroup, no_args_is_help=True, **STYLE)
    app.callback(
        epilog="Exit codes: 0 success; 1 invalid configuration or input; 2 wrong usage; 3 something is unavailable "
        "(another daemon uses the data folder, nothing is indexed yet, the disk is full); 4 a worker stalled; "
        "5 `status` found something wrong; 130 interrupted. docs/runbook.md says what to do.",
    )(almenara)
    root = typer.main.get_command(app)
    assert isinstance(root, LazyGroup)
    root.add(COMMANDS, GROUPS)
    return root


def main() -> None:
    """Run the command line; expected errors become a message and an exit code."""
    try:
        command_line()(prog_name="almenara")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        sys.exit(_exit_code(error))


def _exit_code(error: Exception) -> int:
    """Print the error's message and return the exit code; raise the error again if the user cannot act on it."""
    from pipeline.commands.endings import ending_of

    ending = ending_of(error)
    if ending is None:
        raise error
    message, code = ending
    typer.echo(message, err=True)
    return code
