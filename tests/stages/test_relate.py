"""The relate stage: what becomes of re-seen, changed, moved and copied articles; no crash changes a decision."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.stories import fingerprint
from pipeline.core.stories.relate import Options
from pipeline.core.stories.traits import body, traits
from pipeline.core.urls import article_id
from pipeline.records import (
    Article,
    Decided,
    Document,
    Fingerprint,
    Known,
    Record,
    Relation,
    Sourced,
    Tagged,
    Tags,
    decode,
    encode,
)
from pipeline.stage import Drop, Emit, Message, Out, Outcome, Position, Unavailable
from pipeline.stages.relate import Relate
from tests.contracts.test_known import KnownMemory
from tests.options import SETTINGS

T0 = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

FERRY = (
    "The harbour council of Valmora voted 31 to 12 on Tuesday to reopen the old ferry line to Isla Brenta. "
    "Council leader Irene Sandoval said the first boat would sail in spring with room for 1,250 passengers. "
    "The line was given up nine years ago when the bridge at Puerto Calma was finished, and has been missed since."
)
RAIN = (
    "Heavy rain closed three roads around Norberg on Monday night, and the fire brigade pumped out 140 cellars. "
    "The weather service expects another 40 millimetres before the front moves off to the east on Wednesday. "
    "Schools in the valley of the Lind stay closed, said the mayor, Tobias Ekholm, after a meeting of the district."
)
QUAKE = (
    "A quake of magnitude 5.4 shook the coast near Puerto Calma at 6.12 in the morning and cracked 30 houses. "
    "Nobody was hurt, said the civil defence of the province, and the harbour went back to work before noon. "
    "It was the strongest since the one of 1987, which had destroyed the old church of San Telmo in Valmora."
)


class MemoryLog:
    """State topics in memory. `known` is compacted at each write, as the embedded log does."""

    def __init__(self) -> None:
        self.messages: dict[str, list[Message]] = {}
        self.ends: dict[str, int] = {}

    def publish(self, outs: Sequence[Out]) -> None:
        for out in outs:
            offset = self.ends.get(out.stream, 0)
            self.ends[out.stream] = offset + 1
            stored = self.messages.setdefault(out.stream, [])
            if out.stream == "known":
                stored[:] = [message for message in stored if message.key != out.key]
            assert out.record
            stored.append(Message(Position(out.stream, 0, offset), out.key, encode(out.record), T0))

    async def replay(self, stream: str, since: int = 0) -> AsyncIterator[Message]:
        for message in list(self.messages.get(stream, [])):
            if message.at.offset >= since:
                yield message


def tagged(
    url: str, text: str = FERRY, *, title: str = "Ferry line to reopen", seen: datetime = T0, vector: str | None = None,
    source: str | None = None, aliases: Sequence[str] = (), **more: Any,
) -> Tagged:  # fmt: skip
    """An article as tag hands it on. Articles with one word as `vector` are near each other, with two they are not."""
    article = Article(
        id=article_id(url), url=url, feed="f", source=source or url.split("/")[2], text=text, seen=seen, language="en",
        title=Sourced(value=title, source="feed"), aliases=tuple(map(article_id, aliases)),
        content_hash=hashlib.sha256(f"{title}\n{text}".encode()).hexdigest(), **more,
    )  # fmt: skip
    return Tagged(article=article, tags=Tags(rules="r"), fingerprint=prints(title, text, vector or text))


@cache
def prints(title: str, text: str, vector: str) -> Fingerprint:
    prose = body(text)
    shingles = fingerprint._shingles(prose.words)
    seed = hashlib.sha256(vector.encode()).digest()[:4]
    return Fingerprint(
        signature=fingerprint._signature(shingles),
        vector=np.random.default_rng(list(seed)).integers(-60, 60, 512).astype(np.int8).tobytes(),
        shingles=len(shingles), traits=traits(title, prose, "en"),
    )  # fmt: skip


class House:
    """A relate stage with its log, fed one input after the other."""

    def __init__(self, options: Options | None = None, absorb_every: int = 3) -> None:
        self.options, self.absorb_every = options, absorb_every
        self.log, self.cache, self.offset = MemoryLog(), KnownMemory(), 0
        self.stage = self._new()

    def _new(self) -> Relate:
        return Relate(self.cache, SETTINGS.relate.window, self.options, absorb_every=self.absorb_every)

    async def restart(self, cache: KnownMemory | None = None) -> None:
        self.cache = cache or self.cache
        self.stage = self._new()
        await self.stage.restore(self.log.replay)

    async def feed(self, record: Tagged) -> Outcome:
        outcome = await self.stage.step(record, Position("tagged", 0, self.offset))
        self.offset += 1
        assert isinstance(outcome, Emit | Drop)
        self.log.publish(outcome.outs)
        await self.stage.settled()
        return outcome


@pytest.fixture
async def house() -> House:
    house = House()
    await house.restart()
    return house


def document(outcome: Outcome) -> Document:
    assert isinstance(outcome, Emit), outcome
    found = outcome.outs[0].record
    assert isinstance(found, Document)
    return found


def relation(outcome: Outcome) -> Relation:
    return document(outcome).relation


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Drop), outcome
    return outcome.reason


A, B, C = "https://a.example/ferry", "https://b.example/ferry", "https://c.example/boats"


async def test_a_new_article(house: House) -> None:
    outcome = await house.feed(tagged(A))
    id = article_id(A)
    assert relation(outcome) == Relation(kind="new", first_seen=T0, seq=1, version=1, story_id=id)
    assert isinstance(outcome, Emit)
    assert [(out.stream, out.key) for out in outcome.outs if out.key == id] == [
        ("documents", id), ("known", id), ("fingerprints", id),
    ]  # fmt: skip
    assert outcome.outs[-1].stream == "fingerprints"
    assert {out.stream for out in outcome.outs} <= set(Relate.writes)


async def test_the_same_again_is_unchanged_over_restarts_and_months(house: House) -> None:
    await house.feed(tagged(A))
    for days in (0, 1, 20, 35, 400):
        again = tagged(A, seen=T0 + timedelta(days=days))
        assert reason(await house.feed(again)) == "unchanged"
        await house.restart()
    await house.restart(KnownMemory())
    assert reason(await house.feed(tagged(A, seen=T0 + timedelta(days=500)))) == "unchanged"


async def test_typography_and_furniture_are_unchanged(house: House) -> None:
    await house.feed(tagged(A))
    assert reason(await house.feed(tagged(A, FERRY.replace("1,250", "1 250")))) == "unchanged"
    assert reason(await house.feed(tagged(A, FERRY + "\nUpdated 5 minutes ago"))) == "unchanged"


async def test_a_correction_is_a_version_with_the_same_story_and_first_seen(house: House) -> None:
    await house.feed(tagged(A))
    await house.restart()
    months_later = T0 + timedelta(days=40)
    found = relation(await house.feed(tagged(A, FERRY.replace("31 to 12", "33 to 12"), seen=months_later)))
    assert (found.kind, found.version, found.seq, found.first_seen) == ("version", 2, 2, T0)
    assert found.material
    assert [(c.kind, c.before, c.after) for c in found.changes] == [("number", "31", "33")]
    third = relation(await house.feed(tagged(A, FERRY.replace("31 to 12", "33 to 12").replace("missed", "wanted"))))
    assert (third.version, third.material, third.story_id) == (3, False, article_id(A))


async def test_a_page_gone_behind_a_paywall_does_not_replace_the_article(house: House) -> None:
    await house.feed(tagged(A))
    assert reason(await house.feed(tagged(A, FERRY[:100]))) == "shortened"


async def test_versions_are_limited() -> None:
    house = House(Options(versions=3))
    await house.restart()
    outcomes = [await house.feed(tagged(A, FERRY.replace("31", str(40 + n)))) for n in range(5)]
    assert [relation(outcome).version for outcome in outcomes[:3]] == [1, 2, 3]
    assert [reason(outcome) for outcome in outcomes[3:]] == ["version_limit"] * 2


async def test_another_address_of_a_known_article_keeps_its_id(house: House) -> None:
    await house.feed(tagged(A, aliases=["https://short.example/x"]))
    moved = tagged(
        "https://a.example/ferry-final", FERRY.replace("31 to", "32 to"), aliases=["https://short.example/x"]
    )
    found = document(await house.feed(moved))
    assert (found.article.id, found.article.url) == (article_id(A), "https://a.example/ferry-final")
    assert found.relation.version == 2
    await house.restart()
    again = tagged("https://a.example/ferry-final", FERRY.replace("31 to", "32 to"))
    assert reason(await house.feed(again)) == "unchanged"  # the new address alone is known now


async def test_an_address_learned_from_an_unchanged_article_is_kept(house: House) -> None:
    await house.feed(tagged(A))
    assert reason(await house.feed(tagged(A, aliases=["https://short.example/x"]))) == "unchanged"
    await house.restart()
    via = tagged("https://a.example/other", aliases=["https://short.example/x"], seen=T0 + 100 * HOUR)
    assert reason(await house.feed(via)) == "unchanged"


async def test_a_link_used_again_for_another_article_is_another_article(house: House) -> None:
    """https://a.example/live leads to a new page each day."""
    live = "https://a.example/live"
    await house.feed(tagged("https://a.example/live-1", FERRY, aliases=[live]))
    found = document(await house.feed(tagged("https://a.example/live-2", RAIN, title="Rain", aliases=[live])))
    assert found.relation.kind == "new"
    same = tagged("https://a.example/live-2b", RAIN, title="Rain", aliases=[live])
    assert reason(await house.feed(same)) == "unchanged"  # the link belongs to the newer one


