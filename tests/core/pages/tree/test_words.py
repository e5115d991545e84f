"""Headings of pages: words stay whole, lines are separated."""

from __future__ import annotations

import pytest

from tests.core.pages.pages import SENTENCE, article


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("Reichs<wbr>tag und <b>S</b>tadt", "Reichstag und Stadt"),
        ("<span class='first'>H</span>arbour budget", "Harbour budget"),
        ("Less CO<sub>2</sub> on the <i>quay</i>", "Less CO2 on the quay"),
        ("Harbour<br>budget<br/>approved", "Harbour budget approved"),
        ("<span>Economy</span><span>Harbour budget</span>", "Economy Harbour budget"),
        ("<div>Harbour</div><div>budget</div>", "Harbour budget"),
        ("Harbour budget<small>What it costs</small>", "Harbour budget What it costs"),
        ("Mc<small>DONALD</small> wins again", "McDONALD wins again"),
        ("Harbour budget<sup><a href='#1'>1</a></sup>", "Harbour budget 1"),
        ("Har&shy;bour &amp;amp; &amp;quot;bud&#8203;get&amp;quot;", 'Harbour & "budget"'),
        ("کتاب\u200cها رسید", "کتاب\u200cها رسید"),
    ],
)
def test_headings(heading: str, title: str) -> None:
    page = f"<html><head></head><body><h1>{heading}</h1><article><p>{SENTENCE * 4}</p></article></body></html>"
    assert article(page).title.value == title
