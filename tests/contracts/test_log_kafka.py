"""What the log on Kafka gives beyond the contract: ownership, streams made and checked, refusals, outages."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from hypothesis import given
from hypothesis import strategies as st

from pipeline.backends.log_kafka import KafkaLog, StreamsWrong, TooLarge, servers_of
from pipeline.backends.log_kafka.epochs import LOOK_BACK, Epochs
from pipeline.backends.log_kafka.streams import Found, config_of, faults
from pipeline.config.settings import Keep
from pipeline.log.streams import declared_streams
from pipeline.ports import Stream
from pipeline.records import Dead, decode
from pipeline.stage import Message, Out, Position, Unavailable, dead_letter
from tests.builders import feed
from tests.contracts.logs import STREAMS, OnKafka, everything, names, opened, out
from tests.options import kafka_options
from tests.services.servers import Kafka


@pytest.fixture
def place(kafka: str, prefix: str) -> OnKafka:
    return OnKafka(kafka, prefix)


@pytest.fixture
async def log(place: OnKafka) -> AsyncIterator[KafkaLog]:
    log = await place.open()
    yield log
    await log.close()


@pytest.fixture
async def other(place: OnKafka, log: KafkaLog) -> AsyncIterator[KafkaLog]:
    """Another process's."""
    other = await place.open()
    yield other
    await other.close()


@pytest.fixture
async def admin(place: OnKafka) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=list(place.options.servers))
    await client.start()
    yield client
    await client.close()


