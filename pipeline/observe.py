"""What the daemon tells: log lines and running totals. The counters that must add up are on the log, not here."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import structlog

from pipeline.records import Alert, Dead, Document
from pipeline.settings import Logs
from pipeline.stage import Ended, Message

if TYPE_CHECKING:
    from pipeline.stages.poll import Polled

Job = Callable[[], Awaitable[Any]]
logger = structlog.get_logger("almenara")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def configure(logs: Logs, quiet: bool = False) -> None:
    """Log lines to standard error: text for people, JSON for programs. `quiet`: warnings and errors only."""
    level = logging.WARNING if quiet else logging.getLevelNamesMapping()[logs.level.upper()]
    render: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if logs.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=12, sort_keys=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S" if logs.format == "text" else "iso", utc=True),
            structlog.processors.format_exc_info,
            _harmless,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    # Libraries: their warnings only, and never their request lines (URLs may hold secrets).
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)


def _harmless(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Without control characters: titles and errors are written by strangers, and a terminal obeys some of them."""
    return {key: _CONTROL.sub(" ", value) if isinstance(value, str) else value for key, value in event.items()}


class Reporter:
    """Tells people about records and polls as they end, and keeps totals of this run."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.feeds: dict[str, dict[str, Any]] = {}
        self._last: Counter[str] = Counter()

    def ended(self, stage: str, ended: Ended, message: Message) -> None:
        """A record came to its end in a stage."""
        self.counts[f"{stage}.{ended.ending}"] += 1
        if ended.ending == "dead":
            self._dead(stage, ended)
        elif ended.ending.startswith("drop."):
            logger.debug("dropped", stage=stage, reason=ended.ending[5:], detail=ended.detail, key=message.key)
        elif ended.ending == "later":
            logger.debug("put off", stage=stage, reason=ended.detail, due=str(ended.outs[0].due), key=message.key)
        for out in ended.outs:
            if isinstance(out.record, Document):
                self._document(out.record)
            elif isinstance(out.record, Alert):
                self.counts["alerts"] += 1

    def polled(self, polled: Polled) -> None:
        """A feed was polled."""
        report = polled.report
        self.counts["polls"] += 1
        self.feeds[report.feed] = {"outcome": report.outcome, "new": report.new, "next": report.next_at}
        if report.error:
            self.counts["polls_failed"] += 1
            logger.warning("feed failed", feed=report.feed, why=report.error, detail=report.detail,
                           next_try=f"{report.next_at:%Y-%m-%d %H:%M:%S}")  # fmt: skip
        elif report.new:
            logger.info("feed", feed=report.feed, new=report.new)
        else:
            logger.debug("feed", feed=report.feed, outcome=report.outcome)

    async def summaries(self, seconds: float) -> None:
        """A line with the totals whenever something happened."""
        while True:
            await asyncio.sleep(seconds)
            if self.counts != self._last:
                self._last = self.counts.copy()
                logger.info("so far", **self.totals())

    def totals(self) -> dict[str, int]:
        """Of this run: polls, failed polls, documents by kind, alerts, drops, dead."""
        return {
            "polls": self.counts["polls"],
            "polls_failed": self.counts["polls_failed"],
            "items": self.counts["items"],
            "documents": self.counts["documents"],
            "alerts": self.counts["alerts"],
            "dropped": sum(n for name, n in self.counts.items() if ".drop." in name),
            "dead": sum(n for name, n in self.counts.items() if name.endswith(".dead")),
        }

    def _document(self, document: Document) -> None:
        article, relation = document.article, document.relation
        self.counts["documents"] += 1
        topics = ",".join(topic.id for topic in document.tags.topics)
        logger.info("article", title=article.title.value[:100], source=article.source, language=article.language,
                    kind=relation.kind, **({"topics": topics} if topics else {}))  # fmt: skip

    def _dead(self, stage: str, ended: Ended) -> None:
        record = ended.outs[0].record
        if isinstance(record, Dead):
            logger.error("dead", stage=stage, error=record.error, key=record.key, more="almenara dead list")
