"""When a revisit finds that a page is gone."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.pages.removal import removed_article, sign_of_removal
from pipeline.core.urls import article_id
from pipeline.records import Article
from pipeline.stage import Drop
from tests.builders import SEEN, article, item
from tests.fakes import page

URL = "https://www.example.org/world/2026/ferry"


@pytest.mark.parametrize(
    ("url", "status", "found", "sign"),
    [
        (URL, 404, None, "http_404"),
        (URL, 410, None, "http_410"),
        (URL, 403, None, ""),
        (URL, 451, None, ""),
        (URL, 500, None, ""),
        (URL, 200, Drop("soft_404"), "soft_404"),
        ("https://www.example.org/404", 200, Drop("soft_404"), "soft_404"),
        ("https://www.example.org/", 200, Drop("home_page"), "home_page"),
        (URL, 200, Drop("home_page"), ""),
        ("https://www.example.org/world/", 200, Drop("section_page"), "section_page"),
        ("https://www.example.org/latest", 200, Drop("section_page"), "section_page"),
        (URL, 200, Drop("section_page"), ""),
        (URL + "?utm_source=x", 200, Drop("section_page"), ""),  # the same address
        ("https://www.example.org/world/", 200, article("World news"), "section_page"),
        ("https://www.example.org/world/2026", 200, article("Ferry line to reopen"), ""),  # a shorter address
        ("https://www.example.org/w/9", 200, article("Ferry line to reopen, council says"), ""),
        (URL, 200, Drop("paywall"), ""),
        (URL, 200, Drop("consent_wall"), ""),
        (URL, 200, Drop("no_text"), ""),
        (URL, 200, article("Ferry line to reopen"), ""),
    ],
)
def test_signs(url: str, status: int, found: Article | Drop | None, sign: str) -> None:
    revisit = item(URL, revisit=2, title="Ferry line to reopen")
    assert sign_of_removal(revisit, page(url, b"", status), found) == sign


@pytest.mark.parametrize("more", [{"revisit": 0}, {"revisit": 1, "link": "shared"}])
def test_a_new_item_and_a_page_of_several_entries_are_never_removed(more: dict[str, Any]) -> None:
    assert sign_of_removal(item(URL, **more), page(URL, b"", 404), None) == ""


def test_the_record_of_it_has_no_text() -> None:
    made = removed_article(item(URL, revisit=3, title="Ferry"), "http_410", SEEN)
    assert (made.id, made.removed, made.seen, made.text) == (article_id(URL), "http_410", SEEN, "")
