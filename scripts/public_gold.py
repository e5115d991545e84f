"""Measures the topic rules on public event data that others wrote and coded.

    ./test python scripts/public_gold.py PATH... [--sample N]

PATH is a file, a folder or a git directory (the newest commit is read) with data of
  github.com/openeventdata/petrarch2 and /UniversalPetrarch    sentences with CAMEO codes, and Spanish articles
  github.com/openeventdata/PLOVER                              records, the CAMEO codebook's examples
  github.com/snowood1/Zero-Shot-PLOVER                         sentences with a PLOVER relation
  github.com/emerging-welfare/case-2021-shared-task            samples of task 1, snippets of task 2
Prints, for each class that matches a topic, how many of its texts get the topic: as an article's text, as its title,
and as both (an article with a title keeps it); then how many texts without such a class get the topic. With --sample,
shows some of the latter (`!`) and of those that lack their topic (`?`). Stores nothing: the texts belong to others.
docs/labels.md has the figures, and says how far single sentences can test rules written for articles.
"""

from __future__ import annotations

import argparse
import csv
import html
import io
import json
import re
import subprocess
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from pipeline.config.folder import rules_of
from pipeline.core.text.detect_language import detect
from pipeline.core.topics.judge import RuleSet, find_topics

#: Classes that match a topic, and whether all of the class does: a text with a wider class may correctly lack the
#: topic. CAMEO 1.1b3, PLOVER 0.8, and the event types of CASE-2021 as their codebooks describe them.
FITS = (
    ("CAMEO 14*", "protest-and-unrest", True),
    ("PLOVER PROTEST", "protest-and-unrest", True),
    ("CASE protest", "protest-and-unrest", True),
    ("CASE PEACE_PROTEST", "protest-and-unrest", True),
    ("CASE PROTEST_WITH_INTER", "protest-and-unrest", True),
    ("CASE FORCE_AGAINST_PROTEST", "protest-and-unrest", True),
    ("CASE VIOL_DEMONSTR", "protest-and-unrest", True),
    ("CASE MOB_VIOL", "protest-and-unrest", False),  # lynchings too
    ("CAMEO 0861", "foreign-troop-authorization", False),  # receive peacekeepers: coded when they arrive
    ("CAMEO 0355", "foreign-troop-authorization", False),  # agree to admit: observers and aid too
    ("CAMEO 1245", "foreign-troop-authorization", False),  # refuse to admit: the same
    ("PLOVER RETREAT", "foreign-troop-authorization", False),  # admit, among much else
    ("CAMEO 062", "military-exercises", False),  # cooperate militarily, including exercises
    ("CAMEO 0312", "military-exercises", False),  # intend to
    ("CAMEO 150", "military-exercises", False),
    ("PLOVER MOBILIZE", "military-exercises", False),
    ("PLOVER COOPERATE", "military-exercises", False),  # joint ones
    ("CAMEO 183*", "terrorism", False),  # non-military bombing: mines and grenades too
    ("PLOVER ASSAULT", "terrorism", False),
    ("CASE SUIC_BOMB", "terrorism", True),
    ("CASE REM_EXPLOS", "terrorism", False),  # mines of armies too
    ("CAMEO 1121", "corruption-and-impeachment", False),  # accuse of any crime
    ("PLOVER ACCUSE", "corruption-and-impeachment", False),
    ("PLOVER DISAPPROVE", "corruption-and-impeachment", False),  # older name of part of ACCUSE, like the next
    ("PLOVER INVESTIGATE", "corruption-and-impeachment", False),
    ("CAMEO 161", "diplomatic-rupture", False),  # cancelled visits too
    ("PLOVER SANCTION", "diplomatic-rupture", False),  # to reduce relations of any kind
    ("CASE DIPLO", "diplomatic-rupture", False),  # any diplomacy
    ("CAMEO 163", "sanctions", True),
    ("CAMEO 1312", "sanctions", True),  # threaten with them
    ("PLOVER SANCTION", "sanctions", False),
    ("CASE DIPLO", "sanctions", False),
    ("CAMEO 1724", "state-of-emergency", True),
    ("CAMEO 1723", "state-of-emergency", True),  # curfew
    ("PLOVER COERCE", "state-of-emergency", False),
    ("CAMEO 072", "arms-deals", False),  # military aid of any kind
    ("CAMEO 0332", "arms-deals", False),
    ("PLOVER AID", "arms-deals", False),
    ("CASE ORG_CRIME", "organised-crime", False),  # any crime by several
)  # fmt: skip

