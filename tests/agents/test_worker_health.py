"""Real workers and daemons on real servers: one process per name, and health and metrics over outages."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.web.server import listen
from tests.agents.newsroom import Newsroom
from tests.agents.workers import PATIENCE, Place, Worker
from tests.monitoring.pages import Exposed, documented, read
from tests.services.servers import Elasticsearch, Kafka

pytestmark = pytest.mark.slow

SEEN = 10.0  # seconds within which whatever is wrong must be visible


def free() -> str:
    """An address that nothing listens on."""
    with listen("127.0.0.1", 0) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def places(folder: Path, log_url: str, prefix: str) -> list[Place]:
    """Two places for workers, with one name."""
    return [
        Place.made(
            folder / name, LOG_URL=log_url, ALMENARA_KAFKA_PREFIX=prefix, ALMENARA_KAFKA_INSTANCE="twin",
            ALMENARA_HEALTH_LISTEN=free(),
        )
        for name in ("one", "two")
    ]  # fmt: skip


async def ready(place: Place) -> tuple[int, Any]:
    """What a worker answers about itself; (0, None) if it does not."""
    try:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://{place.environment['ALMENARA_HEALTH_LISTEN']}/health/ready")
    except httpx.HTTPError:
        return 0, None
    return answer.status_code, answer.json()


async def metrics(place: Place) -> Exposed:
    async with httpx.AsyncClient() as client:
        return read((await client.get(f"http://{place.environment['ALMENARA_HEALTH_LISTEN']}/metrics")).text)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float) -> float:
    """Wait for it; how many seconds it took."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.1)
    return loop.time() - started


async def is_ready(place: Place) -> bool:
    return (await ready(place))[0] == 200


@pytest.fixture
async def twins(tmp_path: Path, kafka: str, prefix: str) -> list[Place]:
    made = places(tmp_path, kafka, prefix)
    assert (await made[0].almenara("streams", "create"))[0] == 0
    return made


async def test_a_second_worker_with_the_name_of_a_running_one_does_not_start(twins: list[Place]) -> None:
    one, two = twins
    async with one.worker("tag") as first:
        await until(lambda: is_ready(one), PATIENCE)
        async with two.worker("tag") as second:
            assert await second.ended() == 3
        assert "another worker named twin runs" in second.said
        assert f"pid {first.process.pid}" in second.said
        assert await is_ready(one)
        os.kill(first.process.pid, signal.SIGKILL)
        await first.process.wait()
        async with two.worker("tag") as second:  # the one that had the name is gone
            await until(lambda: is_ready(two), PATIENCE)
            assert second.process.returncode is None


async def test_of_two_that_start_at_the_same_moment_one_stays(twins: list[Place]) -> None:
    one, two = twins
    async with one.worker("tag") as first, two.worker("tag") as second:
        ending = [asyncio.create_task(worker.ended()) for worker in (first, second)]
        done, going = await asyncio.wait(ending, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result() for task in done] in ([3], [4])
        stays = one if ending[0] in going else two
        await until(lambda: is_ready(stays), PATIENCE)
        await asyncio.sleep(5)  # long enough for Kafka to fence one of them, if both had joined
        assert await is_ready(stays)
        for task in going:
            task.cancel()


async def test_a_worker_that_was_stopped_for_a_while_gives_way(twins: list[Place]) -> None:
    one, two = twins
    async with one.worker("tag") as first:
        await until(lambda: is_ready(one), PATIENCE)
        os.kill(first.process.pid, signal.SIGSTOP)
        try:
            async with two.worker("tag"):
                await until(lambda: is_ready(two), PATIENCE)
                os.kill(first.process.pid, signal.SIGCONT)
                assert await first.ended() == 4
                await asyncio.sleep(2)
                assert await is_ready(two)
        finally:
            if first.process.returncode is None:
                os.kill(first.process.pid, signal.SIGCONT)