# -- addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "servers"),
    [
        ("kafka://h", ("h:9092",)),
        ("kafka://h:1", ("h:1",)),
        ("kafka://h1:9092,h2:9093", ("h1:9092", "h2:9093")),
        ("kafka://h1, h2/", ("h1:9092", "h2:9092")),
        ("kafka://10.0.0.1:9092", ("10.0.0.1:9092",)),
        ("kafka://[::1]:9094,[fe80::1]", ("[::1]:9094", "[fe80::1]:9092")),
    ],
)
def test_addresses(url: str, servers: tuple[str, ...]) -> None:
    assert servers_of(url) == servers


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("h:9092", "not the address of a Kafka broker"),
        ("http://h:9092", "not the address of a Kafka broker"),
        ("kafka:///path", "not a host"),
        ("kafka://", "not a host"),
        ("kafka://h1:9092,", "not a host"),
        ("kafka://h/stream", "not a host"),
        ("kafka://::1", "not a host"),
        ("kafka://h:port", "not a port"),
        ("kafka://h:0", "not a port"),
        ("kafka://h:65536", "not a port"),
        ("kafka://h:٣", "not a port"),
        ("kafka://me:secret@h:9092", "credentials do not belong"),
    ],
)
def test_wrong_addresses(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        servers_of(url)
    assert "kafka://HOST:PORT" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_options_do_not_show_the_password() -> None:
    assert "hunter2" not in repr(kafka_options(("h:1",), password="hunter2"))


# -- ownership ------------------------------------------------------------------------------------------------------


async def stale(log: KafkaLog, since: int = 0) -> dict[str, bool]:
    return {m.key: m.stale for m in await everything(log, "state", since, [0])}


async def test_a_zombie_is_marked_and_claims_are_not_shown(log: KafkaLog, other: KafkaLog, place: OnKafka) -> None:
    await log.publish([out("state", "before", partition=0)])
    first = await log.claim("state", 0, "one")
    await log.publish([out("state", "mine", partition=0)])
    second = await other.claim("state", 0, "two")
    await log.publish([out("state", "zombie", partition=0)])
    await other.publish([out("state", "theirs", partition=0)])
    await log.publish([out("state", "zombie again", partition=0), out("state", "elsewhere", partition=1)])
    expected = {"before": False, "mine": False, "zombie": True, "theirs": False, "zombie again": True}
    assert second > first
    async with opened(place.options) as third:
        for reader in (log, other, third, third):
            assert await stale(reader) == expected
        assert [m.stale for m in await everything(third, "state", 0, [1])] == [False]


async def test_a_zombie_is_known_to_who_begins_after_the_claim(log: KafkaLog, other: KafkaLog, place: OnKafka) -> None:
    await log.claim("state", 0, "one")
    epoch = await other.claim("state", 0, "two")
    await log.publish([out("state", "zombie", partition=0)])
    async with opened(place.options) as third:
        assert await stale(third, epoch) == {"zombie": True}
        assert [m.stale for m in await third.read("state", 0, epoch, 10)] == [True]


async def test_who_lets_go_and_comes_back_owns_it_again(log: KafkaLog, other: KafkaLog) -> None:
    await log.claim("state", 0, "one")
    await log.publish([out("state", "a", partition=0)])
    log.release("state", 0)
    await other.claim("state", 0, "two")
    await other.publish([out("state", "b", partition=0)])
    await log.publish([out("state", "released", partition=0)])
    await log.claim("state", 0, "one")
    await log.publish([out("state", "c", partition=0)])
    assert await stale(log) == {"a": False, "b": False, "released": True, "c": False}


async def test_claims_made_at_once_have_different_epochs(log: KafkaLog, other: KafkaLog) -> None:
    epochs = await asyncio.gather(*(each.claim("state", 0, "x") for each in (log, other) * 5))
    assert len(set(epochs)) == 10


async def test_an_owner_knows_whether_it_was_alone(log: KafkaLog, other: KafkaLog) -> None:
    await log.claim("state", 0, "one")
    assert not log.alone("state", 0)  # what was written before this process began is unknown to it
    await log.publish([out("state", "a", partition=0)])
    await log.claim("state", 0, "one")
    assert log.alone("state", 0)
    await other.claim("state", 0, "two")
    await log.claim("state", 0, "one")
    assert not log.alone("state", 0)


async def test_a_partition_that_ends_with_a_claim_is_read_to_its_end(log: KafkaLog) -> None:
    await log.publish([out("state", "x", partition=0)])
    await log.claim("state", 0, "one")
    async with asyncio.timeout(5):
        assert await stale(log) == {"x": False}
        assert await stale(log, 1) == {}


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=30), st.data())
def test_marks_do_not_depend_on_where_reading_began(acts: list[tuple[int, bool]], data: st.DataObject) -> None:
    """`acts`: who, and whether it claims or writes. There are fewer than a look-back, so readers see all claims."""
    epochs = dict.fromkeys(range(4), 0)
    lying: list[int] = []
    for offset, (who, claims) in enumerate(acts):
        if claims:
            epochs[who] = offset + 1
        lying.append(epochs[who])
    claimed = [offset + 1 if acts[offset][1] else 0 for offset in range(len(acts))]
    expected = [epoch < max(claimed[: n + 1], default=0) for n, epoch in enumerate(lying)]
    account = Epochs()
    for start in data.draw(st.lists(st.integers(0, len(acts)), max_size=5)):
        begin = account.begin(start)
        seen = {offset: account.see(offset, lying[offset]) for offset in range(begin, len(acts))}
        assert [seen[n] for n in range(start, len(acts))] == expected[start:]


def test_the_look_back_is_bounded_and_made_once() -> None:
    account = Epochs()
    assert account.begin(50_000) == 50_000 - LOOK_BACK
    for offset in range(50_000 - LOOK_BACK, 51_000):
        account.see(offset, 7)
    assert account.begin(50_500) == 50_500
    assert account.begin(10) == 0


def test_an_epoch_of_another_life_of_the_stream_is_stale() -> None:
    account = Epochs()
    assert account.see(3, 5000)
    assert not account.see(4, 5)


# -- streams ---------------------------------------------------------------------------------------------------------


def found(count: int, stream: Stream, **other: str) -> Found:
    config = config_of(stream, 1) | {key.replace("_", "."): value for key, value in other.items()}
    return Found(count, config, config)


SCALES, FIXED, STATE = Stream("s", 8, keep=60, scales=True), Stream("f", 3), Stream("c", 2, compacted=True, keep=60)
FEEDS, FEED_STATE = (Stream(name, 8, compacted=True, scales=True) for name in ("feeds", "feed-state"))


