"""`almenara stories list` and `show`: what was reported of one event, by whom, and since when."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import Deployment, deployment_for
from pipeline.assembly.result_of import result_of
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config, Until
from pipeline.commands.search import search_of
from pipeline.commands.story_text import listed, shown
from pipeline.commands.times import before
from pipeline.core.stories.growth import growth
from pipeline.ports import Index, StoryList
from pipeline.records import Story
from pipeline.reports.stories import Revision, Stories, find_story, list_stories, plain, revisions

T = TypeVar("T")


class By(StrEnum):
    """Orders of stories."""

    newest = "newest"
    importance = "importance"


def list_command(
    query: Annotated[
        str, typer.Argument(help="Stories with an article that matches: `topic:sanctions country:FR language:fr`.")
    ] = "",
    config: Config = CONFIG,
    since: Annotated[str, typer.Option(help="With a report since then: 12h, 7d, or 2026-03-01T08:00 (UTC).")] = "",
    until: Until = None,
    by: Annotated[By, typer.Option(help="Last changed first, or most independent sources first.")] = By.newest,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many stories to show.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="How many stories to skip.")] = 0,
    as_json: AsJson = False,
) -> None:
    """List stories: events, each with its reports in all languages.

    The query is that of `search`; without one, all stories are listed.

    Example: almenara stories list 'topic:foreign-troop-authorization' --since 2d --by importance
    """
    start = before(since, clock(), "UTC") if since else None
    search = search_of(query, None, until, config)
    wanted = StoryList(since=start, sort="importance" if by is By.importance else "newest", limit=limit, offset=offset)

    async def find(index: Index) -> Stories:
        return await list_stories(index, search, wanted)

    stories = from_index(deployment_for(config), find)
    now = clock()
    if as_json:
        rows = [plain(story, growth(story, now)) for story in stories.found]
        print(json.dumps({"total": stories.total, "complete": stories.complete, "stories": rows}, ensure_ascii=False))
        return
    console = Console(highlight=False)
    for line in listed(stories, now, offset):
        console.print(line, soft_wrap=True)


def show_command(
    story: Annotated[str, typer.Argument(metavar="ID", help="Id of a story, or id or address of one of its articles.")],
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show a story: its reports, copies, changes and differences.

    Who reported first, who copied whom, what changed since, and on which facts the reports differ. An id of a story
    that was merged into another one shows that one.

    Example: almenara stories show 0f343b0931126a20f133d67c2b018a3b
    """

    async def look(index: Index) -> tuple[Story, list[Revision]]:
        found = await find_existing(index, story)
        return found, await revisions(index, found)

    found, changes = from_index(deployment_for(config), look)
    now = clock()
    if as_json:
        versions = [
            {"article": one.article, "version": one.document.relation.version, "seen": one.document.article.seen,
             "material": one.document.relation.material, "changes": one.changes}
            for one in changes
        ]  # fmt: skip
        print(
            json.dumps(
                plain(found, growth(found, now)) | {"versions": msgspec.to_builtins(versions)}, ensure_ascii=False
            )
        )
        return
    console = Console(highlight=False)
    for line in shown(found, changes, now, asked=story):
        console.print(line, soft_wrap=True)


async def find_existing(index: Index, named: str) -> Story:
    """The story with this id, or of this article. Raises CommandError if it does not exist."""
    try:
        found = await find_story(index, named)
    except ValueError as error:
        raise CommandError(f"{named}: {error}") from None
    if found is None:
        raise CommandError(
            f"no story {named}: give the id of a story or of an article, as `almenara stories list` shows"
        )
    return found


def from_index(deployment: Deployment, act: Callable[[Index], Awaitable[T]]) -> T:
    """What `act` reads from the index of a deployment. Raises Unavailable if nothing is indexed yet."""

    async def run() -> T:
        await deployment.require_documents()
        index = await deployment.open_index()
        try:
            return await act(index)
        finally:
            await index.close()

    return result_of(run())
