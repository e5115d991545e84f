"""`almenara process`: cleans, tags and relates articles from files, with the stages of flow.py.

Every input line gives one output line, in the same order, even if the article is dropped. The form of both is stable:
docs/process.md.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
import typer

from pipeline.assembly.offline import OfflineStages, offline_stages
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, Config
from pipeline.commands.inputs import InputArticle, Line, Reader, read_lines
from pipeline.commands.warc import Archives
from pipeline.config.folder import Configuration, load
from pipeline.core.documents.flat import Flat, dropped, flat
from pipeline.records import Article, Document, Page, Record, Relation, Tagged
from pipeline.stage import Drop, Position, Stage, StepResult, Unavailable, result_of
from pipeline.terminal.progress import byte_bar

AHEAD = 8  # articles in progress at once, for each CPU core; more would only take memory


def process(
    files: Annotated[
        list[str], typer.Argument(help="JSON-lines files, .html files, web archives (WARC), or - for standard input.")
    ],
    config: Config = CONFIG,
) -> None:
    """Clean, tag and relate articles from files.

    Prints one JSON document per line, in input order, also for dropped articles: docs/process.md has the form. Input
    lines: {"id", "url", "html" or "text", "title", "published", "source", "seen"?}. Uses no log, index or network.

    Example: almenara process articles.jsonl page.html CC-NEWS-20260301.warc.gz > documents.jsonl
    """
    configuration = load(config)
    with byte_bar("read", _size(files)) as read:
        archives = Archives(read)
        try:
            bad = asyncio.run(process_lines(read_lines(files, archives), configuration, sys.stdout.buffer))
        finally:
            if summary := archives.summary():
                print(summary, file=sys.stderr)
    if bad:
        raise CommandError(f'{bad} input line(s) were not articles; see the documents with "drop": "bad_input"')


def _size(files: Iterable[str]) -> int | None:
    """How many bytes the files have; None if that is not known."""
    paths = [Path(file) for file in files]
    return sum(path.stat().st_size for path in paths) if all(path.is_file() for path in paths) else None


async def process_lines(
    source: Iterable[tuple[str, bytes | Line | Page]], configuration: Configuration, out: BinaryIO
) -> int:
    """Write one document per line of `source` to `out`; returns how many lines were not articles."""
    bad, ahead = 0, AHEAD * max(1, os.cpu_count() or 1)
    reader = Reader(datetime.now(UTC))
    async with offline_stages(configuration) as stages:
        writer = Writer(stages)
        work: deque[tuple[InputArticle, asyncio.Task[StepResult]]] = deque()

        async def write_next() -> int:
            article, task = work.popleft()
            document = await writer.finish(article, await task)
            if article.fault:
                print(article.fault, file=sys.stderr)
            out.write(msgspec.json.encode(document) + b"\n")
            return int(document["drop"] == "bad_input")

        try:
            for place, line in source:
                article = reader.parse(place, line)
                work.append((article, asyncio.create_task(writer.start(article))))
                if len(work) >= ahead:
                    bad += await write_next()
            while work:
                bad += await write_next()
        finally:
            for _, task in work:
                task.cancel()
            out.flush()
    return bad


class Writer:
    """Runs articles through the stages; returns each in its public form, with the ids of the input."""

    def __init__(self, stages: OfflineStages) -> None:
        self._stages = stages
        self._ids: dict[str, str] = {}  # article id -> the id of the first input of that article
        self._count = 0

    async def start(self, article: InputArticle) -> StepResult:
        """Clean and tag an article; may run concurrently."""
        if article.item is None or article.page is None:
            return result_of(Drop("bad_input", article.fault))
        self._stages.pages.put(article.page)
        cleaned = await _step(self._stages.article_stages.clean, "items", article.item, 0)
        match cleaned.outs:
            case [out] if isinstance(out.record, Article):
                return await _step(self._stages.article_stages.tag, "articles", out.record, 0)
        return cleaned

    async def finish(self, article: InputArticle, result: StepResult) -> Flat:
        """Relate an article, strictly in input order, and return its document."""
        known: dict[str, Any] = {"id": article.id, "url": article.url}
        if article.item is not None:
            known |= {"source": article.item.source, "title": article.item.title}
        tagged = result.outs[0].record if result.outs else None
        if not isinstance(tagged, Tagged):
            return dropped(_reason(result), known | {"text": None})
        self._count += 1
        related = await _step(self._stages.article_stages.relate, "tagged", tagged, self._count)
        await self._stages.article_stages.relate.settled([])
        document = next((out.record for out in related.outs if isinstance(out.record, Document)), None)
        if document is None:
            return self._not_related(article, tagged, _reason(related))
        self._ids.setdefault(document.article.id, article.id)
        form = flat(document) | known
        form["title"] = document.article.title.value
        form["story_id"] = self._ids.get(document.relation.story_id, document.relation.story_id)
        form["duplicate_of"] = self._ids.get(document.relation.duplicate_of or "")
        return form

    def _not_related(self, article: InputArticle, tagged: Tagged, reason: str) -> Flat:
        """The document of an article that was read and tagged before with the same text."""
        unrelated = Relation(kind="unchanged", first_seen=tagged.article.seen, seq=0, version=0, story_id="")
        form = flat(Document(article=tagged.article, tags=tagged.tags, relation=unrelated))
        return form | {
            "id": article.id, "url": article.url, "kind": None, "seq": None, "version": None, "material": None,
            "story_id": None, "duplicate_of": self._ids.get(tagged.article.id), "drop": reason,
        }  # fmt: skip


async def _step(stage: Stage, stream: str, record: Record, offset: int) -> StepResult:
    """Process one record in one stage, as stage.run does, but errors become drops. Raises Unavailable."""
    try:
        return result_of(await stage.step(record, Position(stream, 0, offset)))
    except Unavailable:
        raise
    except Exception as error:
        return result_of(Drop(getattr(error, "reason", "failed"), repr(error)))


def _reason(result: StepResult) -> str:
    return result.ending.removeprefix("drop.")
