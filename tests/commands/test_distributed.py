"""The command line where the log is on a Kafka broker, the index in Elasticsearch, or one of the two: on real servers.

On the embedded log and index the same commands are tested in the files beside this one; with bad servers in
flow/bad_servers/.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.assembly.deployment import deployment_for
from pipeline.core.alerts.firing import alert_id
from pipeline.records import AlertState, Article
from pipeline.stage import Out
from tests.agents.newsroom import Newsroom
from tests.agents.workers import Place, until
from tests.builders import document
from tests.commands.asking import AT, Ask, Use, dead, publish

pytestmark = pytest.mark.slow

PLACES = [("kafka",), ("elasticsearch",), ("kafka", "elasticsearch")]


def put(config: Path) -> None:
    """Three documents into the index; what the second says a spreadsheet would run."""
    given = [
        document("Senate votes", "The senate voted.", id="a1", seq=1, topics=("coup",), countries=("PE",)),
        document("=HYPERLINK(1)", "Copper\nis \"dear\", they say", id="a2", seq=2, language="es"),
        document("国会投票", "国会が投票した。", id="a3", seq=3, language="ja"),
    ]  # fmt: skip

    async def write() -> None:
        index = await deployment_for(config).open_index(write=True)
        await index.put(given)
        await index.close()

    asyncio.run(write())


def found(ask: Ask, number: int) -> None:
    """Wait until so many documents are found: Elasticsearch takes a second."""
    for _ in range(100):
        answer = ask("search", "--json")
        if answer.code == 0 and answer.json["total"] == number:
            return
        asyncio.run(asyncio.sleep(0.1))
    raise AssertionError(f"{number} documents were not found")


# -- alerts, dead records: on a broker


def test_alerts_are_listed_with_how_they_ended(ask: Ask, use: Use, config: Path) -> None:
    use("kafka")
    states = [
        AlertState(id=str(n), rule="Markets", original="a", status=status, at=AT)
        for n, status in enumerate(["reported", "held", "reported", "muted"])
    ]
    publish(config, *(Out("alert-state", state.id, state) for state in states))
    publish(config, Out("alert-state", "1", AlertState(id="1", rule="Markets", original="a", status="reported", at=AT)))
    (rule,) = ask("alerts", "list", "--json").json
    assert (rule["name"], rule["alerts"]) == ("Markets", {"reported": 3, "muted": 1})


def test_dead_records_keep_their_numbers_and_are_put_back(ask: Ask, use: Use, config: Path) -> None:
    use("kafka")
    assert ask("dead", "list").out == "no dead records\n"
    one: Article = document("Title", "Text").article
    publish(config, dead(one, 0), dead(b"{not json", 1), dead(one, 2, cut=True))
    assert [line["number"] for line in ask("dead", "list", "--json").json] == [0, 1, 2]
    assert '"text": "Text"' in ask("dead", "show", "0").out
    assert "{not json" in ask("dead", "show", "1").out
    assert ask("dead", "replay", "0").out == "1 replayed\n"
    rest = ask("dead", "replay", "--all")
    assert (rest.code, rest.out) == (1, "0 replayed\n")
    assert "2: cannot be replayed: it was too large" in rest.err
    publish(config, dead(one, 3))
    listed = [(line["number"], line["replayed"]) for line in ask("dead", "list", "--json").json]
    assert listed == [(0, True), (1, False), (2, False), (3, False)]
    status = ask("status", "--json").json
    assert status["dead"] == {"kept": 4, "open": 3}
    assert status["streams"]["articles"] == {"messages": 1, "partitions": 2}
    assert ask("dead", "show", "9").code == 1


@pytest.mark.parametrize("servers", PLACES)
def test_nothing_indexed_yet_is_3(ask: Ask, use: Use, servers: tuple[str, ...]) -> None:
    use(*servers)
    for answer in (ask("search", "x"), ask("search", "--json"), ask("export"), ask("export", "--query", "x")):
        assert (answer.code, answer.out, "nothing is indexed yet" in answer.err) == (3, "", True)


@pytest.mark.parametrize("servers", PLACES, ids="+".join)
def test_what_became_of_an_alert_is_explained(ask: Ask, use: Use, config: Path, servers: tuple[str, ...]) -> None:
    use(*servers)
    put(config)
    found(ask, 3)
    id = alert_id("a2", 1, "Markets")
    state = AlertState(id=id, rule="Markets", status="held", why="quiet", at=AT, article="a2", version=1)
    publish(config, Out("alert-state", id, state))
    explained = ask("alerts", "explain", "Markets", "a2", "--json").json
    assert (explained["matches"], [alert["why"] for alert in explained["alerts"]]) == (True, ["quiet"])
    assert ask("alerts", "explain", "Markets", "a1", "--json").json["matches"] is False


# -- search, export, reindex: in Elasticsearch, whichever the log is


@pytest.mark.parametrize("servers", PLACES, ids="+".join)
def test_search_and_export(ask: Ask, use: Use, config: Path, servers: tuple[str, ...]) -> None:
    use(*servers)
    put(config)
    found(ask, 3)
    answer = ask("search", "senate", "--json", "--facets").json
    assert (answer["total"], answer["exact"], [hit["id"] for hit in answer["hits"]]) == (1, True, ["a1"])
    assert answer["facets"]["topic"] == {"coup": 1}
    assert "1 to 1 of 1 found" in ask("search", "国会").out
    rows = list(csv.DictReader(io.StringIO(ask("export", "--format", "csv").out)))
    assert [row["id"] for row in rows] == ["a1", "a2", "a3"]
    assert rows[1]["title"] == "'=HYPERLINK(1)"
    assert [line["id"] for line in ask("export", "--query", "copper").lines] == ["a2"]
    assert ask("export", "--until", "2001-01-01").out == ""
    assert ask("export", "-o", "all.jsonl").out == ""
    assert Path("all.jsonl").read_text() == ask("export").out
    for command in (("search", "a OR"), ("export", "--query", "a OR")):
        wrong = ask(*command)
        assert (wrong.code, wrong.out) == (1, "")
    assert ask("status", "--json").json["documents"] == 3


def test_reindex_where_only_the_log_is_elsewhere(ask: Ask, use: Use, config: Path) -> None:
    use("kafka")
    put(config)
    assert ask("reindex").out == "3 records reindexed\n"


def test_an_index_of_an_older_form_is_shown_and_made_anew(
    ask: Ask, use: Use, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("elasticsearch")
    put(config)
    found(ask, 3)
    assert ask("reindex").out == "nothing to reindex\n"
    monkeypatch.setenv("ALMENARA_ELASTICSEARCH_SHARDS", "2")
    status = ask("status", "--json").json
    assert len(status["index"]["outdated"]) == 1
    assert status["index"]["health"] in ("green", "yellow")
    shown = ask("status").out
    assert "outdated" in shown, shown
    assert "almenara reindex" in shown, shown
    assert ask("reindex").out == "3 records reindexed\n"
    assert ask("status", "--json").json["index"]["outdated"] == []
    found(ask, 3)


# -- status


def test_status_shows_what_waits_without_a_worker(ask: Ask, use: Use, config: Path) -> None:
    use("kafka", "elasticsearch")
    (config / "feeds.toml").write_text('[[feed]]\nid = "x"\nname = "X"\nurl = "https://example.net/x"\n')
    ask("feeds", "apply", "--yes")
    answer = ask("status", "--json").json
    assert (answer["groups"]["poll"]["waiting"], answer["documents"]) == (1, 0)
    assert ("daemon", "stopped") in [(one["part"], one["state"]) for one in answer["problems"]]
    assert answer["feeds"] == {"polled": 1, "failing": [], "dropped": [], "moved": []}
    assert answer["streams"]["feeds"] == {"messages": 1, "partitions": 2}
    shown = ask("status")
    assert (shown.code, shown.err) == (5, "")
    assert "almenara audit" in shown.out


@pytest.mark.parametrize("servers", PLACES, ids="+".join)
def test_status_before_anything_was_done(ask: Ask, use: Use, servers: tuple[str, ...]) -> None:
    use(*servers)
    answer = ask("status", "--json").json
    assert (answer["documents"], answer["alerts"], answer["dead"]) == (0, {}, {"kept": 0, "open": 0})
    assert ("groups" in answer) == ("kafka" in servers)
    assert "error" not in answer["index"]
    assert ask("status").code == 5  # nothing runs


def test_status_goes_on_when_the_index_is_away(ask: Ask, use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    use("kafka")
    monkeypatch.setenv("INDEX_URL", "http://127.0.0.1:9")
    answer = ask("status")
    assert answer.code == 5
    assert "Elasticsearch cannot be reached at http://127.0.0.1:9" in answer.out
    assert "cannot be reached" in ask("status", "--json").json["index"]["error"]


# -- what there is of one kind only


@pytest.mark.parametrize("servers", PLACES, ids="+".join)
def test_backups_are_of_what_is_embedded(ask: Ask, use: Use, servers: tuple[str, ...]) -> None:
    use(*servers)
    for command in (("backup", "saved"), ("restore", "saved")):
        answer = ask(*command)
        assert (answer.code, answer.out) == (3, "")
        assert ("replication" if "kafka" in servers else "snapshots") in answer.err
        assert "docs/distributed.md" in answer.err
    assert not Path("saved").exists()


def test_poll_once_is_of_the_embedded_log(ask: Ask, use: Use) -> None:
    use("kafka")
    answer = ask("poll", "--once")
    assert (answer.code, answer.out) == (3, "")
    assert "almenara status" in answer.err


# -- a worker at work


async def test_a_worker_takes_up_what_commands_do(tmp_path: Path, kafka: str, elasticsearch: str, prefix: str) -> None:
    place = Place.made(
        tmp_path / "place", LOG_URL=kafka, INDEX_URL=elasticsearch, ALMENARA_KAFKA_PREFIX=prefix,
        ALMENARA_ELASTICSEARCH_PREFIX=prefix.rstrip("."), ALMENARA_KAFKA_INSTANCE="desk-7",
    )  # fmt: skip
    assert (await place.almenara("streams", "create"))[0] == 0
    async with Newsroom() as room, place.worker() as worker:
        room.published = 3
        await worker.says("started")
        code, out, _ = await place.almenara("feeds", "add", f"{room.url}/feed.xml", "--name", "Room", "--no-check")
        assert code == 0
        assert "added room; a running daemon or worker polls it within seconds\n" in out

        async def read() -> bool:
            _, out, _ = await place.almenara("search", "sentinel", "--json")
            return bool(out and json.loads(out)["total"] == 3)  # nothing is printed before anything is indexed

        await until(read, worker)
        code, out, err = await place.almenara("status")
        assert (code, err) == (0, "")
        assert re.search(r"^relate +3 +0 +0 +desk-7 2\s*$", out, re.MULTILINE), out
        assert re.search(r"^tag-backfill +3 +0 +0 +desk-7 2\s*$", out, re.MULTILINE), out
        code, out, err = await place.almenara("worker")
        assert code == 3
        assert f"another daemon (pid {worker.process.pid}) works in" in err
        assert "ALMENARA_DATA" in err
        code, out, _ = await place.almenara("feeds", "remove", "room")
        assert code == 0
    assert worker.process.returncode == 0, worker.said
    assert {path.name for path in place.folder.iterdir()} == {"config", "data", "worker.err"}
    _, out, _ = await place.almenara("export")
    assert len(out.splitlines()) == 3
    await asyncio.sleep(7)  # a session, in which it might have come back
    _, out, _ = await place.almenara("status", "--json")
    report = json.loads(out)
    relate: dict[str, Any] = {"taken": 3, "waiting": 0, "planned": 0, "oldest": None, "workers": {}}
    assert (report["daemon"], report["groups"]["relate"]) == (None, relate)
