"""Compares the matching of alert rules with Elasticsearch's percolator, one document at a time, in the same run.

    ./test python -m scripts.bench_alerts [--rules 1000,10000,100000] [--shapes "7 words,120 words"] [--texts FOLDER]

Documents are made up, about 5 kB each, or the .txt files of a folder; rules are made of their words so that about 0.5 %
match, in three shapes. Half of the documents teach which words are rare, and warm both up; the others are measured: CPU
time of this process for cutting a text into words and matching it, against the CPU time of the server for a search.
Both must find the same rules. Uses Maven and a JDK (17 or newer); everything is in a temporary folder.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.core.matching.frequencies import EVERY, Frequencies
from pipeline.core.matching.matcher import Matcher
from pipeline.core.query.tree import Node
from scripts.percolator.made import Rules, documents, view_of
from scripts.percolator.node import Percolator

SHAPES = ("7 words", "120 words", "20 prefixes")
DOCUMENTS = 2_000
MEASURED = 200
SAMPLE = {1_000: 200, 10_000: 60, 100_000: 12}  # documents that the percolator is measured with
WARM = 0.3  # share of the sample, before


class Ours(NamedTuple):
    matcher: Matcher
    compiled: float  # s of CPU
    megabytes: float
    milliseconds: float  # of CPU for a document
    cutting: float  # of it, cutting the text into words
    share: float  # of the rules that match


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rules", default="1000,10000,100000")
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--texts", type=Path, help="a folder with .txt files")
    parser.add_argument("--alone", action="store_true", help="do not start the percolator")
    options = parser.parse_args()
    texts = documents(DOCUMENTS)
    if options.texts:
        texts = [file.read_text("utf-8") for file in sorted(options.texts.rglob("*.txt"))]
    learned, measured = texts[: len(texts) // 2], texts[len(texts) // 2 :][:MEASURED]
    print(f"{len(texts)} documents of {sum(map(len, texts)) / len(texts):,.0f} characters")
    rules = Rules(learned)
    print("| rules | shape | match | ours, ms | of it cutting | compiled, s | MB | percolator, ms | ratio |")
    print("|--:|---|--:|--:|--:|--:|--:|--:|--:|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        server = None if options.alone else Percolator(Path(folder))
        try:
            for shape in options.shapes.split(","):
                for count in map(int, options.rules.split(",")):
                    nodes = rules.make(shape, count, learned[-50:])
                    ours = measure(nodes, learned, measured)
                    theirs = percolate(server, nodes, ours.matcher, measured) if server else None
                    print(row(count, shape, ours, theirs), flush=True)
                    del nodes, ours
        finally:
            if server:
                server.__exit__()


def measure(nodes: Sequence[Node], learned: Sequence[str], measured: Sequence[str]) -> Ours:
    gc.collect()
    before, start = resident(), time.process_time()
    matcher, learnt = Matcher(nodes), Frequencies()
    compiled = time.process_time() - start
    for text in learned[: 100 * EVERY]:
        learnt.turn()
        learnt.learn(matcher.known(view_of(text)))
    start = time.process_time()
    matcher = matcher.anchored(learnt.shares())
    compiled += time.process_time() - start
    gc.collect()
    megabytes = resident() - before
    for text in learned[-50:]:
        matcher.matches(view_of(text))
    cutting, whole, found = 0.0, 0.0, 0
    for text in measured:
        view = view_of(text)
        start = time.process_time()
        view.words("text")
        cut = time.process_time()
        found += len(matcher.matches(view))
        cutting, whole = cutting + cut - start, whole + time.process_time() - start
    each = 1_000 / len(measured)
    return Ours(matcher, compiled, megabytes, whole * each, cutting * each, found / len(measured) / len(nodes))


def percolate(server: Percolator, nodes: Sequence[Node], matcher: Matcher, measured: Sequence[str]) -> float:
    """Milliseconds of the server's CPU for a document."""
    index = f"rules-{time.monotonic_ns()}"
    server.store(index, nodes)
    sample = measured[: SAMPLE.get(len(nodes), 20)]
    for text in sample[: max(2, int(WARM * len(sample)))]:
        server.matches(index, text)
    start = server.cpu()
    found = [server.matches(index, text) for text in sample]
    used = server.cpu() - start
    for text, numbers in zip(sample, found, strict=True):
        ours = matcher.matches(view_of(text))
        if ours != numbers:
            print(f"different rules: {sorted(set(ours) ^ set(numbers))[:10]}")
    server.call("DELETE", index)
    return used / len(sample) * 1_000


def resident() -> float:
    """Megabytes of memory in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4_096 / 1e6


def row(count: int, shape: str, ours: Ours, theirs: float | None) -> str:
    cells = [f"{count:,}", shape, f"{ours.share:.2%}", f"{ours.milliseconds:.2f}", f"{ours.cutting:.2f}"]
    cells += [f"{ours.compiled:.1f}", f"{ours.megabytes:.0f}"]
    cells += [f"{theirs:,.1f}", f"**{theirs / ours.milliseconds:.0f}**"] if theirs else ["", ""]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
