"""`almenara channels`: shows where messages go and what became of them, and sends a test message."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.channels import opened_channel
from pipeline.assembly.deployment import deployment_for
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.times import shown, shown_short
from pipeline.config.folder import alerts_of, load
from pipeline.core.faults import Fault, Faults, did_you_mean
from pipeline.ports import Channel, SendFailed
from pipeline.records import Message
from pipeline.reports.channels import ChannelReport, read_channels
from pipeline.requests.alerts import message_to_try
from pipeline.terminal.tables import print_table, shortened

WHY = 200  # characters of a reason
SPARE = 10.0  # seconds beyond the time-out of a channel

#: What to do when a test message is not accepted, by the kind of failure.
ADVICE = {
    "unreachable": "nothing was sent: check the address, and whether this machine can reach it (DNS, firewall, proxy)",
    "unsure": "look whether it arrived: if it did, the receiver is slow, so raise `timeout` of the channel",
    "busy": "the receiver asks to wait: test again later",
    "broken": "correct the address, the secret or the settings of the channel, then test again",
    "refused": "the receiver does not take this message: look what it says in its own log",
    "too_long": "the receiver takes only shorter messages: raise its limit",
}


def list_channels(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """List the channels: what they sent, what waits, how they failed.

    Times are in the reader's zone. A channel with `each` gets every alert at once and alone. Exits with code 0 also if
    a channel fails; `almenara status` does not.

    Example: almenara channels list --json
    """
    alerts = alerts_of(config)
    specs, rules, zone = alerts.channels, alerts.rules, alerts.reader.zone
    found = deployment_for(config).with_log(lambda log: read_channels(log, tuple(specs)))
    rows: list[dict[str, Any]] = [
        {"name": name, "type": spec.type, "each": spec.records,
         "rules": sum(rule.enabled and name in rule.channels for rule in rules), **found[name].plain()}
        for name, spec in specs.items()
    ]  # fmt: skip
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    lines = [
        (row["name"], row["type"], "every alert" if row["each"] else "messages", str(row["rules"]),
         _time(found[row["name"]].last_sent, zone), str(row["waiting"]), _time(found[row["name"]].last_failure, zone),
         shortened(row["error"], WHY))
        for row in rows
    ]  # fmt: skip
    names = ("name", "type", "gets", "rules", f"last sent ({zone})", "waiting", "last failure", "why")
    print_table(names, lines, spare=("gets", "rules"))
    for name, report in found.items():
        if report.failing:
            print(f"! {name}: {_failing(report, zone)}")


def try_channel(
    name: Annotated[str, typer.Argument(help="Name of the channel in alerts.toml.")],
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Send a test message to a channel, and say what it answered.

    The message says that it is a test. Exits with code 1 if the channel does not accept it, and says what to do.

    Example: almenara channels test desk
    """
    configuration = load(config)
    spec = configuration.alerts.channels.get(name)
    if spec is None:
        hint = did_you_mean(name, configuration.alerts.channels, f"define [channels.{name}]")
        raise Faults((Fault("alerts.toml", f"channels.{name}", "does not exist", hint),))
    message = message_to_try(name, clock(), "ran `almenara channels test`")
    tested = asyncio.run(_tested(opened_channel(configuration, name), message, spec.timeout))
    if as_json:
        print(json.dumps({"channel": name, "type": spec.type, **tested.plain()}, ensure_ascii=False))
    elif tested.kind:
        typer.echo(f"{name} did not accept the message: {tested.answer}\n{tested.advice}", err=True)
    else:
        print(f"{name} accepted the message: {tested.answer}")
    if tested.kind:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of a test message. `kind` "": it was accepted, and `answer` is what the receiver said."""

    answer: str
    kind: str = ""
    retry_after: float | None = None

    @property
    def advice(self) -> str:
        wait = f" in {self.retry_after:g} s" if self.retry_after else ""
        return ADVICE[self.kind].replace(" later", wait or " later") if self.kind else ""

    def plain(self) -> dict[str, Any]:
        return {"accepted": not self.kind, "answer": self.answer, "kind": self.kind or None,
                "retry_after": self.retry_after, "advice": self.advice or None}  # fmt: skip


async def _tested(channel: Channel, message: Message, timeout: float) -> Tested:
    try:
        return Tested(await asyncio.wait_for(channel.send(message, message.id), timeout + SPARE))
    except SendFailed as failed:
        return Tested(str(failed), failed.kind, failed.retry_after)
    except TimeoutError:
        return Tested(f"no answer within {timeout:g} s", "unsure")
    finally:
        await channel.close()


def _time(moment: datetime | None, zone: str) -> str:
    return shown_short(moment, zone) or "never"


def _failing(report: ChannelReport, zone: str) -> str:
    again = f", next try {shown(report.next_try, zone)}" if report.next_try else ""
    return f"{shortened(report.failing, WHY)}{again}"