async def test_an_article_is_never_taken_over_by_an_alias(house: House) -> None:
    await house.feed(tagged(A))
    await house.feed(tagged("https://a.example/rain", RAIN, title="Rain", aliases=[A]))
    assert reason(await house.feed(tagged(A))) == "unchanged"


async def test_a_guid_holds_an_article_together_within_its_domain(house: House) -> None:
    first = "https://www.valmorapost.com/ferry"
    await house.feed(tagged(first, guid="tag:17"))
    renamed = tagged("https://news.valmorapost.com/vote", FERRY + " More follows.", title="Ferry vote", guid="tag:17")
    assert document(await house.feed(renamed)).article.id == article_id(first)
    other = tagged(B, RAIN, title="Rain", guid="tag:17")
    assert document(await house.feed(other)).article.id == article_id(B)


async def test_one_guid_for_every_item_loses_none(house: House) -> None:
    texts = {"Ferry line to reopen": FERRY, "Rain in the north": RAIN, "Quake at the coast": QUAKE}
    ids = [
        document(await house.feed(tagged(f"https://a.example/{n}", text, title=title, guid="item"))).article.id
        for n, (title, text) in enumerate(texts.items())
    ]
    assert len(set(ids)) == 3


async def test_the_same_text_elsewhere_is_a_copy_however_late(house: House) -> None:
    await house.feed(tagged(A))
    soon = relation(await house.feed(tagged(B, title="Ferries are back", seen=T0 + HOUR)))
    assert (soon.kind, soon.duplicate_of, soon.story_id, soon.version) == ("copy", article_id(A), article_id(A), 1)
    await house.restart()
    late = relation(await house.feed(tagged(C, seen=T0 + timedelta(days=200))))
    assert (late.kind, late.duplicate_of, late.story_id) == ("copy", article_id(A), article_id(A))


