"""Scores the product's text of pages against trafilatura's on public sets, and compares their CPU time.

    ./test python -m scripts.extraction [--every 1] [--half odd] [--json FILE] scrapinghub=PATH trafilatura=PATH …

PATH is a local checkout of the repository that docs/quality.md names for the set. Prints a Markdown table: the mean
word F1 (for trafilatura's set the F1 over its passages), the product's CPU time for a page of that of trafilatura with
metadata, and the share of pages that needed more than the fast pass. --every N takes each Nth page only.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pipeline.stage import Drop
from scripts.extraction import score
from scripts.extraction.methods import TRAFILATURA, product, text_of
from scripts.extraction.sets import SETS, Sample, half

Found = TypeVar("Found")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", metavar="NAME=PATH", help=", ".join(SETS))
    parser.add_argument("--every", type=int, default=1, help="take each Nth page")
    parser.add_argument("--half", choices=("even", "odd"), help="even: the pages that weights were fitted on")
    parser.add_argument("--json", type=Path, help="write all figures and the score of every page")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    print("| set | pages | product | fast | default | full | CPU | dropped | extractors |")
    print("|---|---|---|---|---|---|---|---|---|")
    figures = {}
    for given in options.sets:
        name, _, path = given.partition("=")
        if name not in SETS or not path:
            parser.error(f"{given}: write NAME=PATH; names are {', '.join(SETS)}")
        samples = list(SETS[name].read(Path(path)))[:: options.every]
        samples = [sample for sample in samples if options.half in (None, half(sample))]
        figures[name] = measured = measure(samples, SETS[name].titled)
        print(row(name, measured), flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False), "utf-8")


def measure(samples: list[Sample], titled: bool) -> dict[str, Any]:
    """The scores of all methods, seconds of CPU for a page, why pages were dropped, and scores page by page."""
    articles, spent = timed(product, samples)
    texts = {"product": [text_of(article, titled) for article in articles]}
    seconds = {"product": spent}
    for label, method in TRAFILATURA.items():
        texts[label], seconds[label] = timed(method, samples)
    drops = Counter(article.reason for article in articles if isinstance(article, Drop))
    extractors = Counter(
        article.fetched.extractor for article in articles if not isinstance(article, Drop) and article.fetched
    )
    return {
        "pages": len(samples),
        "score": {label: score.total(zip(found, samples, strict=True)) for label, found in texts.items()},
        "seconds": {label: total / max(1, len(samples)) for label, total in seconds.items()},
        "drops": dict(drops),
        "extractors": dict(extractors),
        "each": {
            sample.name: {label: round(score.total([(found[at], sample)]), 4) for label, found in texts.items()}
            for at, sample in enumerate(samples)
        },
    }


def timed(method: Callable[[Sample], Found], samples: list[Sample]) -> tuple[list[Found], float]:
    """What `method` finds, and seconds of CPU."""
    started = time.process_time()
    found = [method(sample) for sample in samples]
    return found, time.process_time() - started


def row(name: str, found: dict[str, Any]) -> str:
    scores = " | ".join(f"{found['score'][label]:.4f}" for label in ("product", "fast", "default", "full"))
    cpu = found["seconds"]["product"] / max(1e-9, found["seconds"]["metadata"])
    drops = ", ".join(f"{reason} {count}" for reason, count in sorted(found["drops"].items())) or "–"
    used = ", ".join(f"{count} {extractor}" for extractor, count in sorted(found["extractors"].items()))
    return f"| {name} | {found['pages']} | {scores} | {cpu:.2f} | {drops} | {used} |"


if __name__ == "__main__":
    main()