Ways = tuple[set[str], set[str], set[str]]

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SENTENCE = re.compile(r"(?=<Sentence\b)")
_TEXT = re.compile(r"<Text>(.*?)</Text>", re.DOTALL)
_EVENT = re.compile(r"<EventCoding\b([^>]*)>")
_ATTRIBUTE = re.compile(r'(\w+)\s*=\s*"([^"]*)"')
_NOTE = re.compile(r"^\s*\d{8}\s+\S+\s*\|\s*")  # a date and a number before the sentence
_BRAT = re.compile(r"^T\d+\t(\d{2,4})_", re.MULTILINE)
_DATELINE = re.compile(r"\s*[^.\n]{3,80}, \w{3,5} \d{1,2}\s*\n")


class Record(NamedTuple):
    """A text as others coded it. `classes`: "CAMEO 141" and the like; `title` only for articles."""

    text: str
    language: str | None
    classes: frozenset[str]
    title: str = ""


def petrarch(path: str, data: bytes) -> Iterator[Record]:
    """Sentences of PETRARCH's XML, which is not always well formed. Those of its unit tests get no class: they use
    a small dictionary whose numbers are not CAMEO's."""
    text = _COMMENT.sub("", data.decode("utf-8", "replace"))
    cameo = "PETR.Validate" not in text
    language = "es" if "spanish" in Path(path).name.lower() else "en"
    for block in _SENTENCE.split(text)[1:]:
        events = [dict(_ATTRIBUTE.findall(event)) for event in _EVENT.findall(block)]
        words = _TEXT.search(block)
        if not events or not words:
            continue  # input for the program, not coded
        codes = set()
        for event in events:
            code = re.match(r"\d{2,4}", event.get("eventcode", ""))
            if event.get("plover"):
                codes.add(f"PLOVER {event['plover']}")
            elif code and cameo:
                codes.add(f"CAMEO {code[0]}")
        yield Record(_flat(html.unescape(_NOTE.sub("", words[1]))), language, frozenset(codes))


def plover(path: str, data: bytes) -> Iterator[Record]:
    """PLOVER's JSON: a list of records."""
    for one in json.loads(data.decode("utf-8"), strict=False):
        if text := one.get("text"):
            yield Record(_flat(text), one.get("language", "en"), frozenset({f"PLOVER {one['event']}"}))


def relations(path: str, data: bytes) -> Iterator[Record]:
    """Tab-separated, columns by name; a sentence appears once for each pair of actors."""
    for one in csv.DictReader(io.StringIO(data.decode("utf-8")), delimiter="\t"):
        yield Record(_flat(one["sentence"]), "en", frozenset({f"PLOVER {one['gold_root']}"}))


