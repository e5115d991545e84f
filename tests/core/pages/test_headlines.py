"""Which of a page's headlines is trusted."""

from __future__ import annotations

import pytest

from pipeline.core.pages.headlines import rank
from pipeline.records import Sourced


@pytest.mark.parametrize(
    ("h1", "window", "best"),
    [
        ("Schools open again", "Schools open again – Island News Online — islandnews.example", "Schools open again"),
        ("Island News", "Schools open again on Monday – Island News", "Schools open again on Monday"),
        ("Quick links", "Relay team wins the northern title - Athletics Union", "Relay team wins the northern title - "
         "Athletics Union"),
        ("Relay team wins the northern title in the rain", "Athletics Union", "Relay team wins the northern title in "
         "the rain"),
        ("Rain", "Rain in Lima - El Diario", "Rain"),
    ],
)  # fmt: skip
def test_a_logo_in_h1_is_not_a_headline(h1: str, window: str, best: str) -> None:
    ranked = rank([Sourced(h1, "html"), Sourced(window, "html")], window, h1, "", "https://www.x.example/a")
    assert ranked[0].value == best
