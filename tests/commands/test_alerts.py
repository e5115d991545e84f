"""`almenara alerts list`."""

from __future__ import annotations

from pathlib import Path

from pipeline.records import AlertState, Problem
from pipeline.stage import Out
from tests.commands.asking import AT, Ask, publish
from tests.reports.problem_cases import beat


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
    assert len(table) == 4  # a long query takes no more than its line; then two sentences
    assert max(map(len, table[:2])) < 180
    assert table[2].startswith('Markets: Articles with ("copper", ') or table[2].startswith("Markets: Articles with")
    assert "failed 1, sent 2" in table[1]
    answer = ask("status")
    assert "! alerts undelivered" in answer.out
    assert ask("status", "--json").json["alerts"] == {"failed": 1, "sent": 2}


def test_a_channel_that_fails_is_named_with_reason_and_next_try(ask: Ask, config: Path) -> None:
    hook = Problem(part="channel file", state="failing", why="file: the disk is full", since=AT, next_try=AT)
    state = AlertState(id="1", rule="Markets", original="a", status="pending", at=AT, pending=("file",), due=AT)
    publish(config, Out("alert-state", "1", state), Out("workers", "desk", beat("desk", problems=(hook,))))
    (rule,) = ask("alerts", "list", "--json").json
    moment = AT.isoformat(timespec="seconds")
    assert rule["failing"] == [
        {"channel": "file", "waiting": 1, "given_up": 0, "why": hook.why, "since": moment, "next_try": moment}
    ]
    last = ask("alerts", "list").out.splitlines()[-1]
    assert last.startswith("! Markets: channel file fails since ")
    assert "file: the disk is full (1 wait, next try " in last
