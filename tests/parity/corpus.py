"""The articles of the parity test, always the same: as plain dicts by query field, and as records.

The naive evaluator reads the dicts, the program the records.
"""

from __future__ import annotations

import hashlib
import random
import tomllib
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.records import (
    Article,
    Dated,
    Document,
    Facts,
    Instrument,
    Period,
    Personnel,
    Place,
    Relation,
    Sourced,
    Stated,
    Tags,
    Topic,
    Vote,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)  # the `now` of the queries
TOPICS = (
    ("foreign-troop-authorization",), ("foreign-troop-authorization", "bases"), ("budget",), ("disaster",),
    ("election",), ("energy",), ("cyber-attack", "defence"),
)  # fmt: skip
#: Outcome, and whose forces they are; the host is the country of the place.
EVENTS = (("authorised", ("US",)), ("rejected", ("US", "CL")), ("extended", ()), ("proposed", ("RU",)))
SEVERAL = ("sender", "weapon", "personnel", "votes_for", "period_end")  # facts of which an article may have several
PLACES = (("Lima", "PE"), ("Washington", "US"), ("Kyiv", "UA"), ("Brussels", "BE"), None)

#: Whole articles of one odd thing each.
ODD = (
    ("", "An article without a title."),
    ("A title without a text", ""),
    ("", ""),
    ("Long words", f"before {'troops' * 60} after"),
    ("Words of 255 and 256 letters", f"one {'armada' + 'x' * 249} two {'armada' + 'y' * 250} three"),
    ("Emoji only 😀", "🚨🚨🚨 …"),
    ("One word many times", "vote " * 400),
    ("Troops, troops, troops", "troops congress troops congress congress troops"),
    ("Turned round", "troops foreign. The fox is quick. A quick brown fox."),
    ("foreign", "troops"),
    ("Marks", "हिन्दी שָׁלוֹם البرلمانُ e\u0301te x\u0301y"),
    ("Scripts side by side", "國會ABC한국어とEnglish и русский ไทยlaoລາວ"),
    ("Punctuation of Khmer and Burmese", "រដ្ឋសភា។ ភ្នំពេញ លွှတ်တော်။ ရန်ကုန်"),
)

#: Sixty articles consist of these words only, repeated, for phrases with many ways to match.
DRILL = ("alpha", "bravo", "charlie", "delta")


@cache
def articles() -> tuple[dict[str, Any], ...]:
    """More than 1,000 articles in 26 languages, oldest first."""
    data = tomllib.loads((Path(__file__).parent / "corpus.toml").read_text(encoding="utf-8"))
    asides = data.pop("asides")
    dice = random.Random(2026)
    drafts = [
        _draft(dice, language, words, asides) for language, words in data.items() for _ in range(words["articles"])
    ]
    outlet = data["en"]["outlets"][0]
    odd = [*ODD, *(_drilled(dice) for _ in range(60))]
    drafts += [_fields(dice, "en", data["en"], outlet, 0, 4) | {"title": title, "text": text} for title, text in odd]
    dice.shuffle(drafts)
    made: list[dict[str, Any]] = []
    for n, draft in enumerate(drafts):
        made.append(draft | _history(dice, n, made))
    return tuple(made)


def _draft(dice: random.Random, language: str, words: dict[str, Any], asides: list[str]) -> dict[str, Any]:
    what, where = dice.randrange(len(TOPICS)), dice.randrange(len(PLACES))
    outlet = dice.choice(words["outlets"])
    sentences = [_sentence(dice, words, what, where) for _ in range(dice.randrange(1, 4))]
    sentences += [_sentence(dice, words) for _ in range(dice.randrange(0, 3))]
    for aside in dice.sample(asides, dice.randrange(0, 3)):
        sentences.insert(dice.randrange(len(sentences) + 1), aside)
    title = words.get("join", " ").join(_parts(dice, words, what, where)[:3])
    text = dice.choice((" ", "\n")).join(sentences)
    shown = {"title": title.upper() if dice.randrange(12) == 0 else title, "text": text}
    shown = {name: unicodedata.normalize("NFC", value.replace("\u00ad", "")) for name, value in shown.items()}
    return _fields(dice, language, words, outlet, what, where) | shown


def _drilled(dice: random.Random) -> tuple[str, str]:
    first, second = (" ".join(dice.choice(DRILL) for _ in range(dice.randrange(length))) for length in (5, 13))
    return first, second


def _parts(dice: random.Random, words: dict[str, Any], what: int, where: int) -> list[str]:
    chosen = {
        "who": dice.choice(words["who"]),
        "does": dice.choice(words["does"]),
        "what": words["what"][what],
        "where": words["where"][where],
    }
    return [chosen[part] for part in words.get("order", ("who", "does", "what", "where"))]


def _sentence(dice: random.Random, words: dict[str, Any], what: int | None = None, where: int | None = None) -> str:
    what = dice.randrange(len(TOPICS)) if what is None else what
    where = dice.randrange(len(PLACES)) if where is None else where
    joined: str = words.get("join", " ").join(_parts(dice, words, what, where))
    stop: str = words.get("stop", ".")
    return joined[0].upper() + joined[1:] + stop


