"""What messages of each kind say, as golden texts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.core.messages.form import Medium
from pipeline.core.messages.one_alert import matched_words
from pipeline.core.messages.write import subject
from pipeline.records import Change, Dated, Message, Quote, Span, StorySoFar
from tests.builders import alert
from tests.core.messages.samples import AT, MADRID, STORY, body, message, vote

FULL = message(
    vote(
        id="alert-1",
        title="Сенат допустил войска (*срочно*)",
        source="Вестник <Севера>",
        outlet_country="UA",
        language="uk",
        matched=(Span(field="title", start=15, end=21, text="войска"), Span(field="text", start=0, end=3, text="国会")),
        quotes=(
            Quote(field="title", text="Сенат допустил \x02войска\x03 (*срочно*)"),
            Quote(field="text", text="\x02国会\x03は派遣を承認した。"),
            Quote(field="text", text="قال الوزير إن \x02القوات\x03 ستصل."),
        ),
        published=Dated(AT - timedelta(days=1200), "feed", "2023-08-17T13:05:00Z"),
        first_seen=AT,
        old=True,
        duplicate_of="a0",
        version=2,
    ),
    story=STORY,
    changes=(Change(kind="vote", before="70 for", after="71 for"), Change(kind="date", before="", after="12 May")),
)

PLAIN = """\
[high] Changed: Сенат допустил войска (*срочно*)
Вестник <·Севера> (Ukraine), 17 Aug 2023, 15:05 CEST (UTC+2), in Ukrainian

Changed: vote: 70 → 71 for; added date: 12 May
Old: published 3 years before it arrived
A copy of an article of another outlet

> 国会は派遣を承認した。
> \u2068قال الوزير إن القوات ستصل.\u2069

Facts: Peru, forces: United States; 70 for, 30 against

Story: 3 reports by El Faro del Sur, Nord-Kurier, \u2068صحيفة الشمال\u2069; 1 copy; \
countries of the outlets: Peru, Germany; languages: Spanish, German, Arabic
First: El Faro del Sur, seen 29 Nov 2026, 14:05 CET (UTC+1): Admiten tropas extranjeras

Why: rule Foreign troops; topic:foreign-troop-authorization
Words: войска, 国会

