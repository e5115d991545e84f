"""What is wrong on real servers is in `almenara status` within ten seconds, with its reason and exit code 5."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from pipeline.stage import Out
from tests import builders
from tests.agents.workers import Place, Worker
from tests.flow.bad_servers.asking import ask, broker, full_disk
from tests.services.servers import Elasticsearch, free_port

pytestmark = pytest.mark.slow

WITHIN = 10.0  # seconds from the fault to the call of `status` that shows it
CHANNELS = """
[[alert]]
name = "Troops"
query = "troops"
channels = ["hook"]
[channels.hook]
type = "apprise"
url = "json://user:s3cret@127.0.0.1:{port}/tok-SECRET"
"""


async def shown(place: Place, worker: Worker, part: str, state: str) -> dict[str, Any]:
    """The problem, as soon as `status` shows it."""
    start = time.monotonic()
    while True:
        asked = time.monotonic() - start
        code, out, err = await place.almenara("status", "--json")
        problems = json.loads(out)["problems"]
        assert "SECRET" not in (out + err).replace("tok-", "")
        for one in problems:
            if (one["part"], one["state"]) == (part, state):
                assert code == 5
                assert asked < WITHIN, f"shown after {asked:.1f} s"
                return dict(one)
        assert asked < 3 * WITHIN, f"not shown: {problems}\n{worker.said}"


async def test_what_a_worker_reports_and_what_its_end_leaves_behind(place: Place, kafka: str) -> None:
    alerts = place.folder / "config" / "alerts.toml"
    alerts.write_text(CHANNELS.format(port=free_port()))
    place.environment["ALMENARA_KAFKA_INSTANCE"] = "desk-7"
    async with broker(place, kafka) as log, place.worker("alert", "notify") as worker:
        await worker.says("started")
        await log.publish([Out("alerts", "Troops", builders.alert(channels=("hook",)))])
        await worker.says("channel failed")
        channel = await shown(place, worker, "channel hook", "failing")
        assert channel["why"].startswith("JSON: connection refused")
        assert channel["worker"] == "desk-7"
        assert channel["next_try"] > channel["since"]

        alerts.write_text(CHANNELS.format(port=1).replace('"troops"', '"troops AND"'))
        refused = await shown(place, worker, "configuration", "refused")
        assert "alerts.toml" in refused["why"]
        assert "almenara check" in refused["do"]

        unowned = await shown(place, worker, "tag", "unowned")  # no worker runs it
        assert "2 of 2 of articles" in unowned["why"]
        worker.process.kill()
        await worker.process.wait()
        await shown(place, worker, "notify", "unowned")
        gone = await shown(place, worker, "worker", "silent")
        assert gone["worker"] == "desk-7"


async def test_a_flood_stage_block(place: Place, kafka: str, own_elasticsearch: Elasticsearch) -> None:
    url = own_elasticsearch.url
    place.environment["INDEX_URL"] = url
    pattern = f"{url}/{place.environment['ALMENARA_ELASTICSEARCH_PREFIX']}-documents-*"
    async with broker(place, kafka) as log, place.worker("index") as worker:
        await worker.says("started")
        await log.publish([Out("documents", "a1", builders.document("Title", "Text.", id="a1", seq=1))])
        end = time.monotonic() + 60
        while not json.loads((await place.almenara("status", "--json"))[1])["documents"]:
            assert time.monotonic() < end, worker.said
        with full_disk(url):
            ask(f"{pattern}/_settings", "PUT", {"index.blocks.read_only_allow_delete": True})  # sooner than it would
            blocked = await shown(place, worker, "index", "read-only")
            assert "flood-stage" in blocked["why"]
            await log.publish([Out("documents", "a2", builders.document("Title", "Text.", id="a2", seq=2))])
            waits = await shown(place, worker, "index", "unavailable")
            assert "disk is full" in waits["why"]


async def test_a_stream_that_someone_deleted(place: Place, kafka: str) -> None:
    async with broker(place, kafka) as log:
        await log._client.delete_topics([log.options.prefix + "known"])
        end = time.monotonic() + WITHIN
        while True:
            code, out, _ = await place.almenara("status", "--json")
            found = [one for one in json.loads(out)["problems"] if one["part"] == "stream known"]
            if found or time.monotonic() > end:
                break
        assert [(one["state"], code) for one in found] == [("missing", 5)]
        assert "almenara streams" in found[0]["do"]
