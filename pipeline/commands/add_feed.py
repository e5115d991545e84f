"""`almenara feeds add`: looks at an address, finds the feeds there, and adds what was chosen."""

from __future__ import annotations

import asyncio
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import msgspec
import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import Deployment, deployment_for
from pipeline.assembly.looking import looking
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.feed_changes import carry_out
from pipeline.commands.feed_words import advice, summary_lines
from pipeline.core.feeds.changes import Plan, additions
from pipeline.core.feeds.discover import Candidate, whole
from pipeline.discovery.find import Found, find
from pipeline.discovery.look import Look
from pipeline.log.feeds import read_feeds
from pipeline.records import Feed
from pipeline.requests.feeds import Wish, adding

Choice = list[tuple[Look, Candidate]]


def add_feed(
    url: Annotated[str, typer.Argument(help="URL of a feed, a sitemap, or any page of a site.")],
    name: Annotated[str | None, typer.Option(help="Name of the outlet. Default: the title of the feed.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the outlet, ISO 639-1; for example es.")] = None,
    country: Annotated[str | None, typer.Option(help="Country of the outlet, ISO 3166-1; for example PE.")] = None,
    group: Annotated[
        list[str] | None, typer.Option(help="Group of feeds that it belongs to; repeat for several.")
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Any key of feeds.toml (docs/feeds.md); repeat for several."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Of several feeds, add the first without asking.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Add all feeds that are found.")] = False,
    pick: Annotated[list[int] | None, typer.Option(metavar="N", help="Add the N-th feed found; repeatable.")] = None,
    no_check: Annotated[bool, typer.Option("--no-check", help="Add the URL as it is, without looking at it.")] = False,
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Find the feeds at an address, and add one.

    A running daemon or worker polls it within seconds.

    Shows what each feed is like. If there are several, asks which to add; without a terminal, --yes, --all or --pick
    says which. For a difficult site, --set gives what feeds.toml could: `--set user_agent=Reader/1 --set verify=false`.
    Exits with code 1 if there is no feed, if it is already polled, or if an argument is wrong.

    Example: almenara feeds add https://example.org/ --country PE
    """
    try:
        address = whole(url)
    except ValueError as error:
        raise CommandError(
            f"{url}: {error}. Give the address of a feed or site, for example https://example.org/"
        ) from None
    wish = Wish(name, language, country, tuple(group or ()), dict(map(_key_value, values or ())))
    feed, deployment = wish.feed(address), deployment_for(config)
    _check_new(deployment, [feed])
    found = None if no_check else asyncio.run(_find(deployment, feed))
    feeds = [feed]
    if found is not None:
        feeds = [
            wish.feed(_address(look), candidate.title or None)
            for look, candidate in _chosen(found, yes, all_, pick or [], quiet=as_json)
        ]
        _check_new(deployment, feeds)

    more: dict[str, Any] = {"found": [_plain(each) for each in found.feeds]} if found and as_json else {}
    carry_out(deployment, adding(feeds), _after, as_json=as_json, **more)


def _after(plan: Plan) -> str:
    ids = ", ".join(change.feed.id for change in plan.changes)
    return f"added {ids}; a running daemon or worker polls it within seconds"


async def _find(deployment: Deployment, feed: Feed) -> Found:
    async with looking(deployment.settings) as (looker, _):
        return await find(looker, feed)


def _check_new(deployment: Deployment, feeds: list[Feed]) -> None:
    """Raise CommandError if all are polled already, under any form of their addresses."""
    known: Mapping[str, Feed] = deployment.with_log(read_feeds)[0]
    plan = additions(known, feeds)
    if not plan.changes:
        lines = [f"{one.listed.url} is already polled, as {one.held.id} ({one.held.url})" for one in plan.kept]
        raise CommandError("\n".join([*lines, "see `almenara feeds list`"]))


def _address(look: Look) -> str:
    """The address to poll: as it was given, or where it has moved to for good."""
    moved = look.page.permanent if look.page else None
    return moved or look.url


def _chosen(found: Found, yes: bool, all_: bool, pick: list[int], *, quiet: bool) -> Choice:
    """The feeds to add. Shows all unless `quiet`. Raises CommandError if none was found or chosen."""
    if not found.feeds:
        raise CommandError(advice(found))
    if not quiet:
        for number, (look, candidate) in enumerate(found.feeds, 1):
            print("\n".join(summary_lines(look, candidate, number if len(found.feeds) > 1 else None, clock())))
    if wrong := [number for number in pick if not 1 <= number <= len(found.feeds)]:
        raise CommandError(f"there is no feed {wrong[0]}: {len(found.feeds)} were found")
    if pick:
        return [found.feeds[number - 1] for number in dict.fromkeys(pick)]
    if all_:
        return found.feeds
    if len(found.feeds) == 1 or len(found.best()) == 1 or yes:
        return found.feeds[:1]
    return _asked(found)


def _asked(found: Found) -> Choice:
    if not sys.stdin.isatty():
        raise CommandError(
            f"nothing was added: {len(found.feeds)} feeds were found, and there is no terminal to ask at. Add --pick N"
            ", --yes for the first, or --all"
        )
    answer = typer.prompt("Which to add? Numbers, all or none", default="1", err=True).strip().lower()
    if answer == "all":
        return found.feeds
    numbers = [int(part) for part in re.findall(r"\d+", answer)]
    if not numbers or any(not 1 <= number <= len(found.feeds) for number in numbers):
        raise CommandError("nothing was added")
    return [found.feeds[number - 1] for number in dict.fromkeys(numbers)]


def _plain(each: tuple[Look, Candidate]) -> dict[str, Any]:
    look, candidate = each
    shown = msgspec.to_builtins(asdict(look.preview), enc_hook=str) if look.preview else None
    return {"url": candidate.url, "title": candidate.title, "how": candidate.how, "preview": shown}


def _key_value(text: str) -> tuple[str, object]:
    """Key and value of `key=value`, where the value is a text, or TOML that can be nothing else."""
    key, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[a-z_]+", key.strip()):
        raise CommandError(f"--set {text}: write KEY=VALUE, for example user_agent=Reader/1")
    if not re.fullmatch(r"true|false|\d+|[\[{\"'].*", value.strip()):
        return key.strip(), value
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise CommandError(f"--set {text}: {error}") from None
