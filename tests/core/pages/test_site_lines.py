"""Lines that repeat over a site: which are learned and removed, and which are not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from pipeline.core.pages import site_lines
from pipeline.core.pages.site_lines import after, without
from pipeline.records import Article, SiteLines, Sourced
from tests.builders import article as an_article

START = datetime.fromisoformat("2026-03-01T08:00:00+00:00")
SITE = "example.org"
PROMPT = "Sign up for our morning briefing and get the news of the harbour by mail."
ABOUT = "The Harbour Gazette is an independent newspaper, paid for by its readers. © All rights reserved."
QUOTE = "“We will not close a single ferry line before the summer,” the minister said."
TITLES = (
    "Ferry strike enters second week", "Old lighthouse becomes museum", "Prices for herring fall sharply",
    "School board elects chairwoman", "Storm damages southern pier", "Choir festival draws thousands",
    "Police search burnt warehouse", "Swimmer crosses strait in record time", "Museum lends rare globes abroad",
    "Council rejects parking plan", "Bakery family celebrates century", "Tram drivers accept wage offer",
    "Vineyard harvest begins early", "Bridge repair takes another year", "Library opens on Sundays",
    "Chess club wins national title", "Hospital hires forty nurses", "Theatre season starts with comedy",
    "Bicycle thieves caught at station", "Clinic warns of early influenza",
)  # fmt: skip


def text(number: int, *lines: str) -> str:
    own = [f"Paragraph {part} of story {number} says what nobody else wrote that day, at length." for part in range(4)]
    return "\n".join((*own[:3], *lines, own[3]))


def story(number: int, *lines: str, title: str | None = None) -> Article:
    return replace(
        an_article(), id=f"a{number}", title=Sourced(title or TITLES[number % len(TITLES)], "html"),
        text=text(number, *lines),
    )  # fmt: skip


def learned(articles: list[Article], apart: timedelta = timedelta(hours=3)) -> SiteLines:
    known: SiteLines | None = None
    for number, article in enumerate(articles):
        known = after(known, SITE, article, START + number * apart)
    assert known is not None
    return known


def texts(known: SiteLines) -> list[str]:
    return [line.text for line in known.lines]


#: What articles have in common -> the articles, the hours between two.
REPEATED: dict[str, tuple[Callable[[], list[Article]], float]] = {
    "a prompt in all": (lambda: [story(n, PROMPT) for n in range(6)], 0),
    "a prompt in every third, over days": (lambda: [story(n, *[PROMPT] * (n % 3 == 0)) for n in range(24)], 3),
    "a prompt in other letters and spaces": (
        lambda: [story(n, PROMPT.upper() if n % 2 else PROMPT.replace(" ", "  ")) for n in range(7)], 0,
    ),
    "releases of one company": (
        lambda: [story(n, PROMPT, title=f"Harbour Gazette announces: {TITLES[n]}") for n in range(8)], 1,
    ),
    "Chinese titles": (
        lambda: [story(n, PROMPT, title="".join(chr(0x4E00 + 40 * n + i) for i in range(8))) for n in range(7)], 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REPEATED)
def test_what_a_site_repeats_is_learned_and_removed_from_later_articles(name: str) -> None:
    made, hours = REPEATED[name]
    articles = made()
    known = learned(articles, timedelta(hours=hours))
    assert [line.casefold().split() for line in texts(known)] == [PROMPT.casefold().split()]
    later = story(99, PROMPT)
    assert without(later, known, START + timedelta(days=9)) == (text(99), 1)


#: Not the site's: lines that only some articles have in common.
NOT_REPEATED: dict[str, tuple[list[Article], float]] = {
    "three versions of a story": ([story(n, QUOTE, title="Minister defends ferry lines") for n in range(3)], 1),
    "days of a live ticker": ([story(n, QUOTE, title=f"Live ticker ferry strike day {n}") for n in range(12)], 24),
    "versions of one article": ([replace(story(n, QUOTE), id="a") for n in range(12)], 6),
    "a quote in five stories of one day": ([story(n, *[QUOTE] * (n % 4 == 0)) for n in range(20)], 0.5),
    "a quote in ten stories about one subject": (
        [story(n, *([QUOTE] if n % 2 else []), title=f"{TITLES[n]} minister ferry" if n % 2 else None)
         for n in range(20)], 5,
    ),
    "copies under other addresses": (
        [replace(story(1, QUOTE, PROMPT, title="Ferry lines stay open"), id=f"a{n}") for n in range(9)], 6,
    ),
    "subheadings": ([story(n, "What comes next?") for n in range(12)], 6),
    "market reports": ([story(n, f"Oil from the North Sea cost {70 + n} dollars.") for n in range(9)], 24),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_REPEATED)
def test_what_stories_have_in_common_is_not_learned(name: str) -> None:
    articles, hours = NOT_REPEATED[name]
    assert texts(learned(articles, timedelta(hours=hours))) == []


def test_the_first_line_stays_and_an_article_is_never_emptied() -> None:
    known = learned([story(n, PROMPT, ABOUT) for n in range(8)])
    assert sorted(texts(known)) == sorted((PROMPT, ABOUT))
    later = START + timedelta(days=3)
    for kept in (f"{PROMPT}\n{text(50)}", f"Short.\n{PROMPT}\n{ABOUT}", PROMPT):
        assert without(replace(story(50), text=kept), known, later) == (kept, 0)
    assert without(story(50, ABOUT, PROMPT), known, later) == (text(50), 2)


def test_a_removal_depends_on_when_the_article_was_first_seen() -> None:
    known = learned([story(n, PROMPT) for n in range(8)])
    since = known.lines[0].since
    assert without(story(9, PROMPT), known, since)[1] == 0
    assert without(story(9, PROMPT), known, since + timedelta(seconds=1))[1] == 1
    assert learned([story(n, PROMPT) for n in range(8)]) == known


def test_a_line_that_is_not_seen_any_more_is_forgotten() -> None:
    known = learned([story(n, PROMPT) for n in range(8)])
    soon, late = (after(known, SITE, story(9), START + timedelta(days=days)) for days in (29, 40))
    assert (texts(soon), texts(late)) == ([PROMPT], [])


def test_the_memory_of_a_site_is_bounded() -> None:
    known: SiteLines | None = None
    for number in range(700):
        prompts = [f"Prompt {number // 26} of this site, number {part}, which stands everywhere." for part in range(6)]
        own = "\n".join(f"Line {n} of the very long article {number} about the harbour." for n in range(50))
        article = replace(story(number), text="\n".join((own, *prompts)))
        known = after(known, SITE, article, START + timedelta(hours=number))
    assert known is not None
    assert len(known.recent) == site_lines.RECENT
    assert 20 < len(known.lines) <= site_lines.LEARNED
    assert max(len(one.lines) for one in known.recent) <= 4 * site_lines.LINES
