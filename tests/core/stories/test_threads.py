"""Authorisations over months: which stories are about one, where it stands, and the next date to watch."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from pipeline.core.stories.threads import threads
from pipeline.records import Said, Story, StoryFact
from tests.builders import SEEN

DAY = timedelta(days=1)
TODAY = date(2026, 3, 10)


def story(n: int, days: float = 0, *outcomes: str, host: str = "NO", **facts: str) -> Story:
    """The n-th story, first reported so many days after SEEN; `facts` with _ for a point in their names."""
    at = SEEN + days * DAY

    def fact(field: str, *values: str) -> StoryFact:
        said = tuple(
            Said(article=f"s{n}", source=f"S{n}", at=at + m * DAY, value=value, sentence=f"It is {value}.")
            for m, value in enumerate(values)
        )
        return StoryFact(topic="foreign-troop-authorization", field=field, said=said)

    found = [fact("host", host), fact("outcome", *(outcomes or ("authorised",)))]
    found += [fact(name.replace("_", "."), value) for name, value in facts.items()]
    return Story(
        id=f"s{n}", seq=n, changed=at, opened=at, title=f"Story {n}", size=1, facts=tuple(found), hosts=(host,)
    )


YEAR = {"senders": "US", "period_start": "2026-04-01", "period_end": "2026-12-31"}


def test_a_life_over_months() -> None:
    lived = [
        story(1, 0, "proposed", senders="US"), story(2, 20, "debated", senders="US"),
        story(3, 40, "authorised", **YEAR), story(4, 290, "extended", senders="GB US", period_start="2027-01-01",
                                                  period_end="2027-06-30"),
    ]  # fmt: skip
    [thread] = threads(reversed(lived), TODAY)
    assert (thread.id, thread.host, thread.senders) == ("s1", "NO", ("GB", "US"))
    assert thread.stories == ("s1", "s2", "s3", "s4")
    assert [step.outcome for step in thread.steps] == ["proposed", "debated", "authorised", "extended"]
    assert (thread.start, thread.end) == (date(2027, 1, 1), date(2027, 6, 30))


@pytest.mark.parametrize(
    ("today", "status", "following", "what"),
    [
        (date(2026, 3, 10), "approved", date(2026, 4, 1), "start"),
        (date(2026, 4, 1), "in force", date(2026, 12, 31), "end"),
        (date(2026, 12, 31), "in force", date(2026, 12, 31), "end"),
        (date(2027, 1, 1), "ended", None, ""),
    ],
)
def test_where_it_stands(today: date, status: str, following: date | None, what: str) -> None:
    [thread] = threads([story(1, 0, "debated", "authorised", **YEAR)], today)
    assert (thread.status, thread.next, thread.what) == (status, following, what)


CASES: list[tuple[str, Story, int]] = [
    ("the same", story(2, 5, **YEAR), 1),
    ("another host", story(2, 5, host="DK", **YEAR), 2),
    ("other senders", story(2, 5, **YEAR | {"senders": "GB"}), 2),
    ("senders are not named", story(2, 5, **{name: YEAR[name] for name in ("period_start", "period_end")}), 1),
    ("years later", story(2, 900, **YEAR | {"period_start": "2028-01-01", "period_end": "2028-12-31"}), 2),
    ("the next year follows", story(2, 290, **YEAR | {"period_start": "2027-01-01", "period_end": "2027-12-31"}), 1),
    ("without a period, soon", story(2, 5, "debated", senders="US"), 1),
    ("without a period, much later", story(2, 300, "debated", senders="US"), 2),
]


@pytest.mark.parametrize(("other", "number"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_about_one_authorisation(other: Story, number: int) -> None:
    first = story(1, 0, **YEAR)
    assert len(threads([first, other], TODAY)) == number
    assert threads([first, other], TODAY) == threads([other, first], TODAY)


def test_a_debate_after_the_decision_changes_nothing_and_a_revocation_does() -> None:
    known = [story(1, 0, **YEAR), story(2, 5, "debated", senders="US")]
    assert [one.status for one in threads(known, TODAY)] == ["approved"]
    assert [one.status for one in threads([*known, story(3, 9, "revoked", senders="US")], TODAY)] == ["revoked"]


def test_a_vote_to_come() -> None:
    [thread] = threads([story(1, 0, "proposed", senders="US", instrument_date="2026-03-20")], TODAY)
    assert (thread.status, thread.next, thread.what) == ("proposed", date(2026, 3, 20), "vote")


def test_the_nearest_date_comes_first() -> None:
    found = threads(
        [
            story(1, 0, host="DK", senders="US"), story(2, 0, **YEAR),
            story(3, 0, host="SI", **YEAR | {"period_start": "2026-03-12"}),
        ],
        TODAY,
    )  # fmt: skip
    assert [one.host for one in found] == ["SI", "NO", "DK"]


def test_other_stories_have_no_thread() -> None:
    moment: datetime = SEEN
    fields: dict[str, Any] = {"id": "s", "seq": 1, "changed": moment, "opened": moment}
    assert threads([Story(**fields)], TODAY) == []
