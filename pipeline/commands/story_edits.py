"""`almenara stories merge` and `split`: corrections that people make, which the machine never undoes."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import Deployment, deployment_for
from pipeline.commands.arguments import CONFIG, Config
from pipeline.commands.stories import find_existing, from_index
from pipeline.core.messages.content import counted
from pipeline.ports import Index
from pipeline.records import Story
from pipeline.requests.asking import this_user
from pipeline.requests.stories import merge, split
from pipeline.terminal.tables import shortened

WHEN = "relate does it within seconds while it runs, else when it next starts"


def merge_command(
    story: Annotated[str, typer.Argument(help="Id of the story that ends, or of one of its articles.")],
    into: Annotated[str, typer.Argument(help="Id of the story that gets its articles, or of one of its articles.")],
    config: Config = CONFIG,
) -> None:
    """Merge a story into another one: both are about one event.

    The old id leads to the other story from then on. What you decide is remembered; `stories split` takes articles out
    again.

    Example: almenara stories merge 0f343b0931126a20f133d67c2b018a3b b550615f96436d4abcd24671a583770a
    """
    deployment = deployment_for(config)
    one, other = _stories(deployment, story, into)
    deployment.with_log(lambda log: merge(log, this_user(), clock(), one, other), write=True)
    print(f"asked to merge {_named(one)}\n  into {_named(other)}")
    print(f"{one.id} will lead to {other.id}, which will have {one.size + other.size} articles. {WHEN}")


def split_command(
    story: Annotated[str, typer.Argument(help="Id of the story.")],
    articles: Annotated[list[str], typer.Argument(help="Ids of the articles that do not belong to it.")],
    config: Config = CONFIG,
    into: Annotated[str, typer.Option(help="Story that gets them; without it they become a story of their own.")] = "",
) -> None:
    """Take articles out of a story: they are about another event.

    What you decide is remembered: later versions and copies of the articles go with them.

    Example: almenara stories split b550615f96436d4abcd24671a583770a 9ec69a0d4a59b7668f1d0970c0e3830b
    """
    deployment = deployment_for(config)
    one, *others = _stories(deployment, story, *([into] if into else []))
    other = others[0] if others else None
    moved = deployment.with_log(lambda log: split(log, this_user(), clock(), one, articles, other), write=True)
    where = f"to {_named(other)}" if other else "to a story of their own"
    print(f"asked to move {counted(len(moved), 'article')} of {_named(one)}\n  {where}")
    print(f"{counted(one.size - len(moved), 'article')} will stay. {WHEN}")


def _stories(deployment: Deployment, *named: str) -> list[Story]:
    async def read(index: Index) -> list[Story]:
        return [await find_existing(index, one) for one in named]

    return from_index(deployment, read)


def _named(story: Story) -> str:
    return f'"{shortened(story.title, 80)}" ({counted(story.size, "article")})'
