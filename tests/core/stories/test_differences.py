"""What a reader sees changed between two versions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.stories.differences import Difference, Piece, cut, differences

COUNCIL = "The council voted on Tuesday. It sends 3,500 soldiers to the north. The mayor thanked the members."
RAIN = "Rain closed three roads around Norberg on Monday."
FERRY = "The ferry sails again in spring, said the harbour master."


def found(old: str, new: str, titles: tuple[str, str] = ("T", "T")) -> list[tuple[str, str, str, str]]:
    return [(one.what, one.how, one.before, one.after) for one in differences(titles[0], old, titles[1], new)]


def changed(one: Difference) -> list[tuple[str, str]]:
    return [(piece.before, piece.after) for piece in one.pieces if not piece.same]


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("sends 3,500 soldiers", "sends 4,200 soldiers", [("3,500", "4,200")]),
        ("sends 3.500,5 soldiers", "sends 3.500,7 soldiers", [("3.500,5", "3.500,7")]),
        ("up 4.5% in May", "up 5.4% in May", [("4.5%", "5.4%")]),
        ("The court approved the plan today", "The court has not approved the plan today", [("", " has not")]),
        ("the old red bridge over there", "the new blue bridge over there", [("old red", "new blue")]),
        ("国会は法案を可決した", "国会は法案を否決した", [("可", "否")]),
        ("el ministro Ana Díaz viajó", "el ministro Ana Ruiz viajó", [("Díaz", "Ruiz")]),
    ],
)
def test_words_within_a_sentence(before: str, after: str, pieces: list[tuple[str, str]]) -> None:
    (one,) = differences("T", before, "T", after)
    assert (one.what, one.how) == ("sentence", "changed")
    assert changed(one) == pieces
    assert "".join(piece.before for piece in one.pieces) == before
    assert "".join(piece.after for piece in one.pieces) == after


def test_a_number_in_a_long_text() -> None:
    old = f"{RAIN}\n{COUNCIL}\n{FERRY}"
    (one,) = differences("T", old, "T", old.replace("3,500", "4,200"))
    assert one.before == "It sends 3,500 soldiers to the north."
    assert changed(one) == [("3,500", "4,200")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (f"{RAIN}\n{COUNCIL}", f"{RAIN}\n{COUNCIL}\n{FERRY}", [("paragraph", "added", "", FERRY)]),
        (f"{RAIN}\n{FERRY}\n{COUNCIL}", f"{RAIN}\n{COUNCIL}", [("paragraph", "removed", FERRY, "")]),
        (f"{RAIN}\n{FERRY}", f"{FERRY}\n{RAIN}", [("paragraph", "moved", FERRY, FERRY)]),
        (COUNCIL, f"{COUNCIL} {FERRY}", [("sentence", "added", "", FERRY)]),
        (f"{COUNCIL} {FERRY}", COUNCIL, [("sentence", "removed", FERRY, "")]),
        (RAIN, FERRY, [("paragraph", "removed", RAIN, ""), ("paragraph", "added", "", FERRY)]),
        (COUNCIL, COUNCIL, []),
        ('He said "no" - twice.', "He said “no” – twice.", []),  # typography
        ("", "", []),
    ],
)
def test_paragraphs_and_sentences(old: str, new: str, expected: list[tuple[str, str, str, str]]) -> None:
    assert found(old, new) == expected


def test_the_headline_comes_first() -> None:
    one, other = differences("Troops to leave", RAIN, "Troops to stay", f"{RAIN}\n{FERRY}")
    assert (one.what, one.how, changed(one)) == ("headline", "changed", [("leave", "stay")])
    assert other.how == "added"
    assert found(RAIN, RAIN, ("“A”", '"A"')) == []


LINES = st.lists(st.sampled_from([RAIN, FERRY, COUNCIL, RAIN.replace("three", "four"), "", "Short."]), max_size=7)


@given(LINES, LINES)
def test_nothing_is_invented(old: list[str], new: list[str]) -> None:
    """What is said to be removed or added is in one version and, but for moves, not less often in the other; the pieces
    of a change make up both texts."""
    for one in differences("T", "\n".join(old), "T", "\n".join(new)):
        assert one.before in "\n".join(old)
        assert one.after in "\n".join(new)
        if one.how == "changed":
            assert "".join(piece.before for piece in one.pieces) == one.before
            assert "".join(piece.after for piece in one.pieces) == one.after
    assert differences("T", "\n".join(old), "T", "\n".join(old)) == ()


def test_large_texts_are_compared_in_bounded_time() -> None:
    old = "\n".join(f"Line {n} of the list with words {n * 7} and {n * 13}." for n in range(3000))
    new = "\n".join(f"Entry {n} in another table: {n * 5}, {n * 11}." for n in range(3000))
    assert len(differences("T", old, "T", new)) == 6000
    assert len(differences("T", "word " * 9000, "T", "other " * 9000)) > 0


def test_long_unchanged_parts_are_cut() -> None:
    pieces = (Piece("a" * 99, "a" * 99), Piece("1", "2"), Piece("b" * 99, "b" * 99), Piece("3", ""), Piece("c", "c"))
    shown = cut(pieces, 10)
    assert [piece.after for piece in shown] == ["…" + "a" * 10, "2", "b" * 10 + "…" + "b" * 10, "", "c"]
