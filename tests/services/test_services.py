"""The servers for tests are real, and have what the project needs."""

from __future__ import annotations

import asyncio
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.services.servers import Elasticsearch, Kafka

pytestmark = pytest.mark.slow
#: Elasticsearch's name of the analyzer, a text, its tokens; each shows the language's own stemming or segmentation.
LANGUAGES = [
    ("arabic", "الكتاب", ["كتاب"]),
    ("bulgarian", "градове", ["град"]),
    ("catalan", "l'aigua", ["aigu"]),
    ("cjk", "国会投票", ["国会", "会投", "投票"]),
    ("czech", "knihami", ["knih"]),
    ("danish", "bøgerne", ["bøg"]),
    ("dutch", "katten", ["kat"]),
    ("english", "the elections", ["elect"]),
    ("estonian", "raamatud", ["raama"]),
    ("finnish", "kirjassa", ["kirj"]),
    ("french", "l'élection des députés", ["election", "deput"]),
    ("german", "die Häuser", ["haus"]),
    ("greek", "εκλογές", ["εκλογ"]),
    ("hindi", "किताबें", ["किताब"]),
    ("hungarian", "könyvek", ["könyv"]),
    ("indonesian", "membaca", ["baca"]),
    ("italian", "le elezioni", ["elezion"]),
    ("latvian", "grāmatas", ["grāmat"]),
    ("lithuanian", "knygos", ["knyg"]),
    ("norwegian", "bøkene", ["bøk"]),
    ("persian", "کتاب‌ها", ["كتاب"]),
    ("portuguese", "as eleições", ["eleica"]),
    ("romanian", "alegerile", ["aleger"]),
    ("russian", "выборы", ["выбор"]),
    ("spanish", "las elecciones", ["eleccion"]),
    ("swedish", "böckerna", ["böck"]),
    ("thai", "การเลือกตั้ง", ["เลือกตั้ง"]),
    ("turkish", "kitaplar", ["kitap"]),
]


def ask(url: str, method: str = "GET", body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def tokens(elasticsearch: str, **body: Any) -> list[tuple[str, int]]:
    answer = ask(f"{elasticsearch}/_analyze", "POST", body)
    return [(token["token"], token["position"]) for token in answer["tokens"]]


@pytest.mark.parametrize(("analyzer", "text", "expected"), LANGUAGES, ids=[name for name, _, _ in LANGUAGES])
def test_languages_are_stemmed(elasticsearch: str, analyzer: str, text: str, expected: list[str]) -> None:
    assert [token for token, _ in tokens(elasticsearch, analyzer=analyzer, text=text)] == expected


async def create(kafka: str, topic: str, **options: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.removeprefix("kafka://"))
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic(topic, 1, 1, topic_configs=options)])
        assert [code for _, code, *_ in answer.topic_errors] == [0]
    finally:
        await admin.close()


async def produce(kafka: str, topic: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.removeprefix("kafka://")) as producer:
        for value in values:
            await producer.send_and_wait(topic, value, key=b"key")


