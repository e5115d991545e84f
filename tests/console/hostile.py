"""A hostile newsroom: markup in every string that sites, configuration and people give, and what it may not become."""

from __future__ import annotations

import json
import zlib
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import html
from msgspec.structs import replace

from pipeline.assembly.deployment import Deployment
from pipeline.config.folder import Configuration
from pipeline.core.alerts.firing import alert_id
from pipeline.core.stories.updates import changed_by
from pipeline.records import (
    Alert,
    Audited,
    Change,
    Dead,
    Document,
    Dropped,
    Evidence,
    FeedState,
    Kept,
    Place,
    Request,
    Topic,
)
from pipeline.stage import Emit, Out, Position
from pipeline.stages.alert import Alert as AlertStage
from tests.builders import document, feed
from tests.console.newsroom import NOW, TERMS, TOPIC, known
from tests.reports.ledgers import delivery, message, mute, state
from tests.topic_files import write_topics

#: Breaks out of text, attributes in either quotes, titles, fields, scripts and comments; each way leaves `data-poison`.
POISON = (
    """x"' data-poison=1 onmouseover="window.ran=1" '><b data-poison>bold</b><img data-poison """
    """src=https://evil.example/p onerror=window.ran=1></title></textarea></option></select></script></style>"""
    """<script data-poison>window.ran=1</script><svg data-poison onload=window.ran=1>"""
    """<a data-poison href="javascript:window.ran=1">{{7*7}}</a><!--"""
)
LINKS = ("javascript:window.ran=1", f"https://evil.example/{POISON}", "data:text/html,<script>window.ran=1</script>")
ADDRESSED = ("href", "src", "action", "formaction", "hx-get", "hx-post", "poster", "data", "xlink:href")


def write_hostile(folder: Path) -> None:
    """A configuration with hostile texts. Names of rules and channels cannot be: letters, digits and blanks."""
    folder.mkdir(parents=True)
    name = json.dumps(POISON)
    alerts = (
        '[reader]\ntime_zone = "Europe/Madrid"\n'
        f'[[alert]]\nid = "hostile"\nname = "Hostile rule"\ndescription = {name}\n'
        f'query = "poisoned"\nseverity = "high"\nchannels = ["file"]\n'
        f'[channels.file]\ntype = "file"\npath = "alerts.jsonl"\n'
    )
    settings = f'data = "{folder.parent / "data"}"\n'
    for file, text in {"almenara.toml": settings, "feeds.toml": "", "alerts.toml": alerts}.items():
        (folder / file).write_text(text, encoding="utf-8")
    topic = TOPIC.replace('"Foreign troops"', name).replace('"Soldiers of another country."', name)
    write_topics(folder, {"troops/topic.toml": topic, "troops/en.toml": TERMS})


def documents() -> list[Document]:
    """Poisoned reports: one story of three outlets, with a copy and a version, and one report for each hostile link."""
    text = f"poisoned troops {POISON}\n{POISON}"
    common: dict[str, Any] = {
        "source": POISON, "author": POISON, "feed": "hostile", "seen": NOW, "first_seen": NOW, "published": NOW,
        "section": POISON, "countries": ("LV",), "url": LINKS[1],
    }  # fmt: skip
    made = [
        document(POISON, text, id="h1", seq=1, story_id="h1", **common),
        document(POISON, text, id="h2", seq=2, story_id="h1", independent=2, **common | {"language": "ar"}),
        document(POISON, text, id="h3", seq=3, story_id="h1", kind="copy", duplicate_of="h1", **common),
        document(POISON, text, id="h1", seq=4, story_id="h1", kind="version", version=2,
                 changes=(Change(kind="number", before=POISON, after=POISON, what=POISON),), **common),
        document(POISON, text, id="l0", seq=5, story_id="l0", **common | {"url": LINKS[0], "language": POISON}),
        document(POISON, text, id="l2", seq=6, story_id="l2", **common | {"url": LINKS[2]}),
    ]  # fmt: skip
    place = Place(name=POISON, country="LV", lat=56.95, lon=24.1, geoname=1, field="text", start=0, end=4)
    proof = Evidence(concept=POISON, text=POISON, field="text", start=0, end=8, sentence=POISON)
    topic = Topic(id="troops", score=0.8, evidence=(proof,))
    return [replace(one, tags=replace(one.tags, topics=(topic,), places=(place,))) for one in made]


