"""`almenara alerts resend`: sends messages again that did not arrive."""

from __future__ import annotations

import json
from collections import Counter
from typing import Annotated

import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_for
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.times import before
from pipeline.config.folder import alerts_of
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.faults import did_you_mean
from pipeline.ports import Log
from pipeline.records import Message
from pipeline.reports.resending import Wanted, read_resend
from pipeline.requests.alerts import resend as send_again
from pipeline.requests.asking import this_user
from pipeline.requests.names import rule_key


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
    alerts = alerts_of(config)
    wanted = Wanted(before(since, now, alerts.reader.zone), rule, channel, everything)

    async def act(log: Log) -> list[tuple[Message, tuple[str, ...]]]:
        found = await read_resend(log, wanted)
        if not dry_run:
            await send_again(log, this_user(), now, found)
        return found

    found = deployment_for(config).with_log(act, write=not dry_run)
    if not found:
        _check_names(rule, channel, alerts)
    if as_json:
        rows = [{"message": message.id, "rule": message.rule, "channels": list(names)} for message, names in found]
        print(json.dumps({"since": wanted.since.isoformat(timespec="seconds"), "messages": rows}, ensure_ascii=False))
        return
    counts = Counter(name for _, names in found for name in names)
    what = ", ".join(f"{n} to {name}" for name, n in sorted(counts.items())) or "nothing"
    print(f"{'would be sent' if dry_run else 'sent'} again: {what}")


def _check_names(rule: str, channel: str, alerts: AlertSet) -> None:
    """Say so if nothing was found because a name is wrong; those that are gone are known only by their messages."""
    if channel and channel not in alerts.channels:
        hint = did_you_mean(channel, alerts.channels, f"channels: {', '.join(alerts.channels)}")
        raise CommandError(f"there is no channel {channel!r}: {hint}")
    if rule:
        rule_key(rule, alerts)
