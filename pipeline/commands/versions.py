"""`almenara versions`: what changed between the versions of an article."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from pipeline.assembly.deployment import Deployment, deployment_for
from pipeline.assembly.result_of import result_of
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.core.documents.change_words import in_words
from pipeline.core.documents.flat import flat
from pipeline.core.stories.differences import Difference, Piece, cut
from pipeline.core.text.tidy import CONTROL
from pipeline.reports.versions import Version, read_versions

AROUND = 60  # characters shown on each side of a change
LONGEST = 300  # characters shown of a block that was added or removed
_REMOVED, _ADDED = "red strike", "green"


def versions(
    article: Annotated[str, typer.Argument(help="Address or id of the article.")],
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show what changed between the versions of an article.

    Headline, paragraphs, sentences, and words within them; also whether its page was removed. On a terminal in colours,
    elsewhere as [-removed-] and {+added+}.

    Example: almenara versions https://www.example.org/world/ferry
    """
    try:
        found = result_of(_read(deployment_for(config), article))
    except ValueError as error:
        raise CommandError(f"{article}: {error}") from None
    if not found:
        raise CommandError(f"no article {article}: give its address or id, as `almenara search` shows them")
    if as_json:
        print(json.dumps([_plain(version) for version in found], ensure_ascii=False))
        return
    console = Console(highlight=False)
    for line in _lines(found, console.is_terminal and not console.no_color):
        console.print(line, soft_wrap=True)


async def _read(deployment: Deployment, article: str) -> list[Version]:
    index = await deployment.open_index()
    try:
        return await read_versions(index, article)
    finally:
        await index.close()


def _plain(version: Version) -> dict[str, Any]:
    return flat(version.document) | {"differences": [asdict(one) for one in version.differences]}


def _lines(found: list[Version], colours: bool) -> Iterator[Text]:
    newest = found[-1].document
    yield Text(_shown(newest.article.title.value), "bold")
    yield Text(f"{newest.article.url}  {newest.article.id}", "dim")
    for version in found:
        relation, article = version.document.relation, version.document.article
        head = Text(f"\nversion {relation.version}", "bold")
        head.append(f"  {article.seen:%Y-%m-%d %H:%M} UTC")
        if said := in_words(relation.changes):
            head.append(f"  {'' if relation.material else 'not material: '}{_shown(said)}")
        yield head
        for one in version.differences:
            yield _line(one, colours)
    if newest.relation.removed_at:
        yield Text(f"\nremoved  {newest.relation.removed_at:%Y-%m-%d %H:%M} UTC  {newest.relation.removed}", "bold red")
    elif len(found) == 1:
        yield Text("\nno other version is kept")


def _line(one: Difference, colours: bool) -> Text:
    line = Text(f"  {one.what} {one.how}: ", "dim")
    pieces = cut(one.pieces, AROUND) if one.how == "changed" else (_whole(one),)
    for piece in pieces:
        if piece.same:
            line.append(_shown(piece.after), "default")
            continue
        if piece.before:
            line.append(_shown(piece.before) if colours else f"[-{_shown(piece.before)}-]", f"not dim {_REMOVED}")
        if piece.after:
            line.append(_shown(piece.after) if colours else f"{{+{_shown(piece.after)}+}}", f"not dim {_ADDED}")
    return line


def _whole(one: Difference) -> Piece:
    """A block that was added, removed or moved, shortened."""
    before, after = (text if len(text) <= LONGEST else text[:LONGEST] + "…" for text in (one.before, one.after))
    return Piece(before, after)


def _shown(text: str) -> str:
    return CONTROL.sub(" ", text)
