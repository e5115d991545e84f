"""What a reader sees first, and what is not said twice."""

from __future__ import annotations

import pytest

from pipeline.core.messages.write import subject
from pipeline.records import Change, Span, StorySoFar
from tests.core.messages.samples import MADRID, body, message, vote


def test_a_story_stands_once_in_a_digest_with_all_rules_that_found_it() -> None:
    alerts = (
        vote(article="a1", name="Troops", story_id="s1", title="One"),
        vote(article="a1", name="Ministers", story_id="s1", title="One"),
        vote(article="a2", name="Ministers", story_id="s1", title="Other"),
        vote(article="a3", name="Ministers", story_id="s2", title="Two"),
    )
    one = message(
        *alerts, kind="digest", rule="", name="Troops, Ministers", held_back=30, by_story={"s1": 7},
        by_rule={"Troops": 11, "Ministers": 23},
    )  # fmt: skip
    origin = "  El Faro del Sur (Peru), 29 Nov 2026, 14:05 CET (UTC+1), in Spanish\n"
    assert body(one) == (
        "Digest: 34 alerts (Troops, Ministers)\n\n"
        "Troops: 11 alerts\n\n"
        f"- One\n{origin}  and 8 more reports of the story\n  also for Ministers\n"
        "  Article: https://news.example.org/a1\n\n"
        "Ministers: 23 alerts\n\n"
        f"- Two\n{origin}  Article: https://news.example.org/a3\n\n"
        "And 23 more alerts: see almenara alerts fired"
    )


def test_several_findings_are_several_lines() -> None:
    text = "Found in quiet hours.\nFeed a: no article for 9 h.\nFeed b: no article for 3.1 days, usually 4."
    one = message(kind="summary", text=text, alerts=(), held_back=2)
    assert body(one) == f"[high] 2 alerts (Foreign troops)\n\n{text}\n\nAnd 2 more alerts: see almenara alerts fired"


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({}, "[high] El Congreso admite tropas extranje"),
        ({"changes": (Change(kind="number", before="1", after="2"),)}, "[high] Changed: El Congreso admite tropas"),
        ({"kind": "follow_up", "grown": StorySoFar(id="s1", articles=4)}, "[high] 4 more reports: El Congreso admite"),
        ({"kind": "follow_up", "grown": StorySoFar(id="s1", copies=1)}, "[high] 1 copy: El Congreso admite"),
        ({"kind": "digest", "held_back": 4999, "name": "A very long name of a rule " * 9}, "Digest: 5,000 alerts (A"),
        ({"kind": "summary", "held_back": 2}, "[high] 3 alerts (Foreign troops)"),
        ({"kind": "summary"}, "[high] El Congreso admite tropas extranje"),
        ({"kind": "silence", "text": "Feed f: no article for 26 h, usually 3.5 in that time. Learned from 4 weeks."},
         "[high] Feed f: no article for 26 h, usually 3.5 in that time (Foreign troops)"),
        ({"kind": "report", "name": "desk", "text": "Channel desk works again."}, "Almenara: Channel desk works again"),
    ],
)  # fmt: skip
def test_what_a_telephone_shows_first(changes: dict[str, object], start: str) -> None:
    shown = subject(message(**changes), MADRID)
    assert shown.startswith(start)
    assert len(shown) <= 200


def test_a_number_that_a_vote_has_is_not_said_twice_and_a_word_within_another_is_left_out() -> None:
    changes = (
        Change(kind="number", before="350", after="450"), Change(kind="number", before="70", after="68"),
        Change(kind="title", before="Old one", after="New one"), Change(kind="vote", before="70 for", after="68 for"),
    )  # fmt: skip
    spans = tuple(Span(field="text", start=0, end=1, text=text) for text in ("Troops", "troops", "US troops", "entry"))
    text = body(message(vote(matched=spans), changes=changes))
    assert "\nChanged: vote: 70 → 68 for; number: 350 → 450; headline, which was: Old one\n" in text
    assert "\nWords: US troops, entry\n" in text


@pytest.mark.parametrize(
    ("branch", "words", "expected"),
    [
        ("tropas OR soldados", "soldados", "Why: rule Foreign troops; tropas OR soldados"),
        ("tropas AND congreso", "Congreso tropas", "Why: rule Foreign troops"),
        ('"ทหารสหรัฐ"', "ทหารสหรัฐ", "Why: rule Foreign troops"),
        ("نظامي", "نظامی", "Why: rule Foreign troops"),
        ("tropas AND NOT paz", "tropas", "Why: rule Foreign troops; tropas AND NOT paz"),
        ("topic:coup AND tropas", "tropas", "Why: rule Foreign troops; topic:coup AND tropas"),
        ("", "tropas", "Why: rule Foreign troops"),
    ],
)
def test_the_part_of_the_query_is_shown_if_it_says_more_than_the_words(branch: str, words: str, expected: str) -> None:
    one = vote(branch=branch, matched=(Span(field="text", start=0, end=1, text=words),), topics=())
    assert f"\n{expected}\nWords: " in body(message(one))
