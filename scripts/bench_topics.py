"""Articles a second that the topic rules judge on one core, against one dictionary look-up a word. Writes no files.

    ./test python scripts/bench_topics.py [ARTICLES | FILE.jsonl]

Reads config/topics and, for text of the twelve languages, the labelled articles in tests/gate/development, mixed into
articles of about 500 words: full of what the topics look for, so dearer than most news. Or news of your own from a
file of JSON lines with title, text and language, as `almenara export` writes it. Measured is what `tag` does for
topics: cutting into words and sentences, and judging. Prints ratios to the yardstick of the same run,
which a busy machine slows down alike (though less than the topics, which use more memory); then the same with 10, 100
and 1,000 made-up topics. `first time` is the first article of each kind, whose words are not remembered yet.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipeline.config.folder import rule_files
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.judge import find_topics, parse_rules

ROUNDS = 5
LENGTH = 500  # words
Articles = list[tuple[str, str, str]]  # language, title, text
Files = dict[str, Mapping[str, Any]]


def articles(count: int) -> Articles:
    rng = random.Random(5)
    spoken: dict[str, list[Mapping[str, Any]]] = {}
    for file in sorted(Path("tests/gate/development").glob("*.toml")):
        for one in tomllib.loads(file.read_text("utf-8"))["article"]:
            spoken.setdefault(one["language"], []).append(one)
    made = []
    for number in range(count):
        language = sorted(spoken)[number % len(spoken)]
        lines: list[str] = []
        while sum(len(line.split()) for line in lines) < LENGTH:
            line = rng.choice(spoken[language])["text"].strip().replace("\n", " ")
            lines.append(f"{line} {number}{len(lines)} Neu{rng.randrange(10**6)}a wort{rng.randrange(10**6)}en.")
        made.append((language, rng.choice(spoken[language])["title"], "\n".join(lines)))
    return made


def exported(file: Path) -> Articles:
    lines = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    return [(one["language"], one["title"], one["text"]) for one in lines]


def synthetic(files: Files, count: int) -> Files:
    """The shipped rules and `count` topics of ten made-up terms in twelve languages each."""
    rng = random.Random(7)
    languages = ("de", "en", "es", "fr", "id", "it", "pl", "pt", "ro", "ru", "tr", "uk")

    def terms() -> list[str]:
        return [f"~w{rng.randrange(10**9):x}", f"p{rng.randrange(10**9):x}*", f"a{rng.randrange(10**9):x} the"]

    made: Files = {}
    for name in (f"made-{n}" for n in range(count)):
        made[f"{name}/topic.toml"] = {
            "id": name, "version": 1, "threshold": 0.5, "title": {"en": "Made"}, "concepts": dict.fromkeys("abc", ""),
            "patterns": [{"all": ["a", "b"], "weight": 0.6, "unless": ["c"]}],
        }  # fmt: skip
        made[f"{name}/any.toml"] = {"must_match": [{"text": "x"}], "must_not_match": [{"text": "x"}]}
        for language in languages:
            made[f"{name}/{language}.toml"] = {concept: {"terms": terms()} for concept in "abc"}
    return {**files, **made}


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(name: str, files: Files, texts: Articles) -> float:
    """Prints a line; returns the ratio to the yardstick."""
    began = time.process_time()
    rules = parse_rules(TomlFile(name, data) for name, data in files.items())
    for language in rules.rules.languages:
        rules.topic_lexicon(language)
    compiled = time.process_time() - began
    gc.collect()
    gc.freeze()  # as a process that tags does
    known = dict.fromkeys(word for _, _, text in texts[::2] for word in text.split())

    def yardstick() -> int:
        return sum(word in known for _, _, text in texts for word in text.split())

    def topics() -> int:
        return sum(len(find_topics(rules, title, text, language)) for language, title, text in texts)

    first = seconds(topics)  # then it remembers the common words, as a process does after its first minute
    pairs = [(seconds(topics), seconds(yardstick)) for _ in range(ROUNDS)]
    ratio, took = statistics.median(a / b for a, b in pairs), min(a for a, _ in pairs)
    size = sum(len(text.split()) for _, _, text in texts) / len(texts)
    rate = len(texts) / took
    print(
        f"{name:<20} {rate:6.0f} articles/s of {size:.0f} words in the best round, or {rate * size / LENGTH:.0f} of "
        f"{LENGTH}; first time {len(texts) / first:.0f}; yardstick x {ratio:.1f}; compiled in {compiled:.1f} s",
        flush=True,
    )
    return ratio


def main(given: str) -> None:
    texts = articles(int(given)) if given.isdecimal() else exported(Path(given))
    files: Files = {file.name: file.data for file in rule_files(Path("config"))}
    alone = measure("shipped topics", files, texts)
    for more in (10, 100, 1000):
        ratio = measure(f"and {more} made up", synthetic(files, more), texts)
        print(f"{'':<20} {ratio / alone:.2f} times the shipped topics alone")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "600")
