"""`almenara alerts fired`, `stats`, `mark`, `mute`, `mutes` and `unmute`."""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipeline.assembly.deployment import deployment_for
from pipeline.ports import Log
from pipeline.records import AlertRequest, decode
from pipeline.stage import Out
from tests.builders import feed
from tests.commands.asking import Ask, Use, publish
from tests.reports.ledgers import delivery, message, mute, state

NOW = datetime.now(UTC)
ALERTS = """
[reader]
time_zone = "America/Lima"
[[alert]]
id = "troops"
name = "Foreign troops"
query = "troops"
channels = ["t"]
[[alert]]
name = "Coup"
query = "coup"
channels = ["t"]
[channels.t]
type = "terminal"
"""


@pytest.fixture
def ledger(config: Path) -> Path:
    """Three alerts: sent, held until tomorrow, and one of another rule and story."""
    (config / "alerts.toml").write_text(ALERTS)
    publish(
        config, state("aaa1", "troops", at=NOW, seen=NOW, message="mmm1", title="One \x1b[2J"), message("mmm1", "aaa1"),
        delivery("mmm1", at=NOW), Out("feeds", "f", feed("f", name="Radio Andes")),
        state("aab2", "troops", "held", at=NOW - timedelta(hours=2), why="quiet", due=NOW + timedelta(days=1)),
        state("bbb3", "Coup", at=NOW - timedelta(hours=50), story="s2", mark="noise"),
    )  # fmt: skip
    return config


def requests(config: Path) -> list[AlertRequest]:
    async def act(log: Log) -> list[AlertRequest]:
        async with aclosing(log.replay("alert-requests")) as messages:
            return [decode(AlertRequest, message.value or b"") async for message in messages]

    return deployment_for(config).with_log(act)


def lima(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo('America/Lima')):%Y-%m-%d %H:%M}"


def test_what_fired(ask: Ask, ledger: Path) -> None:
    found = ask("alerts", "fired", "--json").json
    assert (found["total"], found["zone"]) == (2, "America/Lima")
    assert [(one["id"], one["name"], one["status"]) for one in found["alerts"]] == [
        ("aaa1", "Foreign troops", "reported"), ("aab2", "Foreign troops", "held"),
    ]  # fmt: skip
    answer = ask("alerts", "fired")
    assert "alert mmm1" in answer.out
    assert f"held: quiet hours until {lima(NOW + timedelta(days=1))}" in answer.out
    assert lima(NOW) in answer.out
    assert "\x1b" not in answer.out
    assert "1 to 2 of 2 alerts" in answer.out


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--since", "3d"), ["aaa1", "aab2", "bbb3"]),
        (("--since", "3d", "--rule", "coup"), ["bbb3"]),
        (("--rule", "TROOPS"), ["aaa1", "aab2"]),
        (("--rule", "foreign troops", "--held"), ["aab2"]),
        (("--since", "3d", "--story", "s2"), ["bbb3"]),
        (("--since", "3d", "--story", "bb"), ["bbb3"]),  # of an alert
        (("--status", "reported"), ["aaa1"]),
        (("--since", "3d", "--limit", "1", "--offset", "1"), ["aab2"]),
        (("--since", "1h"), ["aaa1"]),
    ],
)
def test_what_is_listed(ask: Ask, ledger: Path, options: tuple[str, ...], expected: list[str]) -> None:
    assert [one["id"] for one in ask("alerts", "fired", *options, "--json").json["alerts"]] == expected


def test_statistics(ask: Ask, ledger: Path) -> None:
    rows = {row["rule"]: row for row in ask("alerts", "stats", "--json").json["rules"]}
    assert (rows["troops"]["alerts"], rows["troops"]["messages"], rows["troops"]["name"]) == (2, 0, "Foreign troops")
    assert rows["Coup"]["precision"] == 0.0
    answer = ask("alerts", "stats")
    assert "0 % (0 to 79, of 1)" in answer.out
    one = ask("alerts", "stats", "--rule", "Coup", "--since", "4w")
    assert "1 alerts: 1 reported" in one.out
    assert "never" not in one.out


def test_a_mark(ask: Ask, ledger: Path) -> None:
    answer = ask("alerts", "mark", "aaa", "bbb3", "useful")
    assert answer.code == 0, answer.err
    assert "2 alerts marked as useful" in answer.out
    assert [request.mark for request in requests(ledger)] == [("aaa1", "useful"), ("bbb3", "useful")]


def test_a_message_stands_for_its_alerts(ask: Ask, ledger: Path) -> None:
    assert ask("alerts", "mark", "mmm1", "noise", "--json").json["alerts"][0]["id"] == "aaa1"
    assert [request.mark for request in requests(ledger)] == [("aaa1", "noise")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("aaa1", "usefull"), "'usefull' is no verdict: did you mean useful?"),
        (("useful",), "name at least one alert"),
        (("zzz", "noise"), "no alert or message has the id 'zzz'"),
        (("aa", "noise"), "2 alerts have ids that start with 'aa'"),
    ],
)
def test_what_cannot_be_marked(ask: Ask, ledger: Path, arguments: tuple[str, ...], message: str) -> None:
    answer = ask("alerts", "mark", *arguments)
    assert (answer.code, requests(ledger)) == (1, [])
    assert message in answer.err