def _fields(
    dice: random.Random, language: str, words: dict[str, Any], outlet: list[str], what: int, where: int
) -> dict[str, Any]:
    source, feed, country, host = outlet
    place, url = PLACES[where], f"https://{host}/{dice.randrange(10**6)}"
    return {
        "language": language if dice.randrange(20) else None,
        "source": source,
        "feed": feed,
        "outlet_country": country if dice.randrange(15) else None,
        "url": url,
        "author": dice.choice(words["authors"]) if dice.randrange(4) else None,
        "section": dice.choice(words["sections"]) if dice.randrange(4) else None,
        "topic": TOPICS[what] if dice.randrange(6) else (),
        **_event(what, where, n=len(url)),
        "place": (place[0],) if place else (),
        "country": tuple(dict.fromkeys([*([place[1]] if place else []), *([country] if dice.randrange(2) else [])])),
    }


def _event(what: int, where: int, n: int) -> dict[str, Any]:
    """The event in an article of the first two topics, if any."""
    if what > 1:
        return dict.fromkeys(("outcome", "host", "instrument", "armed")) | dict.fromkeys(SEVERAL, ())
    outcome, senders = EVENTS[n % len(EVENTS)]
    place = PLACES[where]
    return {
        "outcome": outcome, "host": place[1] if place else None, "sender": senders,
        "instrument": (None, "Legislative Resolution", "decreto")[n % 3], "armed": (None, "yes", "no")[n % 3],
        "weapon": ((), ("rifles", "morteros"))[n % 2],
        "personnel": ((), (n * 7,), (200, 200 + n * 9))[n % 3], "votes_for": ((), (n,))[n % 2],
        "period_end": ((), (START + timedelta(days=n),))[n % 2],
    }  # fmt: skip


def _history(dice: random.Random, n: int, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """When the n-th article was seen, and how it relates to those before."""
    seen = START + timedelta(hours=3.2 * n, seconds=dice.randrange(3600), microseconds=dice.choice((0, 0, 250_000)))
    if n % 40 == 0:
        seen = seen.replace(hour=0, minute=0, second=0, microsecond=0)  # the very first moment of a day
    published = seen - timedelta(minutes=dice.randrange(3 * 24 * 60))
    kind = dice.choices(("new", "version", "copy"), (7, 2, 1))[0] if n > 20 else "new"
    story = dice.choice(earlier[-20:])["story"][0] if n > 20 and dice.randrange(3) == 0 else _id("story", n)
    return {
        "id": _id("article", n),
        "seq": n + 1,
        "first_seen": seen,
        "published": None if dice.randrange(8) == 0 else seen if n % 40 == 0 else published,
        "kind": kind,
        "version": dice.randrange(2, 5) if kind == "version" else 1,
        "independent": 1 + n % 4,
        "agency": ((), ("afp",), ("afp", "dpa"))[n % 3],
        "story": (story, _id("story", n - 3)) if n % 7 == 3 else (story,),
        "duplicate_of": dice.choice(earlier[-20:])["id"] if kind == "copy" else None,
    }


def _id(kind: str, n: int) -> str:
    return hashlib.sha256(f"{kind} {n}".encode()).hexdigest()[:16]


@cache
def documents() -> tuple[Document, ...]:
    """The articles as records of the pipeline."""
    return tuple(record(article) for article in articles())


def record(article: dict[str, Any]) -> Document:
    value = article.__getitem__
    return Document(
        article=Article(
            id=value("id"), url=value("url"), feed=value("feed"), source=value("source"),
            title=Sourced(value=value("title"), source="feed"), text=value("text"), content_hash="0",
            seen=value("first_seen"), language=value("language"), country=value("outlet_country"),
            section=value("section"),
            author=Sourced(value=value("author"), source="meta") if value("author") else None,
            published=Dated(value=value("published"), source="feed", raw="") if value("published") else None,
        ),
        tags=Tags(
            rules="r",
            topics=tuple(Topic(id=topic, score=1.0) for topic in value("topic")),
            countries=value("country"),
            places=tuple(
                Place(name=name, country="PE", lat=0.0, lon=0.0, geoname=1, field="text", start=0, end=0)
                for name in value("place")
            ),
            facts=_facts(article), agency=value("agency"),
        ),
        relation=Relation(
            kind=value("kind"), first_seen=value("first_seen"), seq=value("seq"), version=value("version"),
            story_id=value("story")[0], merged=value("story")[1:], duplicate_of=value("duplicate_of"),
            independent=value("independent"),
        ),
    )  # fmt: skip


def _facts(article: dict[str, Any]) -> tuple[Facts, ...]:
    def stated(value: object) -> Stated:
        return Stated(value=str(value), sentence="", start=0, end=0, field="text")

    def perhaps(value: object) -> Stated | None:
        return stated(value) if value is not None else None

    if article["outcome"] is None:
        return ()
    people = [*map(stated, article["personnel"])]
    ends = [end.date() for end in article["period_end"]]
    return (
        Facts(
            topic="t", outcome=stated(article["outcome"]), host=perhaps(article["host"]),
            senders=tuple(map(stated, article["sender"])), armed=perhaps(article["armed"]),
            weapons=tuple(map(stated, article["weapon"])),
            instrument=Instrument(kind=stated(article["instrument"])) if article["instrument"] else None,
            personnel=Personnel(min=people[0], max=people[-1]) if people else None,
            vote=Vote(for_=stated(article["votes_for"][0])) if article["votes_for"] else None,
            period=Period(end=stated(ends[0])) if ends else None,
        ),
    )  # fmt: skip
