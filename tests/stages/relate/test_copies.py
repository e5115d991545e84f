"""Copies, stories, and what only looks like a copy."""

from __future__ import annotations

from datetime import timedelta

import pytest

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
    c = relation(await house.feed(tagged(C, " ".join(words[190:390]), vector="v")))
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
    report = (
        "Irene Sandoval told the harbour council of Valmora that {} passengers would find room on the ferry to Isla "
        "Brenta, 31 of the 43 members being for it. Puerto Calma sees it again from its quay."
    )
    await house.feed(tagged(A, vector="v"))
    soon = await house.feed(tagged(B, report.format("1,250"), vector="v", seen=T0 + 48 * HOUR))
    assert relation(soon).story_id == article_id(A)
    late = await house.feed(tagged(C, report.format("some 1,250"), vector="v", seen=T0 + 700 * HOUR))
    assert relation(late).story_id == article_id(C)


PROMOTIONS = [
    "Follow our channel in the app and read what goes on in the world while it goes on, every hour.",
    "We use cookies and similar means to keep this page free. You can agree to all of them, choose among them, or "
    "subscribe and read without. Your choice can be changed at any time under the last line of every page here.",
    "Suscríbete a nuestro boletín y recibe cada mañana en tu correo lo que debes saber antes de salir, sin coste.",
    "打开客户端阅读全文，关注我们的频道，随时了解世界各地正在发生的事情，还可以参与讨论并获得更多精彩内容。",
]


@pytest.mark.parametrize("text", PROMOTIONS)
@pytest.mark.parametrize(
    "titles",
    [
        ("Oil tanker searched near the strait", "Shots at a concert: the first minutes"),
        ("Registran un petrolero cerca del estrecho", "Disparos en un concierto"),
        ("海峡附近油轮被搜查", "音乐会枪声响起"),
    ],
)
@pytest.mark.parametrize("vector", [None, "v"])
async def test_pages_with_nothing_but_the_same_promotion_are_no_copies(
    house: House, text: str, titles: tuple[str, str], vector: str | None
) -> None:
    """Neither by their equal texts, nor as neighbours."""
    for n, title in enumerate(titles):
        source = f"https://{n}.example/a"
        found = relation(await house.feed(tagged(source, text, title=title, vector=vector or title)))
        assert (found.kind, found.duplicate_of) == ("new", None)


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        # short news, copied under the same or another title
        ("The port of Salaverna reopened on Sunday after three days of storm, the harbour master said in the evening.",
         ("Port of Salaverna reopens", "Salaverna: ships sail again from its port")),
        ("Three crew members were taken to hospital and the ship was towed to the quay, the guard said in the evening.",
         ("Fire on ferry put out", "Fire on ferry put out")),
    ],
)  # fmt: skip
async def test_short_news_is_copied(house: House, text: str, titles: tuple[str, str]) -> None:
    await house.feed(tagged(A, text, title=titles[0]))
    found = relation(await house.feed(tagged(B, text, title=titles[1])))
    assert (found.kind, found.duplicate_of) == ("copy", article_id(A))
