"""An article under several addresses and guids."""

from __future__ import annotations

from msgspec.structs import replace

from pipeline.core.urls import article_id
from tests.stages.relate.house import FERRY, HOUR, QUAKE, RAIN, T0, A, B, House, document, reason, tagged


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


async def test_a_bulletin_issued_again_at_its_address_is_another_article(house: House) -> None:
    """Its id is its own (core/feeds/identity.py), and the address is an alias."""
    await house.feed(tagged(A, FERRY, title="Advice 14: ferry line to reopen", guid="14"))
    issue = tagged(A, RAIN, title="Advice 15: heavy rain in the north", guid="15", aliases=[A])
    issue = replace(issue, article=replace(issue.article, id="15" * 16))
    found = document(await house.feed(issue))
    assert (found.article.id, found.relation.kind) == ("15" * 16, "new")
    revisit = tagged(A, RAIN, title="Advice 15: heavy rain in the north", guid="14", revisit=1)
    assert reason(await house.feed(revisit)) == "replaced"  # the page of the first bulletin shows the second


async def test_a_page_that_grows_is_one_article_however_often_its_feed_announces_it(house: House) -> None:
    await house.feed(tagged(A, FERRY, guid="14"))
    longer = tagged(
        A, f"{FERRY} The vote was repeated in the evening.", title="Ferry: new vote", guid="15", aliases=[A]
    )
    found = document(await house.feed(replace(longer, article=replace(longer.article, id="15" * 16))))
    assert (found.article.id, found.relation.version) == (article_id(A), 2)
