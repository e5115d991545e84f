"""`almenara process`: clean, tag and relate articles already at hand, by the stages of flow.py. No log, no index.

Input order is output order, and every input is one output line, the dropped ones too. The form of both is kept
stable: docs/process.md.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote, urlsplit

import msgspec
import typer

from pipeline.assembly.wiring import OfflineStages, offline_stages
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, Config
from pipeline.config.folder import Configuration, load
from pipeline.core.documents.flat import Flat, dropped, flat
from pipeline.core.pages import markup
from pipeline.core.pages.article import GIVEN_TEXT, domain
from pipeline.core.pages.walls import is_root
from pipeline.core.text.date_strings import parse_date
from pipeline.core.urls import canonical
from pipeline.records import Article, Dated, Document, Item, Page, Record, Relation, Tagged
from pipeline.stage import Drop, Position, Stage, StepResult, Unavailable, result_of

AHEAD = 16  # articles in work at once; more would only wait for a core
#: Stands for an article whose own URL was not given. RFC 6761: `.invalid` never resolves.
NOWHERE = "https://given.invalid/"


class Line(msgspec.Struct, forbid_unknown_fields=False):
    """One input line; `html` or `text` must be there."""

    id: str | int | None = None
    url: str | None = None
    html: str | None = None
    text: str | None = None
    title: str | None = None
    published: str | None = None
    source: str | None = None
    language: str | None = None
    seen: str | None = None


@dataclass(frozen=True)
class InputArticle:
    """An input understood; or `fault`, why it cannot be."""

    id: str
    url: str | None
    item: Item | None = None
    page: Page | None = None
    fault: str = ""


def process(
    files: Annotated[list[str], typer.Argument(help="JSON-lines files, .html files, or - for standard input.")],
    config: Config = CONFIG,
) -> None:
    """Clean, tag and relate articles from files.

    Prints one JSON document per line, in input order, also for dropped articles: docs/process.md has the form. Input
    lines: {"id", "url", "html" or "text", "title", "published", "source", "seen"?}. Uses no log, index or network.

    Example: almenara process articles.jsonl page.html > documents.jsonl
    """
    bad = asyncio.run(process_lines(read_lines(files), load(config), sys.stdout.buffer))
    if bad:
        raise CommandError(f'{bad} input line(s) were not articles; see the documents with "drop": "bad_input"')


def read_lines(files: Iterable[str]) -> Iterator[tuple[str, bytes | Line]]:
    """(name of the place, line) of JSON-lines files; an .html file is one article."""
    for name in files:
        if name.lower().endswith((".html", ".htm")):
            html = markup.decode(Path(name).read_bytes()).body
            yield name, Line(id=Path(name).stem, html=html.decode("utf-8", "replace"))
            continue
        with sys.stdin.buffer if name == "-" else Path(name).open("rb") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield f"{'stdin' if name == '-' else name}:{number}", line


async def process_lines(source: Iterable[tuple[str, bytes | Line]], configuration: Configuration, out: BinaryIO) -> int:
    """One document per line of `source` onto `out`; returns how many lines were no article."""
    bad = 0
    reader = Reader(datetime.now(UTC))
    async with offline_stages(configuration) as tools:
        writer = Writer(tools)
        work: deque[tuple[InputArticle, asyncio.Task[StepResult]]] = deque()

        async def write_next() -> int:
            given, task = work.popleft()
            document = await writer.finish(given, await task)
            if given.fault:
                print(given.fault, file=sys.stderr)
            out.write(msgspec.json.encode(document) + b"\n")
            return int(document["drop"] == "bad_input")

        for place, line in source:
            given = reader.understand(place, line)
            work.append((given, asyncio.create_task(writer.start(given))))
            if len(work) >= AHEAD:
                bad += await write_next()
        while work:
            bad += await write_next()
    out.flush()
    return bad


class Reader:
    """Turns input lines into items and pages. `seen` of a line may follow from the one before, so: in input order."""

    def __init__(self, start: datetime) -> None:
        self._seen = start

    def understand(self, place: str, line: bytes | Line) -> InputArticle:
        """Never raises: a line that is no article has `fault`."""
        try:
            given = line if isinstance(line, Line) else msgspec.json.decode(line, type=Line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return InputArticle(place, None, fault=f"{place}: not a JSON object of the documented form: {error}")
        identity = str(given.id) if given.id is not None else given.url or place
        html = given.html if given.html and given.html.strip() else ""
        if not html and given.text is None and given.html is None:
            return InputArticle(identity, given.url, fault=f'{place}: has neither "html" nor "text"')
        try:
            url = canonical(given.url or _declared(html) or NOWHERE + quote(identity, safe=""))
        except ValueError as error:
            return InputArticle(identity, given.url, fault=f"{place}: url: {error}")
        known_url = None if url.startswith(NOWHERE) else url
        self._seen = self._date(given.seen) or self._date(given.published) or self._seen
        published = self._date(given.published)
        source = given.source or (domain(url) if known_url else "")
        item = Item(
            feed="", source=source, url=url, seen=self._seen, title=given.title, language=given.language,
            published=Dated(published, "given", given.published or "") if published else None,
        )  # fmt: skip
        page = Page(
            url=url, status=200, body=(html or given.text or "").encode("utf-8", "replace"), fetched_at=self._seen,
            content_type="text/html; charset=utf-8" if html else GIVEN_TEXT,
        )  # fmt: skip
        return InputArticle(identity, known_url, item, page)

    def _date(self, raw: str | None) -> datetime | None:
        """`published` may be in any form a feed would use; it is not bounded by a clock here."""
        return parse_date(raw, seen=datetime.max.replace(tzinfo=UTC)) if raw else None


class Writer:
    """Takes articles through the stages and gives each its public form, under the ids of the input."""

    def __init__(self, tools: OfflineStages) -> None:
        self._tools = tools
        self._ids: dict[str, str] = {}  # our article id -> the id first given for it
        self._count = 0

    async def start(self, given: InputArticle) -> StepResult:
        """Clean and tag: what may run side by side."""
        if given.item is None or given.page is None:
            return result_of(Drop("bad_input", given.fault))
        self._tools.pages.put(given.page)
        cleaned = await _step(self._tools.reading.clean, "items", given.item, 0)
        match cleaned.outs:
            case [out] if isinstance(out.record, Article):
                return await _step(self._tools.reading.tag, "articles", out.record, 0)
        return cleaned

    async def finish(self, given: InputArticle, result: StepResult) -> Flat:
        """Relate, strictly in input order, and put the document into words."""
        known: dict[str, Any] = {"id": given.id, "url": given.url}
        if given.item is not None:
            known |= {"source": given.item.source, "title": given.item.title}
        tagged = result.outs[0].record if result.outs else None
        if not isinstance(tagged, Tagged):
            return dropped(_reason(result), known | {"text": None})
        self._count += 1
        related = await _step(self._tools.reading.relate, "tagged", tagged, self._count)
        await self._tools.reading.relate.settled()
        document = next((out.record for out in related.outs if isinstance(out.record, Document)), None)
        if document is None:
            return self._not_related(given, tagged, _reason(related))
        self._ids.setdefault(document.article.id, given.id)
        form = flat(document) | known
        form["title"] = document.article.title.value
        form["story_id"] = self._ids.get(document.relation.story_id, document.relation.story_id)
        form["duplicate_of"] = self._ids.get(document.relation.duplicate_of or "")
        return form

    def _not_related(self, given: InputArticle, tagged: Tagged, reason: str) -> Flat:
        """What was read and tagged but is no document: the same text of the same article again."""
        nothing = Relation(kind="unchanged", first_seen=tagged.article.seen, seq=0, version=0, story_id="")
        form = flat(Document(article=tagged.article, tags=tagged.tags, relation=nothing))
        return form | {
            "id": given.id, "url": given.url, "kind": None, "seq": None, "version": None, "material": None,
            "story_id": None, "duplicate_of": self._ids.get(tagged.article.id), "drop": reason,
        }  # fmt: skip


async def _step(stage: Stage, topic: str, record: Record, offset: int) -> StepResult:
    """One record through one stage, as stage.run would, but with nothing to wait for and nowhere to bury."""
    try:
        return result_of(await stage.step(record, Position(topic, 0, offset)))
    except Unavailable:
        raise
    except Exception as error:
        return result_of(Drop(getattr(error, "reason", "failed"), repr(error)))


def _reason(result: StepResult) -> str:
    return result.ending.removeprefix("drop.")


def _declared(html: str) -> str | None:
    """What the page says its address is; the home page's, which some sites give everywhere, says nothing."""
    url = markup.declared_url(html.encode("utf-8", "replace")) if html else None
    return url if url and not is_root(urlsplit(url).path) else None
