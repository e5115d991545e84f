"""What `almenara audit` finds on a real broker and a real index: a small log in order, and with something wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from pipeline.assembly.backends import open_kafka
from pipeline.assembly.deployment import deployment_of
from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.config.addresses import servers_of
from pipeline.config.read_settings import load_settings
from pipeline.config.settings import Settings
from pipeline.core.urls import article_id
from pipeline.records import (
    AlertState,
    Article,
    Decided,
    Delivery,
    Document,
    Incarnation,
    Item,
    Message,
    Outcomes,
    Record,
    Relation,
    Story,
    Tagged,
)
from pipeline.stage import Out
from tests import builders
from tests.builders import alert

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC)
READS = {
    "clean": "items", "tag": "articles", "relate": "tagged", "index": "documents", "alert": "documents",
    "notify": "alerts",
}  # fmt: skip


STORIES = ("index", "stories", [(n, "ok") for n in range(3)])


def url(number: int) -> str:
    return f"https://a.example/{number}"


def article(number: int) -> Article:
    return builders.article(
        "T", "x", id=article_id(url(number)), url=url(number), source="A", content_hash=f"h{number}", seen=NOW
    )


def relation(seq: int, version: int = 1) -> Relation:
    return Relation(kind="new", first_seen=NOW, seq=seq, version=version, story_id="s")


def tagged(number: int) -> Tagged:
    return Tagged(article=article(number), tags=builders.tags(), fingerprint=builders.FINGERPRINT)


def document(number: int, seq: int | None = None) -> Document:
    return Document(article=article(number), tags=builders.tags(), relation=relation(seq or number + 1))


def story(seq: int, **more: Any) -> Story:
    return Story(id="s", seq=seq, changed=NOW, opened=NOW, **more)


def decided(number: int, seq: int | None = None) -> Decided:
    return Decided(
        article=article(number).id, seen=NOW, stream="tagged", partition=0, offset=number,
        content_hash="h", relation=relation(seq or number + 1),
    )  # fmt: skip


def reported(number: int) -> AlertState:
    of = alert(article(number).id)
    return AlertState(id=of.id, rule=of.rule, original=of.article, status="reported", at=NOW, message=notice(number).id)


def notice(number: int) -> Message:
    return builders.message(alert(article(number).id))


def sent(number: int, minutes: int = 0, **more: Any) -> Delivery:
    at = NOW + timedelta(minutes=minutes)
    return Delivery(message=notice(number).id, channel="one", status="sent", at=at, **more)


@dataclass
class Log:
    """Three articles that went all the way: records by stream, all in partition 0; how they ended, by stage, offset."""

    streams: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    endings: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    index: list[Document] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)  # in the index

    def __post_init__(self) -> None:
        for n in range(3):
            whole: dict[str, Record] = {
                "items": Item(feed="f", source="A", url=url(n), seen=NOW), "articles": article(n), "tagged": tagged(n),
                "fingerprints": decided(n), "documents": document(n), "alerts": alert(article(n).id),
                "alert-state": reported(n), "messages": notice(n), "deliveries": sent(n),
            }  # fmt: skip
            for stream, record in whole.items():
                self.streams[stream].append(record)
            self.index.append(document(n))
            self.streams["stories"].append(story(n + 1))
        self.stories += [story(3), Story(id="old", seq=1, changed=NOW, opened=NOW)]
        self.endings = {stage: [(n, "ok") for n in range(3)] for stage in READS}


def two_ids_of_one_reason(log: Log) -> None:
    log.streams["alerts"][1] = msgspec.structs.replace(alert(article(0).id), id="other")
    log.streams["alert-state"].append(msgspec.structs.replace(reported(1), id="other"))


def dead_without_record(log: Log) -> None:
    log.endings["tag"][1] = (1, "dead")
    for stream in ("tagged", "fingerprints", "documents", "alerts"):
        log.streams[stream][1] = log.streams[stream][2]
    log.streams["fingerprints"][1] = msgspec.structs.replace(decided(2), offset=1)
    log.index.pop(1)


def all_repeated(log: Log) -> None:
    """As after a crash before anything was committed: the same again, from clean on."""
    for stream, records in log.streams.items():
        if stream != "items":
            records.extend(records[:3])
    for stage, stream in READS.items():
        log.endings[stage] += [(n if stream == "items" else n + 3, "ok") for n in range(3)]
    for n in range(3):
        again = msgspec.structs.replace(decided(n), offset=n + 3, relation=None, drop="unchanged")
        log.streams["fingerprints"].append(again)


def of_deleted_streams(log: Log) -> None:
    """A decision about what was on `tagged` before it and `documents` were deleted and created again."""
    log.streams["fingerprints"].append(msgspec.structs.replace(decided(0), article="gone", relation=relation(9)))
    log.streams["incarnations"] += [Incarnation(stream=stream, topic="new") for stream in ("tagged", "documents")]


Change = Callable[[Log], object]


def without(stream: str) -> Change:
    return lambda log: log.streams[stream].pop(1)


def instead(stream: str, record: Record) -> Change:
    """Of the second."""
    return lambda log: log.streams[stream].__setitem__(1, record)


def more(stream: str, record: Record) -> Change:
    return lambda log: log.streams[stream].append(record)


CASES: list[tuple[str, Change, dict[str, int]]] = [
    ("in order", lambda log: None, {}),
    ("all repeated", all_repeated, {}),
    ("streams created again", of_deleted_streams, {}),
    ("no ending", lambda log: log.endings["tag"].pop(1), {"did not end in tag": 1}),
    ("no article", instead("articles", article(0)), {"result missing on articles": 1}),
    ("not tagged", instead("tagged", tagged(0)), {"result missing on tagged": 1}),
    ("not decided", without("fingerprints"), {"result missing on fingerprints": 1}),
    ("no document", instead("fingerprints", decided(1, 9)), {"result missing on documents": 1}),
    (
        "decided twice",
        more("fingerprints", decided(1, 3)),
        {"conflicting decisions": 1, "result missing on documents": 1},
    ),
    (
        "a request decided",  # with the number of an article on another stream
        more("fingerprints", msgspec.structs.replace(decided(0), stream="story-requests", relation=None)),
        {},
    ),
    ("two of one seq", more("documents", document(7, 3)), {"conflicting documents of one seq": 1}),
    ("two seqs of one", more("documents", document(1, 8)), {"conflicting seqs of one version": 1}),
    ("not indexed", lambda log: log.index.pop(1), {"not in the index": 1}),
    (
        "an old version indexed",
        instead("documents", document(1, 9)),
        {"not in the index": 1, "result missing on documents": 1, "in the index, but not on documents": 1},
    ),
    ("indexed from nowhere", lambda log: log.index.append(document(8)), {"in the index, but not on documents": 1}),
    ("no story", lambda log: log.streams["stories"].clear(), {"result missing on stories": 3}),
    ("merged into an old one", more("stories", story(3, redirect="old")), {}),
    ("merged into nothing", more("stories", story(3, redirect="t")), {"result missing on stories": 1}),
    ("story not indexed", lambda log: log.stories.clear(), {"story not in the index": 1}),
    ("old story indexed", lambda log: log.stories.__setitem__(0, story(2)), {"story not in the index": 1}),
    ("no alert state", without("alert-state"), {"result missing on alert-state": 1}),
    ("no message", without("messages"), {"result missing on messages": 2}),
    ("sent twice", more("deliveries", sent(1, 5)), {"conflicting times of sending": 1}),
    ("two alerts", two_ids_of_one_reason, {"conflicting alerts of one version and rule": 1}),
    ("dead without record", dead_without_record, {"result missing on dead": 1}),
]


@pytest.mark.parametrize(("make", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_what_does_not_agree_is_found(
    make: Change, found: dict[str, int], kafka: str, prefix: str, tmp_path: Path
) -> None:
    log = Log()
    make(log)
    settings = load_settings(
        tmp_path / "none",
        {"LOG_URL": kafka, "ALMENARA_KAFKA_PREFIX": prefix, "ALMENARA_KAFKA_PARTITIONS": "1",
         "INDEX_URL": f"tantivy:///{tmp_path}/index"},
    )  # fmt: skip
    await publish(settings, log)
    index = TantivyIndex.open(tmp_path / "index", write=True)
    await index.put(log.index)
    await index.put_stories(log.stories)
    await index.close()
    report = await deployment_of(settings).audit()
    assert dict(report.found) == found, report.faults
    assert len(report.faults) == sum(found.values())
    assert report.stages["clean"]["taken"] == 3
    ended = Counter(offset for offset, _ in log.endings["clean"])
    assert report.stages["clean"]["repeated"] == sum(ended.values()) - len(ended)


def _key(record: Record) -> str:
    return record.stream if isinstance(record, Incarnation) else str(getattr(record, "id", ""))


async def publish(settings: Settings, log: Log) -> None:
    """And commit: each group has done the first three records."""
    broker = await open_kafka(settings)
    await broker.create()
    for stream, records in log.streams.items():
        outs = [Out(stream, _key(record) or str(n), record, partition=0) for n, record in enumerate(records)]
        await broker.publish(outs)
    for stage, stream, ended in [*((stage, READS[stage], ended) for stage, ended in log.endings.items()), STORIES]:
        offsets, endings = zip(*ended, strict=True)
        record = Outcomes(stage=stage, stream=stream, partition=0, offsets=offsets, endings=endings)
        await broker.publish([Out("outcomes", stage, record)])
    for stage, stream in [*READS.items(), STORIES[:2]]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=servers_of(settings.log_location()), group_id=settings.kafka.prefix + stage,
            enable_auto_commit=False,
        )  # fmt: skip
        await consumer.start()
        where = TopicPartition(settings.kafka.prefix + stream, 0)
        consumer.assign([where])
        await consumer.commit({where: 3})
        await consumer.stop()
    await broker.close()
