"""Revisits that find the page of an article gone."""

from __future__ import annotations

import pytest

from pipeline.core.timing.delays import DELAYS
from pipeline.core.urls import article_id
from pipeline.ports import FetchFailed
from pipeline.records import Article, Item, Page
from pipeline.stage import Emit, Later
from tests.core.pages.pages import an_item
from tests.fakes import page
from tests.stages.test_clean import BODY, URL, step


async def test_a_revisit_whose_page_is_gone() -> None:
    """One look proves nothing. The second, a quarter of an hour later, says that it was removed."""
    first = await step(page(URL, "", 404), an_item(URL, revisit=2, title="Harbour budget"))
    assert isinstance(first, Later)
    again = first.out.record
    assert isinstance(again, Item)
    assert (again.gone, first.out.partition and DELAYS[first.out.partition]) == (1, 900)
    second = await step(page(URL, "", 404), again)
    assert isinstance(second, Emit)
    (out,) = second.outs
    assert isinstance(out.record, Article)
    assert (out.stream, out.record.id, out.record.removed) == ("articles", article_id(URL), "http_404")
    assert (out.record.text, out.record.revisit) == ("", 2)


@pytest.mark.parametrize(
    ("answer", "ending"),
    [
        (page(URL, BODY), "Emit"),  # it is there again
        (page(URL, "", 403), "Drop"),
        (page(URL, "", 503), "Later"),
        (FetchFailed("timeout", "no answer", temporary=True), "Later"),
    ],
)
async def test_the_second_look_may_find_something_else(answer: Page | FetchFailed, ending: str) -> None:
    outcome = await step(answer, an_item(URL, revisit=2, gone=1))
    assert type(outcome).__name__ == ending
    if isinstance(outcome, Emit):
        assert isinstance(outcome.outs[0].record, Article)
        assert outcome.outs[0].record.removed == ""
