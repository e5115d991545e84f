"""A deployment: which one the settings name, and what there is in each."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pipeline.assembly.deployment import Deployment, Distributed, Embedded, deployment_of
from pipeline.config.folder import Configuration, load
from pipeline.config.settings import Settings
from pipeline.ports import Log
from pipeline.stage import Unavailable
from pipeline.terminal.reporter import Reporter

KAFKA, ELASTICSEARCH = "kafka://127.0.0.1:9", "http://127.0.0.1:9"
COMBINATIONS = [("", ""), (KAFKA, ""), ("", ELASTICSEARCH), (KAFKA, ELASTICSEARCH)]


def deployment(data: Path, log_url: str = "", index_url: str = "") -> Deployment:
    return deployment_of(Settings(data=data / "data", log_url=log_url, index_url=index_url))


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    (tmp_path / "config").mkdir()
    return load(tmp_path / "config", {})


@pytest.mark.parametrize(("log_url", "index_url"), COMBINATIONS)
def test_log_and_index_are_chosen_independently(tmp_path: Path, log_url: str, index_url: str) -> None:
    chosen = deployment(tmp_path, log_url, index_url)
    assert isinstance(chosen, Distributed if log_url else Embedded)
    assert chosen.index.in_elasticsearch == bool(index_url)
    assert chosen.index.exclusive != bool(index_url)


@pytest.mark.parametrize("index_url", ["", ELASTICSEARCH])
def test_the_embedded_log_has_no_workers_and_no_broker(
    tmp_path: Path, configuration: Configuration, index_url: str
) -> None:
    embedded = deployment(tmp_path, index_url=index_url)
    with pytest.raises(Unavailable, match=r"workers need a Kafka broker.*kafka://HOST:PORT"):
        embedded.worker(configuration, Reporter(), ["clean"])
    with pytest.raises(Unavailable, match=r"streams` needs a Kafka broker.*kafka://HOST:PORT"):
        asyncio.run(embedded.open_broker())
    assert not (tmp_path / "data").exists()  # nothing was made on the way


@pytest.mark.parametrize("index_url", ["", ELASTICSEARCH])
def test_a_broker_has_no_single_process(tmp_path: Path, configuration: Configuration, index_url: str) -> None:
    with pytest.raises(Unavailable, match="needs the embedded log"):
        deployment(tmp_path, KAFKA, index_url).single_process(configuration, Reporter())


@pytest.mark.parametrize(
    ("log_url", "index_url", "advice"),
    [(KAFKA, "", "replication"), (KAFKA, ELASTICSEARCH, "replication"), ("", ELASTICSEARCH, "snapshots")],
)
def test_backups_are_of_files(tmp_path: Path, log_url: str, index_url: str, advice: str) -> None:
    with pytest.raises(Unavailable, match=advice):
        deployment(tmp_path, log_url, index_url).backups()


def test_a_second_worker_is_advised_to_use_another_folder(tmp_path: Path) -> None:
    for log_url, advice in (("", False), (KAFKA, True)):
        chosen = deployment(tmp_path, log_url)
        with chosen.lock(), pytest.raises(Unavailable, match="another daemon") as error, chosen.lock():
            pass
        assert ("ALMENARA_DATA" in str(error.value)) == advice


def test_an_index_that_is_not_there_yet_is_no_error(tmp_path: Path) -> None:
    report = asyncio.run(deployment(tmp_path).status())
    assert (report["documents"], report["index"]) == (0, {"at": f"tantivy:///{tmp_path}/data/index"})


def test_a_server_that_is_away_is_an_error_of_the_index_alone(tmp_path: Path) -> None:
    report = asyncio.run(deployment(tmp_path, index_url=ELASTICSEARCH).status())
    assert report["documents"] == 0
    assert "cannot be reached" in report["index"]["error"]


def count(chosen: Deployment, counts: dict[tuple[str, str], int]) -> None:
    async def act(log: Log) -> None:
        await log.commit([], counts)  # type: ignore[attr-defined]  # the embedded log

    chosen.with_log(act, write=True)


def test_the_audit_of_the_embedded_log_compares_counters(tmp_path: Path) -> None:
    chosen = deployment(tmp_path)
    good: dict[str, Any] = asyncio.run(chosen.audit()).plain()
    assert (good["agrees"], good["faults"]) == (True, [])
    assert good["stages"]["clean"] == {
        "taken": 0,
        "waiting": 0,
        "planned": 0,
        "outcomes": {},
        "repeated": 0,
        "missing": 0,
    }
    count(chosen, {("clean", "ok"): 1, ("tag", "tick"): 3})
    bad = asyncio.run(chosen.audit())
    assert not bad.plain()["agrees"]
    assert [(fault.kind, fault.at) for fault in bad.faults] == [("does not add up", "clean")]
    assert bad.stages["clean"]["missing"] == -1
