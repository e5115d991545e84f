"""The accounts of `almenara audit`: endings by offset, ids by digest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.reports.audit.accounts import (
    DEAD,
    DROP,
    LATER,
    OK,
    PartitionAccount,
    Rows,
    absent,
    behind,
    digest,
    newest,
    place,
    repeats,
    unequal,
    unknown,
    where,
)

Listed = list[tuple[int, int]]
LISTED = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=12)


def rows(*listed: tuple[int, int]) -> Rows:
    """Rows of (key, value); each row's place is its number."""
    made = Rows()
    for n, (key, value) in enumerate(listed):
        made.add(key, n, value)
    return made


def test_an_account_counts_what_is_committed_and_what_repeats() -> None:
    account = PartitionAccount(10, 14)
    for offset, ending in [
        (10, "ok"),
        (11, "drop.short"),
        (12, "later"),
        (11, "dead"),
        (14, "ok"),
        (19, "ok"),
        (9, "ok"),
    ]:
        account.note(offset, ending)
    assert account.counts == {"ok": 1, "drop.short": 1, "later": 1, "dead": 1}
    assert (account.repeated, account.ended()) == (1, 3)
    assert [account.of(offset) for offset in range(9, 16)] == [0, OK, DROP | DEAD, LATER, 0, 0, 0]
    assert PartitionAccount(7, 3).ended() == 0  # all that was committed is no longer there


def test_a_place_says_where_it_is() -> None:
    assert where("items", place(7, 123_456_789_012)) == "items/7/123456789012"


def test_digests_differ_where_parts_differ() -> None:
    assert len({digest("a", "b"), digest("ab"), digest("a", "b", ""), digest("a", 1), digest("a", 2)}) == 5
    assert digest("a", 1) == digest("a", "1")
    assert 0 <= digest("x") < 1 << 64


def test_nothing_in_gives_nothing_out() -> None:
    empty = Rows()
    assert absent(empty, [empty]) == unequal(empty) == behind(empty, empty) == list(unknown(empty, empty, 0)) == []
    assert len(newest(empty)) == repeats(empty) == 0
    assert absent(rows((1, 1)), [empty, empty]) == behind(rows((1, 1)), empty) == [0]


@given(LISTED, LISTED, LISTED)
def test_absent_is_in_none(wanted: Listed, one: Listed, two: Listed) -> None:
    there = {key for key, _ in one + two}
    assert absent(rows(*wanted), [rows(*one), rows(*two)]) == [
        n for n, (key, _) in enumerate(wanted) if key not in there
    ]


@given(LISTED)
def test_unequal_repeats_and_newest_agree_with_sets(listed: Listed) -> None:
    made = rows(*listed)
    assert len(unequal(made)) == len(set(listed)) - len(dict(listed))
    assert repeats(made) == len(listed) - len(set(listed))
    found = newest(made)
    assert dict(zip(found.keys, found.values, strict=True)) == {
        key: max(value for other, value in listed if other == key) for key, _ in listed
    }


@given(LISTED, LISTED)
def test_behind_has_no_value_as_high(wanted: Listed, there: Listed) -> None:
    expected = [n for n, (k, v) in enumerate(wanted) if not any(key == k and value >= v for key, value in there)]
    assert behind(rows(*wanted), rows(*there)) == expected


@given(LISTED, LISTED, st.integers(0, 3))
def test_unknown_is_not_there_as_such(made: Listed, known: Listed, since: int) -> None:
    expected = [n for n, row in enumerate(made) if row not in known and row[1] >= since]
    assert list(unknown(rows(*made), rows(*known), since)) == expected