def test_a_mute_is_asked_for_and_listed(ask: Ask, ledger: Path) -> None:
    answer = ask("alerts", "mute", "--rule", "foreign troops", "--source", "radio andes", "--place", "Peru",
                 "--until", "2126-12-01T08:00", "--reason", "we know")  # fmt: skip
    assert answer.code == 0, answer.err
    assert 'muted until Sun 2126-12-01 08:00 UTC-5: rule "Foreign troops", outlet Radio Andes, articles about PE' in (
        answer.out
    )
    (request,) = requests(ledger)
    assert request.mute is not None
    assert (request.mute.rule, request.mute.source, request.mute.place) == ("troops", "Radio Andes", "PE")
    assert request.mute.until == datetime(2126, 12, 1, 13, tzinfo=UTC)
    listed = ask("alerts", "mutes")
    assert "once the daemon runs" in listed.out
    assert "2126-12-01 08:00" in listed.out
    ended = ask("alerts", "unmute", request.mute.id[:4])
    assert 'no longer muted: rule "Foreign troops"' in ended.out
    assert ask("alerts", "mutes", "--json").json == []
    assert requests(ledger)[-1].unmute == request.mute.id


def test_mutes_that_notify_knows(ask: Ask, ledger: Path) -> None:
    publish(ledger, mute("x1", NOW + timedelta(days=1), rule="troops"), mute("x2", NOW - timedelta(days=1), story="s"),
            state("ccc", "troops", "muted", why="x1"))  # fmt: skip
    (one,) = ask("alerts", "mutes", "--json").json
    assert (one["id"], one["muted"], one["taken"]) == ("x1", 1, True)
    assert [row["id"] for row in ask("alerts", "mutes", "--past", "--json").json] == ["x2", "x1"]


def test_a_muted_story_is_called_by_its_title(ask: Ask, ledger: Path) -> None:
    said = ask("alerts", "mute", "--story", "s2", "--for", "3d").out
    assert 'story "Title of bbb3"' in said
    assert 'story "Title of bbb3"' in ask("alerts", "mutes").out


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--story", "s2"), ("story", "s2")),
        (("--story", "bbb"), ("story", "s2")),
        (("--place", "pe"), ("place", "PE")),
        (("--place", "Callao"), ("place", "Callao")),
        (("--source", "the example"), ("source", "The Example")),
    ],
)
def test_what_can_be_muted(ask: Ask, ledger: Path, options: tuple[str, ...], expected: tuple[str, str]) -> None:
    found = ask("alerts", "mute", *options, "--for", "3d", "--json").json
    assert found[expected[0]] == expected[1]
    until = datetime.fromisoformat(found["until"]) - datetime.fromisoformat(found["at"])
    assert until == timedelta(days=3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "say what to mute"),
        (("--rule", "Coup"), "say how long"),
        (("--rule", "Coup", "--for", "1d", "--until", "2126-01-01"), "say how long"),
        (("--rule", "Cop", "--for", "1d"), "there is no rule 'Cop': did you mean Coup?"),
        (("--rule", "Coup", "--for", "soon"), "'soon' is not a time"),
        (("--rule", "Coup", "--until", "2020-01-01"), "is not in the future"),
        (("--source", "Radio Ande", "--for", "1d"), "did you mean Radio Andes?"),
        (("--story", "zzz", "--for", "1d"), "no alert has the story 'zzz'"),
        (("--place", "Perru", "--for", "1d"), "there is no place 'Perru': did you mean peru?"),
    ],
)
def test_what_cannot_be_muted(ask: Ask, ledger: Path, options: tuple[str, ...], message: str) -> None:
    answer = ask("alerts", "mute", *options)
    assert (answer.code, requests(ledger)) == (1, [])
    assert message in answer.err


def test_there_is_no_such_mute(ask: Ask, ledger: Path) -> None:
    answer = ask("alerts", "unmute", "x9")
    assert (answer.code, "there is no mute 'x9'" in answer.err) == (1, True)
    assert ask("alerts", "mutes").out == "nothing is muted\n"


@pytest.mark.slow
def test_on_a_broker(ask: Ask, config: Path, use: Use) -> None:
    (config / "alerts.toml").write_text(ALERTS)
    use("kafka")
    publish(config, state("aaa1", "troops", at=NOW, seen=NOW, message="mmm1"), message("mmm1", "aaa1"))
    assert [one["id"] for one in ask("alerts", "fired", "--json").json["alerts"]] == ["aaa1"]
    assert ask("alerts", "mark", "mmm1", "noise").code == 0
    made = ask("alerts", "mute", "--rule", "Coup", "--for", "3d", "--json").json
    (listed,) = ask("alerts", "mutes", "--json").json
    assert (listed["id"], listed["taken"]) == (made["id"], False)
    assert [bool(request.mark) for request in requests(config)] == [True, False]
