"""Pages that are edited, from their markup to the alerts a reader hears of: one for what is new, none for furniture."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.rules import AlertRule, ChannelSpec
from pipeline.core.notification.planning.planner import Planner, plan_of
from pipeline.core.pages.article import clean_page
from pipeline.core.query.parse import parse
from pipeline.core.tagging.judged import judge_article
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.judge import parse_rules
from pipeline.records import Alert, Article, Dated, Document, Fingerprint, Item, Message, Tagged
from pipeline.stage import Drop, Emit
from tests.builders import STRIKE_TOPIC
from tests.fakes import page
from tests.stages.relate.house import House, prints

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOPIC_FILES = {
    "topics/strike/topic.toml": STRIKE_TOPIC,
    "topics/strike/en.toml": """
[strike]
terms = ["strike"]
[port]
terms = ["port"]
[[must_match]]
title = "Strike at the port"
[[must_not_match]]
title = "A port"
""",
}
TOPICS = parse_rules(TomlFile.parse(name, text.encode()) for name, text in TOPIC_FILES.items())
FILLER = [
    "The harbour council spent the afternoon on the budget of the coming year and on the repair of its two cranes.",
    "A farmers' union asked for another road to the grain store, which has been closed since the winter storms.",
    "The railway said that its night trains would go on as before, with the same crews and at the same hours.",
    "Children of the school by the old mill sang in the square, and the market stayed open for the whole day.",
]


def markup(title: str, paragraphs: list[str], extra: str = "", when: datetime = AT, language: str = "en") -> str:
    body = "\n".join(f"<p>{text}</p>" for text in paragraphs)
    name = html.escape(title)
    return f"""<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{name}</title>
