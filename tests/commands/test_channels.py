"""`almenara channels list|test`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.records import Delivery, Problem
from pipeline.reports.channels import channel_reports
from pipeline.stage import Out
from tests.builders import message
from tests.commands.asking import AT, Ask, publish
from tests.contracts.channels.kinds import SECRET
from tests.contracts.channels.receivers import Answering, Hook
from tests.reports.problem_cases import beat


@pytest.fixture
def hook(config: Path) -> Iterator[Hook]:
    """A web hook, which is the channel `hook`."""
    hook = Hook()
    with (config / "alerts.toml").open("a") as file:
        file.write(
            f'\n[channels.hook]\ntype = "webhook"\nurl = "{hook.web}"\nsecret = "{SECRET}"\ntimeout = "1s"\n'
            '[channels.feeds]\ntype = "atom"\npath = "feeds"\n'
            '[channels.lost]\ntype = "apprise"\nurl_file = "nowhere"\n'
        )
    yield hook
    hook.close()


def test_a_test_message_arrives_and_says_so(ask: Ask, config: Path, hook: Hook) -> None:
    answer = ask("channels", "test", "hook")
    assert (answer.code, answer.out) == (0, "hook accepted the message: HTTP 200 OK\n")
    (request,) = hook.taken
    assert request.json["data"]["kind"] == "test"
    assert "This is a test of the channel hook" in request.json["data"]["text"]
    assert ask("channels", "test", "feeds", "--json").json["accepted"]
    assert ask("channels", "test", "file").code == 0
    assert not json.loads(next(config.parent.rglob("alerts.jsonl")).read_text())["data"]["alerts"]


@pytest.mark.parametrize(
    ("next_answer", "says", "advice"),
    [
        (Answering(401), "HTTP 401 Unauthorized", "correct the address"),
        (Answering(429, {"Retry-After": "90"}), "HTTP 429", "test again in 90 s"),
        (Answering(hang=True), "no answer within 1 s", "look whether it arrived"),
        (Answering(400), "HTTP 400", "its own log"),
        (Answering(302, {"Location": "http://127.0.0.1:9/S3CRET"}), "redirects", "correct the address"),
    ],
)
def test_what_to_do_when_it_is_not_accepted(
    ask: Ask, hook: Hook, next_answer: Answering, says: str, advice: str
) -> None:
    hook.next = next_answer
    answer = ask("channels", "test", "hook")
    assert answer.code == 1
    assert says in answer.err
    assert advice in answer.err
    assert "S3CRET" not in answer.err + answer.out
    row = ask("channels", "test", "hook", "--json")
    assert row.code == 1
    assert row.json["accepted"] is False
    assert "S3CRET" not in row.out


def test_a_channel_without_its_secret_and_one_that_is_unknown(ask: Ask, hook: Hook) -> None:
    answer = ask("channels", "test", "lost")
    assert answer.code == 1
    assert "url_file" in answer.err
    assert "No such file" in answer.err
    answer = ask("channels", "test", "hok")
    assert answer.code == 1
    assert "did you mean hook?" in answer.err
    checked = ask("check", "--json", "--offline").json
    assert any(row["key"] == "channels.lost.url_file" for row in checked["warnings"])


def test_channels_are_listed(ask: Ask, config: Path, hook: Hook) -> None:
    later = AT + timedelta(minutes=5)
    problem = Problem(part="channel hook", state="failing", why="web hook: HTTP 503", since=AT, next_try=later)
    publish(
        config,
        *(Out("messages", id, message(rule="Markets", id=id, channels=("file", "hook"))) for id in ("1", "2")),
        Out("deliveries", "1/file", Delivery(message="1", channel="file", status="sent", at=AT)),
        Out("deliveries", "2/file", Delivery(message="2", channel="file", status="sent", at=later)),
        Out("deliveries", "1/hook", Delivery(message="1", channel="hook", status="waiting", at=AT, due=later,
                                             error="web hook: HTTP 503")),
        Out("workers", "desk", beat("desk", problems=(problem,))),
    )  # fmt: skip
    rows = {row["name"]: row for row in ask("channels", "list", "--json").json}
    assert (rows["file"]["type"], rows["file"]["each"], rows["file"]["waiting"]) == ("file", True, 0)
    assert rows["file"]["last_sent"] == later.isoformat(timespec="seconds")
    assert (rows["hook"]["waiting"], rows["hook"]["last_sent"]) == (2, None)
    assert (rows["hook"]["error"], rows["hook"]["failing"]) == ("web hook: HTTP 503", "web hook: HTTP 503")
    answer = ask("channels", "list")
    assert answer.code == 0
    assert answer.out.splitlines()[-1] == f"! hook: web hook: HTTP 503, next try {later:%Y-%m-%d %H:%M} UTC"
    assert "S3CRET" not in answer.out


def test_what_is_lost_is_counted() -> None:
    states = [
        Delivery(message=str(n), channel="c", status=status, at=AT + timedelta(minutes=n), error=error)
        for n, (status, error) in enumerate(
            [("refused", "no"), ("given_up", "late"), ("unsure", "who knows"), ("sent", "")]
        )
    ]
    report = channel_reports(["c", "d"], [], states, {})["c"]
    assert (report.sent, report.waiting, report.lost, report.error) == (1, 0, 3, "who knows")
    assert report.last_failure == AT + timedelta(minutes=2)