Article: https://news.example.org/a1
Alert alert-1"""


def first_lines(one: Message, medium: Medium, lines: int) -> str:
    return "\n".join(body(one, medium).split("\n")[:lines])


def test_an_alert_says_everything_that_is_known() -> None:
    assert body(FULL) == PLAIN


@pytest.mark.parametrize(
    ("medium", "start", "end"),
    [
        (
            Medium.MARKDOWN,
            "\\[high\\] Changed: **Сенат допустил войска (\\*срочно\\*)**  \n"
            "Вестник \\<·Севера\\> (Ukraine), 17 Aug 2023, 15:05 CEST (UTC+2), in Ukrainian\n\n"
            "Changed: vote: 70 → 71 for; added date: 12 May  \n",
            "[Article on news.example.org](https://news.example.org/a1)  \nAlert alert-1",
        ),
        (
            Medium.DISCORD,
            "\\[high\\] Changed: **Сенат допустил войска (\\*срочно\\*)**\n",
            "[Article on news.example.org](<https://news.example.org/a1>)\nAlert alert-1",
        ),
        (
            Medium.SLACK,
            "[high] Changed: *Сенат допустил войска (∗срочно∗)*\nВестник &lt;·Севера&gt; (Ukraine), ",
            "<https://news.example.org/a1|Article on news.example.org>\nAlert alert-1",
        ),
        (
            Medium.TELEGRAM,
            "[high] Changed: <b>Сенат допустил войска (*срочно*)</b>\n"
            "Вестник &lt;·Севера&gt; (Ukraine), 17 Aug 2023, 15:05 CEST (UTC+2), in Ukrainian\n\n"
            "Changed: ",
            '<a href="https://news.example.org/a1">Article on news.example.org</a>\nAlert alert-1',
        ),
        (
            Medium.HTML,
            '<p dir="ltr">[high] Changed: <b>Сенат допустил войска (*срочно*)</b><br>\n',
            '<a href="https://news.example.org/a1">Article on news.example.org</a><br>\nAlert alert-1</p>',
        ),
        (Medium.TERMINAL, "[high] Changed: Сенат допустил \x02войска\x03 (*срочно*)\n", "/a1\nAlert alert-1"),
    ],
)
def test_an_alert_in_each_medium(medium: Medium, start: str, end: str) -> None:
    text = body(FULL, medium)
    assert text.startswith(start)
    assert text.endswith(end)


def test_what_is_not_known_is_left_out() -> None:
    bare = vote(
        id="alert-2", outlet_country=None, language=None, published=None, first_seen=AT, matched=(), quotes=(),
        fact_lines=(), branch="", topics=(),
    )  # fmt: skip
    assert body(message(bare)) == (
        "[high] El Congreso admite tropas extranjeras\n"
        "El Faro del Sur, first seen 29 Nov 2026, 14:05 CET (UTC+1)\n\n"
        "Why: rule Foreign troops\n\n"
        "Article: https://news.example.org/a1\n"
        "Alert alert-2"
    )


def test_a_follow_up_says_what_is_new() -> None:
    grown = StorySoFar(id="s1", articles=4, copies=2, sources=("Nord-Kurier",), countries=("DE",), languages=("de",))
    one = message(
        vote(article="a2", title="Peru lässt Truppen zu"), kind="follow_up", grown=grown, held_back=3, muted=1
    )
    assert subject(one, MADRID) == "[high] 4 more reports: Peru lässt Truppen zu (Foreign troops)"
    assert body(one).split("\n\n")[:4] == [
        "[high] 4 more reports: Peru lässt Truppen zu (Foreign troops)",
        "New: 4 more reports; 2 copies; new outlets: Nord-Kurier; new countries: Germany; new languages: German",
        "- Peru lässt Truppen zu\n"
        "  El Faro del Sur (Peru), 29 Nov 2026, 14:05 CET (UTC+1), in Spanish\n"
        "  Article: https://news.example.org/a2",
        "And 3 more alerts; 1 alert muted: see almenara alerts fired",
    ]


def test_a_digest_of_hundreds_can_be_read() -> None:
    alerts = tuple(
        vote(article=f"a{n}", story_id=f"s{n % 100}", name=f"Rule {n % 4}", title=f"Title {n}") for n in range(500)
    )
    one = message(*alerts, kind="digest", rule="", name="", held_back=1500)
    text = body(one)
    assert text.startswith(
        "Digest: 2,000 alerts\n\n"
        "Rule 0: 125 alerts\n\n"
        "- Title 0\n"
        "  El Faro del Sur (Peru), 29 Nov 2026, 14:05 CET (UTC+1), in Spanish\n"
        "  and 4 more reports of the story\n"
        "  Article: https://news.example.org/a0\n\n"
        "- Title 4\n"
    )
    assert [text.count(f"\nRule {n}: ") for n in range(4)] == [1] * 4
    assert text.count("\n- Title") == 28
    assert text.endswith("And 1,860 more alerts: see almenara alerts fired")
    assert len(text) < 6000


def test_a_digest_of_many_rules_names_as_many_as_it_lists_stories() -> None:
    alerts = tuple(vote(article=f"a{n}", story_id=f"s{n}", name=f"Rule {n}") for n in range(80))
    text = body(message(*alerts, kind="digest", rule="", name=""))
    assert text.count("\n- ") == 30
    assert text.endswith("And 50 more alerts: see almenara alerts fired")


@pytest.mark.parametrize(
    ("held_back", "findings", "said"),
    [(1, 0, "1 alert"), (0, 1, "1 finding"), (2, 0, "2 alerts together"), (1, 1, "1 alert and 1 finding together")],
)
def test_only_several_come_together(held_back: int, findings: int, said: str) -> None:
    one = Message(
        id="m1", kind="summary", rule="", name="Strikes", severity="high", channels=(), at=AT, text="They waited.",
        held_back=held_back, findings=findings,
    )  # fmt: skip
    assert body(one).startswith(f"[high] {said.removesuffix(' together')} (Strikes)\n")


def test_a_later_version_that_is_the_first_to_be_reported_says_so() -> None:
    first, later = (Message(
        id="m1", kind="alert", rule="", name="Strikes", severity="high", channels=(), at=AT,
        alerts=(alert("a1", version=version),),
    ) for version in (1, 2))  # fmt: skip
    assert "Edited: this is version 2 of the article" in body(later)
    assert "Edited" not in body(first)


def test_a_word_is_named_once_whatever_its_case() -> None:
    spans = tuple(
        Span(field="text", start=n, end=n + 6, text=text) for n, text in enumerate(("Senate", "vote", "senate"))
    )
    assert matched_words(alert("a1", matched=spans)) == ["Senate", "vote"]


@pytest.mark.parametrize(
    ("kind", "name", "text", "expected"),
    [
        (
            "silence",
            "Strikes",
            "No article since 08:00.",
            "[high] No article since 08:00 (Strikes)\n\nNo article since 08:00.",
        ),
        (
            "burst",
            "Strikes",
            "Strikes: 12 articles in an hour.",
            "[high] Strikes: 12 articles in an hour\n\nStrikes: 12 articles in an hour.",
        ),
        ("report", "desk", "Channel desk fails.", "Almenara: Channel desk fails\n\nChannel desk fails."),
        ("test", "desk", "", "Test message of Almenara\n\nThis channel works."),
        ("summary", "Strikes", "These alerts waited.", "[high] 7 alerts (Strikes)\n\nThese alerts waited."),
        ("alert", "Strikes", "", "[high] Strikes\n\n2 alerts: see almenara alerts fired"),
    ],
)
def test_notices(kind: str, name: str, text: str, expected: str) -> None:
    held = 7 if kind == "summary" else 0
    one = Message(
        id="m1", kind=kind, rule="", name=name, severity="high", channels=(), at=AT, text=text, held_back=held,
        reported=("x", "y"), showed=("x", "y"),
    )  # fmt: skip
    assert body(one).startswith(expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ((Change(kind="number", before="3500", after="4200"),), "number: 3500 → 4200"),
        ((Change(kind="name", before="Lima", after=""),), "removed name: Lima"),
        ((Change(kind="title", before="Old", after="New"),), "headline, which was: Old"),
        ((Change(kind="title", before="", after=""), Change(kind="text", before="a", after="b")), "headline; wording"),
        (tuple(Change(kind="name", before="", after=str(n)) for n in range(8)),
         "added name: 0; added name: 1; added name: 2; added name: 3; added name: 4; added name: 5; and 2 more"),
    ],
)  # fmt: skip
def test_changes_in_words(changes: tuple[Change, ...], expected: str) -> None:
    assert f"\nChanged: {expected}\n" in body(message(changes=changes))


def test_an_alert_counts_the_reports_that_it_takes_along() -> None:
    grown = StorySoFar(id="s", articles=5, sources=("A", "B"))
    text = body(message(held_back=5, muted=1, grown=grown, story=STORY))
    assert "\nNew: 5 more reports; new outlets: A, B\n" in text
    assert "\nAnd 5 more alerts; 1 alert muted: see almenara alerts fired\n" in text


@pytest.mark.parametrize(
    ("number", "grown", "expected"),
    [(2, 0, "2 reports changed"), (1, 0, "a report changed"), (2, 1, "1 more report"), (2, 3, "3 more reports")],
)
def test_a_follow_up_is_called_after_what_it_has(number: int, grown: int, expected: str) -> None:
    one = message(kind="follow_up", held_back=number - 1, grown=StorySoFar(id="s", articles=grown))
    assert subject(one, MADRID).startswith(f"[high] {expected}: ")
