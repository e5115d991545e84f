"""Claims, epochs, and what a former owner still writes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from hypothesis import given
from hypothesis import strategies as st

from pipeline.backends.log_kafka import KafkaLog
from pipeline.backends.log_kafka.epochs import LOOK_BACK, Epochs
from pipeline.stage import Unavailable
from tests.contracts.logs import OnKafka, everything, opened, out
from tests.services.servers import Kafka


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


async def test_an_owner_of_a_deleted_stream_is_stale_on_the_new_one(
    log: KafkaLog, other: KafkaLog, place: OnKafka, admin: AIOKafkaAdminClient
) -> None:
    """Also when the new stream has more records than the old one had when it was claimed: epochs start over."""
    await log.claim("state", 0, "zombie")
    await admin.delete_topics([f"{place.options.prefix}state"])
    while "state" in await other.incarnations():
        await asyncio.sleep(0.05)
    await other.create()
    await other.claim("state", 0, "owner")
    await other.publish([out("state", f"n{n}", partition=0) for n in range(5)])
    await log.publish([out("state", "zombie", partition=0)])
    await other.publish([out("state", "after", partition=0)])
    expected = {f"n{n}": False for n in range(5)} | {"zombie": True, "after": False}
    async with opened(place.options) as third:
        for reader in (other, third):
            assert await stale(reader) == expected


@pytest.mark.slow
async def test_publishing_to_a_missing_stream_does_not_create_it(tmp_path: Path) -> None:
    """Not even on a broker that creates topics automatically, with its own settings instead of ours."""
    with Kafka(tmp_path, {"auto.create.topics.enable": "true"}) as kafka:
        place = OnKafka(kafka.url, "t-")
        log = await place.open()
        await log.publish([out("b", "x")])
        await log._client.delete_topics(["t-b"])
        with pytest.raises(Unavailable, match="stream b is missing: run `almenara streams"):
            await log.publish([out("b", "y")])
        await asyncio.sleep(1)
        assert "b" not in await log.incarnations()
        await log.close()
