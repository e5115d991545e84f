"""Signed links: only what was signed here is read, and only for a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.alerts.signed_links import LASTING, VERBS, read_signed, signed
from tests.builders import SEEN, alert

SECRET = b"s" * 32
ALERT = alert("A title", id="a1")


@pytest.mark.parametrize("verb", VERBS)
def test_a_link_says_what_was_signed(verb: str) -> None:
    text = signed(SECRET, verb, ALERT)
    assert text == signed(SECRET, verb, ALERT)  # a message that is sent again has the same
    act = read_signed(SECRET, text, ALERT.seen)
    assert act
    assert (act.verb, act.alert) == (verb, "a1")


def test_links_of_one_alert_are_used_apart() -> None:
    acts = [read_signed(SECRET, signed(SECRET, verb, ALERT), ALERT.seen) for verb in VERBS]
    assert len({act.id for act in acts if act}) == len(VERBS)


def test_a_link_ends() -> None:
    text = signed(SECRET, "useful", ALERT)
    assert read_signed(SECRET, text, ALERT.seen + LASTING - timedelta(seconds=1))
    assert read_signed(SECRET, text, ALERT.seen + LASTING + timedelta(seconds=1)) is None


@given(st.text(max_size=300))
def test_what_others_make_up_is_no_link(text: str) -> None:
    assert read_signed(SECRET, text, SEEN) is None


@given(st.integers(0, 60), st.characters(codec="ascii"))
def test_a_changed_link_is_none(place: int, letter: str) -> None:
    text = signed(SECRET, "useful", ALERT)
    changed = text[:place] + letter + text[place + 1 :]
    assert changed == text or read_signed(SECRET, changed, ALERT.seen) is None
    assert read_signed(b"t" * 32, text, ALERT.seen) is None
