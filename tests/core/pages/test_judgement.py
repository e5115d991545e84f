"""Blocks, their observations, and the F1 that a text can be expected to have."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml.html import HtmlElement

from pipeline.core.pages import judgement, markup, signals
from pipeline.core.pages.blocks import Block, read
from pipeline.core.pages.signals import Evidence, Lookup
from pipeline.core.pages.tree.prepare import prepare

PROSE = [f"Sentence number {n} of the article says that the council of the town has met again." for n in range(8)]
OTHER = [f"Another story, number {n}, is about a ferry that ran aground off the island of Selle." for n in range(4)]


def tree(body: str) -> HtmlElement:
    found = markup.parse(f"<html><body>{body}</body></html>".encode())
    assert found is not None
    prepare(found)
    return found


def blocks(body: str) -> list[Block]:
    return read(tree(body))


def test_a_page_is_read_as_blocks() -> None:
    found = blocks(
        "<h1>Council meets</h1><div class='byline'>By A. Reporter</div>"
        "<p>It met <b>again</b> in the <a href='/hall'>town hall</a>.</p>"
        "<div class='related'><p><a href='/x'>Ferry aground</a></p></div>"
        "<ul><li>One</li><li><a href='/2'>Two</a></li></ul>"
        "<table><tr><th>Year</th><th>Votes</th></tr><tr><td>2028</td><td>300</td></tr></table>"
    )
    assert [(each.kind, each.text, round(each.linked, 2)) for each in found] == [
        ("1", "Council meets", 0.0), ("o", "By A. Reporter", 0.0), ("p", "It met again in the town hall.", 0.33),
        ("p", "Ferry aground", 1.0), ("l", "One", 0.0), ("l", "Two", 1.0), ("t", "Year | Votes", 0.0),
        ("t", "2028 | 300", 0.0),
    ]  # fmt: skip
    assert [each.text for each in found if each.foreign] == ["Ferry aground"]
    assert [each.text for each in found if each.beside] == ["By A. Reporter"]


def test_reading_leaves_the_tree_as_it_is() -> None:
    page = tree("<h1>A</h1><div><p>b <a href='/'>c</a></p>d</div>")
    before = etree.tostring(page)
    read(page)
    assert etree.tostring(page) == before


def test_marks_in_the_page_itself_do_no_harm() -> None:
    marks = "\u2411\u2412\u2413\u2414\u2415"
    found = blocks(f"<p>{marks}One{marks}</p>{marks * 50}<p>Two</p>")
    assert "".join(each.bare for each in found).replace("-", "").endswith("Two")


def _page() -> list[Block]:
    return blocks("<h1>Council meets</h1>" + "".join(f"<p>{each}</p>" for each in (*PROSE, *OTHER)))


def _expected(text: list[str]) -> float:
    page = _page()
    likely = [0.95 if each.text in PROSE else 0.05 for each in page]
    return judgement.expected(Lookup("\n".join(text)), page, likely)


def test_a_text_is_expected_to_be_worse_if_small_foreign_or_twice() -> None:
    whole = _expected(PROSE)
    assert whole > 0.9
    assert _expected(PROSE[:4]) < whole - 0.2
    assert _expected([*PROSE, *OTHER]) < whole - 0.1
    assert _expected([*PROSE, *PROSE]) < whole - 0.2
    assert _expected([]) == 0.0


def test_a_part_that_was_chosen_is_completed_by_its_like() -> None:
    found = judgement.judge(_page(), "\n".join(PROSE[:3]), Evidence("Council meets"))
    assert found.text.split("\n")[:8] == PROSE


def test_the_json_ld_body_tells_what_belongs_to_the_article() -> None:
    page = _page()
    likely = judgement.likelihoods(signals.observe(page, "", Evidence("Council meets", body="\n".join(PROSE))))
    own = [chance for each, chance in zip(page, likely, strict=True) if each.text in PROSE]
    foreign = [chance for each, chance in zip(page, likely, strict=True) if each.text in OTHER]
    assert min(own) > max(foreign)


def test_observations_have_a_weight_each_and_lie_between_0_and_1() -> None:
    rows = signals.observe(_page(), PROSE[0], Evidence("Council meets", PROSE[1], "\n".join(PROSE)))
    assert {len(row) for row in rows} == {len(signals.WEIGHTS)}
    assert all(0.0 <= value <= 1.0 for row in rows for value in row)


CHANCES = st.lists(st.floats(0.01, 0.99), min_size=13, max_size=13)


@given(CHANCES, st.lists(st.booleans(), min_size=13, max_size=13))
def test_no_choice_of_blocks_is_expected_to_be_better_than_the_best(likely: list[float], taken: list[bool]) -> None:
    page = _page()
    assert len(page) == 13
    some = "\n".join(block.text for block, is_in in zip(page, taken, strict=True) if is_in)
    best = Lookup(judgement.best(page, likely))
    assert judgement.expected(best, page, likely) >= judgement.expected(Lookup(some), page, likely) - 0.05