@pytest.mark.parametrize(
    ("declared", "there", "said"),
    [
        ([SCALES, FIXED, STATE], {"s": found(8, SCALES), "f": found(3, FIXED), "c": found(2, STATE)}, []),
        ([SCALES], {"s": found(1, SCALES)}, []),
        ([SCALES, FIXED], {"s": found(8, SCALES)}, ["stream f is missing"]),
        ([FIXED], {"f": found(2, FIXED)}, ["f has too few partitions, 2 instead of 3: run .* --grow"]),
        ([FIXED], {"f": found(4, FIXED)}, ["f has too many partitions, 4 instead of 3: delete"]),
        ([STATE], {"c": found(1, STATE)}, ["c has too few partitions, 1 instead of 2: delete"]),
        ([STATE], {"c": found(2, STATE, cleanup_policy="delete,compact")}, []),
        ([STATE], {"c": found(2, STATE, cleanup_policy="delete")}, ["cleanup.policy delete, not compact,delete"]),
        ([FIXED], {"f": found(3, FIXED, cleanup_policy="compact")}, ["cleanup.policy compact, not delete"]),
        ([FIXED], {"f": found(3, FIXED, max_message_bytes="1000")}, ["max.message.bytes 1000, less than"]),
        (
            [FEEDS, FEED_STATE],
            {"feeds": found(4, FEEDS), "feed-state": found(8, FEED_STATE)},
            ["feeds and feed-state have 4 and 8 partitions, and must have the same number"],
        ),
    ],
)
def test_what_is_wrong_with_streams(declared: list[Stream], there: Mapping[str, Found], said: list[str]) -> None:
    lines = faults(declared, there)
    assert len(lines) == len(said)
    for line, expected in zip(lines, said, strict=True):
        assert re.search(expected, line), line


@pytest.mark.parametrize(("replication", "least"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_one_replica_may_be_away(replication: int, least: str) -> None:
    assert config_of(FIXED, replication)["min.insync.replicas"] == least


async def test_all_streams_are_made_and_then_left_alone(kafka: str, prefix: str) -> None:
    declared = declared_streams(Keep(), 72 * 3600.0, 3)
    async with opened(kafka_options(servers_of(kafka), prefix), declared) as log:
        with pytest.raises(StreamsWrong) as caught:
            await log.check()
        assert len(caught.value.faults) == len(declared)
        assert "almenara streams create" in str(caught.value)
        with pytest.raises(Unavailable, match="stream items is missing"):
            await log.publish([out("items", "x")])
        assert len(await log.create()) == len(declared)
        await log.check()
        assert await log.create() == []
        assert [log.partitions(stream.name) for stream in declared] == [stream.partitions for stream in declared]
        await log.publish([out("items", "x")])


async def test_streams_that_differ_are_named_and_mended(
    place: OnKafka, admin: AIOKafkaAdminClient, prefix: str
) -> None:
    theirs = {"cleanup.policy": "compact", "retention.ms": "5", "segment.bytes": "1048576"}
    await admin.create_topics(
        [NewTopic(f"{prefix}a", 2, 1, topic_configs=theirs), NewTopic(f"{prefix}state", 1, 1, topic_configs={})]
    )
    while not {f"{prefix}a", f"{prefix}state"} <= set(await admin.list_topics()):
        await asyncio.sleep(0.05)
    async with opened(place.options) as log:
        with pytest.raises(StreamsWrong) as caught:
            await log.check()
        assert [line.split(":")[0] for line in caught.value.faults] == [
            "stream a has too few partitions, 2 instead of 4",
            "stream a has cleanup.policy compact, not delete",
            "stream a has max.message.bytes 1048588, less than 1050000",
            "stream b is missing",
            "stream state has too few partitions, 1 instead of 2",
            "stream state has cleanup.policy delete, not compact",
            "stream state has max.message.bytes 1048588, less than 1050000",
        ]
        said = "\n".join(await log.create())
        assert f"{prefix}b: created, 1 partition(s)" in said
        assert "retention.ms=100000 (was 5)" in said
        assert f"{prefix}a: 2 partition(s), 4 wanted; not grown: keys move" in said
        [response] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, f"{prefix}a")])
        config = {entry[0]: entry[1] for entry in response.resources[0][4]}
        assert (config["cleanup.policy"], config["segment.bytes"]) == ("delete", "1048576")  # theirs stays
        assert log.partitions("a") == 2
        assert f"{prefix}a: grown from 2 to 4 partitions" in await log.create(grow=True)
        assert log.partitions("a") == 4
        with pytest.raises(StreamsWrong, match=r"stream state has too few partitions, 1 instead of 2: delete"):
            await log.check()


