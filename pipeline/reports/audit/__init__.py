"""Checks that every record has an outcome, and that its result exists once.

On a broker records are compared by ids; the embedded log has exact counters.
"""

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

    That is enough: counters and offsets are written in one transaction with the records that they count.
    """
    report = AuditReport(note="The embedded log counts every record in the transaction that ends it.")
    for stage, row in stages.items():
        ended = sum(n for ending, n in row["outcomes"].items() if is_ending(ending))
        counts = {key: row[key] for key in ("taken", "waiting", "planned", "outcomes")}
        report.stages[stage] = counts | {"repeated": 0, "missing": row["taken"] - ended}
        if not row["adds_up"]:
            report.fault("does not add up", stage)
    return report