def brat(path: str, data: bytes) -> Iterator[Record]:
    """Spanish agency reports in a zip, each with its brat annotations. Reports without a CAMEO code are left out:
    they may not have been coded."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = {Path(name).name: name for name in archive.namelist()}
        for name in sorted(names):
            codes = _BRAT.findall(archive.read(names[name]).decode("utf-8")) if name.endswith(".ann") else []
            text = names.get(f"{Path(name).stem}.txt")
            if codes and text:
                whole = unicodedata.normalize("NFC", archive.read(text).decode("utf-8")).strip()
                title, _, body = whole.partition("\n")
                body = _DATELINE.sub("", body, count=1).strip()
                yield Record(body, "es", frozenset(f"CAMEO {code}" for code in codes), title.strip())


def protests(path: str, data: bytes) -> Iterator[Record]:
    """CASE's task 1, one JSON object a line: documents and sentences that tell of a protest (label 1) or do not, and
    groups of sentences that all do. The language is found out."""
    for line in data.decode("utf-8").splitlines():
        one = json.loads(line)
        protest = one.get("label", 1) == 1
        for text in one.get("sentences") or [one.get("text") or one["sentence"]]:
            found = detect("", text)
            yield Record(
                _flat(text), found[0] if found else None, frozenset({"CASE protest" if protest else "CASE no protest"})
            )


def snippets(path: str, data: bytes) -> Iterator[Record]:
    """CASE's task 2: number, snippet and event type, tab-separated; quotation marks are ordinary characters."""
    rows = csv.DictReader(io.StringIO(data.decode("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE)
    for one in rows:
        yield Record(_flat(one["EventSnippet"]), "en", frozenset({f"CASE {one['SubType'].strip()}"}))


READERS: tuple[tuple[str, str, Callable[[str, bytes], Iterator[Record]]], ...] = (
    ("PETRARCH's unit tests", "*Unit[Tt]est*.xml", petrarch),
    ("PETRARCH's unit tests", "*single_test.xml", petrarch),
    ("PETRARCH's unit tests", "*Test Suite/*.xml", petrarch),
    ("PETRARCH's sentences", "*.xml", petrarch),
    ("UniversalPetrarch's Spanish articles", "*Spanish_validation/*.zip", brat),
    ("PLOVER's records", "*PLOVER_GSR*.txt", plover),
    ("Zero-Shot-PLOVER's sentences", "*PLV_*.tsv", relations),
    ("CASE-2021's samples of task 1", "*train_sample.json", protests),
    ("CASE-2021's snippets of task 2", "*with_labels.tsv", snippets),
)


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of a file, a folder or the newest commit of a git directory, if a reader exists for them."""
    if (path / ".git").exists() and not any(p.name != ".git" for p in path.iterdir()):
        path = path / ".git"
    if (path / "HEAD").is_file() and (path / "objects").is_dir():
        listed = _git(path, "ls-tree", "-r", "-z", "--name-only", "HEAD").decode("utf-8").split("\0")
        yield from ((name, _git(path, "show", f"HEAD:{name}")) for name in listed if _wanted(name))
    else:
        found = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        yield from ((str(p), p.read_bytes()) for p in found if _wanted(str(p)))


def _git(path: Path, *words: str) -> bytes:
    return subprocess.run(["git", "-C", str(path), *words], check=True, capture_output=True).stdout


def _wanted(name: str) -> bool:
    return any(fnmatch(name, pattern) for _, pattern, _ in READERS)


def collect(found: Iterable[tuple[str, bytes]]) -> dict[tuple[str, str], list[Record]]:
    """Records by set and language. A text that occurs more than once counts once, with all its classes."""
    sets: dict[tuple[str, str], dict[str, Record]] = defaultdict(dict)
    for name, data in found:
        title, reader = next((title, reader) for title, pattern, reader in READERS if fnmatch(name, pattern))
        for record in reader(name, data):
            records = sets[title, record.language or "?"]
            before = records.get(record.text, record)
            records[record.text] = record._replace(classes=record.classes | before.classes)
    return {key: list(records.values()) for key, records in sets.items()}


def seen(rules: RuleSet, record: Record) -> Ways:
    """Topics of the record as the text of an article, as its title, and as both."""
    title = record.title or record.text
    ways = (("", record.text), (title, ""), (title, record.text))
    text, headline, both = ({t.id for t in find_topics(rules, *way, record.language)} for way in ways)
    return text, headline, both


def fitting(classes: Iterable[str], topic: str, *, whole: bool = False) -> bool:
    """Whether one of the classes matches the topic; with `whole`, all of the class must."""
    patterns = [pattern for pattern, its, all_of_it in FITS if its == topic and (all_of_it or not whole)]
    return any(fnmatch(one, pattern) for one in classes for pattern in patterns)


def report(rules: RuleSet, records: list[Record], sample: int) -> Iterator[str]:
    """Lines of figures for one set in one language."""
    judged = [(record, seen(rules, record)) for record in records]
    yield f"{'class':<28}{'topic':<30}{'texts':>6}{'text':>6}{'title':>6}{'both':>6}"
    for pattern, topic, whole in FITS:
        of_class = [(r, s) for r, s in judged if any(fnmatch(one, pattern) for one in r.classes)]
        if of_class:
            yield _row(pattern if whole else f"{pattern} (wider)", topic, of_class)
    for topic in sorted(rule.id for rule in rules.rules.topics):
        rest = [(r, s) for r, s in judged if not fitting(r.classes, topic)]
        if any(topic in ways for _, s in rest for ways in s):
            yield _row("no fitting class", topic, rest)
        wrong = [r for r, s in rest if topic in s[0] | s[1] | s[2]]
        missed = [r for r, s in judged if fitting(r.classes, topic, whole=True) and topic not in s[2]]
        for sign, some in (("!", wrong), ("?", missed)):
            step = max(1, len(some) // sample) if sample else 1
            for record in some[::step][:sample]:
                words = f"{record.title} | {record.text}" if record.title else record.text
                yield f"  {sign} {topic} [{', '.join(sorted(record.classes))}] {_flat(words)[:300]}"


def _row(name: str, topic: str, judged: list[tuple[Record, Ways]]) -> str:
    text, title, both = (sum(topic in s[way] for _, s in judged) for way in range(3))
    return f"{name:<28}{topic:<30}{len(judged):>6}{text:>6}{title:>6}{both:>6}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="show N texts per topic")
    options = parser.parse_args()
    rules = rules_of(Path("config"))
    sets = collect(one for path in options.paths for one in files(path))
    for (name, language), records in sets.items():
        print(f"\n{name}, {language}: {len(records)} texts")
        print("\n".join(report(rules, records, options.sample)))
    if not sets:
        parser.exit(1, "none of these files is a known set\n")


if __name__ == "__main__":
    main()
