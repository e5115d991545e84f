"""New articles, unchanged ones, and versions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.core.stories.relate import Options
from pipeline.core.urls import article_id
from pipeline.records import Fetched, Known, Partial, Relation, Tagged, TextFrom
from pipeline.stage import Emit
from pipeline.stages.relate import Relate
from tests.contracts.test_state_cache import CacheMemory
from tests.stages.relate.house import FERRY, HOUR, T0, A, House, reason, relation, tagged


async def test_a_new_article(house: House) -> None:
    outcome = await house.feed(tagged(A))
    id = article_id(A)
    assert relation(outcome) == Relation(kind="new", first_seen=T0, seq=1, version=1, story_id=id)
    assert isinstance(outcome, Emit)
    assert [(out.stream, out.key) for out in outcome.outs if out.key == id] == [
        ("documents", id), ("stories", id), ("known", id), ("fingerprints", id),
    ]  # fmt: skip
    assert outcome.outs[-1].stream == "fingerprints"
    assert {out.stream for out in outcome.outs} <= set(Relate.writes)


async def test_the_same_again_is_unchanged_over_restarts_and_months(house: House) -> None:
    await house.feed(tagged(A))
    for days in (0, 1, 20, 35, 400):
        again = tagged(A, seen=T0 + timedelta(days=days))
        assert reason(await house.feed(again)) == "unchanged"
        await house.restart()
    await house.restart(CacheMemory(Known))
    assert reason(await house.feed(tagged(A, seen=T0 + timedelta(days=500)))) == "unchanged"


async def test_typography_and_boilerplate_are_unchanged(house: House) -> None:
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


async def test_a_text_fetched_before_the_newest_version_is_no_version() -> None:
    """Records that are read again after a stream was lost come in their old order."""

    def read(text: str, hours: int) -> Tagged:
        fetched = Fetched(at=T0 + hours * HOUR, status=200, bytes=9, sha256="", extractor="x")
        return tagged(A, text, fetched=fetched)

    house = House()
    await house.restart()
    old, new = read(FERRY, 0), read(FERRY.replace("31 to 12", "33 to 12"), 1)
    assert relation(await house.feed(old)).version == 1
    assert relation(await house.feed(new)).version == 2
    assert reason(await house.feed(old)) == "older"
    assert reason(await house.feed(new)) == "unchanged"
    assert relation(await house.feed(read(FERRY, 2))).version == 3


WHOLE, PART = FERRY, FERRY.rpartition(" The line")[0]
OTHER_PART = PART.replace("31 to 12", "33 to 12")


@pytest.mark.parametrize(
    ("before", "after", "drop"),
    [
        ((WHOLE, ""), (PART, "paid"), "partial"),  # a paywall that closed
        ((WHOLE, ""), (OTHER_PART, "paid"), "partial"),  # even with a correction: the whole text says more
        ((WHOLE, ""), (WHOLE + " And more on Monday 7 June.", "pages"), "partial"),
        ((PART, "teaser"), (PART.partition(". ")[0], "paid"), "shortened"),
        ((PART, "teaser"), (OTHER_PART, "teaser"), None),
        ((PART, "teaser"), (WHOLE, "pages"), None),
        ((PART, "paid"), (PART, "paid"), "unchanged"),
    ],
)
async def test_a_part_does_not_replace_more(
    house: House, before: tuple[str, Partial], after: tuple[str, Partial], drop: str | None
) -> None:
    await house.feed(tagged(A, before[0], partial=before[1]))
    await house.restart()
    outcome = await house.feed(tagged(A, after[0], partial=after[1], revisit=1))
    if drop:
        assert reason(outcome) == drop
    else:
        assert relation(outcome).version == 2


async def test_the_whole_text_is_a_version_of_a_part(house: House) -> None:
    await house.feed(tagged(A, PART, partial="teaser", text_from="feed"))
    await house.restart()
    found = relation(await house.feed(tagged(A, WHOLE, revisit=1)))
    assert (found.version, found.material) == (2, True)  # alert rules look at it again
    assert (found.changes[0].kind, found.changes[0].before) == ("whole", "teaser")
    await house.restart()
    assert reason(await house.feed(tagged(A, PART, partial="paid", revisit=2))) == "partial"


async def test_a_text_that_proves_to_be_the_whole_one_is_no_longer_marked(house: House) -> None:
    await house.feed(tagged(A, WHOLE, partial="teaser"))
    found = relation(await house.feed(tagged(A, WHOLE, revisit=1)))
    assert (found.version, found.material, [change.kind for change in found.changes]) == (2, False, ["whole"])
    assert reason(await house.feed(tagged(A, WHOLE, revisit=2))) == "unchanged"


@pytest.mark.parametrize(("text_from", "drop"), [("feed", "shortened"), ("page", None)])
async def test_a_page_with_less_than_the_feed_is_no_version(
    house: House, text_from: TextFrom, drop: str | None
) -> None:
    await house.feed(tagged(A, WHOLE, text_from=text_from))
    outcome = await house.feed(tagged(A, PART, revisit=1))
    assert reason(outcome) == drop if drop else relation(outcome).version == 2
