"""Times the whole pipeline against trafilatura alone, on the same pages in the same run.

The baseline is `trafilatura.bare_extraction` with its defaults and metadata, in a pool of processes on all cores.
Rounds of the two alternate, so that a machine that slows down affects both; medians are compared.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from pipeline.core.decoding.decode import decode
from pipeline.core.pages import extract, markup, metadata
from pipeline.core.pages.article import clean_page
from pipeline.core.pages.signals import Evidence
from pipeline.records import Article, Item, Page

PAGE_LIMIT = 15_000_000  # bytes read of a page, as the daemon would fetch
SEEN = datetime(2030, 1, 1, tzinfo=UTC)  # after every page, so that no date is clamped

InputPage = tuple[Item, Page]
#: Runs the pipeline on pages: seconds of all, and seconds of each stage when it runs alone.
Pipeline = Callable[[Sequence[InputPage]], tuple[float, Mapping[str, float]]]


@dataclass(frozen=True, slots=True)
class Report:
    """`pipeline` and `trafilatura`: median pages/s of wall time; `stages`: ms per page; `clean`: CPU ms per page."""

    pages: int
    articles: int  # of these; the others are walls or not articles
    megabytes: float
    processes: int
    rounds: int
    pipeline: float
    trafilatura: float
    ratio: float
    stages: dict[str, float]
    clean: dict[str, float]
    trafilatura_core: float  # ms of one core per page


def bench(folder: Path, pipeline: Pipeline, rounds: int = 5, processes: int | None = None) -> Report:
    """Time `pipeline` and the baseline on the .html and .html.gz files of `folder`. Raises ValueError if none."""
    inputs = load(folder)
    processes = processes or os.cpu_count() or 1
    pipeline_times, bare_times = list[float](), list[float]()
    stages: dict[str, list[float]] = {}
    bodies = [page.body for _, page in inputs]
    with get_context("spawn").Pool(processes, initializer=_silent) as pool:
        pool.map(_bare, bodies[: 4 * processes], chunksize=1)  # imports and first calls are not measured
        pipeline(inputs[: 4 * processes])
        for _ in range(rounds):
            seconds, alone = pipeline(inputs)
            pipeline_times.append(seconds)
            for name, spent in alone.items():
                stages.setdefault(name, []).append(spent)
            start = time.perf_counter()
            for _ in pool.imap_unordered(_bare, bodies, chunksize=4):
                pass
            bare_times.append(time.perf_counter() - start)
    pipeline_seconds, bare_seconds = median(pipeline_times), median(bare_times)
    clean, articles, core = _clean_split(inputs)
    return Report(
        pages=len(inputs), articles=articles, megabytes=round(sum(map(len, bodies)) / 1e6, 1), processes=processes,
        rounds=rounds, pipeline=len(inputs) / pipeline_seconds, trafilatura=len(inputs) / bare_seconds,
        ratio=bare_seconds / pipeline_seconds,
        stages={name: 1000 * median(times) / len(inputs) for name, times in stages.items()},
        clean=clean, trafilatura_core=core,
    )  # fmt: skip


def load(folder: Path) -> list[InputPage]:
    """The pages of `folder` as items with their fetched pages, by name. Raises ValueError if it has no pages."""
    inputs: list[InputPage] = []
    for path in sorted(folder.iterdir()):
        if not path.name.endswith((".html", ".htm", ".html.gz")):
            continue
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            body = file.read(PAGE_LIMIT)
        url = markup.declared_url(body) or f"https://given.invalid/{path.name}"
        item = Item(feed="bench", source="bench", url=url, seen=SEEN)
        inputs.append((item, Page(url=url, status=200, body=body, fetched_at=SEEN, content_type="text/html")))
    if not inputs:
        raise ValueError(f"no .html or .html.gz files in {folder}")
    return inputs


def _clean_split(inputs: Sequence[InputPage]) -> tuple[dict[str, float], int, float]:
    """CPU ms per page for the parts of clean, how many pages are articles, and CPU ms per page of the baseline."""
    spent = dict.fromkeys(("parse", "metadata", "text", "all"), 0.0)
    articles, bare = 0, 0.0
    for item, page in inputs:
        marks = [time.process_time()]
        body = decode(page.body, page.content_type).text.encode("utf-8", "replace")
        tree = markup.parse(body)
        marks.append(time.process_time())
        if tree is not None:
            meta = metadata.read(tree, "https://given.invalid/", item.seen)
            marks.append(time.process_time())
            extract.from_html(tree, body, Evidence(body=meta.body))
            marks.append(time.process_time())
            for part, start, done in zip(("parse", "metadata", "text"), marks[:-1], marks[1:], strict=True):
                spent[part] += done - start
        marks = [time.process_time()]
        articles += isinstance(clean_page(page, item), Article)
        marks.append(time.process_time())
        _bare(page.body)
        marks.append(time.process_time())
        spent["all"] += marks[1] - marks[0]
        bare += marks[2] - marks[1]
    spent["rest"] = max(0.0, spent["all"] - spent["parse"] - spent["metadata"] - spent["text"])
    return {part: 1000 * seconds / len(inputs) for part, seconds in spent.items()}, articles, 1000 * bare / len(inputs)


def _bare(body: bytes) -> bool:
    """The baseline: one page by trafilatura alone."""
    from trafilatura import bare_extraction

    return bare_extraction(body, with_metadata=True) is not None


def _silent() -> None:
    logging.disable(logging.CRITICAL)


def as_text(report: Report) -> str:
    """The report as text."""
    stages = "\n".join(f"    {name:<10}{ms:8.2f} ms" for name, ms in report.stages.items())
    clean = "  ".join(f"{part} {ms:.1f}" for part, ms in report.clean.items())
    return (
        f"{report.pages} pages, {report.megabytes} MB, {report.articles} of them articles; "
        f"{report.processes} processes, medians of {report.rounds} rounds\n"
        f"  pipeline      {report.pipeline:8.1f} pages/s\n"
        f"  trafilatura   {report.trafilatura:8.1f} pages/s (defaults, with metadata)\n"
        f"  ratio         {report.ratio:8.2f}\n"
        f"  by stage, per page:\n{stages}\n"
        f"  clean on one core, ms per page: {clean}  (trafilatura {report.trafilatura_core:.1f})"
    )


def as_json(report: Report) -> str:
    """The report as one JSON object."""
    return json.dumps(asdict(report))
