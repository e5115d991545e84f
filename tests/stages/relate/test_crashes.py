"""Whenever it dies, relate decides the same."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import (
    Decided,
    Known,
    Record,
    Relation,
    Story,
    Tagged,
    decode,
    encode,
)
from pipeline.records import seq_of as sequence
from pipeline.stage import Drop, Emit, Outcome, Position
from tests.contracts.test_state_cache import CacheMemory
from tests.stages.relate.house import FERRY, HOUR, QUAKE, RAIN, T0, A, B, C, House, document, reason, tagged

# -- crashes ----------------------------------------------------------------------------------------------------------

TEXTS = (
    FERRY, FERRY.replace("31 to 12", "33 to 12"), FERRY.replace("missed", "wanted"), FERRY[:180], RAIN,
    RAIN.replace("140", "150"), QUAKE, "Too short.",
)  # fmt: skip
URLS = (A, B, C, "https://a.example/2", "https://b.example/2")
SEQUENCED: dict[str, type[Record]] = {"known": Known, "stories": Story}
GUIDS = (None, "g1", "g2")


@st.composite
def inputs(draw: st.DrawFn) -> Tagged:
    text = draw(st.sampled_from(TEXTS))
    url = draw(st.sampled_from(URLS))
    title = draw(st.sampled_from(("Ferry line to reopen", "Rain in the north")))
    return tagged(
        url, text, title=title, vector=text[:9], guid=draw(st.sampled_from(GUIDS)),
        aliases=draw(st.lists(st.sampled_from(URLS), max_size=2)),
        removed=draw(st.sampled_from(("", "", "", "http_404"))), seen=T0 + HOUR * draw(st.integers(0, 200)),
    )  # fmt: skip


def lines(outcome: Outcome) -> list[tuple[str, str, bytes]]:
    assert isinstance(outcome, Emit | Drop)
    return [(out.stream, out.key, encode(out.record)) for out in outcome.outs if isinstance(out.record, Record)]


async def uninterrupted(records: Sequence[Tagged]) -> list[list[tuple[str, str, bytes]]]:
    house = House()
    await house.restart()
    return [lines(await house.feed(record)) for record in records]


def alike(given: list[tuple[str, str, bytes]], expected: list[tuple[str, str, bytes]]) -> bool:
    """Byte for byte; only that in `known` and `stories` the state after a later input may stand, once that was
    reached."""
    if len(given) != len(expected):
        return False
    for (topic, key, value), (wanted_topic, wanted_key, wanted) in zip(given, expected, strict=True):
        if (topic, key) != (wanted_topic, wanted_key):
            return False
        if value != wanted and not (topic in SEQUENCED and seq_of(topic, value) > seq_of(topic, wanted) > 0):
            return False
    return True


def seq_of(stream: str, value: bytes) -> int:
    return sequence(decode(SEQUENCED[stream], value))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
async def test_no_crash_changes_a_decision(data: st.DataObject) -> None:
    """Killed at any input after any number of its outputs, with the last inputs not yet acknowledged and the cache
    kept, lost or behind: every input gives the bytes that it gives in a run without crashes."""
    records = data.draw(st.lists(inputs(), min_size=2, max_size=12))
    expected = await uninterrupted(records)
    house = House(absorb_every=data.draw(st.sampled_from((1, 3, 100))))
    await house.restart()
    crashes = data.draw(st.lists(st.integers(0, len(records) - 1), max_size=4))
    place = 0
    while place < len(records):
        at = Position("tagged", 0, place)
        outcome = await house.stage.step(records[place], at)
        assert isinstance(outcome, Emit | Drop)
        assert alike(lines(outcome), expected[place])
        if place in crashes:
            crashes.remove(place)
            house.log.publish(outcome.outs[: data.draw(st.integers(0, len(outcome.outs)))])
            await house.restart(CacheMemory(Known) if data.draw(st.booleans()) else None)
            place = max(0, place - data.draw(st.integers(0, 3)))
            continue
        house.log.publish(outcome.outs)
        await house.stage.settled([])
        place += 1


@settings(max_examples=40, deadline=None)
@given(data=st.data())
async def test_any_subset_of_outputs_may_have_reached_the_log(data: st.DataObject) -> None:
    """A broker may take messages for several topics in any order. The document is the same byte for byte; of the state
    only the list of learned keys may be shorter, by those that had got through."""
    records = data.draw(st.lists(inputs(), min_size=1, max_size=8))
    expected = await uninterrupted(records)
    house = House()
    await house.restart()
    for record in records[:-1]:
        await house.feed(record)
    outcome = await house.stage.step(records[-1], Position("tagged", 0, len(records) - 1))
    assert isinstance(outcome, Emit | Drop)
    house.log.publish([out for out in outcome.outs if data.draw(st.booleans())])
    await house.restart()
    again = await house.stage.step(records[-1], Position("tagged", 0, len(records) - 1))
    assert isinstance(again, type(outcome))
    if isinstance(again, Drop):
        assert again.reason == reason(outcome)
    else:
        assert lines(again)[0] == expected[-1][0]
        assert [bare(out.record) for out in again.outs if bare(out.record)] == [
            bare(out.record) for out in outcome.outs if bare(out.record)
        ]


def bare(record: Record | None) -> Record | None:
    """A record of state without the keys it taught; None for an alias and a document."""
    if isinstance(record, Decided) or (isinstance(record, Known) and record.relation):
        return msgspec.structs.replace(record, aliases=())
    return None


@settings(max_examples=40, deadline=None)
@given(st.lists(inputs(), max_size=14))
async def test_one_document_for_one_article(records: list[Tagged]) -> None:
    """However an article is met again: one id, versions counted up by one, seq by one, one first_seen, one story."""
    house = House()
    await house.restart()
    last: dict[str, Relation] = {}
    seq = 0
    for record in records:
        outcome = await house.feed(record)
        if not isinstance(outcome, Emit):
            continue
        found = document(outcome)
        seq += 1
        assert found.relation.seq == seq
        before = last.get(found.article.id)
        if before:
            assert found.relation.version == before.version + (not found.relation.noted)
            assert (found.relation.first_seen, found.relation.story_id) == (before.first_seen, before.story_id)
            assert found.relation.duplicate_of == before.duplicate_of
        else:
            assert found.relation.version == 1
            assert found.article.id == record.article.id
        assert found.relation.duplicate_of != found.article.id
        last[found.article.id] = found.relation
