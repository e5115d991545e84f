"""Pages that were removed, and come back: noted on the document, whose text stays."""

from __future__ import annotations

from datetime import timedelta

from pipeline.records import Fetched, Known
from pipeline.stage import Emit
from tests.stages.relate.house import FERRY, HOUR, RAIN, T0, A, B, House, document, reason, relation, tagged


def fetched(hours: float) -> Fetched:
    return Fetched(at=T0 + timedelta(hours=hours), status=200, bytes=1, sha256="", extractor="x")


async def test_a_removed_page_is_noted_once(house: House) -> None:
    first = relation(await house.feed(tagged(A, fetched=fetched(0))))
    gone = await house.feed(tagged(A, removed="http_404", seen=T0 + HOUR, revisit=1))
    noted = relation(gone)
    assert (noted.noted, noted.removed, noted.removed_at) == ("removed", "http_404", T0 + HOUR)
    assert (noted.seq, noted.version, noted.kind, noted.story_id) == (2, 1, "new", first.story_id)
    assert document(gone).article.text == ""
    assert reason(await house.feed(tagged(A, removed="http_404", seen=T0 + 6 * HOUR, revisit=2))) == "gone"
    assert relation(await house.feed(tagged(B, RAIN, title="Rain"))).seq == 3


async def test_what_is_known_of_it_stays(house: House) -> None:
    await house.feed(tagged(A))
    gone = await house.feed(tagged(A, removed="http_404", seen=T0 + HOUR, revisit=1))
    assert isinstance(gone, Emit)
    known = next(out.record for out in gone.outs if out.stream == "known")
    assert isinstance(known, Known)
    assert known.traits == tagged(A).fingerprint.traits
    changed = FERRY.replace("31 to 12", "33 to 12")
    again = relation(await house.feed(tagged(A, changed, seen=T0 + 6 * HOUR, revisit=2)))
    assert (again.version, again.removed_at, again.removed, again.noted) == (2, None, "", "")


async def test_a_page_that_is_there_again_is_noted(house: House) -> None:
    await house.feed(tagged(A))
    await house.feed(tagged(A, removed="http_404", seen=T0 + HOUR, revisit=1))
    back = relation(await house.feed(tagged(A, seen=T0 + 6 * HOUR, revisit=2)))
    assert (back.noted, back.removed_at, back.removed, back.seq, back.version) == ("returned", None, "", 3, 1)
    assert reason(await house.feed(tagged(A, seen=T0 + 24 * HOUR, revisit=3))) == "unchanged"
    assert relation(await house.feed(tagged(A, removed="http_410", seen=T0 + 30 * HOUR, revisit=4))).noted == "removed"


async def test_a_look_that_is_older_than_the_newest_version_notes_nothing(house: House) -> None:
    await house.feed(tagged(A, fetched=fetched(8)))
    assert reason(await house.feed(tagged(A, removed="http_404", seen=T0 + HOUR, revisit=1))) == "gone"


async def test_the_page_of_an_unknown_article(house: House) -> None:
    assert reason(await house.feed(tagged(A, removed="http_404", revisit=1))) == "gone"


async def test_the_page_under_another_address_of_the_article(house: House) -> None:
    await house.feed(tagged(A, aliases=[B]))
    noted = document(await house.feed(tagged(B, removed="http_404", seen=T0 + HOUR, revisit=1)))
    assert noted.article.id == tagged(A).article.id