@pytest.mark.parametrize("log", ["embedded", "kafka"])
async def test_a_daemon_counts_what_it_does_in_both_modes(
    tmp_path: Path, prefix: str, request: pytest.FixtureRequest, log: str
) -> None:
    names = {"ALMENARA_HEALTH_LISTEN": free()}
    if log == "kafka":
        names |= {"LOG_URL": request.getfixturevalue("kafka"), "ALMENARA_KAFKA_PREFIX": prefix}
    async with Newsroom() as room:
        feed = f'[[feed]]\nid = "room"\nname = "Newsroom"\nurl = "{room.url}/feed.xml"\n'
        place = Place.made(tmp_path / "place", feed, **names)
        if log == "kafka":
            assert (await place.almenara("streams", "create"))[0] == 0
            assert (await place.almenara("feeds", "apply", "--yes"))[0] == 0
        async with place.worker(command="run") as daemon:
            room.published = 2  # old news: the first that is read of the feed
            await until(lambda: _counts(place, "almenara_index_documents_total", 2, result="written"), PATIENCE)
            room.published = 5
            await until(lambda: _counts(place, "almenara_alert_delay_seconds_count", 3, since="seen"), PATIENCE)
            await until(lambda: _counts(place, "almenara_index_documents_total", 5, result="written"), PATIENCE)
            seen = await metrics(place)
            assert await is_ready(place), await ready(place)
            assert await _stopped(daemon) == 0
    assert {name: kind for name, (kind, _) in documented().items()} == seen.types
    for stage in ("clean", "tag", "relate"):
        assert seen.value("almenara_records_total", stage=stage, outcome="ok") == 5
        assert seen.value("almenara_step_duration_seconds_count", stage=stage) == 5
    assert seen.value("almenara_document_delay_seconds_count", since="seen") == 3
    assert seen.value("almenara_channel_messages_total", channel="file", result="sent") >= 3
    assert seen.value("almenara_entries_total", outcome="item") == 5
    assert seen.value("almenara_polls_total", outcome="ok") >= 2
    assert seen.value("almenara_feeds", state="ok") == 1
    assert seen.value("almenara_ready") == 1
    assert seen.has("almenara_partitions_held") == (log == "kafka")


async def _counts(place: Place, name: str, wanted: float, **labels: str) -> bool:
    """Whether a metric has reached a value."""
    try:
        seen = await metrics(place)
    except httpx.HTTPError:
        return False
    return any(s.value >= wanted for s in seen.samples if s.name == name and s.labels == labels)


async def test_an_outage_of_the_broker_is_seen_and_its_end_too(
    tmp_path: Path, own_kafka: Kafka, prefix: str, record_property: Callable[[str, object], None]
) -> None:
    place = places(tmp_path, own_kafka.url, prefix)[0]
    assert (await place.almenara("streams", "create"))[0] == 0
    async with place.worker("poll", "clean", "tag", "relate", "alert", "notify") as worker:
        await until(lambda: is_ready(place), PATIENCE)
        seen = await metrics(place)
        assert seen.types.keys() == documented().keys()
        assert {name: kind for name, (kind, _) in documented().items()} == seen.types
        await until(lambda: _holds_partitions(place), PATIENCE)
        await asyncio.to_thread(own_kafka.stop)
        down = await until(lambda: _names(place, "log"), SEEN)
        assert (await metrics(place)).value("almenara_problem", part="log", state="unavailable") == 1
        code, said, _ = await place.almenara("health", "--json")
        assert code == 3
        assert any(problem["part"] == "log" for problem in json.loads(said)["not_ready"])
        await asyncio.to_thread(own_kafka.start)
        up = await until(lambda: is_ready(place), PATIENCE)
        assert (await place.almenara("health"))[0] == 0
        assert await _stopped(worker) == 0
    record_property(
        "figure", f"health: a broker that stopped was named after {down:.1f} s, its return after {up:.1f} s"
    )


async def _holds_partitions(place: Place) -> bool:
    held = await metrics(place)
    return any(s.value > 0 for s in held.samples if s.name == "almenara_partitions_held")


async def _names(place: Place, part: str) -> bool:
    """Whether a worker says that it is not ready because of a part."""
    status, report = await ready(place)
    return status == 503 and any(problem["part"] == part for problem in report["not_ready"])


async def _stopped(worker: Worker) -> int:
    worker.process.terminate()
    return await worker.ended()


async def test_an_outage_of_elasticsearch_is_seen_although_nothing_is_written(
    tmp_path: Path, own_elasticsearch: Elasticsearch, prefix: str
) -> None:
    address = free()
    place = Place.made(
        tmp_path / "place", INDEX_URL=own_elasticsearch.url, ALMENARA_ELASTICSEARCH_PREFIX=prefix.rstrip("."),
        ALMENARA_HEALTH_LISTEN=address,
    )  # fmt: skip
    async with place.worker(command="run") as daemon:
        await until(lambda: is_ready(place), PATIENCE)
        await asyncio.to_thread(own_elasticsearch.stop)
        await until(lambda: _names(place, "index"), SEEN)
        assert (await metrics(place)).value("almenara_problem", part="index", state="unavailable") == 1
        await asyncio.to_thread(own_elasticsearch.start)
        await until(lambda: is_ready(place), PATIENCE)
        assert await _stopped(daemon) == 0
