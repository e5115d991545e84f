"""Compares how long two checkouts take to tag the same ordinary news, and what an article on a topic and 1,000 topics
cost.

    git worktree add /tmp/before COMMIT
    ./test python scripts/bench_tagging.py /tmp/before [--texts FILE.jsonl] [--rounds 30] [--topics 1000]

Ordinary news: the articles in tests/gate that have no topic, though many nearly have one; or news of your own, JSON
lines with title, text and language, as `almenara export` writes them. A process for each checkout tags all of them, in
turns, so that a busy machine slows down both. Measured is CPU time of `judge_article` (topics, places and facts): the
best round of each language. The vector of an article's opening is not counted, because tagging makes it in any case,
for stories; whatever else is encoded counts. Then, in this checkout only: each article that has a topic once, its
opening included, with the encoder in memory; and ordinary news beside `--topics` topics, copies of the shipped ones
under other ids, with their slots, verifiers and shared concepts, but other words of their own. Without a checkout to
compare with it measures this one. Writes no files but temporary ones.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.config.folder import rule_files, rules_of
from pipeline.core.tagging.judged import judge_article
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.judge import RuleSet, parse_rules

ROOT = Path(__file__).parents[1]
SETS = ("development", "short", "wild/open")
KEPT = 2  # terms of each list in a copy of a topic, beside those with concepts: reading all takes minutes
_WORD = re.compile(r"(?<=\w)(?=\**$)")


class News(NamedTuple):
    title: str
    text: str
    language: str | None


class Taggers:
    """A process that tags the same articles whenever it is asked to, in the checkout `folder`."""

    def __init__(self, folder: Path, texts: Path, *, topics: int = 0) -> None:
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        command = [sys.executable, __file__, "--tag", str(texts), "--topics", str(topics)]
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self) -> dict[str, Any]:
        """The result of one round."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a checkout cannot tag the articles: see above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        self._process.communicate()


def tag(texts: Path, topics: int) -> None:
    """What the process does: a round for each line on its standard input."""
    news = read_news(texts)
    rules = with_copies(topics) if topics else rules_of(Path("config"))
    by_language: dict[str, list[News]] = {}
    for one in news:
        by_language.setdefault(one.language or "", []).append(one)
    encoded = Encoded(news)
    run(rules, news)  # compiles lexicons, remembers the common words
    gc.collect()
    gc.freeze()  # as a process that tags does
    for _ in sys.stdin:
        encoded.forget()
        times = {language: run(rules, own) for language, own in by_language.items()}
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        answer = {"ms": times, "languages": list(rules.rules.languages), "memory": memory}
        print(json.dumps({**answer, "encoded": encoded.count()}), flush=True)


class Encoded:
    """The sentence encoders of this process, that of stories with the vectors of all openings in memory. Counts what
    else they encode: nothing in a checkout that encodes for stories only."""

    def __init__(self, news: Sequence[News]) -> None:
        self._texts = 0
        self._openings: dict[str, Any] = {}
        self._meaning: Any = None
        try:
            from pipeline.core.text import encoder
            from pipeline.core.text.prose import opening, prose_of
        except ImportError:
            return
        self._model = encoder._model()
        for one in news:
            text = opening(one.title, prose_of(one.text))
            self._openings[text] = self._model.encode(text) if text else None
        encoder._model = lambda: self  # type: ignore[assignment]
        try:
            from pipeline.core.text import e5
        except ImportError:
            return
        self._meaning = e5.encode

    def encode(self, text: str) -> Any:
        if text in self._openings:
            return self._openings[text]
        self._texts += 1
        return self._model.encode(text)

    def forget(self) -> None:
        """Encode every text again, except openings for stories, and count from 0."""
        self._texts = 0
        if self._meaning:
            self._meaning.cache_clear()

    def count(self) -> int:
        return self._texts + (self._meaning.cache_info().misses if self._meaning else 0)


def run(rules: RuleSet, news: Sequence[News]) -> float:
    """Milliseconds of CPU time that tagging takes."""
    start = time.process_time()
    for one in news:
        judge_article(rules, one.title, one.text, one.language)
    return 1000 * (time.process_time() - start)


def read_news(file: Path) -> list[News]:
    lines = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    return [News(one["title"], one["text"], one["language"]) for one in lines]


def labelled(rules: RuleSet) -> tuple[list[News], list[News]]:
    """The labelled articles without a topic, and those with one."""
    from pipeline.commands.evaluate import read_labels

    articles = [one for group in SETS for one in read_labels(ROOT / "tests/gate" / group, rules)]
    without, with_topic = (
        [News(one.title, one.text, one.language) for one in articles if bool(one.topics) == wanted]
        for wanted in (False, True)
    )
    return without, with_topic


