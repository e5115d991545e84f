"""`almenara alerts mute`, `mutes` and `unmute`: keep quiet about a rule, story, outlet or place for a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_for
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.fired import names_of, only_one, rule_key, story_id
from pipeline.commands.times import after, shown, shown_short
from pipeline.config.folder import alerts_of
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.faults import did_you_mean
from pipeline.core.places.gazetteer import country_names, load_gazetteer
from pipeline.core.text.folding import fold
from pipeline.log.feeds import read_feeds
from pipeline.ports import Log
from pipeline.records import AlertRequest, Mute
from pipeline.reports.fired import Ledger, by_prefix, read_ledger
from pipeline.reports.requests import publish_requests, waiting_requests
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
    where = _place(place) if place else ""

    async def act(log: Log) -> tuple[Mute, Ledger]:
        ledger = await read_ledger(log)
        made = Mute(
            id="", until=end, at=now, reason=reason, place=where,
            rule=rule_key(rule, alerts, ledger) if rule else "", story=story_id(story, ledger) if story else "",
            source=await _source(source, log, ledger) if source else "",
        )  # fmt: skip
        made = msgspec.structs.replace(made, id=_mute_id(made))
        await publish_requests(log, [AlertRequest(at=now, mute=made)])
        return made, ledger

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

    async def act(log: Log) -> tuple[Ledger, dict[str, Mute]]:
        ledger = await read_ledger(log)
        return ledger, _with_waiting(ledger, await waiting_requests(log))

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
        mutes = _with_waiting(ledger, await waiting_requests(log))
        found = by_prefix(mute, mutes)
        if not found:
            hint = did_you_mean(mute, mutes, "`almenara alerts mutes --past` lists them")
            raise CommandError(f"there is no mute {mute!r}: {hint}")
        ended = mutes[only_one(mute, found, "mutes")]
        await publish_requests(log, [AlertRequest(at=clock(), unmute=ended.id)])
        return ended, ledger

    ended, ledger = deployment_for(config).with_log(act, write=True)
    if as_json:
        print(json.dumps(_row(ended, alerts), ensure_ascii=False))
    else:
        print(f"no longer muted: {_what(ended, alerts, _titles(ledger))}")


def _with_waiting(ledger: Ledger, waiting: Iterable[AlertRequest]) -> dict[str, Mute]:
    """The mutes, with those that were asked for or ended and that notify has not seen yet."""
    mutes = dict(ledger.mutes)
    for request in waiting:
        if request.mute:
            mutes[request.mute.id] = request.mute
        mutes.pop(request.unmute, None)
    return mutes


# -- what people give


def _end(time: str, until: str, now: datetime, zone: str) -> datetime:
    if bool(time) == bool(until):
        raise CommandError("say how long: either --for 3d or --until 2026-12-01T08:00")
    end = after(time or until, now, zone)
    if end <= now:
        raise CommandError(f"{time or until} is not in the future: it is {shown(now, zone)} now")
    return end


async def _source(name: str, log: Log, ledger: Ledger) -> str:
    """The outlet with this name, as articles have it."""
    feeds, _ = await read_feeds(log)
    known = {one.casefold(): one for one in (*(feed.name for feed in feeds.values()),
                                             *(alert.source for alert in ledger.alerts.values()))}  # fmt: skip
    if name.casefold() not in known:
        hint = did_you_mean(name, known.values(), "`almenara feeds list` shows the outlets")
        raise CommandError(f"there is no outlet {name!r}: {hint}")
    return known[name.casefold()]


def _place(name: str) -> str:
    """The code of a country, or the name of a city as documents have it."""
    countries = country_names("en")
    if name.upper() in {country.code for country in countries.values()}:
        return name.upper()
    if (found := countries.get(fold(name))) and found.code:
        return found.code
    gazetteer = load_gazetteer()
    cities = gazetteer.names.get(fold(name))
    if cities:
        return gazetteer.cities[cities[0]].name
    hint = did_you_mean(fold(name), countries, "a code such as PE, a country or a city in English")
    raise CommandError(f"there is no place {name!r}: {hint}")


def _mute_id(mute: Mute) -> str:
    conditions = (mute.at.isoformat(), mute.rule, mute.story, mute.source, mute.place)
    return hashlib.sha256("\0".join(conditions).encode()).hexdigest()[:8]


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
