"""Logs what the daemon does, and keeps totals of this run. The exact counters are on the log, not here."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from pipeline.config.settings import Logs
from pipeline.core.text.tidy import CONTROL
from pipeline.records import Alert, Dead, Document
from pipeline.stage import Message, StepResult
from pipeline.terminal.lines import Lines

if TYPE_CHECKING:
    from pipeline.stages.poll import Polled, Report

Job = Callable[[], Awaitable[Any]]
BURST = 2.0  # seconds of polls that share a log line
FEW = 3  # if no more feeds than this fail for the same reason in one burst, each gets a line
logger = structlog.get_logger("almenara")


def configure(logs: Logs, quiet: bool = False) -> None:
    """Send log lines to standard error, as text or JSON. `quiet`: only warnings and errors."""
    level = logging.WARNING if quiet else logging.getLevelNamesMapping()[logs.level.upper()]
    text = logs.format != "json"
    screen = sys.stderr.isatty()
    colours = screen and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S" if text else "iso", utc=True),
            structlog.processors.format_exc_info,
            Lines(colours, _width if screen else lambda: None) if text else _json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _LogFile(sys.stderr),
    )
    # Libraries: their errors only, and never their request lines (URLs may hold secrets).
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


def _width() -> int | None:
    with suppress(OSError, ValueError):
        return os.get_terminal_size(sys.stderr.fileno()).columns or None
    return None


def _json(_logger: Any, _method: str, event: structlog.typing.EventDict) -> str:
    """JSON without control characters: titles and errors come from outside, and could control a terminal."""
    event = {key: CONTROL.sub(" ", value) if isinstance(value, str) else value for key, value in event.items()}
    return str(structlog.processors.JSONRenderer(ensure_ascii=False)(_logger, _method, event))


class _LogFile:
    """Writes lines to a file. A closed pipe or terminal must not end the daemon."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._file.write(line + "\n")
            self._file.flush()

    debug = info = warning = error = critical = msg


class Reporter:
    """Logs how records and polls end, and keeps totals of this run."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.feeds: dict[str, dict[str, Any]] = {}
        self._burst: list[Report] = []

    def ended(self, stage: str, ended: StepResult, message: Message) -> None:
        """Note that a record ended in a stage."""
        self.counts[f"{stage}.{ended.ending}"] += 1
        if ended.ending == "dead":
            self._dead(stage, ended)
        elif ended.ending.startswith("drop."):
            logger.debug("dropped", stage=stage, reason=ended.ending[5:], detail=ended.detail, key=message.key)
        elif ended.ending == "later":
            logger.debug("delayed", stage=stage, reason=ended.detail, due=str(ended.outs[0].due), key=message.key)
        for out in ended.outs:
            if isinstance(out.record, Document):
                self._document(out.record)
            elif isinstance(out.record, Alert):
                self.counts["alerts"] += 1

    def polled(self, polled: Polled) -> None:
        """Note that a feed was polled; `flush` logs it together with others."""
        report = polled.report
        self.counts["polls"] += 1
        self.counts["items"] += report.new
        self.counts["polls_failed"] += _failed(report)
        self.feeds[report.feed] = {
            "outcome": report.outcome, "new": report.new, "error": report.error, "detail": report.detail,
            "next": report.next_at,
        }  # fmt: skip
        self._burst.append(report)
        logger.debug("feed", feed=report.feed, outcome=report.outcome, new=report.new, next=_clock(report.next_at))

    def flush(self) -> None:
        """Log the polls since the last call: one line for those that succeeded, and why the others failed."""
        burst, self._burst = self._burst, []
        failed = [report for report in burst if _failed(report)]
        if new := sum(report.new for report in burst):
            logger.info("feeds", polled=len(burst), new=new)
        causes: dict[str, list[Report]] = defaultdict(list)
        for report in failed:
            causes[report.outcome].append(report)
        for why, reports in causes.items():
            if len(reports) > FEW:
                logger.warning("feeds failed", why=why, count=len(reports), detail=reports[0].detail,
                               all=len(failed) == len(burst) and why in ("dns", "connect"),
                               feeds={report.feed: _clock(report.next_at) for report in reports})  # fmt: skip
                continue
            for report in reports:
                logger.warning("feed failed", feed=report.feed, why=why, detail=report.detail,
                               next_try=_clock(report.next_at))  # fmt: skip

    async def report_regularly(self, every: float, more: Callable[[], dict[str, Any]] = dict) -> None:
        """Log bursts of polls, and the totals every `every` seconds if something happened.

        `more` gives further fields of that line. Runs until cancelled; call `flush` then.
        """
        last, pause = self.counts.copy(), 0.0
        while True:
            await asyncio.sleep(BURST)
            self.flush()
            pause += BURST
            if pause >= every and self.counts != last:
                last, pause = self.counts.copy(), 0.0
                logger.info("so far", **self.totals(), **more())

    def totals(self) -> dict[str, int]:
        """Totals of this run: polls, failed polls, new items, documents, copies among them, alerts, drops, dead."""
        names = ("polls", "polls_failed", "items", "documents", "copies", "alerts")
        return {name: self.counts[name] for name in names} | {
            "dropped": sum(n for name, n in self.counts.items() if ".drop." in name),
            "dead": sum(n for name, n in self.counts.items() if name.endswith(".dead")),
        }

    def _document(self, document: Document) -> None:
        article, relation = document.article, document.relation
        self.counts["documents"] += 1
        self.counts["copies"] += relation.duplicate_of is not None
        topics = ",".join(topic.id for topic in document.tags.topics)
        logger.info("article", title=article.title.value[:200], source=article.source, language=article.language,
                    kind=relation.kind, **({"topics": topics} if topics else {}))  # fmt: skip

    def _dead(self, stage: str, ended: StepResult) -> None:
        record = ended.outs[0].record
        if isinstance(record, Dead):
            logger.error("dead", stage=stage, error=record.error, key=record.key, see="almenara dead list")


def _failed(report: Report) -> bool:
    """Whether a poll failed. `busy` is not a failure: the feed waits for its turn at the site."""
    return report.error is not None and report.outcome != "busy"


def _clock(moment: datetime) -> str:
    """The time of day; the date and time if it is not today."""
    return f"{moment:%H:%M:%S}" if moment.date() == datetime.now(moment.tzinfo).date() else f"{moment:%m-%d %H:%M}"