async def test_an_edited_copy_and_a_shortened_one(house: House) -> None:
    await house.feed(tagged(A))
    edited = relation(await house.feed(tagged(B, FERRY.replace("has been missed since", "many want it back"))))
    assert (edited.kind, edited.duplicate_of) == ("copy", article_id(A))
    short = relation(await house.feed(tagged(C, FERRY[: FERRY.index("The line")], vector=FERRY)))
    assert (short.kind, short.duplicate_of) == ("copy", article_id(A))


async def test_a_longer_report_that_quotes_another_is_no_copy(house: House) -> None:
    await house.feed(tagged(A, FERRY[: FERRY.index("The line")], vector="v"))
    found = relation(await house.feed(tagged(B, f"{RAIN} {QUAKE} {FERRY}", vector="v")))
    assert found.kind == "new"


async def test_copies_are_linked_to_what_they_are_near_to_not_through_a_third(house: House) -> None:
    """b is near a and c is near b, but c is not near a."""
    words = [f"word{n}" for n in range(400)]
    await house.feed(tagged(A, " ".join(words[:200]), vector="v"))
    b = relation(await house.feed(tagged(B, " ".join(words[50:250]), vector="v")))
    assert b.duplicate_of == article_id(A)
    c = relation(await house.feed(tagged(C, " ".join(words[100:300]), vector="v")))
    assert c.duplicate_of == article_id(B)


