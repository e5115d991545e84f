"""A small newsroom: real files of a log and an index, with stories in several languages, alerts, feeds and faults.

The documents are folded into stories, and matched by rules, by the code that the stages use.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from pipeline.assembly.deployment import Deployment
from pipeline.config.folder import Configuration
from pipeline.core.feeds.seed import site_key
from pipeline.core.stories.updates import changed_by
from pipeline.ports import Index, Log
from pipeline.records import (
    Alert,
    AlertState,
    Change,
    Dead,
    Document,
    Dropped,
    Evidence,
    Facts,
    Feed,
    FeedState,
    Period,
    Place,
    PollNote,
    Stated,
    Story,
    Topic,
    Vote,
    encode,
)
from pipeline.stage import Emit, Out, Position
from pipeline.stages.alert import Alert as AlertStage
from tests.builders import document, feed, item
from tests.topic_files import write_topics

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # the clock of the desk

ALERTS = """
[reader]
time_zone = "Europe/Madrid"
[[alert]]
name = "Port strikes"
query = "strike OR huelga OR Streik"
severity = "high"
channels = ["file"]
[[alert]]
name = "Troops in Latvia"
query = "topic:troops country:LV"
severity = "critical"
channels = ["file"]
[channels.file]
type = "file"
path = "alerts.jsonl"
"""

TOPIC = """
id = "troops"
version = 1
threshold = 0.5
[title]
en = "Foreign troops"
[concepts]
troops = "Soldiers of another country."
[[patterns]]
all = ["troops"]
weight = 0.6
"""
TERMS = """[troops]
terms = ["troops"]
[[must_match]]
text = "Foreign troops came."
[[must_not_match]]
text = "A sunny day."
"""

FEEDS = [
    feed("harbour-post", name="Harbour Post", url="https://harbour.example/rss", language="en", country="GB"),
    feed("diario-costa", name="Diario de la Costa", url="https://costa.example/rss", language="es", country="ES"),
    feed("hafenblatt", name="Hafenblatt", url="https://hafenblatt.example/feed", language="de", country="DE"),
    feed("baltic-daily", name="Baltic Daily", url="https://baltic.example/rss", language="en", country="LV"),
    feed("sahifa", name="صحيفة الميناء", url="https://sahifa.example/rss", language="ar", country="MA"),
    feed("paused", name="Paused Times", url="https://paused.example/rss", language="en", country="IE", enabled=False),
]


def _minutes(ago: float) -> datetime:
    return NOW - timedelta(minutes=ago)


def _report(id: str, seq: int, story: str, ago: float, title: str, text: str, of: Feed, **changes: Any) -> Document:
    """A document of the feed `of`, first seen that many minutes ago."""
    address = f"https://{of.url.split('/')[2]}/{id}"
    fields: dict[str, Any] = {
        "id": id, "seq": seq, "story_id": story, "seen": _minutes(ago), "first_seen": _minutes(ago), "url": address,
        "source": of.name, "feed": of.id, "language": of.language, "country": of.country,
        "published": _minutes(ago + 4), "author": "Staff", "section": "news",
    }  # fmt: skip
    return document(title, text, **fields | changes)


def _stated(text: str, value: str | int, words: str) -> Stated:
    start = text.index(words)
    return Stated(value=value, sentence=text, start=start, end=start + len(words), field="text")


def _vote(text: str, votes: int, words: str) -> Facts:
    host = Stated(value="LV", sentence=text, start=0, end=3, field="text")
    return Facts(
        topic="troops", host=host, vote=Vote(for_=_stated(text, votes, words), against=_stated(text, 25, words))
    )


def _authorised(text: str) -> Facts:
    """The vote of the first report, with what follows from it."""
    return replace(
        _vote(text, 73, "73 to 25"), outcome=_stated(text, "authorised", "let"),
        senders=(_stated(text, "CA", "Canadian"),),
        period=Period(end=_stated(text, "2027-06-30", "until 2027")),
    )  # fmt: skip


def _with(one: Document, *, facts: Sequence[Facts] = (), topic: str = "", places: Sequence[Place] = ()) -> Document:
    evidence = Evidence(
        concept="troops", text="troops", field="text", start=(at := max(one.article.text.find("troops"), 0)),
        end=at + 6, sentence=one.article.text,
    )  # fmt: skip
    topics = (Topic(id=topic, score=0.8, evidence=(evidence,)),) if topic else one.tags.topics
    return replace(one, tags=replace(one.tags, facts=tuple(facts), topics=topics, places=tuple(places)))


def documents() -> list[Document]:
    """The reports, in the order in which they were seen."""
    post, costa, hafen, baltic, sahifa, _ = FEEDS
    riga = Place(name="Riga", country="LV", lat=56.95, lon=24.1, geoname=456172, field="text", start=0, end=4)
    lisbon = Place(name="Lisbon", country="PT", lat=38.72, lon=-9.13, geoname=2267057, field="text", start=0, end=6)
    first = "Lisbon dockers began a strike on Monday. Union leaders say 400 workers left the quays."
    vote_a = "The parliament voted 73 to 25 to let Canadian troops stay in Latvia until 2027."
    vote_b = "By 75 votes to 25 deputies agreed that troops from Canada may stay in Latvia."
    troops = "troops"
    return [
        _with(_report("p1", 1, "p1", 300, "Dockers strike in Lisbon", first, post, countries=("PT",)), places=[lisbon]),
        _report("p2", 2, "p1", 240, "Huelga de estibadores en Lisboa",
                "Los estibadores de Lisboa empezaron una huelga. El sindicato habla de 450 trabajadores.", costa,
                countries=("PT",), independent=2),
        _report("p3", 3, "p1", 200, "Streik im Hafen von Lissabon",
                "Im Hafen von Lissabon begann ein Streik. Schiffe warten vor der Mündung des Tejo.", hafen,
                countries=("PT", "DE"), independent=3),
        _report("p4", 4, "p1", 190, "Dockers strike in Lisbon", first, baltic, kind="copy", duplicate_of="p1",
                countries=("PT",), independent=3),
        _with(_report("t1", 5, "t1", 120, "Latvia's parliament lets troops stay", vote_a, baltic, countries=("LV",)),
              facts=[_authorised(vote_a)], topic=troops, places=[riga]),
        _with(_report("t2", 6, "t1", 90, "Deputies agree to Canadian troops", vote_b, post, countries=("LV", "CA"),
                      independent=2, differs=("vote.for: 73 | 75",)),
              facts=[_vote(vote_b, 75, "75 votes")], topic=troops, places=[riga]),
        _report("m1", 7, "m1", 60, "افتتاح ميناء جديد في طنجة", "افتتح الميناء الجديد في طنجة صباح اليوم.", sahifa,
                countries=("MA",)),
        _report("h1", 8, "h1", 45, "<script>alert(1)</script> & \"quotes\" 'here'",
                "A title that is markup must be shown as text. <img src=x onerror=alert(2)>", post),
        _report("p1", 9, "p1", 20, "Dockers strike in Lisbon ends", first.replace("400", "380"), post, kind="version",
                version=2, first_seen=_minutes(300), countries=("PT",), independent=3,
                changes=(Change(kind="number", before="400", after="380", what="workers"),)),
    ]  # fmt: skip


def _states() -> list[FeedState]:
    def state(of: Feed, ago: float, **changes: Any) -> FeedState:
        note = PollNote(at=_minutes(ago), outcome="ok", new=1, next=_minutes(ago - 10))
        fields: dict[str, Any] = {
            "feed": of.id, "polled_at": _minutes(ago), "next_at": _minutes(ago - 10), "interval": 600.0,
            "entries": 20, "history": (note,),
        }  # fmt: skip
        return FeedState(**fields | changes)

    return [
        state(FEEDS[0], 3),
        state(FEEDS[1], 5, drops={"no_link": 2}),
        state(FEEDS[2], 8, failures=4, error="http_503", detail="the server answered 503", failing_since=_minutes(400)),
        state(FEEDS[3], 2),
    ]


async def fill(deployment: Deployment, configuration: Configuration) -> None:
    """Write the newsroom into the log and the index of the deployment."""
    log, index = await deployment.open_log(write=True), await deployment.open_index(write=True)
    try:
        await _publish(log, configuration, await _stories(index))
    finally:
        await index.close()
        await log.close()


async def _stories(index: Index) -> dict[str, Story]:
    stories: dict[str, Story] = {}
    for one in documents():
        await index.put([one])
        stories |= {story.id: story for story in changed_by(one, partial(known, stories))}
    await index.put_stories(list(stories.values()))
    return stories


def known(stories: dict[str, Story], ids: Sequence[str]) -> dict[str, Story]:
    return {id: stories[id] for id in ids if id in stories}


async def _publish(log: Log, configuration: Configuration, stories: dict[str, Story]) -> None:
    outs = [Out("feeds", one.id, one, by=site_key(one)) for one in FEEDS]
    outs += [Out("feed-state", state.feed, state, by=site_key(one)) for state in _states() for one in FEEDS
             if one.id == state.feed]  # fmt: skip
    outs += [Out("documents", one.article.id, one) for one in documents()]
    outs += [Out("stories", id, story) for id, story in stories.items()]
    stage = AlertStage(configuration.alerts)
    for n, one in enumerate(documents()):
        ended = await stage.step(one, Position("documents", 0, n))
        assert isinstance(ended, Emit)
        outs += [*ended.outs, *(Out("alert-state", out.record.id, _reported(out.record)) for out in ended.outs
                                if isinstance(out.record, Alert))]  # fmt: skip
    drop = Dropped(
        feed="hafenblatt", url="https://hafenblatt.example/1", title="Kurz", reason="paywall", detail="",
        at=_minutes(30),
    )  # fmt: skip
    dead = Dead(
        stage="clean", stream="items", partition=0, offset=7, key="k", error="ValueError",
        detail="ValueError: the page has <b>no</b> text", at=_minutes(50), value=zlib.compress(encode(item())),
    )  # fmt: skip
    await log.publish([*outs, Out("dropped", "hafenblatt", drop), Out("dead", "k", dead)])


def _reported(alert: Alert) -> AlertState:
    return AlertState(
        id=alert.id, rule=alert.rule, status="reported", at=alert.seen, seen=alert.seen, article=alert.article,
        version=alert.version, story=alert.story_id, title=alert.title, source=alert.source, url=alert.url,
    )  # fmt: skip


def write_configuration(folder: Path) -> None:
    """A small configuration folder, whose data are beside it."""
    folder.mkdir(parents=True)
    settings = f'data = "{folder.parent / "data"}"\n'
    for name, text in {"almenara.toml": settings, "feeds.toml": "", "alerts.toml": ALERTS}.items():
        (folder / name).write_text(text, encoding="utf-8")
    write_topics(folder, {"troops/topic.toml": TOPIC, "troops/en.toml": TERMS})
