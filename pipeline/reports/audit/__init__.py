"""Checks that every record ended and its result is there once: by ids on a broker, by counters in the embedded log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.log.kinds import BrokerLog
from pipeline.ports import Index
from pipeline.reports.audit.index import IndexAudit
from pipeline.reports.audit.report import AuditReport
from pipeline.reports.audit.streams import StreamsAudit
from pipeline.stage import is_ending


async def audit_broker(log: BrokerLog, index: Index, now: datetime) -> AuditReport:
    """Compare streams and index by ids. Raises Unavailable."""
    report = AuditReport()
    streams = StreamsAudit(log, report, now)
    await streams.run()
    await IndexAudit(log, index, streams, report).run()
    return report


def audit_embedded(stages: Mapping[str, Mapping[str, Any]]) -> AuditReport:
    """Compare the counters in the `stages` of the status report.

    Counters and offsets are written in the transaction of what they count, so comparing them is enough.
    """
    report = AuditReport(note="The embedded log counts every record in the transaction that ends it.")
    for stage, row in stages.items():
        ended = sum(n for ending, n in row["outcomes"].items() if is_ending(ending))
        counts = {"taken": row["taken"], "waiting": row["waiting"], "outcomes": row["outcomes"]}
        report.stages[stage] = counts | {"repeated": 0, "missing": row["taken"] - ended}
        if not row["adds_up"]:
            report.fault("does not add up", stage)
    return report