async def test_templates_of_one_outlet_are_not_copies(house: House) -> None:
    monday = (
        "Shares in Valmora closed at 1,204 points on the main index after a quiet day with 31 million traded. "
        "Brokers said that most buyers stayed away until the figures of the central bank are out on Friday. "
        "Banks gained a little, shipping lines lost as much, and the crown moved sideways against the neighbours."
    )
    await house.feed(tagged("https://a.example/m", monday, vector="v", title="Markets"))
    tuesday = tagged("https://a.example/t", monday.replace("1,204", "1,311"), vector="v", title="Markets")
    assert relation(await house.feed(tuesday)).kind == "new"
    elsewhere = tagged("https://b.example/m", monday.replace("quiet", "calm"), vector="v", title="Markets")
    assert relation(await house.feed(elsewhere)).kind == "copy"


async def test_short_texts_prove_nothing(house: House) -> None:
    for n in range(2):
        text = "Subscribe to read on."
        assert relation(await house.feed(tagged(f"https://{n}.example/a", text, vector="v"))).duplicate_of is None


async def test_a_story_ends_with_the_window(house: House) -> None:
    await house.feed(tagged(A, vector="v"))
    soon = await house.feed(tagged(B, FERRY[::-1], vector="v", seen=T0 + 70 * HOUR))
    assert relation(soon).story_id == article_id(A)
    late = await house.feed(tagged(C, RAIN[::-1], vector="v", seen=T0 + 150 * HOUR))
    assert relation(late).story_id == article_id(C)


async def test_dropped_inputs_are_remembered_lightly(house: House) -> None:
    await house.feed(tagged(A))
    outcome = await house.feed(tagged(A))
    assert isinstance(outcome, Drop)
    (out,) = outcome.outs
    assert isinstance(out.record, Decided)
    assert out.record.fingerprint is None
    assert len(encode(out.record)) < 500


async def test_an_input_that_only_shares_its_place_with_an_earlier_one_is_decided(house: House) -> None:
    """The log was emptied and counts from 0 again; the state was kept."""
    await house.feed(tagged(A))
    house.offset = 0
    await house.restart()
    assert relation(await house.feed(tagged(B, RAIN, title="Rain"))).kind == "new"


class Flaky(KnownMemory):
    down = False

    def get(self, ids: Sequence[str]) -> dict[str, Known]:
        if self.down:
            self.clear()  # as the file does that finds itself damaged
            raise Unavailable("gone")
        return super().get(ids)


async def test_a_cache_lost_while_running_is_read_again_before_the_next_decision() -> None:
    house = House(absorb_every=1)
    house.cache = cache = Flaky()
    await house.restart()
    await house.feed(tagged(A))
    cache.down = True
    with pytest.raises(Unavailable):
        await house.feed(tagged(A))
    cache.down = False
    assert reason(await house.feed(tagged(A))) == "unchanged"


