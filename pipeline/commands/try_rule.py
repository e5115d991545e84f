"""`almenara alerts test`: tries an alert rule on the articles of the index."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import Deployment, deployment_for
from pipeline.assembly.result_of import result_of
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.fired import WHY
from pipeline.commands.times import before, shown, shown_short
from pipeline.config.drafts import tested_rule
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.calendar.local import local_day
from pipeline.core.query.snippets import CLOSE, OPEN
from pipeline.records import Alert
from pipeline.reports.backtest import Backtest, Day, run_backtest
from pipeline.reports.backtest_plain import outcomes, plain
from pipeline.terminal.bars import bars
from pipeline.terminal.progress import count_bar
from pipeline.terminal.tables import screen, shortened

DAYS = 45  # plotted one by one; more are plotted by week
QUOTE = 300  # characters of a quoted sentence


def try_rule(
    rule: Annotated[str, typer.Argument(help="Name or id of the rule; leave it out to try only a query.")] = "",
    config: Config = CONFIG,
    since: Annotated[str, typer.Option(help="How far back: 30d, 12h, 8w, or a local date.")] = "30d",
    file: Annotated[Path | None, typer.Option(help="A draft of alerts.toml that has the rule.", dir_okay=False)] = None,
    query: Annotated[str, typer.Option(help="Try this query instead of that of the rule.")] = "",
    as_json: AsJson = False,
) -> None:
    """Try an alert rule on the past: what it would have sent, and when.

    Takes the articles of the index in the order in which they arrived, and runs what the daemon runs, in virtual time:
    grouping by story, follow-ups, throttle, budget, quiet hours and digests. The index holds only the newest version of
    each article. A draft is compared with the rule in force. Sends nothing, and changes nothing.

    Example: almenara alerts test "Foreign troops" --since 90d --query 'troops NEAR/5 (congress OR senate)'
    """
    tested, in_force = tested_rule(config, rule, file, query)
    now, deployment = clock(), deployment_for(config)
    start = before(since, now, tested.reader.zone)
    found = result_of(_run(deployment, tested, in_force, start, now))
    if as_json:
        print(json.dumps(plain(found), ensure_ascii=False))
    else:
        _show(found)


async def _run(
    deployment: Deployment, tested: AlertSet, in_force: AlertSet | None, since: datetime, until: datetime
) -> Backtest:
    index = await deployment.open_index()
    try:
        with count_bar("articles tried") as looked:
            found = await run_backtest(index, tested, in_force, since, until, looked)
    finally:
        await index.close()
    if not found.evaluated:
        await deployment.require_documents()
    return found


# -- for people


def _show(found: Backtest) -> None:
    zone, rule = found.zone, found.rule
    say = screen().print
    say(f"{rule.name}: {rule.query}", style="bold")
    notes = "; ".join(found.notes)
    say(f"{shown(found.since, zone)} to {shown(found.until, zone)}; {notes}", style="dim", soft_wrap=True)
    if found.first and found.first - found.since > timedelta(hours=1):
        say(f"the index has no articles from before {shown(found.first, zone)}", style="dim", soft_wrap=True)
    if found.articles or found.messages:
        say("\narticles → messages")
        for line in bars(_rows(found), screen().width):
            print(line)
    print()
    for line in _totals(found):
        say(line, soft_wrap=True)
    for number, alert in enumerate(found.samples, 1):
        if number == 1:
            say("\nsamples", style="bold")
        _show_article(f"{number}.", alert, zone)
        for quote in alert.quotes:
            say(f"    {shortened(quote.text.replace(OPEN, '*').replace(CLOSE, '*'), QUOTE)}", soft_wrap=True)
    _show_differences(found)


def _rows(found: Backtest) -> list[tuple[str, int, int]]:
    """Every day or week from the first to the last, with its articles and messages."""
    first, last = local_day(found.since, found.zone), local_day(found.until, found.zone)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if len(days) <= DAYS:
        shown_days = [(f"{day:%a %Y-%m-%d}", found.days.get(day, Day())) for day in days]
        return [(label, day.articles, day.messages) for label, day in shown_days]
    weeks: dict[date, Day] = {}
    for day in days:
        week = weeks.setdefault(day - timedelta(days=day.weekday()), Day())
        one = found.days.get(day, Day())
        week.articles, week.messages = week.articles + one.articles, week.messages + one.messages
    return [(f"week of {start}", week.articles, week.messages) for start, week in weeks.items()]


def _totals(found: Backtest) -> list[str]:
    lines = [
        f"{found.articles:,} articles in {len(found.stories):,} stories, of {found.evaluated:,} that were tried",
        _counted(found.messages, found),
        f"when they arrived: {', '.join(f'{n:,} {name}' for name, n in sorted(outcomes(found).items())) or 'nothing'}",
    ]
    if found.messages_in_force is not None:
        lines.insert(2, f"the rule in force: {_counted(found.messages_in_force, found)}")
    if found.held:
        why = ", ".join(f"{WHY.get(why, why)} {n:,}" for why, n in found.held.most_common())
        lines.append(f"held back, and reported later: {why}; {found.waiting:,} were still held at the end")
    if found.summed_up:
        lines.append(f"{found.summed_up:,} articles were in digests and summaries")
    if found.busiest:
        day, busiest = found.busiest
        lines.append(
            f"busiest day: {day:%a %Y-%m-%d} with {busiest.messages:,} messages, {busiest.articles:,} articles"
        )
    return lines


def _counted(messages: Counter[str], found: Backtest) -> str:
    """How many messages of which kinds, and how many a day."""
    sent = messages.total()
    kinds = ", ".join(f"{kind.replace('_', '-')} {n:,}" for kind, n in sorted(messages.items()))
    return f"{sent:,} messages" + (f": {kinds}; {sent / found.known_days:.1f} a day" if sent else "")


def _show_article(lead: str, alert: Alert, zone: str) -> None:
    where = f"{alert.source} ({alert.language or '?'})"
    print(f"{lead} {shown_short(alert.first_seen, zone)}  {shortened(where, 40)}  {shortened(alert.title, 120)}")


def _show_differences(found: Backtest) -> None:
    sides = (("found only by the draft", "+", found.only_draft), ("no longer found", "-", found.only_in_force))
    for what, sign, difference in sides:
        if difference is None:
            continue
        screen().print(f"\n{difference.articles:,} articles {what}, compared with the rule in force", style="bold")
        for alert in difference.some:
            _show_article(sign, alert, found.zone)
        if difference.articles > len(difference.some):
            print(f"  and {difference.articles - len(difference.some):,} more")