def with_copies(count: int) -> RuleSet:
    """The rules and copies of their topics, `count` topics in all."""
    files = list(rule_files(Path("config")))
    shipped = sorted({file.name.split("/")[1] for file in files if file.name.endswith("/topic.toml")})
    copies = range(len(shipped), count)
    made = [one for n in copies for one in copied(files, shipped[n % len(shipped)], n)]
    return parse_rules([*files, *made])


def copied(files: Sequence[TomlFile], topic: str, number: int) -> Iterator[TomlFile]:
    """The files of one copy."""
    folder = f"{topic}-{number}"
    for file in files:
        if file.name.startswith(f"topics/{topic}/"):
            name = file.name.rpartition("/")[2]
            data = dict(file.data)
            if name == "topic.toml":
                data["id"] = folder
            elif name != "verifier.toml":
                data = {key: changed(value, number) for key, value in data.items()}
            yield TomlFile(f"topics/{folder}/{name}", data)


def changed(table: Any, number: int) -> Any:
    """The terms of one concept in other words; examples stay."""
    if not isinstance(table, Mapping):
        return table
    return {
        key: [other_words(term, number) for n, term in enumerate(terms) if n < KEPT or "{" in term]
        for key, terms in table.items()
    }


def other_words(term: str, number: int) -> str:
    """The term with other words, also if it consists of concepts only."""
    words = [one if one[0] in "{<" else _WORD.sub(f"q{number}", one) for one in term.split()]
    return " ".join(words if any(one[0] not in "{<" for one in words) else [f"word{number}", *words])


class Best:
    """The best time of each language over all rounds of two processes in turns."""

    def __init__(self, pair: tuple[Taggers, Taggers], rounds: int) -> None:
        self.last: tuple[dict[str, Any], dict[str, Any]]
        self._best: tuple[dict[str, float], dict[str, float]] = {}, {}
        for _ in range(rounds):
            self.last = pair[0].ask(), pair[1].ask()
            for best, answer in zip(self._best, self.last, strict=True):
                for language, took in answer["ms"].items():
                    best[language] = min(took, best.get(language, took))
        for one in pair:
            one.close()

    def milliseconds(self, languages: Collection[str] | None = None) -> tuple[float, float]:
        """The sums, of these languages."""
        first, second = (
            sum(took for language, took in best.items() if languages is None or language in languages)
            for best in self._best
        )
        return first, second


def compare(before: Path, ordinary: Path, rounds: int, count: int) -> None:
    """Prints the time of both checkouts, and the ratio."""
    best = Best((Taggers(before, ordinary), Taggers(ROOT, ordinary)), rounds)
    for name, took, last in zip(("before", "after"), best.milliseconds(), best.last, strict=True):
        print(f"{name:<7} {took / count:.3f} ms an article, {last['encoded']} texts encoded, {last['memory']:.0f} MB")
    old, new = best.milliseconds()
    print(f"ordinary news takes {new / old:.3f} times what it took before,")
    old, new = best.milliseconds(best.last[0]["languages"])
    print(f"in languages that had terms before {new / old:.3f} times", flush=True)


def many_topics(ordinary: Path, rounds: int, topics: int) -> None:
    """Prints the time with many topics."""
    few, many = Best((Taggers(ROOT, ordinary), Taggers(ROOT, ordinary, topics=topics)), rounds).milliseconds()
    print(f"with {topics} topics ordinary news takes {many / few:.2f} times what it takes with the shipped ones")


def on_topics(rules: RuleSet, news: Sequence[News]) -> None:
    """Prints the time of one article that has a topic."""
    run(rules, news[:20])  # loads the encoder
    times = sorted(run(rules, [one]) for one in news[20:])
    middle, high = statistics.median(times), times[int(0.95 * len(times))]
    print(f"{len(times)} on a topic: median {middle:.1f} ms, 95 % under {high:.1f} ms, at most {times[-1]:.1f} ms")


def write(file: Path, news: Sequence[News]) -> Path:
    file.write_text("".join(json.dumps(one._asdict()) + "\n" for one in news), "utf-8")
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("before", nargs="?", type=Path, default=ROOT)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--topics", type=int, default=1000)
    parser.add_argument("--tag", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.tag:
        return tag(options.tag, options.topics)
    os.chdir(ROOT)
    rules = rules_of(Path("config"))
    ordinary, others = labelled(rules)
    ordinary = read_news(options.texts) if options.texts else ordinary
    print(f"{len(ordinary)} ordinary articles", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        file = write(Path(folder, "ordinary.jsonl"), ordinary)
        compare(options.before.resolve(), file, options.rounds, len(ordinary))
        if options.topics:
            many_topics(file, options.rounds, options.topics)
    on_topics(rules, others)


if __name__ == "__main__":
    main()
