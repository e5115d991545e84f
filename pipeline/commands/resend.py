"""`almenara alerts resend`: sends messages again that did not arrive."""

from __future__ import annotations

import json
from collections import Counter
from typing import Annotated

import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_for
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.times import before
from pipeline.config.folder import alerts_of
from pipeline.ports import Log
from pipeline.records import AlertRequest, Message
from pipeline.reports.resending import Wanted, read_resend
from pipeline.stage import Out
from pipeline.stages.notify import REQUESTS

BATCH = 100  # requests published at once


def resend(
    since: Annotated[str, typer.Option(help="Messages made since then: 3d, 12h, 2w, or a local date.")],
    config: Config = CONFIG,
    rule: Annotated[str, typer.Option(help="Only those of this rule, by name or id.")] = "",
    channel: Annotated[str, typer.Option(help="Only to this channel.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what arrived.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be sent again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send messages again that did not arrive.

    Those that a channel refused, never confirmed, or did not take before they were given up. What still waits for a
    channel is sent anyway. A message keeps its key, so a receiver that knows it already can drop it. Of messages older
    than 14 days, only alerts that are still on the log are shown. The daemon, or the worker that runs notify, sends
    them within seconds, or when it starts.

    Example: almenara alerts resend --since 3d --channel mail
    """
    now = clock()
    wanted = Wanted(before(since, now, alerts_of(config).reader.zone), rule, channel, everything)

    async def act(log: Log) -> list[tuple[Message, tuple[str, ...]]]:
        found = await read_resend(log, wanted)
        requests = [AlertRequest(at=now, resend=message, again=channels) for message, channels in found]
        for first in range(0, 0 if dry_run else len(requests), BATCH):
            await log.publish([Out(REQUESTS, "", request) for request in requests[first : first + BATCH]])
        return found

    found = deployment_for(config).with_log(act, write=not dry_run)
    if as_json:
        rows = [{"message": message.id, "rule": message.rule, "channels": list(names)} for message, names in found]
        print(json.dumps({"since": wanted.since.isoformat(timespec="seconds"), "messages": rows}, ensure_ascii=False))
        return
    counts = Counter(name for _, names in found for name in names)
    what = ", ".join(f"{n} to {name}" for name, n in sorted(counts.items())) or "nothing"
    print(f"{'would be sent' if dry_run else 'sent'} again: {what}")
