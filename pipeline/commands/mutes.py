"""`almenara alerts mute`, `mutes` and `unmute`: keep quiet about a rule, story, outlet or place for a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_for
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.times import after, shown, shown_short
from pipeline.config.folder import alerts_of
from pipeline.core.alerts.firing import AlertSet
from pipeline.log.feeds import read_feeds
from pipeline.ports import Log
from pipeline.records import Mute
from pipeline.reports.fired import Ledger, read_ledger
from pipeline.requests import alerts as ask
from pipeline.requests.asking import this_user
from pipeline.requests.names import names_of, outlet, place_name, rule_key, story_id
from pipeline.terminal.tables import print_table, shortened


def mute(
    config: Config = CONFIG,
    rule: Annotated[str, typer.Option(help="Name or id of a rule.")] = "",
    story: Annotated[str, typer.Option(help="Id of a story, or of one of its alerts.")] = "",
    source: Annotated[str, typer.Option(help="Name of an outlet.")] = "",
    place: Annotated[str, typer.Option(help="Country (PE, Peru) or city that articles are about.")] = "",
    time: Annotated[str, typer.Option("--for", help="How long: 90m, 12h, 3d, 2w.")] = "",
    until: Annotated[str, typer.Option(help="Until this local time: 2026-12-01T08:00.")] = "",
    reason: Annotated[str, typer.Option(help="Why, for those who read `alerts mutes`.")] = "",
    as_json: AsJson = False,
) -> None:
    """Do not report alerts of a rule, story, outlet or place for a time.

    Of several conditions all must hold. What is muted is counted, listed by `alerts fired --status muted`, and not sent
    later. Works whether or not the daemon runs.

    Example: almenara alerts mute --rule "Foreign troops" --place Peru --for 3d --reason "we know"
    """
    if not (rule or story or source or place):
        raise CommandError("say what to mute: --rule, --story, --source or --place")
    alerts, now = alerts_of(config), clock()
    end = _end(time, until, now, alerts.reader.zone)
    where = place_name(place) if place else ""

    async def act(log: Log) -> tuple[Mute, Ledger]:
        ledger = await read_ledger(log)
        asked = Mute(
            id="", until=end, at=now, reason=reason, place=where,
            rule=rule_key(rule, alerts, ledger) if rule else "", story=story_id(story, ledger) if story else "",
            source=outlet(source, await _outlets(log, ledger)) if source else "",
        )  # fmt: skip
        return await ask.mute(log, this_user(), asked), ledger

    made, ledger = deployment_for(config).with_log(act, write=True)
    if as_json:
        print(json.dumps(_row(made, alerts), ensure_ascii=False))
        return
    print(f"muted until {shown(end, alerts.reader.zone, day=True)}: {_what(made, alerts, _titles(ledger))}")
    print(f"undo it with: almenara alerts unmute {made.id}")


def list_mutes(
    config: Config = CONFIG,
    past: Annotated[bool, typer.Option("--past", help="Also those that ended.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is muted, until when, why, and how many alerts that hit.

    Example: almenara alerts mutes
    """
    alerts, now = alerts_of(config), clock()

    async def act(log: Log) -> tuple[Ledger, Mapping[str, Mute]]:
        ledger = await read_ledger(log)
        return ledger, ask.known_mutes(ledger, await ask.waiting_requests(log))

    ledger, mutes = deployment_for(config).with_log(act)
    listed = sorted((one for one in mutes.values() if past or one.until > now), key=lambda one: (one.until, one.id))
    rows = [
        _row(one, alerts) | {
            "muted": sum(alert.why == one.id for alert in ledger.alerts.values() if alert.status == "muted"),
            "taken": one.id in ledger.mutes,
        }
        for one in listed
    ]  # fmt: skip
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        print("nothing is muted")
        return
    zone = alerts.reader.zone
    lines = [
        (one.id, shown_short(one.until, zone), f"{row['muted']:,}" if row["taken"] else "once the daemon runs",
         shortened(one.reason, 40), shortened(_what(one, alerts, _titles(ledger)), 120))
        for one, row in zip(listed, rows, strict=True)
    ]  # fmt: skip
    print_table(("id", f"until ({zone})", "muted", "reason", "what"), lines, spare=("reason",))


def unmute(
    mute: Annotated[str, typer.Argument(metavar="ID", help="Id of the mute, as `alerts mutes` shows it.")],
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """End a mute before its time. What it muted is not sent later.

    Example: almenara alerts unmute 3f2a91c0
    """
    alerts = alerts_of(config)

    async def act(log: Log) -> tuple[Mute, Ledger]:
        ledger = await read_ledger(log)
        return await ask.unmute(log, this_user(), clock(), mute, ledger), ledger

    ended, ledger = deployment_for(config).with_log(act, write=True)
    if as_json:
        print(json.dumps(_row(ended, alerts), ensure_ascii=False))
    else:
        print(f"no longer muted: {_what(ended, alerts, _titles(ledger))}")


# -- what people give


def _end(time: str, until: str, now: datetime, zone: str) -> datetime:
    if bool(time) == bool(until):
        raise CommandError("say how long: either --for 3d or --until 2026-12-01T08:00")
    end = after(time or until, now, zone)
    if end <= now:
        raise CommandError(f"{time or until} is not in the future: it is {shown(now, zone)} now")
    return end


async def _outlets(log: Log, ledger: Ledger) -> list[str]:
    """The names of outlets, as feeds and alerts have them."""
    feeds, _ = await read_feeds(log)
    return [*(feed.name for feed in feeds.values()), *(alert.source for alert in ledger.alerts.values())]


# -- what is shown


def _titles(ledger: Ledger) -> dict[str, str]:
    """Id of a story -> the title of its first alert."""
    newest_first = sorted(ledger.alerts.values(), key=lambda alert: alert.at, reverse=True)
    return {alert.story: alert.title for alert in newest_first if alert.story}


def _what(mute: Mute, alerts: AlertSet, titles: Mapping[str, str]) -> str:
    rule = f'rule "{names_of(alerts).get(mute.rule, mute.rule)}"' if mute.rule else ""
    title = titles.get(mute.story, "")
    named = f'"{shortened(title, 80)}"' if title else mute.story
    story = f"story {named}" if mute.story else ""
    source = f"outlet {mute.source}" if mute.source else ""
    place = f"articles about {mute.place}" if mute.place else ""
    return ", ".join(part for part in (rule, story, source, place) if part)


def _row(mute: Mute, alerts: AlertSet) -> dict[str, Any]:
    return {
        "id": mute.id, "until": mute.until.isoformat(timespec="seconds"), "zone": alerts.reader.zone,
        "at": mute.at.isoformat(timespec="seconds"), "rule": mute.rule or None, "story": mute.story or None,
        "source": mute.source or None, "place": mute.place or None, "reason": mute.reason or None,
    }  # fmt: skip
