"""Logs what the daemon does, and keeps totals of this run. The exact counters are on the log, not here."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from pipeline.records import Alert, Dead, Document, Dropped
from pipeline.stage import Message, Position, StepResult

if TYPE_CHECKING:
    from pipeline.stages.poll import Polled, Report

Job = Callable[[], Awaitable[Any]]
BURST = 2.0  # seconds of polls that share a log line
FEW = 3  # if no more feeds than this fail for the same reason in one burst, each gets a line
LISTED = 60  # articles that get a line in a minute; an operator cannot read more
logger = structlog.get_logger("almenara")


class Reporter:
    """Logs how records and polls end, and keeps totals of this run."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.feeds: dict[str, dict[str, Any]] = {}
        self.dropped: dict[str, Counter[str]] = defaultdict(Counter)  # by feed: entry.REASON and page.REASON -> count
        self._burst: list[Report] = []
        self._lines: float | None = None  # lines for articles that are left; None: no limit, as the run is short

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
            elif isinstance(out.record, Dropped):
                self.dropped[out.record.feed][f"page.{out.record.reason}"] += 1
            elif isinstance(out.record, Alert) and not out.record.counted:
                self.counts["alerts"] += 1

    def polled(self, polled: Polled) -> None:
        """Note that a feed was polled; `flush` logs it together with others."""
        report = polled.report
        self.counts["polls"] += 1
        self.counts["items"] += report.new
        self.counts["polls_failed"] += _failed(report)
        self.feeds[report.feed] = {
            "outcome": report.outcome, "new": report.new, "error": report.error, "detail": report.detail,
            "next": report.next_at, "notes": report.notes,
        }  # fmt: skip
        if report.outcome == "ok":
            self._entries_dropped(report.feed, polled.state.drops)
        self._burst.append(report)
        logger.debug("feed", feed=report.feed, outcome=report.outcome, new=report.new, next=_clock(report.next_at))

    def _entries_dropped(self, feed: str, drops: dict[str, int]) -> None:
        """Note which entries of a feed are no items, and log it if it is not as at its last poll."""
        now = {f"entry.{reason}": n for reason, n in drops.items()}
        kept = self.dropped[feed]
        if now != {reason: n for reason, n in kept.items() if reason.startswith("entry.")}:
            self.dropped[feed] = Counter({reason: n for reason, n in kept.items() if reason.startswith("page.")} | now)
            if drops:
                logger.info("entries dropped", feed=feed, **dict(sorted(drops.items())))

    def losses(self) -> dict[str, dict[str, int]]:
        """What became no article in this run, by feed and reason, the worst feeds first."""
        lossy = [(feed, dict(counts)) for feed, counts in self.dropped.items() if counts]
        return dict(sorted(lossy, key=lambda one: (-sum(one[1].values()), one[0])))

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
        self._lines = LISTED
        while True:
            await asyncio.sleep(BURST)
            self.flush()
            self._lines = min(LISTED, self._lines + LISTED * BURST / 60)
            pause += BURST
            if pause >= every and self.counts != last:
                last, pause = self.counts.copy(), 0.0
                logger.info("so far", **self.totals(), **more())

    def totals(self) -> dict[str, int]:
        """Totals of this run: polls, failed polls, new items, documents, copies among them and those without a line,
        alerts, drops, dead."""
        names = ("polls", "polls_failed", "items", "documents", "copies", "unlisted", "alerts")
        return {name: self.counts[name] for name in names} | {
            "dropped": sum(n for name, n in self.counts.items() if ".drop." in name),
            "dead": sum(n for name, n in self.counts.items() if name.endswith(".dead")),
        }

    def _document(self, document: Document) -> None:
        article, relation = document.article, document.relation
        if relation.noted:
            self.counts[relation.noted] += 1
            why = {"why": relation.removed} if relation.removed else {}
            logger.info(f"page {relation.noted}", url=article.url, **why)
            return
        self.counts["documents"] += 1
        self.counts["copies"] += relation.duplicate_of is not None
        topics = ",".join(topic.id for topic in document.tags.topics)
        write = logger.info if self._may_list() else logger.debug
        write("article", title=article.title.value[:200], source=article.source, language=article.language,
              kind=relation.kind, **({"topics": topics} if topics else {}))  # fmt: skip

    def _may_list(self) -> bool:
        if self._lines is None:
            return True
        if self._lines < 1:
            self.counts["unlisted"] += 1
            return False
        self._lines -= 1
        return True

    def _dead(self, stage: str, ended: StepResult) -> None:
        record = ended.outs[0].record
        if isinstance(record, Dead):
            at = Position(record.stream, record.partition, record.offset)
            logger.error("dead", stage=stage, at=str(at), error=record.error, key=record.key, see="almenara dead list")


def _failed(report: Report) -> bool:
    """Whether a poll failed. `busy` is not a failure: the feed waits for its turn at the site."""
    return report.error is not None and report.outcome != "busy"


def _clock(moment: datetime) -> str:
    """The time of day; the date and time if it is not today."""
    return f"{moment:%H:%M:%S}" if moment.date() == datetime.now(moment.tzinfo).date() else f"{moment:%m-%d %H:%M}"
