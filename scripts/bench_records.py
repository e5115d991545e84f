"""Measures the records that relate keeps: bytes of an article on `known` and `archive`, and of a growing story.

    ./test python -m scripts.bench_records [--articles 900]

Articles are labelled ones of tests/gate/development, in 12 languages, each with an address, another one, a guid and its
text as keys. Compressed: as a broker has it, by zstd, a batch of so many steps of relate together.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import cramjam
from msgspec.structs import replace

from pipeline.backends.state_sqlite import ArchiveSqlite, StateSqlite
from pipeline.core.stories.archive import pack, page_of
from pipeline.core.stories.fingerprint import make_fingerprint
from pipeline.core.stories.record import with_document
from pipeline.core.stories.steps import written
from pipeline.core.urls import article_id
from pipeline.records import Archived, Article, Document, Known, Relation, Sourced, Story, Tagged, Tags, encode
from pipeline.stage import Emit, Message, Out, Position
from pipeline.stages.relate import Relate

TEXTS = Path(__file__).parent.parent / "tests" / "gate" / "development"
START = datetime(2026, 3, 1, tzinfo=UTC)
SIZES = (10, 200, 1000)
WINDOW = 14 * 86400.0


def articles(count: int) -> Iterator[Article]:
    found = [one for file in sorted(TEXTS.glob("*.toml")) for one in tomllib.loads(file.read_text())["article"]]
    for n, one in enumerate(islice(cycle(found), count)):
        words = "-".join(one["title"].lower().split()[:8]).encode("ascii", "ignore").decode()
        url = f"https://www.paper{n % 400}.example/news/2026/03/{n}-{words}"
        text = one["text"] if n < len(found) else f"{one['text']}\nEdition {n}."
        yield Article(
            id=article_id(url), url=url, feed=f"f{n % 400}", source=f"Paper {n % 400}", text=text,
            seen=START + timedelta(milliseconds=86_400 * n, microseconds=137 * n % 1000), language=one["language"],
            title=Sourced(value=one["title"], source="feed"), guid=f"p={n}", aliases=(article_id(f"{url}/amp"),),
            content_hash=hashlib.sha256(text.encode()).hexdigest(),
        )  # fmt: skip


async def decided(count: int) -> list[list[Out]]:
    """What relate publishes on its state streams, by input."""
    relate = Relate(StateSqlite(Known, ":memory:"), ArchiveSqlite(":memory:"), StateSqlite(Story, ":memory:"), WINDOW)
    outs, tags = [], Tags(rules="r")
    for n, article in enumerate(articles(count)):
        tagged = Tagged(article=article, tags=tags, fingerprint=make_fingerprint(article, tags))
        outcome = await relate.step(tagged, Position("tagged", 0, n))
        outs.append([out for out in outcome.outs if out.stream in relate.owns] if isinstance(outcome, Emit) else [])
    await relate.close()
    return outs


def compressed(steps: Sequence[bytes], together: int) -> float:
    """Bytes a step."""
    batches = (b"".join(steps[first : first + together]) for first in range(0, len(steps), together))
    return sum(len(bytes(cramjam.zstd.compress(batch, 1))) for batch in batches) / len(steps)


def known(outs: list[list[Out]]) -> Iterator[str]:
    steps = [written_on("known", step) for step in outs]
    records = [out.record for step in outs for out in step if isinstance(out.record, Known)]
    whole, others = [one for one in records if one.relation], [one for one in records if one.alias_of]
    keys: dict[str, list[str]] = {}
    for one in others:
        keys.setdefault(one.alias_of or "", []).append(one.id)
    size = len(whole[:1000])
    packed = pack(page_of(whole[:1000], keys, {}))
    page = encode(Archived(articles=size, packed=packed))
    each = sum(map(len, steps)) / len(whole)
    yield f"known: {each:,.0f} bytes an article with {len(others) / len(whole):.1f} other keys"
    yield f"known, compressed by step: {compressed(steps, 1):,.0f}; by 64 steps: {compressed(steps, 64):,.0f}"
    yield f"archive: {len(packed) / size:.1f} bytes an article; as a record {len(page) / size:.1f}"
    yield f"archive, compressed: {len(bytes(cramjam.zstd.compress(page, 1))) / size:.1f}"
    for stream in ("stories", "fingerprints"):
        made = [written_on(stream, step) for step in outs]
        yield f"{stream}, an article: {sum(map(len, made)) / len(whole):,.0f}; compressed: {compressed(made, 64):,.0f}"
    written = {out.key: out.record for step in outs for out in step if isinstance(out.record, Story)}
    left = [key.encode() + encode(record) for key, record in written.items()]
    each, small = sum(map(len, left)) / len(whole), compressed(left, 64) * len(left) / len(whole)
    yield f"stories, after compaction: {each:,.0f} bytes an article; compressed: {small:,.0f}"
    yield from caches(whole, others, written)


def written_on(stream: str, step: Sequence[Out]) -> bytes:
    return b"".join(out.key.encode() + encode(out.record) for out in step if out.stream == stream and out.record)


def caches(whole: list[Known], others: list[Known], stories: Mapping[str, Story]) -> Iterator[str]:
    """Bytes of the caches on disk."""
    with TemporaryDirectory() as folder:
        recent = StateSqlite(Known, file := Path(folder) / "known.sqlite")
        with closing(recent):
            for n, one in enumerate([*whole, *others]):
                recent.absorb([Message(Position("known", 0, n), one.id, encode(one), START)])
        yield f"known.sqlite: {file.stat().st_size / len(whole):,.0f} bytes an article"
        cache = StateSqlite(Story, file := Path(folder) / "stories.sqlite")
        with closing(cache):
            for n, (key, story) in enumerate(stories.items()):
                cache.absorb([Message(Position("stories", 0, n), key, encode(story), START)])
        yield f"stories.sqlite: {file.stat().st_size / len(whole):,.0f} bytes an article"
        archive = ArchiveSqlite(file := Path(folder) / "archive.sqlite")
        pages = 100
        with closing(archive):
            for n in range(pages):
                rows = [_made(1000 * n + k) for k in range(1000)]
                packed = pack(page_of(rows, {one.id: [f"{one.id}{k}" for k in range(3)] for one in rows}, {}))
                record = encode(Archived(articles=1000, packed=packed))
                archive.absorb([Message(Position("archive", 0, n), str(n), record, START)])
        yield f"archive.sqlite: {file.stat().st_size / 1000 / pages:,.0f} bytes an article, of {1000 * pages:,}"


def _made(number: int) -> Known:
    id = hashlib.sha256(b"%d" % number).hexdigest()
    relation = Relation(kind="new", first_seen=START, seq=number, version=1, story_id=id[:32])
    return Known(id=id[:32], content_hash=id, relation=relation)


def stories() -> Iterator[str]:
    """Bytes on `stories` of an article of stories of some sizes: whole, and in steps."""
    whole: list[int] = []
    sent: list[int] = []
    story: Story | None = None
    for n, article in enumerate(articles(max(SIZES))):
        relation = Relation(kind="new", first_seen=article.seen, seq=n + 1, version=1, story_id="story")
        article = replace(article, seen=START + timedelta(minutes=9 * n))
        grown = with_document(story, Document(article=article, tags=Tags(rules="r"), relation=relation))
        key, out, story = written(story, grown)
        whole.append(len(encode(grown)))
        sent.append(len(key) + len(encode(out)))
        if n + 1 in SIZES:
            each = sum(whole) / len(whole)
            yield (
                f"story of {n + 1:,} articles: {whole[-1]:,} bytes; written for each article whole {each:,.0f}, "
                f"in steps {sum(sent) / len(sent):,.0f}"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=900)
    for line in (*known(asyncio.run(decided(parser.parse_args().articles))), *stories()):
        print(line)
