"""The command line: arguments in, exit code out. What a command does is in `commands/`, imported when it is used.

Exit codes: 0 done, 1 the configuration or the input is at fault, 2 wrong usage, 3 something needed is not available
(another daemon runs here, the disk is full, nothing indexed yet), 4 a worker stalled (start it anew), 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

#: Plain help: rich alone would take a second to import.
_STYLE: dict[str, Any] = {
    "no_args_is_help": True,
    "rich_markup_mode": None,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
app = typer.Typer(
    name="almenara",
    help="Watch the world's news feeds, read every article once, and tell at once what you asked to be told.\n\n"
    "Begin with `almenara demo`, then `almenara init` and `almenara run`. `almenara COMMAND --help` has examples.",
    epilog="Exit codes: 0 done; 1 the configuration or the input is at fault; 2 wrong usage; 3 something is not "
    "available (another daemon runs on the data, nothing indexed yet, disk full); 4 a worker stalled; 130 interrupted.",
    add_completion=False,
    pretty_exceptions_enable=False,
    **_STYLE,
)
feeds_app = typer.Typer(help="List, add, remove, import and export feeds.", **_STYLE)
alerts_app = typer.Typer(help="See the alert rules and how often they fired.", **_STYLE)
dead_app = typer.Typer(help="Look at records that a stage could not handle; put them back.", **_STYLE)
kibana_app = typer.Typer(help="Set up Kibana, to look at what is in Elasticsearch.", **_STYLE)
app.add_typer(feeds_app, name="feeds")
app.add_typer(alerts_app, name="alerts")
app.add_typer(dead_app, name="dead")
streams_app = typer.Typer(help="Make and see the topics of a Kafka log.", **_STYLE)
app.add_typer(streams_app, name="streams")
app.add_typer(kibana_app, name="kibana")

Config = Annotated[
    Path,
    typer.Option(
        "--config", metavar="DIR", envvar="ALMENARA_CONFIG", help="Folder with almenara.toml, feeds.toml, topics/ …"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Since = Annotated[datetime | None, typer.Option(help="First seen at or after, as 2026-03-01 or 2026-03-01T12:00:00.")]
Until = Annotated[datetime | None, typer.Option(help="First seen before.")]
CONFIG = Path("config")


class Format(StrEnum):
    csv = "csv"
    jsonl = "jsonl"


class Sort(StrEnum):
    relevance = "relevance"
    time = "time"


def _version(wanted: bool) -> None:
    if wanted:
        from pipeline import __version__

        typer.echo(f"almenara {__version__}")
        raise typer.Exit


@app.callback()
def before(
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="DIR", help="For the command that follows; it may come after, too."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    if config:
        os.environ["ALMENARA_CONFIG"] = str(config)  # where every command looks when it has no --config of its own


@app.command(epilog="Example: almenara init my-config && almenara check --config my-config")
def init(
    folder: Annotated[
        Path | None, typer.Argument(help="Where to make it; default: config, with --compose this folder.")
    ] = None,
    compose: Annotated[
        bool, typer.Option("--compose", help="What `docker compose up` needs: the services, new passwords, config/.")
    ] = False,
) -> None:
    """Make a configuration folder of your own, all explained.

    With --compose, everything to run it with Kafka, Elasticsearch and Kibana on one machine: docs/docker.md.
    """
    if compose:
        from pipeline.commands.compose import init_compose

        init_compose(folder or Path())
    else:
        from pipeline.commands.configure import init

        init(folder or CONFIG)


@app.command(epilog="Example: almenara check --config my-config --json")
def check(config: Config = CONFIG, json: AsJson = False) -> None:
    """Validate the configuration and tell every fault at once.

    Each with file, key, reason and a hint; exit code 1 if there is one. The topics' own examples are run too.
    """
    from pipeline.commands.configure import check

    check(config, json)


@app.command(epilog="Example: almenara run --config my-config")
def run(config: Config = CONFIG) -> None:
    """Start the daemon; it goes on where it was.

    It polls, reads, tags, relates, indexes and alerts until Ctrl-C or SIGTERM. Log lines go to standard error, alerts
    of the terminal channel to standard output; times are in UTC. A changed file of feeds, topics or alerts is taken
    into force by itself (SIGHUP: at once), whole or not at all; changed settings need a restart.
    """
    from pipeline.commands.daemon import run

    run(config)


@app.command(epilog="Example: almenara worker --only clean,tag")
def worker(
    config: Config = CONFIG,
    only: Annotated[
        str, typer.Option(help="Stages of this worker, as clean,tag. Default: all, as `almenara run` does.")
    ] = "",
) -> None:
    """Run some stages, on a Kafka broker that several workers share.

    With log_url = kafka://HOST:PORT every worker takes its part of the partitions, and more when another goes. A worker
    whose work stalls says so and exits with code 4: let its supervisor start it anew.
    """
    from pipeline.commands.daemon import work
    from pipeline.log.streams import STAGES

    chosen = tuple(part.strip() for part in only.split(",") if part.strip()) or STAGES
    if strange := [name for name in chosen if name not in STAGES]:
        raise typer.BadParameter(f"{', '.join(strange)}: stages are {', '.join(STAGES)}", param_hint="--only")
    work(config, chosen)


@app.command(epilog="Example: almenara demo --json")
def demo(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end, for programs.")] = False,
    keep: Annotated[Path, typer.Option(help="Where log and index stay, to look at.")] = Path("data/demo"),
) -> None:
    """See everything offline in under a minute.

    The same pipeline as the daemon's, against a bundled news site on loopback.
    """
    from pipeline.commands.demo import demo

    demo(json, keep)


@app.command(epilog="Example: almenara poll --once --json")
def poll(
    config: Config = CONFIG,
    once: Annotated[bool, typer.Option("--once", help="Poll every feed once, read what is new, and leave.")] = False,
    json: AsJson = False,
) -> None:
    """Poll every feed now, read what is new, and leave.

    Feeds that are not due, too. Says of each that fails why, and what came of the rest.
    """
    from pipeline.commands.daemon import poll_once

    if not once:
        raise typer.BadParameter("say --once; `almenara run` polls all the time", param_hint="poll")
    poll_once(config, json)


@app.command(epilog="Example: almenara process articles.jsonl page.html > documents.jsonl")
def process(
    files: Annotated[list[str], typer.Argument(help="JSON-lines files, .html files, or - for standard input.")],
    config: Config = CONFIG,
) -> None:
    """Clean, tag and relate articles that are already at hand.

    One JSON document per line out, in input order, dropped ones too: the form is in docs/process.md.
    Input lines: {"id", "url", "html" or "text", "title", "published", "source", "seen"?}. No log, no index, no network.
    """
    from pipeline.commands.process import process

    process(files, config)


@app.command(epilog="Example: almenara explain article.html --topic foreign-troop-authorization")
def explain(
    file: Annotated[str, typer.Argument(help="JSON lines, .html, or .txt with the title in the first line.")],
    topic: Annotated[str | None, typer.Option(help="This topic alone, also where an article lacks it.")] = None,
    config: Config = CONFIG,
    json: AsJson = False,
) -> None:
    """Show why an article has a topic, or what it lacked.

    Score, patterns, words and sentences; with --topic near misses, too.
    """
    from pipeline.commands.explain import run

    run(config, file, topic, json)


@app.command(epilog="Example: almenara evaluate tests/gate/development --mistakes")
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder of labelled articles; their form is in docs/labels.md.")],
    config: Config = CONFIG,
    mistakes: Annotated[bool, typer.Option("--mistakes", help="Name every article that was judged wrongly.")] = False,
    given: Annotated[bool, typer.Option("--given", help="Look for facts wherever the label has the topic.")] = False,
    json: AsJson = False,
) -> None:
    """Measure the topic rules and the facts on labelled articles.

    Prints precision and recall: in all, by topic and by language; of the facts by field.
    """
    from pipeline.commands.evaluate import run

    run(config, folder, json, mistakes, given)


@app.command(epilog="Example: almenara search '\"foreign troops\"~5 country:PE' --since 2026-03-01 --facets")
def search(
    query: Annotated[str, typer.Argument(help='As `"foreign troops"~5 topic:foreign-troop-authorization`.')] = "",
    config: Config = CONFIG,
    since: Since = None,
    until: Until = None,
    sort: Annotated[Sort, typer.Option(help="Best first, or newest first.")] = Sort.relevance,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    offset: Annotated[int, typer.Option(min=0)] = 0,
    facets: Annotated[bool, typer.Option(help="Count by topic, source, language, country, day.")] = False,
    json: AsJson = False,
) -> None:
    """Search what was read. The dialect is in docs/queries.md; it is the one that alerts use."""
    from pipeline.commands.search import search

    search(config, query, since=since, until=until, sort=sort, limit=limit, offset=offset, facets=facets, as_json=json)


@app.command(
    epilog="Example: almenara export --query 'topic:elections' --since 2026-03-01 --format csv -o elections.csv"
)
def export(
    query: Annotated[str, typer.Option(help="Which documents; default: all.")] = "",
    format: Annotated[Format, typer.Option(help="csv for spreadsheets, jsonl for programs.")] = Format.jsonl,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of standard output.")] = None,
    since: Since = None,
    until: Until = None,
    config: Config = CONFIG,
) -> None:
    """Write documents out, in the order they were read. The form is described in docs/documents.md."""
    from pipeline.commands.search import export

    export(config, query, format.value, output, since=since, until=until)


@app.command(epilog="Example: almenara status --json")
def status(config: Config = CONFIG, json: AsJson = False) -> None:
    """What was read, dropped and failed, and what is wrong now.

    Per stage, how its records ended, or on a broker how many wait and which worker holds what; which feeds fail, why,
    and when they are tried again; alerts not delivered; disk use and how long things are kept.
    """
    from pipeline.commands.status import status

    status(config, json)


@app.command(epilog="Example: almenara audit --json")
def audit(config: Config = CONFIG, json: AsJson = False) -> None:
    """Check by ids that nothing was lost and nothing doubled, from the feeds' items to index and alerts.

    On a Kafka broker: reads all topics that are still there, and the index; workers may run. Exit code 1 when something
    does not agree. On the embedded log `almenara status` tells as much.
    """
    from pipeline.commands.audit import audit

    audit(config, json)


@app.command(epilog="Example: almenara reindex")
def reindex(config: Config = CONFIG) -> None:
    """Build the search index anew from the stored documents.

    The embedded one whole; the daemon must not run. In Elasticsearch those indices that an older version made, one
    after the other, while reads and writes go on.
    """
    from pipeline.commands.store import reindex

    reindex(config)


@app.command(epilog="Example: almenara backup /media/disk/almenara-2026-03-01")
def backup(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    config: Config = CONFIG,
) -> None:
    """Copy the embedded log and documents into a folder. The daemon may run."""
    from pipeline.commands.store import backup

    backup(config, folder)


@app.command(epilog="Example: almenara restore /media/disk/almenara-2026-03-01 --force")
def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `almenara backup` made.")],
    config: Config = CONFIG,
    force: Annotated[bool, typer.Option(help="Replace the data that is there (it is moved aside).")] = False,
) -> None:
    """Bring a backup back, embedded log and documents. The daemon must not run."""
    from pipeline.commands.store import restore

    restore(config, folder, force)


@app.command(epilog="Example: almenara bench pages/ --json")
def bench(
    pages: Annotated[Path, typer.Argument(help="A folder of .html or .html.gz files.")],
    config: Config = CONFIG,
    rounds: Annotated[int, typer.Option(min=1, help="Of both, in turn; medians are compared.")] = 5,
    json: AsJson = False,
) -> None:
    """Time the whole way on these pages against bare trafilatura.

    On all cores, in the same run; prints the ratio.
    """
    from pipeline.commands.bench import bench

    bench(pages, config, rounds, json)


@feeds_app.command("list", epilog="Example: almenara feeds list --failing")
def feeds_list(
    failing: Annotated[bool, typer.Option("--failing", help="Only those that fail.")] = False,
    config: Config = CONFIG,
    json: AsJson = False,
) -> None:
    """Every feed: when it was polled and what is wrong with it."""
    from pipeline.commands.feeds import list_feeds

    list_feeds(config, json, failing)


@feeds_app.command(
    "add",
    epilog='Example: almenara feeds add https://example.org/rss.xml --name "The Example" --language es --country PE',
)
def feeds_add(
    url: Annotated[str, typer.Argument(help="Of the feed, not of the site.")],
    name: Annotated[str | None, typer.Option(help="Of the outlet; default: the host.")] = None,
    language: Annotated[str | None, typer.Option(help="ISO 639-1, as es.")] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166-1, as PE.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
    config: Config = CONFIG,
) -> None:
    """Add a feed. A running daemon or worker takes it up within seconds."""
    from pipeline.commands.feeds import add_feed

    add_feed(config, url, name, language, country, tuple(group or ()))


@feeds_app.command("remove", epilog="Example: almenara feeds remove the-example")
def feeds_remove(feed: Annotated[str, typer.Argument(help="Its id or URL.")], config: Config = CONFIG) -> None:
    """Stop polling a feed. What was read stays."""
    from pipeline.commands.feeds import remove_feed

    remove_feed(config, feed)


@feeds_app.command("import", epilog="Example: almenara feeds import subscriptions.opml")
def feeds_import(file: Annotated[Path, typer.Argument(help="An OPML file.")], config: Config = CONFIG) -> None:
    """Add the feeds of an OPML file that are not there yet."""
    from pipeline.commands.feeds import import_feeds

    import_feeds(config, file)


@feeds_app.command("export", epilog="Example: almenara feeds export -o feeds.opml")
def feeds_export(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of standard output.")] = None,
    config: Config = CONFIG,
) -> None:
    """Write all feeds as OPML, for other readers."""
    from pipeline.commands.feeds import export_feeds

    export_feeds(config, output)


@alerts_app.command("list", epilog="Example: almenara alerts list --json")
def alerts_list(config: Config = CONFIG, json: AsJson = False) -> None:
    """Every alert rule, and how often it fired."""
    from pipeline.commands.alerts import list_alerts

    list_alerts(config, json)


@dead_app.command("list", epilog="Example: almenara dead list")
def dead_list(config: Config = CONFIG, json: AsJson = False) -> None:
    """Records that a stage could not handle."""
    from pipeline.commands.dead import list_dead

    list_dead(config, json)


@dead_app.command("show", epilog="Example: almenara dead show 0")
def dead_show(number: Annotated[int, typer.Argument(help="From `dead list`.")], config: Config = CONFIG) -> None:
    """One of them: the error, where, and the record itself."""
    from pipeline.commands.dead import show_dead

    show_dead(config, number)


@dead_app.command("replay", epilog="Example: almenara dead replay 0 3, or: almenara dead replay --all")
def dead_replay(
    numbers: Annotated[list[int] | None, typer.Argument(help="From `dead list`.")] = None,
    all: Annotated[bool, typer.Option("--all", help="All that were not replayed yet.")] = False,
    config: Config = CONFIG,
) -> None:
    """Put them back where they came from, once what was wrong is mended. Repeats are harmless."""
    from pipeline.commands.dead import replay_dead

    replay_dead(config, numbers or [], all)


@streams_app.command("create", epilog="Example: almenara streams create")
def streams_create(
    grow: Annotated[
        bool,
        typer.Option("--grow", help="Add partitions where there are too few. Stop all workers first."),
    ] = False,
    config: Config = CONFIG,
) -> None:
    """Make the topics that are missing, and bring the others' configuration into agreement with the settings.

    Says what it did, so a second time nothing. Exit code 3 when something is left that it cannot mend.
    """
    from pipeline.commands.streams import create

    create(config, grow)


@streams_app.command("list", epilog="Example: almenara streams list")
def streams_list(config: Config = CONFIG, json: AsJson = False) -> None:
    """The topics with their partitions and messages, and what is wrong with them."""
    from pipeline.commands.streams import list_streams

    list_streams(config, json)


@kibana_app.callback()
def kibana() -> None:
    """(A group, though it has one command.)"""


@kibana_app.command("import", epilog="Example: almenara kibana import --config my-config")
def kibana_import(config: Config = CONFIG) -> None:
    """Bring data views, saved searches, charts and a dashboard into Kibana.

    Over those that an earlier import brought; what else is there stays. Address and credentials are in [kibana] of
    almenara.toml. docs/kibana.md shows what comes of it.
    """
    from pipeline.commands.kibana import import_

    import_(config)


def main() -> None:
    """Run the command line; faults and what is not available become a message and an exit code."""
    try:
        app(prog_name="almenara")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        sys.exit(_exit_code(error))


def _exit_code(error: Exception) -> int:
    """Say what is wrong. Raises the error again when it is none that a person can do something about."""
    from pipeline.core.faults import Faults
    from pipeline.records import SchemaError
    from pipeline.stage import Stalled, Unavailable

    match error:
        case Faults():
            for fault in error.faults:
                typer.echo(str(fault), err=True)
            typer.echo(f"{len(error.faults)} fault(s) in the configuration", err=True)
            return 1
        case Unavailable() | SchemaError():
            typer.echo(str(error), err=True)
            return 3
        case Stalled():
            typer.echo(str(error), err=True)
            return 4
        case ExceptionGroup() if len(error.exceptions) == 1:  # of the tasks that run side by side, one failed
            return _exit_code(error.exceptions[0])
        case OSError() if error.errno == errno.ENOSPC:
            typer.echo(f"no space left on the disk: {error.filename or 'writing'}", err=True)
            return 3
        case OSError() if error.filename:
            typer.echo(f"{error.filename}: {error.strerror}", err=True)
            return 1
    raise error