async def test_a_cache_ahead_of_the_log_is_dropped(house: House) -> None:
    """The log was restored from a backup."""
    await house.feed(tagged(A))
    await house.restart()
    backup = {topic: list(messages) for topic, messages in house.log.messages.items()}
    ends = dict(house.log.ends)
    await house.feed(tagged(B, RAIN, title="Rain"))
    await house.restart()  # the cache has read both
    house.log.messages, house.log.ends = backup, ends
    await house.restart()
    assert relation(await house.feed(tagged(B, RAIN, title="Rain"))).seq == 2
    assert reason(await house.feed(tagged(A))) == "unchanged"


async def test_a_cache_of_another_log_is_dropped(house: House) -> None:
    await house.feed(tagged(A))
    await house.restart()
    house.log = MemoryLog()
    house.offset = 0
    other = House()
    await other.restart()
    await other.feed(tagged(B, RAIN, title="Rain"))
    house.log = other.log
    await house.restart()
    house.offset = 1
    assert relation(await house.feed(tagged(A))).kind == "new"
    assert reason(await house.feed(tagged(B, RAIN, title="Rain"))) == "unchanged"


# -- crashes ----------------------------------------------------------------------------------------------------------

TEXTS = (
    FERRY, FERRY.replace("31 to 12", "33 to 12"), FERRY.replace("missed", "wanted"), FERRY[:180], RAIN,
    RAIN.replace("140", "150"), QUAKE, "Too short.",
)  # fmt: skip
URLS = (A, B, C, "https://a.example/2", "https://b.example/2")
GUIDS = (None, "g1", "g2")


@st.composite
def inputs(draw: st.DrawFn) -> Tagged:
    text = draw(st.sampled_from(TEXTS))
    url = draw(st.sampled_from(URLS))
    title = draw(st.sampled_from(("Ferry line to reopen", "Rain in the north")))
    return tagged(
        url, text, title=title, vector=text[:9], guid=draw(st.sampled_from(GUIDS)),
        aliases=draw(st.lists(st.sampled_from(URLS), max_size=2)), seen=T0 + HOUR * draw(st.integers(0, 200)),
    )  # fmt: skip


def lines(outcome: Outcome) -> list[tuple[str, str, bytes]]:
    assert isinstance(outcome, Emit | Drop)
    return [(out.stream, out.key, encode(out.record)) for out in outcome.outs if isinstance(out.record, Record)]


async def uninterrupted(records: Sequence[Tagged]) -> list[list[tuple[str, str, bytes]]]:
    house = House()
    await house.restart()
    return [lines(await house.feed(record)) for record in records]


def alike(given: list[tuple[str, str, bytes]], expected: list[tuple[str, str, bytes]]) -> bool:
    """Byte for byte; only that in `known` an article's state after a later input may stand, once that was reached."""
    if len(given) != len(expected):
        return False
    for (topic, key, value), (wanted_topic, wanted_key, wanted) in zip(given, expected, strict=True):
        if (topic, key) != (wanted_topic, wanted_key):
            return False
        if value != wanted and not (topic == "known" and seq_of(value) > seq_of(wanted) > 0):
            return False
    return True


def seq_of(value: bytes) -> int:
    found = decode(Known, value).relation
    return found.seq if found else 0


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
            await house.restart(KnownMemory() if data.draw(st.booleans()) else None)
            place = max(0, place - data.draw(st.integers(0, 3)))
            continue
        house.log.publish(outcome.outs)
        await house.stage.settled()
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
            assert found.relation.version == before.version + 1
            assert (found.relation.first_seen, found.relation.story_id) == (before.first_seen, before.story_id)
            assert found.relation.duplicate_of == before.duplicate_of
        else:
            assert found.relation.version == 1
            assert found.article.id == record.article.id
        assert found.relation.duplicate_of != found.article.id
        last[found.article.id] = found.relation
