"""Pages of old articles: what is packed comes back, and nothing else does."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.stories.archive import CONTENT, Page, hash_of, pack, page_of, same_text, unpack
from pipeline.records import Known, Relation, Traits

T0 = datetime(2026, 3, 1, tzinfo=UTC)
IDS = st.one_of(st.binary(min_size=16, max_size=16).map(bytes.hex), st.sampled_from(("a1", "feed-item", "é")))
MOMENTS = st.integers(-(10**15), 10**15).map(lambda micros: T0 + timedelta(microseconds=micros))


@st.composite
def articles(draw: st.DrawFn) -> Known:
    copied, removed = draw(st.none() | IDS), draw(st.none() | MOMENTS)
    id = draw(IDS)
    relation = Relation(
        kind="copy" if copied and copied != id else "new", first_seen=draw(MOMENTS), seq=draw(st.integers(0, 2**50)),
        version=draw(st.integers(1, 25)), story_id=draw(IDS), duplicate_of=copied if copied != id else None,
        removed_at=removed, removed="http_404" if removed else "",
    )  # fmt: skip
    return Known(
        id=id, relation=relation, content_hash=draw(st.binary(min_size=32, max_size=32)).hex(),
        partial=draw(st.sampled_from(("", "paid", "teaser"))), traits=Traits(title="not kept"), at="tagged/0/1",
    )  # fmt: skip


@given(st.lists(articles(), max_size=20, unique_by=lambda one: one.id), st.data())
def test_what_is_packed_comes_back(rows: list[Known], data: st.DataObject) -> None:
    keys = {one.id: data.draw(st.lists(st.text(max_size=9), max_size=4)) for one in rows}
    learned = data.draw(st.dictionaries(IDS, st.lists(st.text(max_size=9), min_size=1, max_size=3), max_size=3))
    page = unpack(pack(page_of(rows, keys, learned)))
    assert dict(page.learned) == {id: tuple(map(hash_of, found)) for id, found in learned.items()}
    assert {old.known.id for old in page.articles} == {one.id for one in rows}
    for old in page.articles:
        [one] = [one for one in rows if one.id == old.known.id]
        assert old.known.relation == one.relation
        assert (old.known.partial, old.known.thin) == (one.partial, True)
        assert old.keys == tuple(map(hash_of, keys[one.id]))
        assert same_text(old.known, one.content_hash) or one.content_hash.startswith("0" * 2 * CONTENT)
        assert not same_text(old.known, hashlib.sha256(one.content_hash.encode()).hexdigest())


def test_an_article_without_a_hash_has_no_text() -> None:
    relation = Relation(kind="new", first_seen=T0, seq=1, version=1, story_id="a")
    [old] = unpack(pack(page_of([Known(id="a", relation=relation)], {}, {}))).articles
    assert not same_text(old.known, "")
    assert not same_text(old.known, "0" * 64)


@pytest.mark.parametrize("damaged", [b"", b"nothing", pack(Page(()))[:-3]])
def test_a_damaged_page_is_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="not a page"):
        unpack(damaged)


def test_an_article_takes_few_bytes() -> None:
    """With three other keys, in a page of a thousand; almost all of them are hashes, which cannot be compressed."""
    rows: list[Known] = []
    keys = {}
    for n in range(1000):
        id = hashlib.sha256(b"%d" % n).hexdigest()[:32]
        relation = Relation(
            kind="new", first_seen=T0 + timedelta(milliseconds=86_400 * n), seq=n + 1, version=1,
            story_id=id if n % 2 else rows[-1].id if rows else id,
        )  # fmt: skip
        rows.append(Known(id=id, relation=relation, content_hash=hashlib.sha256(id.encode()).hexdigest()))
        keys[id] = [f"{id}{k}" for k in range(3)]
    assert len(pack(page_of(rows, keys, {}))) / 1000 < 70
