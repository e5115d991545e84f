"""Says what to do about each kind of problem. docs/runbook.md explains each; a test keeps both complete."""

from __future__ import annotations

from pipeline.core.wording import Text
from pipeline.log.groups import all_groups
from pipeline.log.streams import STAGES

_SILENT = Text("look at its log lines; if it does not recover, end it and start it again: nothing is lost")
_INDEX_AWAY = Text("make the index available again; articles wait on the log until then")
#: (part, state) -> what to do. `stage` is any stage or consumer group, `channel` any channel.
ADVICE: dict[tuple[str, str], Text] = {
    ("log", "unreadable"): Text("make the log available again; until then little else can be said"),
    ("log", "unavailable"): Text("make the log available again; the work waits and goes on by itself"),
    ("disk", "full"): Text("free space on this disk; the work goes on by itself within a minute"),
    ("daemon", "stopped"): Text("start `almenara run`, or `almenara worker` on each machine"),
    ("daemon", "silent"): _SILENT,
    ("worker", "silent"): _SILENT,
    ("worker", "double"): Text("stop one of the two, or give it another [kafka] instance"),
    ("worker", "different"): Text("give all workers the same configuration folder and version, and restart them"),
    ("configuration", "refused"): Text(
        "correct the fault: `almenara check` lists all; confirm what is meant to be lost: `almenara accept`. Until "
        "then a running daemon keeps the previous configuration"
    ),
    ("stage", "unavailable"): Text("make what it needs available; its records wait, and go on by themselves"),
    ("stage", "blocked"): Text("upgrade the program, or move the record away: `almenara skip STREAM/PARTITION/OFFSET`"),
    ("stage", "failing"): Text("do what the reason says"),
    ("stage", "unowned"): Text("start a worker that runs this stage"),
    ("stage", "late"): Text("look at the log lines of its workers; start more of them if all are busy"),
    ("stage", "deleted"): Text("start the workers; if they were late before, raise [keep]"),
    ("stage", "inexact"): Text("report this as a bug, with the output of `almenara status --json`"),
    ("stream", "missing"): Text(
        "run `almenara streams create` before the first start; if it was deleted, `almenara streams repair`"
    ),
    ("stream", "recreated"): Text("stop the workers, run `almenara streams repair`, and start them again"),
    ("stream", "wrong"): Text("do what the reason says"),
    ("stream", "unreadable"): Text("see docs/runbook.md#stream-unreadable"),
    ("state", "lost"): Text("stop the workers that run its stage, run `almenara rebuild-state`, and start them again"),
    ("index", "unreadable"): _INDEX_AWAY,
    ("index", "unavailable"): _INDEX_AWAY,
    ("index", "read-only"): Text("free space in Elasticsearch, which lifts a flood-stage block; lift any other block"),
    ("index", "failing"): Text("look at Elasticsearch: a part of what is stored cannot be reached"),
    ("index", "outdated"): Text("run `almenara reindex`"),
    ("channel", "failing"): Text(
        "check its address and credentials in alerts.toml; its messages are kept and sent later"
    ),
    ("feeds", "different"): Text("see `almenara feeds apply --dry-run`; publish it with `almenara feeds apply`"),
    ("feeds", "failing"): Text("see `almenara feeds list --failing`"),
    ("alerts", "undelivered"): Text(
        "see `almenara alerts list`; what did not arrive: `almenara alerts resend --since …`"
    ),
    ("dead", "open"): Text("see `almenara dead list`; replay them when the cause is gone"),
    ("stages", "starting"): Text("wait until it has started"),
    ("stages", "stopping"): Text("wait until it has ended"),
    ("monitoring", "failing"): Text("report this as a bug, with the log lines"),
}

#: What to do about a part that this table does not know, such as one that a newer worker reports.
GENERAL = {
    "unavailable": Text("make it available again; the work waits and goes on by itself"),
    "blocked": Text("see docs/runbook.md"),
    "refused": Text("correct it; what was there before stays in force"),
    "failing": Text("see docs/runbook.md"),
    "different": Text("see docs/runbook.md"),
}

#: The first words of all parts, by which `status --ignore` leaves some out of the exit code.
PARTS = ({part for part, _ in ADVICE} - {"stage"}) | {*STAGES, *all_groups(), "polls"}

_STAGES = {*STAGES, *all_groups(), "polls"}


def kind_of(part: str, state: str) -> tuple[str, str] | None:
    """The key in ADVICE for a problem; None if it has none."""
    word = part.partition(" ")[0]
    for name in (word, "stage" if word in _STAGES else word):
        if (name, state) in ADVICE:
            return name, state
    return None


def advice(part: str, state: str) -> Text:
    """What to do, in one line."""
    kind = kind_of(part, state)
    return ADVICE[kind] if kind else GENERAL.get(state, GENERAL["failing"])