async def poison(deployment: Deployment, configuration: Configuration) -> None:
    """Write the hostile newsroom into the log and the index."""
    log, index = await deployment.open_log(write=True), await deployment.open_index(write=True)
    try:
        stories: dict[str, Any] = {}
        for one in documents():
            await index.put([one])
            stories |= {story.id: story for story in changed_by(one, partial(known, stories))}
        await index.put_stories(list(stories.values()))
        outs = [Out("stories", id, story) for id, story in stories.items()]
        stage = AlertStage(configuration.alerts)
        for n, one in enumerate(documents()):
            ended = await stage.step(one, Position("documents", 0, n))
            assert isinstance(ended, Emit)
            outs += [Out("documents", one.article.id, one), *ended.outs]
        assert any(isinstance(out.record, Alert) for out in outs)
        await log.publish([*outs, *_ledger(), *_sources()])
    finally:
        await index.close()
        await log.close()


def _ledger() -> list[Out]:
    """Alerts, a mute, a delivery, what a reader keeps and what people did, with hostile texts."""
    fired = alert_id("h1", 1, "hostile")
    shown: dict[str, Any] = {"title": POISON, "source": POISON, "story": "h1", "article": "h1", "at": NOW, "seen": NOW}
    did = Audited(at=NOW, by=POISON, via="console", did=POISON, about=(POISON,), note=POISON)
    return [
        state(fired, "hostile", url=LINKS[0], message="m1", **shown), state("gone", POISON, url=LINKS[1], **shown),
        message("m1", fired, rule="hostile", at=NOW), delivery("m1", "refused"),
        mute("q1", NOW + timedelta(days=1), story="h1", reason=POISON, source=POISON, rule="hostile"),
        Out("readers", "/view/v1", Kept(user="", kind="view", id="v1", at=NOW, title=POISON, value="/?span=all")),
        Out("control", "audit", Request(audit=did)),
    ]  # fmt: skip


def _sources() -> list[Out]:
    """A hostile feed that fails, what it dropped, and a dead record."""
    one = feed("hostile", name=POISON, url=f"https://evil.example/{POISON}", language="en", groups=(POISON,))
    fails = FeedState(
        feed="hostile", polled_at=NOW, next_at=NOW, interval=600.0, failures=4, error="http_503", detail=POISON,
        failing_since=NOW - timedelta(days=1), drops={"no_link": 2},
    )  # fmt: skip
    dropped = Dropped(feed="hostile", url=LINKS[0], title=POISON, reason="paywall", detail=POISON, at=NOW)
    dead = Dead(
        stage="clean", stream="items", partition=0, offset=7, key=POISON, error=POISON, detail=POISON, at=NOW,
        value=zlib.compress(b'{"feed": ' + json.dumps(POISON).encode() + b"}"),
    )  # fmt: skip
    return [
        Out("feeds", "hostile", one), Out("feed-state", "hostile", fails), Out("dropped", "hostile", dropped),
        Out("dead", POISON, dead),
    ]  # fmt: skip


def escapes(text: str) -> list[str]:
    """What of a page could run, load from elsewhere or lead astray. Empty if nothing."""
    found = []
    for element in html.fromstring(text).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in ("style", "iframe", "object", "embed", "base", "math", "img", "video", "audio"):
            found.append(f"<{element.tag}>")
        if element.tag == "script" and (not element.get("integrity") or (element.text or "").strip()):
            found.append("<script> of the page's own")
        attributes = [(str(name), str(value)) for name, value in element.items()]
        found += [f"<{element.tag} {name}={value!r}>" for name, value in attributes if _is_wrong(element, name, value)]
    return found


def _is_wrong(element: Any, name: str, value: str) -> bool:
    if name.startswith("on") or name in ("style", "data-poison", "srcdoc", "srcset", "ping"):
        return True
    if name not in ADDRESSED:
        return False
    url = urlsplit(value.strip())
    if not url.scheme and not value.startswith("//"):  # of the console itself
        return False
    out = element.tag == "a" and name == "href" and "noopener" in (element.get("rel") or "")
    return not (out and url.scheme in ("http", "https")) and url.netloc != "127.0.0.1:8750"
