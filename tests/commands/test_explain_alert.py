"""`almenara alerts explain`: from index and log to what people and programs read."""

from __future__ import annotations

import asyncio
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.assembly.deployment import deployment_for
from pipeline.commands.explain_alert import _lines
from pipeline.core.alerts.firing import alert_id
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.toml_reader import TomlFile
from pipeline.core.urls import article_id
from pipeline.records import AlertState, Change, Delivery, Document, Message, Mute
from pipeline.reports.alert_history import Fate, History
from pipeline.stage import Out
from tests.builders import SEEN, document
from tests.commands.asking import Ask, publish

URL = "https://www.example.org/world/ferry"
ID = article_id(URL)
RULES = """
[channels.file]
type = "file"
path = "alerts.jsonl"
[[alert]]
name = "Troops"
query = 'troops NEAR/3 harbour -zebra'
countries = ["PE"]
channels = ["file"]
"""
CHANGES = (Change(kind="number", before="3500", after="4200"),)


def version(number: int, text: str, **more: Any) -> Document:
    fields: dict[str, Any] = {"id": ID, "url": URL, "seq": number, "version": number, "countries": ("PE",)}
    return document("Ferry opens", text, **fields | {"kind": "new" if number == 1 else "version"} | more)


def write(config: Path, *documents: Document) -> None:
    async def put() -> None:
        index = await deployment_for(config).open_index(write=True)
        for one in documents:
            await index.put([one])
        await index.close()

    (config / "alerts.toml").write_text(RULES)
    asyncio.run(put())


def state(number: int, status: str, **more: Any) -> AlertState:
    id = alert_id(ID, number, "Troops")
    fields: dict[str, Any] = {"id": id, "rule": "Troops", "status": status, "at": SEEN, "article": ID}
    return AlertState(**fields | {"version": number} | more)


MESSAGE = Message(
    id="m1", kind="alert", rule="Troops", name="Troops", severity="high", channels=("file", "desk"), at=SEEN
)
FOREVER = datetime(2190, 1, 1, tzinfo=UTC)


def delivery(channel: str, status: str, **more: Any) -> Delivery:
    moment = SEEN + timedelta(seconds=1)
    return Delivery(message="m1", channel=channel, status=status, at=moment, **{"attempts": 1} | more)


NEAR = "The troops of the harbour came."
FAR = "The troops came, and nobody at all in the old harbour knew why."


def test_what_failed_is_named_with_the_nearest_miss(ask: Ask, config: Path) -> None:
    write(config, version(1, FAR))
    answer = ask("alerts", "explain", "troops", URL)
    assert answer.code == 0
    assert "It does not match." in answer.out
    assert "- troops NEAR/3 harbour: they are at distance 9, more than 3" in answer.out
    assert "The [troops] came, and nobody at all in the old [harbour] knew why." in answer.out
    assert "+ NOT zebra" in answer.out
    assert "+ country:PE" in answer.out
    plain = ask("alerts", "explain", "Troops", ID, "--json").json
    assert (plain["matches"], plain["alerts"], plain["absent"]) == (False, [], None)
    assert [part["holds"] for part in plain["parts"]["parts"]] == [False, True, True]


REPORTED = state(1, "reported", message="m1")
SENT, FAILING = delivery("file", "sent"), delivery("file", "waiting", error="disk full", due=SEEN, attempts=3)


