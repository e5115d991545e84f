"""Copies, stories, and what only looks like a copy."""

from __future__ import annotations

from datetime import timedelta

from pipeline.core.urls import article_id
from tests.stages.relate.house import FERRY, HOUR, QUAKE, RAIN, T0, A, B, C, House, relation, tagged


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
