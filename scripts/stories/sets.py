"""Reads sets of articles whose events are known: our own, which are in the repository, and public ones from a folder.

docs/stories.md says where the public sets come from and under which licences; none of their text is in the repository.
Where a set has no times of publication, all its reports have the same one, so that time says nothing.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zlib import crc32

TIMELESS = datetime(2024, 3, 4, tzinfo=UTC)
LEAST = 120  # characters of a text that counts

_DATE_LINE = re.compile(r"(?i)^(published|updated|posted|by |last )|^\W*(\w+day,?\s*)?(jan|feb|mar|apr|may|jun|jul|aug|"
                        r"sep|oct|nov|dec)\w*\b.{0,30}$|^\d{1,2}[ /:]")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """An article. `event`: reports with the same one are of one story."""

    id: str
    event: str
    language: str
    published: datetime
    source: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Two reports of which people said whether they are of one story."""

    one: Report
    other: Report
    same: bool


def _share(key: str) -> float:
    """A number from 0 to 1 that depends on `key` only."""
    return crc32(key.encode()) / 2**32


# -- our own


def own(place: Path) -> list[Report]:
    """The articles of a TOML file, or of those in a folder, but not in folders below it."""
    return [
        Report(
            one["id"], one["event"], one["language"], _moment(one["published"]), one["source"], one["title"],
            one["text"].strip(),
        )
        for file in ([place] if place.is_file() else sorted(place.glob("*.toml")))
        for one in tomllib.loads(file.read_text(encoding="utf-8")).get("article", ())
    ]  # fmt: skip


def _moment(value: datetime | date) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime(value.year, value.month, value.day, 12, tzinfo=UTC)


def short_reports(file: Path) -> list[Report]:
    """tests/data/stories/stories.json: short reports of 22 events, without times."""
    return [
        Report(f"short-{n}", one["story"], one["language"], TIMELESS, f"short-{n}",
               one["title"], one["text"])
        for n, one in enumerate(json.loads(file.read_text(encoding="utf-8")))
    ]  # fmt: skip


def labelled(folders: Sequence[Path], events: Mapping[str, Sequence[str]], unclear: Sequence[str]) -> list[Report]:
    """The articles of labelled sets (docs/labels.md) whose event `events` says; each other one has its own. Left out
    are those that are `unclear`, and those that were found later, whose events nobody compared."""
    event_of = {article: event for event, articles in events.items() for article in articles}
    found = []
    for file in sorted(file for folder in folders for file in folder.glob("*.toml")):
        for one in tomllib.loads(file.read_text(encoding="utf-8")).get("article", ()):
            compared = one["id"] in event_of or not file.stem.endswith("-found")
            if compared and one["id"] not in unclear and "published" in one:
                event, source = event_of.get(one["id"], one["id"]), f"source of {one['id']}"
                moment = _moment(one["published"])
                found.append(Report(one["id"], event, one["language"], moment, source, one["title"], one["text"]))
    return found


# -- public sets


def ecb(folder: Path) -> list[Report]:
    """ECB+ (Cybulska and Vossen 2014): per topic two events of one kind, in English."""
    files = sorted(folder.glob("*/*.xml"), key=lambda file: file.name)
    return [_ecb_report(file) for file in files]


def _ecb_report(file: Path) -> Report:
    event = f"{file.name.split('_')[0]}{'plus' if 'plus' in file.name else ''}"
    lines = [_untokenized(sentence) for sentence in _sentences(file)]
    address = re.match(r"https?: ?/ ?/ ?(?:www ?\. ?)?([\w-]+)", lines[0])
    source = address[1] if address else f"source {int(60 * _share(file.stem))}"
    lines = [line for line in lines if not re.match(r"https?:|www", line)]
    if "plus" in event:
        kept = [line for line in lines if len(line) >= 60 or not _DATE_LINE.search(line)] or lines
        title, text = kept[0], kept[1:]
    else:  # without headlines
        title, text = (lines[0], lines[1:]) if len(lines[0]) < LEAST else ("", lines)
    return Report(f"ecb-{file.stem}", f"ecb-{event}", "en", TIMELESS, source, title, " ".join(text))


def _sentences(file: Path) -> list[str]:
    found: dict[int, list[str]] = {}
    for token in ElementTree.parse(file).iter("token"):
        found.setdefault(int(token.get("sentence", "0")), []).append(token.text or "")
    return [" ".join(words) for _, words in sorted(found.items())]


def _untokenized(sentence: str) -> str:
    text = sentence.replace("``", '"').replace("''", '"')
    text = re.sub(r" (n't|'s|'re|'ve|'ll|'d)\b", r"\1", re.sub(r" ([.,;:!?%)\]’'”])", r"\1", text))
    return re.sub(r"([(\[“$]) ", r"\1", text)


def tgcontest(folder: Path) -> list[Judged]:
    """Pairs of IlyaGusev/tgcontest in Russian and English, judged by people: its toloka/clustering_pairs/*.tsv."""
    csv.field_size_limit(1 << 24)
    found = []
    for file in sorted(folder.glob("*.tsv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for n, row in enumerate(csv.DictReader(lines, delimiter="\t")):
                if label := row.get("GOLDEN:quality"):
                    sides = (_side(row, side, f"{file.stem}-{n}", label == "OK") for side in ("first", "second"))
                    found.append(Judged(next(sides), next(sides), label == "OK"))
    return found


def _side(row: Mapping[str, str], side: str, pair: str, same: bool) -> Report:
    event, language = pair if same else f"{pair}-{side}", pair.split("_")[0]
    return Report(
        f"{pair}-{side}", event, language, TIMELESS,
        row[f"INPUT:{side}_url"].split("/")[2], row[f"INPUT:{side}_title"], row[f"INPUT:{side}_text"],
    )  # fmt: skip


def wikinews(file: Path) -> list[Report]:
    """WikinewsSum's first version: reports of Wikinews and the press reports that each was written from, some of them
    in other languages. Some of those are older and only the background."""
    found = []
    for n, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
        story, seen = json.loads(line), set[str]()
        for k, (language, title, text, source) in enumerate(_wikinews_texts(story)):
            if len(text) >= LEAST and text[:300] not in seen:
                seen.add(text[:300])
                event = f"wikinews-{n}"
                found.append(Report(f"{event}-{k}", event, language, TIMELESS, source, title,
                                    text))  # fmt: skip
    return found


def _wikinews_texts(story: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for one in story["sources"]:
        yield one["language"], one["title"] or "", one["maintext"] or "", (one["url"] or "//?").split("/")[2]
    yield "en", story["title"], re.sub(r"''+|\s+", " ", story["text"]).strip(), "wikinews"


#: Public sets in a folder: its name in it, and how it is read.
STREAMS: Mapping[str, tuple[str, Callable[[Path], list[Report]]]] = {
    "ecb": ("ecb", ecb),
    "wikinews": ("wikinews.jsonl", wikinews),
}