async def consume(kafka: str, topic: str, group: str | None = None) -> list[bytes | None]:
    """All messages of the topic; with `group`, those the group has not read, which are then committed."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.removeprefix("kafka://"),
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        found: list[bytes | None] = []
        while await consumer.position(partition) < end:
            found += [message.value for message in (await consumer.getmany(timeout_ms=500)).get(partition, [])]
        if group:
            await consumer.commit()
        return found
    finally:
        await consumer.stop()


async def until(holds: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        found = holds()
        if await found if asyncio.iscoroutine(found) else found:
            return
        assert time.monotonic() < end, f"not within {seconds} s"
        await asyncio.sleep(0.2)


async def test_kafka_keeps_what_it_is_given(kafka: str, prefix: str) -> None:
    await create(kafka, prefix + "items")
    await produce(kafka, prefix + "items", b"one", b"two")
    assert await consume(kafka, prefix + "items", prefix + "group") == [b"one", b"two"]
    await produce(kafka, prefix + "items", b"three")
    assert await consume(kafka, prefix + "items", prefix + "group") == [b"three"]


async def test_kafka_compacts_within_seconds(kafka: str, prefix: str) -> None:
    topic = prefix + "known"
    await create(
        kafka, topic, **{"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01"}
    )
    await produce(kafka, topic, *(str(n).encode() for n in range(20)))

    async def compacted() -> bool:
        await produce(kafka, topic, b"last")  # the active segment is never compacted: start another
        found = await consume(kafka, topic)
        return b"0" not in found and found[-1] == b"last"

    await until(compacted, 30)


async def test_kafka_makes_no_topic_that_was_only_named(kafka: str, prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.removeprefix("kafka://"))
    await admin.start()
    try:
        [described] = await admin.describe_topics([prefix + "unknown"])
        assert described["error_code"] == 3  # unknown topic or partition
        assert prefix + "unknown" not in await admin.list_topics()
    finally:
        await admin.close()


async def test_kafka_keeps_data_and_address_over_stop_and_kill(own_kafka: Kafka) -> None:
    url = own_kafka.url
    await create(url, "items")
    for value, end in ((b"one", own_kafka.stop), (b"two", own_kafka.kill)):
        await produce(url, "items", value)
        end()
        assert not own_kafka.pid
        own_kafka.start()
        assert own_kafka.url == url
    assert await consume(url, "items") == [b"one", b"two"]


def test_elasticsearch_is_the_version_that_clients_expect(elasticsearch: str) -> None:
    assert ask(f"{elasticsearch}/_cluster/health")["status"] in ("green", "yellow")
    [node] = ask(f"{elasticsearch}/_nodes?filter_path=nodes.*.version")["nodes"].values()
    assert re.fullmatch(r"9\.\d+\.\d+", node["version"])


def test_elasticsearch_keeps_data_and_address_over_stop_and_kill(own_elasticsearch: Elasticsearch) -> None:
    url = own_elasticsearch.url
    for number, end in enumerate((own_elasticsearch.stop, own_elasticsearch.kill)):
        ask(f"{url}/news/_doc/{number}", "PUT", {"title": "Señal"})
        end()
        assert not own_elasticsearch.pid
        with pytest.raises(urllib.error.URLError):
            ask(f"{url}/_cluster/health")
        own_elasticsearch.start()
        assert own_elasticsearch.url == url
    ask(f"{url}/news/_refresh", "POST")
    assert ask(f"{url}/news/_count")["count"] == 2


async def test_disk_watermarks_can_be_changed_and_act(own_elasticsearch: Elasticsearch) -> None:
    url = own_elasticsearch.url
    disk = "cluster.routing.allocation.disk."
    marks = {f"{disk}watermark.{mark}": "9000tb" for mark in ("low", "high", "flood_stage")}
    ask(f"{url}/news/_doc/1", "PUT", {})

    def blocked() -> bool:
        settings = ask(f"{url}/news/_settings?flat_settings=true")["news"]["settings"]
        return "index.blocks.read_only_allow_delete" in settings

    ask(f"{url}/_cluster/settings", "PUT", {"persistent": marks | {f"{disk}threshold_enabled": True}})
    await until(blocked)
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(f"{url}/news/_doc/2", "PUT", {})
    assert refused.value.code == 429
    refused.value.close()
    ask(f"{url}/_cluster/settings", "PUT", {"persistent": dict.fromkeys([*marks, f"{disk}threshold_enabled"])})
    await until(lambda: not blocked())
    ask(f"{url}/news/_doc/2", "PUT", {})


def test_filters_keep_positions(elasticsearch: str) -> None:
    """As in the index template: one regex for words, folded, lower-cased; words that are too long leave a gap."""
    found = tokens(
        elasticsearch,
        tokenizer={"type": "pattern", "pattern": r"\p{IsHan}|[\p{L}\p{M}\p{N}]+", "group": 0},
        filter=["asciifolding", {"type": "lowercase"}, {"type": "length", "max": 5}],
        text="EE.UU. Über überlange 国会",
    )
    assert found == [("ee", 0), ("uu", 1), ("uber", 2), ("国", 4), ("会", 5)]


def test_patterns_without_a_group_split(elasticsearch: str) -> None:
    pattern = {"type": "pattern", "pattern": "x", "flags": "CASE_INSENSITIVE"}
    assert tokens(elasticsearch, tokenizer=pattern, text="aXbxc") == [("a", 0), ("b", 1), ("c", 2)]


def test_keywords_can_be_folded(elasticsearch: str, prefix: str) -> None:
    normalizer = {"type": "custom", "filter": ["asciifolding", "lowercase"]}
    field = {"type": "keyword", "normalizer": "folded"}
    index = {
        "settings": {"analysis": {"normalizer": {"folded": normalizer}}},
        "mappings": {"properties": {"by": field}},
    }
    ask(f"{elasticsearch}/{prefix}news", "PUT", index)
    found = ask(f"{elasticsearch}/{prefix}news/_analyze", "POST", {"field": "by", "text": "Núñez"})
    assert [token["token"] for token in found["tokens"]] == ["nunez"]


def test_an_option_that_the_test_node_lacks_is_refused(elasticsearch: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        tokens(elasticsearch, tokenizer="standard", filter=[{"type": "lowercase", "language": "greek"}], text="Α")
    assert refused.value.code == 400
    assert "does not know the option [language]" in refused.value.read().decode()
    refused.value.close()
