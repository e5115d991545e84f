"""Scores our extraction against trafilatura's defaults with metadata, and times both on one core.

    ./test python scripts/evaluate_extraction.py PATH_OF_A_CLONE

PATH is a clone of github.com/scrapinghub/article-extraction-benchmark; its pages and its evaluate.py are used, and
nothing of it is kept here. A page that we drop counts as an empty text.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from trafilatura import bare_extraction
from trafilatura.settings import Document

from pipeline.core.pages.article import clean_page
from pipeline.records import Item, Page
from pipeline.stage import Drop

SEEN = datetime(2030, 1, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", type=Path, help="a clone of article-extraction-benchmark")
    parser.add_argument("--rounds", type=int, default=3, help="timed rounds; the fastest counts")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    truth = json.loads((options.benchmark / "ground-truth.json").read_text("utf-8"))
    html = options.benchmark / "html"
    pages = {name: gzip.decompress((html / f"{name}.html.gz").read_bytes()) for name in truth}
    evaluation = load_evaluation(options.benchmark / "evaluate.py")
    drops: Counter[str] = Counter()

    def ours(name: str) -> str:
        url = truth[name]["url"]
        item = Item(feed="f", source="s", url=url, seen=SEEN)
        found = clean_page(Page(url=url, status=200, body=pages[name], fetched_at=SEEN, content_type="text/html"), item)
        if isinstance(found, Drop):
            drops[f"{found.reason} {url}"] += 1
            return ""
        return found.text

    def theirs(name: str) -> str:
        document = bare_extraction(pages[name], with_metadata=True, include_comments=False)
        return (document.text or "") if isinstance(document, Document) else ""

    times: dict[str, list[float]] = {"almenara": [], "trafilatura": []}
    texts: dict[str, dict[str, str]] = {}
    for _ in range(options.rounds):
        for label, method in (("almenara", ours), ("trafilatura", theirs)):
            texts[label], spent = timed(method, list(truth))
            times[label].append(spent / len(truth))
    for label, found in texts.items():
        prediction = {name: {"articleBody": text} for name, text in found.items()}
        score = evaluation.evaluate(truth, prediction, 200)
        print(
            f"{label:<12} F1 {score['f1']:.4f} ± {score['f1_std']:.4f}  precision {score['precision']:.4f}  "
            f"recall {score['recall']:.4f}  {1000 * min(times[label]):.1f} ms a page"
        )
    print(f"speed on one core: {min(times['trafilatura']) / min(times['almenara']):.2f} times trafilatura's")
    for drop in sorted(drops):
        print(f"dropped: {drop}")


def timed(method: Callable[[str], str], names: list[str]) -> tuple[dict[str, str], float]:
    """The texts by name, and seconds of CPU."""
    started = time.process_time()
    texts = {name: method(name) for name in names}
    return texts, time.process_time() - started


def load_evaluation(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("evaluate", path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path} is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
