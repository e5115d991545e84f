"""`almenara alerts list`."""

from __future__ import annotations

from pathlib import Path

from pipeline.records import AlertState
from pipeline.stage import Out
from tests.commands.asking import AT, Ask, publish


def test_alerts_are_listed_with_how_they_ended(ask: Ask, config: Path) -> None:
    states = [
        AlertState(id=str(n), rule="Markets", original="a", status=status, at=AT)
        for n, status in enumerate(["sent", "sent", "failed"])
    ]
    publish(config, *(Out("alert-state", state.id, state) for state in states))
    (rule,) = ask("alerts", "list", "--json").json
    assert (rule["name"], rule["alerts"]) == ("Markets", {"sent": 2, "failed": 1})
    assert rule["query"].endswith('-"olla de cobre"')  # whole for programs
    table = ask("alerts", "list").out.splitlines()
    assert len(table) == 2  # a long query takes no more than its line
    assert max(map(len, table)) < 180
    assert "failed 1, sent 2" in table[1]
    answer = ask("status")
    assert "! alerts undelivered" in answer.out
    assert ask("status", "--json").json["alerts"] == {"failed": 1, "sent": 2}
