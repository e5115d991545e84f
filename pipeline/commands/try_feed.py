"""`almenara feeds test`: prints all that can be known of a feed without adding it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Annotated, Any

import msgspec
import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import Deployment, deployment_for
from pipeline.assembly.looking import looking
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.feed_words import contents, reason_lines
from pipeline.core.decoding.decode import decode
from pipeline.core.feeds.discover import whole
from pipeline.discovery.look import Look
from pipeline.log.feeds import read_feeds
from pipeline.records import Feed
from pipeline.terminal.tables import shortened

HEADERS = (
    "content-type", "content-encoding", "etag", "last-modified", "cache-control", "expires", "age", "retry-after",
    "server", "via", "link",
)  # fmt: skip
PAGES = 3  # entries whose pages are asked about in robots.txt


def try_feed(
    feed: Annotated[str, typer.Argument(help="URL, or the id of a feed that is polled.")],
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Fetch a feed and show all about it; adds and stores nothing.

    Redirects, headers, decoding, format, entries and why some cannot be used, dates, language, rhythm, what robots.txt
    says about the pages, and what seems wrong. Exits with code 1 if it is not a feed.

    Example: almenara feeds test https://example.org/rss.xml
    """
    deployment = deployment_for(config)
    tested = _feed(deployment, feed)
    look, robots = asyncio.run(_look(deployment, tested))
    report = _report(look, robots)
    if as_json:
        print(json.dumps(report, ensure_ascii=False, default=str))
    else:
        _show(look, report)
    if look.failure:
        raise typer.Exit(1)


def _feed(deployment: Deployment, given: str) -> Feed:
    """The polled feed with this id or address, with its profile; or one at this address."""
    known, _ = deployment.with_log(read_feeds)
    for feed in known.values():
        if given in (feed.id, feed.url) and not feed.removed:
            return feed
    try:
        return Feed(id="test", name="test", url=whole(given))
    except ValueError as error:
        raise CommandError(f"{given}: neither the id of a feed nor an address: {error}") from None


async def _look(deployment: Deployment, feed: Feed) -> tuple[Look, list[dict[str, Any]]]:
    async with looking(deployment.settings) as (looker, robots):
        look = await looker.look(feed)
        verdicts = []
        asked = deployment.settings.fetch.robots
        pages = [entry.url for entry in look.preview.latest if entry.own and asked] if look.preview else []
        for page in pages[:PAGES]:
            verdict = await robots.ask(page, feed.profile)
            verdicts.append({
                "page": page, "allowed": verdict.allowed, "why": verdict.why, "delay": verdict.delay,
            })  # fmt: skip
        return look, verdicts


def _report(look: Look, robots: list[dict[str, Any]]) -> dict[str, Any]:
    page, parsed = look.page, look.parsed
    report: dict[str, Any] = {"url": look.url, "ok": look.failure is None}
    if look.failure:
        report["failure"] = {"reason": look.failure[0], "detail": look.failure[1]}
    if page:
        report["answer"] = {
            "url": page.url, "moved": page.permanent, "jumped": page.jumped, "status": page.status,
            "bytes": len(page.body), "cut": page.cut, "charset": decode(page.body, page.content_type).charset,
            "headers": {name: page.headers[name] for name in HEADERS if name in page.headers},
        }  # fmt: skip
    if parsed and look.preview:
        report["feed"] = msgspec.to_builtins(asdict(look.preview), enc_hook=str) | {
            "site": parsed.site, "says_every": parsed.every, "notes": list(parsed.notes),
            "sitemaps": [child.url for child in parsed.children],
        }  # fmt: skip
        report["robots"] = robots
    return report


def _show(look: Look, report: dict[str, Any]) -> None:
    if answer := report.get("answer"):
        moved = " (for good)" if answer["moved"] else " (by a redirect inside a page)" if answer["jumped"] else ""
        if answer["url"] != look.url:
            print(f"redirect   to {answer['url']}{moved}")
        print(f"answer     {answer['status']}, {answer['bytes']} bytes, read as {answer['charset']}")
        for name, value in answer["headers"].items():
            print("           " + shortened(f"{name}: {value}", 150))
        if answer["cut"]:
            print(f"           cut off: {answer['cut']}")
    if look.failure:
        print("\n".join(f"failure    {line}" for line in reason_lines(look)))
        return
    seen, now = look.preview, clock()
    assert seen is not None, look
    print(f"feed       {seen.kind}: {seen.title or 'without title'}; {report['feed']['site'] or 'names no site'}")
    drops = ", ".join(f"{count} {reason}" for reason, count in seen.drops.items())
    dropped = f"{sum(seen.drops.values())} drops" + (f" ({drops})" if drops else "")
    print(f"entries    {seen.listed} = {seen.items} items + {dropped}")
    print(f"rhythm     {contents(seen, now)}")
    print(f"language   {seen.language or 'not recognised'}; the feed says {seen.declared or 'nothing'}")
    print(f"text       the whole article in {seen.full:.0%} of the entries, a picture in {seen.pictures:.0%}")
    for entry in seen.latest:
        dated = f"{entry.published:%Y-%m-%d %H:%M}" if entry.published else "no date"
        print("           " + shortened(f"{dated}  {entry.title or 'no title'}  {entry.url}", 150))
    for verdict in report["robots"]:
        delay = f", a delay of {verdict['delay']:g} s" if verdict["delay"] else ""
        print(f"robots.txt {'allows' if verdict['allowed'] else 'forbids'} {verdict['page']}{delay}")
    print("\n".join(f"problem    {problem}" for problem in seen.problems) or "problems   none found")