@pytest.mark.parametrize(
    ("history", "said"),
    [
        (History({1: Fate(REPORTED, MESSAGE, {"file": SENT})}),
         ["version 1: reported 2026-03-02 12:00 UTC in message m1 (alert)",
          "file: sent 2026-03-02 12:00 UTC", "desk: not tried yet"]),
        (History({1: Fate(REPORTED, MESSAGE, {"file": FAILING})}),
         ["file: waiting 2026-03-02 12:00 UTC after 3 attempts: disk full, next try 2026-03-02 12:00 UTC"]),
        (History({1: Fate(REPORTED)}), ["version 1: reported 2026-03-02 12:00 UTC in message m1"]),
        (History({1: Fate(state(1, "held", why="quiet", due=SEEN))}),
         ["version 1: held (quiet) since 2026-03-02 12:00 UTC, due 2026-03-02 12:00 UTC"]),
        (History({1: Fate(state(1, "copy", original="b1"))}), ["version 1: left out as a copy of article b1"]),
        (History({1: Fate(state(1, "muted", why="mute-7"))}), ["version 1: left out: muted by mute-7"]),
        (History({1: Fate(state(1, "noted"))}), ["version 1: not reported itself: its rule only counts it"]),
        (History({1: Fate(REPORTED), 2: Fate(state(2, "unchanged", changes=CHANGES))}),
         ["version 2: not reported again: nothing material changed since version 1", "changed: 3500 → 4200"]),
        (History(started=SEEN + timedelta(days=1)), ["version 1: it arrived before the rule was in force"]),
        (History(), ["version 1: there is no alert on the log"]),
        (History(mutes=(Mute(id="mute-7", until=SEEN, at=SEEN, place="pe", reason="known"),)),
         ["muted until 2026-03-02 12:00 UTC (mute-7): known"]),
    ],
    ids=["sent", "waiting", "forgotten", "held", "copy", "muted", "noted", "unchanged", "before", "none", "a mute"],
)  # fmt: skip
def test_what_became_of_the_alert(history: History, said: list[str]) -> None:
    alerts = parse_alerts(TomlFile("alerts.toml", tomllib.loads(RULES)))[0]
    lines = "\n".join(_lines(alerts, alerts.rules[0], version(1, NEAR), 2, history))
    assert "It matches." in lines
    for line in said:
        assert line in lines, lines


def test_a_version_that_says_nothing_new_has_no_state() -> None:
    alerts = parse_alerts(TomlFile("alerts.toml", tomllib.loads(RULES)))[0]
    lines = list(_lines(alerts, alerts.rules[0], version(2, NEAR), 2, History({1: Fate(REPORTED)})))
    assert lines[-1] == "  version 2: not reported: nothing material changed since version 1"


def test_the_history_is_read_from_the_log(ask: Ask, config: Path) -> None:
    write(config, version(1, NEAR), version(2, NEAR))
    other = AlertState(id="x", rule="Other", status="reported", at=SEEN, article=ID, version=1, message="m2")
    muted = [Mute(id=f"mute-{place}", until=FOREVER, at=SEEN, place=place) for place in ("pe", "CO")]
    over = Mute(id="over", until=SEEN, at=SEEN, rule="Troops")
    publish(
        config,
        *(Out("alert-state", one.id, one) for one in (REPORTED, state(2, "unchanged"), other)),
        Out("messages", "m1", MESSAGE), Out("deliveries", "m1/file", SENT), Out("deliveries", "m2/file", SENT),
        *(Out("mutes", one.id, one) for one in (*muted, over)),
    )  # fmt: skip
    plain = ask("alerts", "explain", "Troops", URL, "--json").json
    assert [(one["version"], one["status"], list(one["channels"])) for one in plain["alerts"]] == [
        (1, "reported", ["file"]), (2, "unchanged", []),
    ]  # fmt: skip
    assert [mute["id"] for mute in plain["mutes"]] == ["mute-pe"]


def test_an_earlier_version_an_old_article_and_a_copy(ask: Ask, config: Path) -> None:
    write(
        config, version(1, NEAR), version(2, FAR, published=SEEN - timedelta(days=900), duplicate_of="b1"),
    )  # fmt: skip
    assert "It does not match." in ask("alerts", "explain", "Troops", ID).out
    assert "It matches." in ask("alerts", "explain", "Troops", ID, "--version", "1").out
    assert "version 7 is not kept: there are 1, 2" in ask("alerts", "explain", "Troops", ID, "--version", "7").err
    plain = ask("alerts", "explain", "Troops", ID, "--json").json
    assert (plain["version"], plain["newest"], plain["copy_of"]) == (2, 2, "b1")
    assert "a copy of article b1" in plain["notes"][-1]


@pytest.mark.slow  # it loads the topic rules
def test_a_text_in_a_file_is_explained_without_a_log(ask: Ask, config: Path) -> None:
    (config / "alerts.toml").write_text(RULES.replace('countries = ["PE"]\n', ""))
    text = config.parent / "article.txt"
    text.write_text(f"Ferry opens\n{NEAR}\n")
    answer = ask("alerts", "explain", "Troops", str(text))
    assert "It matches." in answer.out
    assert "The [troops] of the [harbour] came." in answer.out


def test_what_is_not_known_is_refused(ask: Ask, config: Path) -> None:
    write(config, version(1, NEAR))
    assert "there is no rule 'Trops'" in ask("alerts", "explain", "Trops", ID).err
    assert "no article nothing" in ask("alerts", "explain", "Troops", "nothing").err
