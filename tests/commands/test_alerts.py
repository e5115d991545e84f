"""`almenara alerts list`."""

from __future__ import annotations

from pathlib import Path

from pipeline.records import AlertState, Delivery, Problem
from pipeline.stage import Out
from tests.builders import message
from tests.commands.asking import AT, Ask, publish
from tests.reports.problem_cases import beat


def test_alerts_are_listed_with_how_they_ended(ask: Ask, config: Path) -> None:
    states = [
        AlertState(id=str(n), rule="Markets", original="a", status=status, at=AT)
        for n, status in enumerate(["reported", "reported", "held"])
    ]
    publish(config, *(Out("alert-state", state.id, state) for state in states))
    (rule,) = ask("alerts", "list", "--json").json
    assert (rule["name"], rule["alerts"]) == ("Markets", {"reported": 2, "held": 1})
    assert rule["query"].endswith('-"olla de cobre"')  # whole for programs
    table = ask("alerts", "list").out.splitlines()
    assert len(table) == 4  # a long query takes no more than its line; then two sentences
    assert max(map(len, table[:2])) < 180
    assert table[2].startswith('Markets: Articles with ("copper", ') or table[2].startswith("Markets: Articles with")
    assert "held 1, reported 2" in table[1]
    assert ask("status", "--json").json["alerts"] == {"held": 1, "reported": 2}


def test_a_channel_that_fails_is_named_with_reason_and_next_try(ask: Ask, config: Path) -> None:
    hook = Problem(part="channel file", state="failing", why="file: the disk is full", since=AT, next_try=AT)
    sent = message(rule="Markets", id="1", channels=("file",))
    state = Delivery(message="1", channel="file", status="waiting", at=AT, due=AT, attempts=1, error=hook.why)
    beats = Out("workers", "desk", beat("desk", problems=(hook,)))
    publish(config, Out("messages", "1", sent), Out("deliveries", "1/file", state), beats)
    assert "! alerts undelivered" in ask("status").out
    (rule,) = ask("alerts", "list", "--json").json
    moment = AT.isoformat(timespec="seconds")
    assert rule["failing"] == [
        {"channel": "file", "waiting": 1, "lost": 0, "why": hook.why, "since": moment, "next_try": moment}
    ]
    last = ask("alerts", "list").out.splitlines()[-1]
    assert last.startswith("! Markets: channel file fails since ")
    assert "file: the disk is full; of this rule 1 waiting, next try " in last
