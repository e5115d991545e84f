"""`almenara watch`: authorisations of foreign forces, with the next date to watch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_for
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.stories import from_index
from pipeline.core.stories.threads import OVER, Thread, threads, to_watch
from pipeline.ports import Index
from pipeline.reports.stories import hosted_stories
from pipeline.terminal.tables import shortened

STEPS = 8  # that are shown of one authorisation


def watch(
    config: Config = CONFIG,
    host: Annotated[str, typer.Option(help="Only those of this host country, for example NO.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what has ended, was revoked or rejected.")] = False,
    as_json: AsJson = False,
) -> None:
    """List authorisations of foreign forces by the next date to watch.

    Stories about one authorisation, over months, are one line of life: proposed, debated, approved, in force, extended,
    revoked, ended. The next date is that of a vote, the start of the stay or its end.

    Example: almenara watch --host NO
    """

    async def read(index: Index) -> list[Thread]:
        return threads(await hosted_stories(index), clock().date())

    found = to_watch(from_index(deployment_for(config), read), host.upper(), everything)
    if as_json:
        print(json.dumps(msgspec.to_builtins(found), ensure_ascii=False))
        return
    console = Console(highlight=False)
    for one in found:
        for line in _lines(one, clock().date()):
            console.print(line, soft_wrap=True)
    if not found:
        hint = "" if everything else "; --all also lists what has ended, was revoked or rejected"
        print(f"no authorisation to watch{hint}")


def _lines(thread: Thread, today: date) -> Iterator[Text]:
    head = f"{thread.host} ← {' '.join(thread.senders) or '?'}: {thread.status}"
    if thread.next:
        days = (thread.next - today).days
        head += f" · {thread.what} {thread.next} ({'today' if not days else f'in {days} days'})"
    elif thread.status in ("proposed", "debated"):
        head += " · no date of a vote is known"
    elif thread.status not in OVER:
        head += " · no last day is known"
    yield Text(head, "bold")
    if thread.start or thread.end:
        yield Text(f"   stay: {thread.start or '?'} to {thread.end or '?'}")
    for step in thread.steps[-STEPS:]:
        yield Text(f"   {step.at:%Y-%m-%d}  {step.outcome}  {step.source}: {shortened(step.sentence, 140)}", "dim")
    for id, title in zip(thread.stories, thread.titles, strict=False):
        yield Text(f"   {id}  {shortened(title, 100)}", "blue")
    yield Text("")