async def test_feed_state_is_made_like_the_feeds_that_are_there(kafka: str, prefix: str) -> None:
    options = kafka_options(servers_of(kafka), prefix)
    async with opened(options, [Stream("feeds", 2, compacted=True, scales=True)]) as few:
        await few.create()
    async with opened(options, [FEEDS, FEED_STATE]) as log:
        await log.create()
        await log.check()
        assert log.partitions("feed-state") == 2


async def test_more_replicas_than_brokers(kafka: str, prefix: str) -> None:
    async with opened(kafka_options(servers_of(kafka), prefix, replication=7)) as log:
        with pytest.raises(Unavailable, match=r"Set \[kafka\] replication"):
            await log.create()


async def test_a_partition_that_is_not_there(log: KafkaLog) -> None:
    with pytest.raises(StreamsWrong, match="a has 4 partitions, none numbered 4"):
        await log.publish([out("a", "x", partition=4)])


# -- size -----------------------------------------------------------------------------------------------------------


async def test_a_message_over_a_megabyte_is_refused_with_all_that_came_with_it(log: KafkaLog) -> None:
    big = feed("x" * 1_000_001)
    with pytest.raises(TooLarge) as caught:
        await log.publish([out("b", "small"), Out("b", "big", big)])
    assert await everything(log, "b") == []
    message = Message(Position("b", 0, 0), "big", b"{}", datetime.now(UTC))
    dead = dead_letter("clean", message, caught.value, datetime.now(UTC)).record
    assert isinstance(dead, Dead)
    assert dead.error == "too_large"
    await log.publish([out("b", "after")])
    assert names(await everything(log, "b")) == ["after"]


async def test_the_largest_dead_record_fits(kafka: str, prefix: str) -> None:
    async with opened(kafka_options(servers_of(kafka), prefix), declared_streams(Keep(), 1.0, 1)) as log:
        await log.create()
        noise = random.Random(7).randbytes(3_000_000)
        message = Message(Position("items", 0, 0), "k" * 200, noise, datetime.now(UTC))
        await log.publish([dead_letter("clean", message, ValueError("\x01" * 5000), datetime.now(UTC))])
        [dead] = await everything(log, "dead")
        assert dead.value is not None
        assert decode(Dead, dead.value).cut


async def test_a_broker_that_takes_less_is_noticed_and_the_next_message_goes_through(
    log: KafkaLog, admin: AIOKafkaAdminClient, prefix: str
) -> None:
    await log.publish([out("b", "before")])
    small = {"max.message.bytes": "2000"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, f"{prefix}b", small)])
    noise = random.Random(7).randbytes(5000).hex()
    refused = ""
    while not refused:  # a broker takes its time with a new configuration
        try:
            await log.publish([Out("b", "big", feed(noise))])
        except Unavailable as error:
            refused = str(error)
    assert f"{prefix}b takes less than 1000000 bytes (max.message.bytes): run `almenara streams create`" in refused
    await log.publish([out("b", "after")])
    found = names(await everything(log, "b"))
    assert (found[0], found[-1]) == ("before", "after")


# -- what brokers do to partitions -----------------------------------------------------------------------------------