<meta property="og:title" content="{name}"><meta property="og:type" content="article">
<meta property="article:published_time" content="{when.isoformat()}"></head>
<body><article><h1>{name}</h1>{body}</article>{extra}</body></html>"""


class Desk:
    """One rule with a message for each article, and what its reader hears of."""

    def __init__(self, query: str) -> None:
        node = parse(query).node
        rule = AlertRule("r", query, node, node, "high", ("screen",), group="none")
        self.rules = AlertSet([rule], {"screen": ChannelSpec("screen", "terminal")})
        self.house, self.planner, self.now = House(), Planner(plan_of(self.rules)), AT

    async def read(self, url: str, title: str, paragraphs: list[str], **more: Any) -> list[Alert]:
        """The page as it is now; returns what the reader hears of it."""
        self.now += timedelta(hours=1)
        extra, when = more.pop("extra", ""), more.pop("when", AT)
        language = more.pop("language", "en")
        body = markup(title, paragraphs, extra, when, language)
        item = Item(
            feed="f", source="Gazette", url=url, seen=self.now, title=more.pop("feed_title", title),
            published=Dated(value=when, source="feed", raw=when.isoformat()), **more,
        )  # fmt: skip
        article = clean_page(page(url, body, fetched_at=self.now), item)
        assert isinstance(article, Article), article
        outcome = await self.house.feed(Tagged(article=article, tags=tags_of(article), fingerprint=print_of(article)))
        return self._take(outcome)

    def _take(self, outcome: object) -> list[Alert]:
        if isinstance(outcome, Drop):
            return []
        assert isinstance(outcome, Emit)
        documents = [out.record for out in outcome.outs if isinstance(out.record, Document)]
        decisions = [
            self.planner.take(alert, self.now) for document in documents for alert in self.rules.fire(document)
        ]
        decisions.append(self.planner.due(self.now))
        return [
            alert
            for decision in decisions
            for _, _, record in decision.records
            if isinstance(record, Message)
            for alert in record.alerts
        ]


def tags_of(article: Article) -> Any:
    day = article.published.value.date() if article.published else None
    return judge_article(TOPICS, article.title.value, article.text, article.language, day).tags


def print_of(article: Article) -> Fingerprint:
    return prints(article, article.url)


URL = "https://www.news.example.org/world/"
QUIET = "Officials met behind closed doors in the capital, and the streets were quiet."
COUP = QUIET + " Soldiers later spoke of a coup and sealed the palace."


@pytest.fixture
async def desk() -> Desk:
    desk = Desk("coup")
    await desk.house.restart()
    return desk


# -- an edit brings the match


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("Officials meet", [QUIET]), ("Officials meet", [COUP])),
        (("Officials meet", [QUIET]), ("Coup reported in the capital", [QUIET])),
        (("Officials meet", [QUIET]), ("Officials meet", [QUIET, "A minister called it a coup."])),
        (("Officials meet", [QUIET.replace("met", "meet")]), ("Officials meet", [COUP.replace("later ", "")])),
    ],
    ids=["text", "headline", "a paragraph", "other words too"],
)
async def test_an_edit_that_brings_the_word_is_heard_of_once(desk: Desk, before: Any, after: Any) -> None:
    assert await desk.read(URL + "1", before[0], before[1] + FILLER) == []
    (alert,) = await desk.read(URL + "1", after[0], after[1] + FILLER)
    assert alert.version == 2
    assert await desk.read(URL + "1", after[0], after[1] + FILLER) == []
    again = [text.replace("the whole day", "the entire day") for text in FILLER]
    assert await desk.read(URL + "1", after[0], after[1] + again) == []


async def test_a_teaser_that_becomes_the_whole_text_is_heard_of(desk: Desk) -> None:
    short = [QUIET]
    assert await desk.read(URL + "2", "Officials meet", short) == []
    (alert,) = await desk.read(URL + "2", "Officials meet", [*short, *FILLER, COUP])
    assert alert.quotes[0].text == "Soldiers later spoke of a \x02coup\x03 and sealed the palace."


async def test_a_topic_that_an_edit_brings_is_heard_of_once() -> None:
    desk = Desk("topic:strike")
    await desk.house.restart()
    quiet, strike = "The port was open on that day.", "The port was closed by a strike on that day."
    assert await desk.read(URL + "9", "A day at the harbour", [quiet, *FILLER]) == []
    (alert,) = await desk.read(URL + "9", "A day at the harbour", [strike, *FILLER])
    assert (alert.version, alert.topics) == (2, ("strike",))
    assert await desk.read(URL + "9", "A day at the harbour", [strike.replace("closed", "shut"), *FILLER]) == []


async def test_a_material_change_before_the_match_does_not_hide_it(desk: Desk) -> None:
    for number in (12, 14):
        assert await desk.read(URL + "3", "Officials meet", [f"{number} officials met.", QUIET, *FILLER]) == []
    assert len(await desk.read(URL + "3", "Officials meet", ["14 officials met.", COUP, *FILLER])) == 1


# -- furniture and real changes

FURNITURE = [
    ("Last updated: 14:32 GMT", "Last updated: 16:47 GMT"), ("1,204 comments", "1,318 comments"),
    ("Published 2 hours ago", "Published 3 hours ago"), ("4 min read", "5 min read"),
    ("312 people are reading this now", "518 people are reading this now"), ("Brent 84.12 +0.3%", "Brent 85.77 +1.9%"),
    ("Actualizado a las 14:32 h", "Actualizado a las 16:05 h"), ("Shared 1.2k times", "Shared 4.8k times"),
    ("Aktualisiert am 2. März, 14:32 Uhr", "Aktualisiert am 2. März, 18:10 Uhr"),
    ("Mis à jour à 14h32", "Mis à jour à 18h"),
    ("Обновлено в 14:32", "Обновлено в 18:10"), ("Photo: A. Nowak", "Photo: B. Kowalski"), ("+0.3 %", "-1.2 %"),
    ("Zuletzt aktualisiert: heute, 14:32", "Zuletzt aktualisiert: gestern, 14:32"), ("23 °C Norberg", "17 °C Norberg"),
    ("This story was updated at 14:32 GMT.", "This story was updated at 16:10 GMT on Tuesday."),
    ("This article was last updated on 2 March at 14:32.", "This article was last updated on 3 March at 8:00."),
    ("Esta noticia fue actualizada el 2 de marzo.", "Esta noticia fue actualizada el 3 de marzo."),
    ("Dieser Artikel wurde um 14:32 Uhr aktualisiert.", "Dieser Artikel wurde um 18:10 Uhr aktualisiert."),
    ("Cet article a été mis à jour à 14h32.", "Cet article a été mis à jour à 18h10."),
    ("Esta matéria foi atualizada às 14h32.", "Esta matéria foi atualizada às 18h10."),
    ("L'articolo è stato aggiornato alle 14:32.", "L'articolo è stato aggiornato alle 18:10."),
    ("Статья была обновлена в 14:32.", "Статья была обновлена в 18:10."),
    ("本文于14:32更新。", "本文于18:10更新。"),
    ("تم تحديث هذا الخبر الساعة 14:32.", "تم تحديث هذا الخبر الساعة 18:10."),
    ("Bu haber 14:32'de güncellendi.", "Bu haber 18:10'da güncellendi."),
    ("Artykuł zaktualizowano o 14:32.", "Artykuł zaktualizowano o 18:10."),
    ("Read the 245 comments.", "Read the 312 comments."), ("Lesezeit: 5 Minuten.", "Lesezeit: 6 Minuten."),
    ("Es ist der 12. Beitrag, den 300 Leser empfehlen", "Es ist der 12. Beitrag, den 400 Leser empfehlen"),
    ("Reporting by A. Nowak; editing by B. Kowalski", "Reporting by A. Nowak; editing by C. Wolski"),
    ("Aggiornato alle 14:32", "Aggiornato alle 18:10"), ("245 Kommentare", "312 Kommentare"), ("Share 12", "Share 47"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), FURNITURE, ids=[old for old, _ in FURNITURE])
async def test_furniture_is_not_heard_of(desk: Desk, old: str, new: str) -> None:
    assert len(await desk.read(URL + "4", "Coup in the capital", [old, COUP, *FILLER])) == 1
    assert await desk.read(URL + "4", "Coup in the capital", [new, COUP, *FILLER]) == []
    assert await desk.read(URL + "4", "Coup in the capital", [COUP, *FILLER, new]) == []


RELATED = '<aside class="related"><h3>Read more</h3><ul><li><a href="/{0}">{1}</a></li></ul></aside>'
COMMENTS = '<section class="comments"><h2>{0} comments</h2><div class="comment"><p>{1}</p></div></section>'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (RELATED.format(1, "Ferry sinks off Norberg"), RELATED.format(2, "Seven die as 12 ships collide in Lima")),
        (COMMENTS.format(3, "Who wrote this?"), COMMENTS.format(19, "Irene Sandoval paid $5 million for it.")),
        ("<figure><img src='a.jpg'><figcaption>Soldiers in Lima, 1973. Photo: Nowak</figcaption></figure>",
         "<figure><img src='b.jpg'><figcaption>The palace of Quito, 2019. Photo: Kowalski</figcaption></figure>"),
        ("<div class='ticker'>Brent 84.12 +0.3%</div>", "<div class='ticker'>Brent 85.77 +1.9%</div>"),
        ("<footer>© 2025 Gazette, 12 people</footer>", "<footer>© 2026 Gazette, 14 people</footer>"),
    ],
    ids=["related", "comments", "caption", "ticker", "footer"],
)  # fmt: skip
async def test_what_stands_around_the_text_is_not_heard_of(desk: Desk, old: str, new: str) -> None:
    assert len(await desk.read(URL + "5", "Coup in the capital", [COUP, *FILLER], extra=old)) == 1
    assert await desk.read(URL + "5", "Coup in the capital", [COUP, *FILLER], extra=new) == []


SAID = "The parliament approved the plan with 51 votes in favour and 48 against it on Monday, Irene Sandoval said."


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("51 votes in favour", "52 votes in favour"), ("Monday", "Tuesday"), ("Sandoval", "Salazar"),
        ("approved", "rejected"), ("approved", "has not approved"), ("the plan", "the plan of $5 million"),
        ("51 votes in favour and 48", "48 votes in favour and 51"),
    ],
)  # fmt: skip
async def test_what_says_something_new_is_heard_of_once(desk: Desk, old: str, new: str) -> None:
    assert len(await desk.read(URL + "6", "Coup in the capital", [COUP, SAID, *FILLER])) == 1
    edited = [COUP, SAID.replace(old, new), *FILLER]
    (alert,) = await desk.read(URL + "6", "Coup in the capital", edited)
    assert alert.version == 2
    assert await desk.read(URL + "6", "Coup in the capital", ["Updated 3 minutes ago", *edited]) == []


async def test_changes_are_judged_against_what_was_heard_of_last(desk: Desk) -> None:
    assert len(await desk.read(URL + "7", "Coup", ["12 soldiers came.", COUP, *FILLER])) == 1
    assert len(await desk.read(URL + "7", "Coup", ["14 soldiers came.", COUP, *FILLER])) == 1
    assert await desk.read(URL + "7", "Coup", ["14 soldiers came early.", COUP, *FILLER]) == []
    assert len(await desk.read(URL + "7", "Coup", ["12 soldiers came.", COUP, *FILLER])) == 1  # it was taken back


# -- bulletins of one template

QUAKES = [
    ("Lima", "Peru", 5.1, 22, 34), ("Arica", "Chile", 5.6, 41, 88), ("Quito", "Ecuador", 4.9, 17, 12),
    ("Managua", "Nicaragua", 6.2, 63, 45), ("Sendai", "Japan", 6.8, 110, 29), ("Padang", "Indonesia", 5.9, 75, 51),
    ("Lima", "Peru", 5.2, 24, 31),
]  # fmt: skip
NOTICE = [
    "This notice was generated automatically. Magnitude and location may be revised as further data become available.",
    "For the nearest city, population figures, felt reports and technical data see the event page of the agency.",
    "The information is preliminary. Effects on people and buildings depend on distance, depth and local geology.",
]


async def test_each_bulletin_of_a_template_is_heard_of() -> None:
    desk = Desk("earthquake")
    await desk.house.restart()
    for number, (city, country, magnitude, distance, depth) in enumerate(QUAKES):
        first = (
            f"An earthquake of magnitude {magnitude} struck {distance} km northeast of {city}, {country}, at a depth "
            f"of {depth} km, the automatic system of the agency reported."
        )
        title = f"M {magnitude} - {distance} km NE of {city}, {country}"
        (alert,) = await desk.read(f"{URL}quake-{number}", title, [first, *NOTICE])
        assert alert.duplicate_of is None


async def test_reports_of_weather_and_markets_are_heard_of_each_day() -> None:
    desk = Desk("gusts OR shares")
    await desk.house.restart()
    for day, (wind, index) in enumerate([(70, "1,204.5"), (85, "1,190.2"), (60, "1,231.0")]):
        weather = f"Gusts of up to {wind} km/h are expected on the coast, the weather service of the province warned."
        market = f"Shares closed at {index} points in a session that traders of the capital called a quiet one."
        assert len(await desk.read(f"{URL}weather-{day}", "Warning for the coast", [weather, *FILLER[:2]])) == 1
        assert len(await desk.read(f"{URL}market-{day}", "Market report", [market, *FILLER[2:]])) == 1


# -- old articles


@pytest.mark.parametrize(("when", "old"), [(datetime(2019, 5, 1, tzinfo=UTC), True), (AT - timedelta(days=2), False)])
async def test_an_article_of_long_ago_is_labelled(desk: Desk, when: datetime, old: bool) -> None:
    (alert,) = await desk.read(URL + "8", "Coup of the past", [COUP, *FILLER], when=when)
    assert alert.old == old
