"""clean behind firewalls, with pages that are cut off, and with profiles of feeds."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pipeline.records import Article, Profile
from pipeline.stage import Drop, Emit, Later
from tests.core.pages.pages import SENTENCE, an_item
from tests.fakes import FakeFetch, page
from tests.stages.test_clean import AT, BODY, URL, put_off, stage, step

CHALLENGE = "<html><script src='https://ct.captcha-delivery.com/c.js'></script>"


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (403, {"cf-mitigated": "challenge"}, ""),
        (403, {}, CHALLENGE),
        (200, {}, CHALLENGE),
        (202, {"x-amzn-waf-action": "challenge"}, BODY),
        (200, {"sg-captcha": "challenge"}, BODY),
        (202, {}, "<html><body>Please wait while we check your browser, which takes some seconds only.</body></html>"),
        (503, {}, "<html><title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/h/b/x></script>"),
    ],
)
async def test_a_challenge_is_retried_some_times_and_then_the_text_of_the_feed_stands_in(
    status: int, headers: dict[str, str], body: str
) -> None:
    item, waits = an_item(URL, title="Harbour budget", content=f"<p>{SENTENCE * 8}</p>"), []
    while isinstance(outcome := await step(page(URL, body, status, headers=headers), item), Later):
        assert outcome.reason == "challenge"
        item, wait = put_off(outcome)
        item = replace(item, not_before=None)
        waits.append(wait)
    assert waits == [15, 120, 900]
    assert isinstance(outcome, Emit)
    assert isinstance(article := outcome.outs[0].record, Article)
    assert article.fetched is not None
    assert article.fetched.extractor == "feed"
    outcome = await step(page(URL, body, status, headers=headers), an_item(URL, attempt=3))
    assert isinstance(outcome, Drop)
    assert outcome.reason == "challenge"


@pytest.mark.parametrize("status", [401, 402, 403, 451])
async def test_an_article_that_is_sent_with_a_refusal_is_read(status: int) -> None:
    outcome = await step(page(URL, BODY, status), an_item(URL, title="Harbour budget approved", summary="A vote."))
    assert isinstance(outcome, Emit)
    assert isinstance(article := outcome.outs[0].record, Article)
    assert article.fetched is not None
    assert (article.text_from, article.partial, article.fetched.status) == ("page", "", status)
    other = await step(page(URL, BODY, status), an_item(URL, title="Rain in Lima", content=f"<p>{SENTENCE * 8}</p>"))
    assert isinstance(other, Emit)
    assert isinstance(article := other.outs[0].record, Article)
    assert (article.text_from, article.title.value) == ("feed", "Rain in Lima")


async def test_a_page_whose_end_did_not_arrive_is_read_if_it_is_whole() -> None:
    outcome = await step(page(URL, BODY, cut="received 9 of 99 bytes"))
    assert isinstance(outcome, Emit)
    assert isinstance(article := outcome.outs[0].record, Article)
    assert article.fetched is not None
    assert (article.fetched.cut, article.partial) == (True, "")


async def test_a_page_that_is_cut_off_is_fetched_again_and_at_last_read_as_it_is() -> None:
    cut = page(URL, BODY.partition("</article>")[0], cut="received 9 of 99 bytes")
    item, wait = put_off(await step(cut))
    assert (item.attempt, wait) == (1, 15)
    outcome = await step(cut, an_item(URL, attempt=5))
    assert isinstance(outcome, Emit)
    assert isinstance(article := outcome.outs[0].record, Article)
    assert (article.partial, article.truncated) == ("cut", False)


async def test_pages_are_fetched_with_the_profile_of_their_feed() -> None:
    profile = Profile(user_agent="Reader/1")
    fetch = FakeFetch({URL: page(URL, BODY)})
    outcome = await stage(fetch).step(an_item(URL, profile=profile), AT)
    assert fetch.profiles == [profile]
    assert isinstance(outcome, Emit)
    assert isinstance(article := outcome.outs[0].record, Article)
    assert article.profile == profile