@pytest.mark.slow
async def test_compaction_leaves_the_newest_and_the_claim(
    log: KafkaLog, admin: AIOKafkaAdminClient, place: OnKafka, prefix: str
) -> None:
    quick = {"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.001"}
    quick |= {"delete.retention.ms": "0", "message.timestamp.type": "LogAppendTime"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, f"{prefix}state", quick)])
    await log.claim("state", 0, "old")
    epoch = await log.claim("state", 0, "one")
    async with asyncio.timeout(90):
        for n in range(1000):
            await log.publish([Out("state", key, feed(f"{key}{n}"), partition=0) for key in "xyz"])
            await log.publish([Out("state", "gone", feed(str(n)) if n < 5 else None, partition=0)])
            await asyncio.sleep(0.2)
            left = await everything(log, "state", 0, [0])
            if n > 10 and len(left) < n and left[0].at.offset > 40:
                break
    newest = {m.key: names([m])[0] for m in left}
    assert {key: newest[key] for key in "xyz"} == {key: f"{key}{n}" for key in "xyz"}
    zombie = Out("state", "late", feed("late"), partition=0)
    log._claims["state", 0] = epoch - 1  # as one that has slept since
    await log.publish([zombie])
    async with opened(place.options) as third:
        assert [m.stale for m in await everything(third, "state", 0, [0]) if m.key == "late"] == [True]


async def test_a_partition_that_ends_with_what_is_no_message(log: KafkaLog, place: OnKafka, prefix: str) -> None:
    """A transaction's marker takes the last offset, which nobody is ever given."""
    servers = list(place.options.servers)
    producer = AIOKafkaProducer(bootstrap_servers=servers, transactional_id=f"{prefix}t")
    await producer.start()
    async with producer.transaction():
        await producer.send_and_wait(f"{prefix}b", b"{}", b"k", partition=0)
    await producer.stop()
    async with asyncio.timeout(20):
        while (await log.ends())["b", 0] < 2:  # the broker writes it after it has answered
            await asyncio.sleep(0.05)
        assert [m.at.offset for m in await everything(log, "b")] == [0]
        assert await everything(log, "b", 1) == []


async def test_headers_of_others_are_no_trouble(log: KafkaLog, place: OnKafka, prefix: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=list(place.options.servers))
    await producer.start()
    headers = [("due", b"soon"), ("epoch", b"-1"), ("trace", b"\xff")]
    await producer.send_and_wait(f"{prefix}b", b"{}", None, partition=0, headers=headers)
    await producer.send_and_wait(f"{prefix}b", b"{}", b"\xff", partition=0, headers=[("epoch", b"99999")])
    await producer.stop()
    one, other = await everything(log, "b")
    assert (one.key, one.due, one.stale) == ("", None, False)
    assert (other.key, other.stale) == ("�", True)


# -- groups -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_two_consumers_share_a_group_and_one_takes_over(log: KafkaLog, place: OnKafka, prefix: str) -> None:
    def consumer() -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            f"{prefix}a", bootstrap_servers=list(place.options.servers), group_id=f"{prefix}g",
            enable_auto_commit=False, auto_offset_reset="earliest", heartbeat_interval_ms=300, session_timeout_ms=6000,
        )  # fmt: skip

    async def take(one: AIOKafkaConsumer) -> list[str]:
        batches = await one.getmany(timeout_ms=200)
        seen = [record.key.decode() for batch in batches.values() for record in batch]
        if seen:
            await one.commit()
        return seen

    async def until(one: AIOKafkaConsumer, count: int, also: AIOKafkaConsumer | None = None) -> list[str]:
        seen: list[str] = []
        async with asyncio.timeout(30):
            while len(one.assignment()) != count or (also and len(also.assignment()) != 4 - count):
                seen += await take(one)
                seen += await take(also) if also else []
        return seen

    await log.publish([out("a", f"n{n}", partition=n % 4) for n in range(100)])
    one, two = consumer(), consumer()
    await one.start()
    seen = await until(one, 4)
    await two.start()
    seen += await until(one, 2, two)
    assert {tp.partition for tp in one.assignment()} | {tp.partition for tp in two.assignment()} == {0, 1, 2, 3}
    await log.publish([out("a", f"m{n}", partition=n % 4) for n in range(100)])
    seen += await take(one)
    await one.stop()
    seen += await until(two, 4)
    async with asyncio.timeout(30):
        while len(set(seen)) < 200:
            seen += await take(two)
    ends = await log.ends()
    assert await log.groups() == {("g", "a", p): ends["a", p] for p in range(4)}
    assert sorted(seen) == sorted(set(seen))  # nobody died, so nothing came twice
    await two.stop()


