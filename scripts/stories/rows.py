"""Makes the rows that stories are told apart by of reports, and keeps in a file what takes long: tags and vectors."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path

import msgspec
import numpy as np

from pipeline.config.folder import rule_files
from pipeline.core.stories.features import Rows, row_of, rows_of
from pipeline.core.stories.fingerprint import make_fingerprint
from pipeline.core.stories.vectors import STEP, components
from pipeline.core.tagging.judged import judge_record
from pipeline.core.text.prose import body
from pipeline.core.topics.judge import RuleSet, parse_rules
from pipeline.records import Article, Dated, Sourced, Tags
from scripts.stories.sets import Report


def digest(*parts: object) -> str:
    """24 hexadecimal digits that depend on the parts."""
    return blake2b("\0".join(map(str, parts)).encode(), digest_size=12).hexdigest()


def article_of(report: Report) -> Article:
    """The report as an article that was seen soon after it was published."""
    number = digest(report.id)
    return Article(
        id=number, url=f"https://{digest(report.source)}.example/{number}", feed="set", source=report.source,
        title=Sourced(value=report.title, source="feed"), text=report.text, language=report.language,
        content_hash=digest(report.title, report.text), seen=report.published + timedelta(minutes=5),
        published=Dated(value=report.published, source="feed", raw=""),
    )  # fmt: skip


class Prepared:
    """Rows and tags of reports. `file`: where tags and vectors are kept between runs; None: nowhere."""

    def __init__(self, config: Path, file: Path | None = None) -> None:
        self._config, self._file = config, file
        self._kept: dict[str, str] = json.loads(file.read_text()) if file and file.exists() else {}
        self._ruleset: RuleSet | None = None

    def rows(self, reports: Sequence[Report]) -> Rows:
        """The row of each report; what was not known before is written to the file."""
        before = len(self._kept)
        rows = rows_of([self._row(report) for report in reports])
        if self._file and len(self._kept) > before:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps(self._kept))
        return rows

    def tags(self, report: Report) -> Tags:
        """Topics, countries and facts of a report."""
        name = digest("tags", report.language, report.title, report.text)
        if name not in self._kept:
            if self._ruleset is None:
                self._ruleset = parse_rules(rule_files(self._config))
            found = judge_record(article_of(report), self._ruleset).tags
            short = Tags(rules="", topics=found.topics, countries=found.countries, facts=found.facts)
            self._kept[name] = msgspec.json.encode(short).decode()
        return msgspec.json.decode(self._kept[name], type=Tags)

    def _row(self, report: Report) -> bytes:
        article, tags = article_of(report), self.tags(report)
        name = digest("vector", report.language, report.title, report.text)
        if name not in self._kept:
            made = rows_of([make_fingerprint(article, tags).features])
            steps = components(made["vector"]) * STEP / 2 * (made["cell"] > 0)
            vector = steps.astype(np.int8)  # packed again, it is the same
            self._kept[name] = base64.b64encode(vector.tobytes()).decode()
        return row_of(article, tags, body(report.text), base64.b64decode(self._kept[name]))