# -- outages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["kafka://127.0.0.1:1", "kafka://127.0.0.1:1,127.0.0.1:2"])
async def test_no_broker_there(url: str) -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1: .*is the broker running\? Check log_url"):
        await KafkaLog.open(kafka_options(servers_of(url)), STREAMS)


async def test_one_of_several_servers_is_enough(kafka: str, prefix: str) -> None:
    servers = ("127.0.0.1:1", *servers_of(kafka))
    async with opened(kafka_options(servers, prefix)):
        pass


@pytest.mark.slow
async def test_nothing_that_failed_comes_through_later_and_all_goes_on(own_kafka: Kafka) -> None:
    async with opened(kafka_options(servers_of(own_kafka.url))) as log:
        await log.create()
        noise = random.Random(7)
        for _ in range(4):
            await log.publish([Out("a", "k", feed(noise.randbytes(45_000).hex()), partition=0) for _ in range(60)])
        await log.publish([out("b", "before")])
        replay = aiter(log.replay("a"))
        await anext(replay)
        await asyncio.to_thread(own_kafka.kill)
        began = asyncio.get_running_loop().time()
        acts = [log.publish([out("b", f"lost{n}")]) for n in range(5)]
        acts += [drain(replay), log.ends(), log.groups(), everything(log, "b"), log.check()]  # type: ignore[list-item]
        errors = await asyncio.gather(*acts, return_exceptions=True)
        assert {type(error) for error in errors} == {Unavailable}, errors
        assert "Kafka at 127.0.0.1" in str(errors[0])
        assert asyncio.get_running_loop().time() - began < 40
        await asyncio.to_thread(own_kafka.start)
        await log.publish([out("b", "after")])
        await asyncio.sleep(3)
        assert names(await everything(log, "b")) == ["before", "after"]
        assert len(await everything(log, "a")) == 240
        assert (await log.ends())["b", 0] == 2
        assert await log.groups() == {}
        await log.check()


async def drain(replay: AsyncIterator[Message]) -> None:
    async for _ in replay:
        pass


@pytest.mark.slow
async def test_a_log_can_be_closed_while_the_broker_is_away(own_kafka: Kafka) -> None:
    async with opened(kafka_options(servers_of(own_kafka.url))) as log:
        await log.create()
        await log.publish([out("b", "before")])
        await asyncio.to_thread(own_kafka.kill)
        task = asyncio.create_task(log.publish([out("b", "lost")]))
        await asyncio.sleep(0.5)
        async with asyncio.timeout(30):
            await log.close()
            with pytest.raises(Unavailable):
                await task


@pytest.mark.slow
async def test_a_message_that_was_confirmed_survives_a_kill(own_kafka: Kafka) -> None:
    async with opened(kafka_options(servers_of(own_kafka.url))) as log:
        await log.create()
        confirmed: list[str] = []

        async def write() -> None:
            for n in range(100_000):
                try:
                    await log.publish([out("b", f"n{n}")])
                except Unavailable:
                    continue
                confirmed.append(f"n{n}")

        writing = asyncio.create_task(write())
        await asyncio.sleep(2)
        await asyncio.to_thread(own_kafka.kill)
        await asyncio.to_thread(own_kafka.start)
        before = len(confirmed)
        async with asyncio.timeout(60):
            while len(confirmed) < before + 10:
                await asyncio.sleep(0.1)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        there = names(await everything(log, "b"))
        assert set(confirmed) <= set(there)
        assert [name for name in there if name in set(confirmed)] == confirmed
