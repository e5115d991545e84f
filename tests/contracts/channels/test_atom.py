"""Atom feeds, read back with feedparser."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree

from pipeline.backends.channels.atom import ALL, AtomChannel, file_name
from pipeline.core.feeds.write_atom import NAMESPACE, urn
from pipeline.ports import SendFailed
from pipeline.records import Dated
from tests.builders import alert, message
from tests.contracts.channels.kinds import AT
from tests.contracts.channels.receivers import HOSTILE


def read(path: Path) -> Any:
    found = feedparser.parse(path.read_bytes())
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


async def test_a_feed_of_the_rule_and_one_of_everything(tmp_path: Path) -> None:
    channel = AtomChannel(tmp_path / "feeds")
    published = Dated(value=datetime(2026, 3, 1, 9, 30, tzinfo=UTC), source="feed", raw="")
    await channel.send(message(alert("a1", published=published, topics=("troops",))), "k1")
    await channel.send(message(alert("a2", rule="Coups", name="Coups")), "k2")
    assert sorted(path.name for path in (tmp_path / "feeds").iterdir()) == sorted(
        [ALL, file_name("Troops"), file_name("Coups")]
    )
    assert len(read(tmp_path / "feeds" / ALL).entries) == 2
    feed = read(tmp_path / "feeds" / file_name("Troops"))
    (entry,) = feed.entries
    assert (feed.feed.title, entry.link, entry.author) == (
        "Almenara: Troops",
        "https://news.example.org/a1",
        "The Example",
    )
    assert entry.id == urn(f"alert/{alert('a1').id}")
    assert (entry.published, entry.updated) == ("2026-03-01T09:30:00Z", "2026-03-02T12:00:00Z")
    assert "Title of a1" in entry.title
    assert "<blockquote" in entry.content[0].value
    assert {tag.term for tag in entry.tags} == {"Troops", "high", "alert", "troops"}
    await channel.close()


async def test_what_rfc_4287_asks_for(tmp_path: Path) -> None:
    channel = AtomChannel(tmp_path)
    await channel.send(message(alert("a1"), alert("a2"), kind="summary"), "k1")
    await channel.send(message(kind="report", rule="", name="channel x", text="It fails."), "k2")
    for path in tmp_path.iterdir():
        root = etree.fromstring(path.read_bytes())
        assert root.tag == f"{{{NAMESPACE}}}feed"
        for element in (root, *root.findall(f"{{{NAMESPACE}}}entry")):
            for name in ("id", "title", "updated"):
                assert len(element.findall(f"{{{NAMESPACE}}}{name}")) == 1, name
        ids = [element.text for element in root.iter(f"{{{NAMESPACE}}}id")]
        assert len(ids) == len(set(ids))
        assert all(one and one.startswith("urn:uuid:") for one in ids)
        updated = [element.text or "" for element in root.iter(f"{{{NAMESPACE}}}updated")]
        assert updated[0] == max(updated[1:])


async def test_an_entry_is_written_once_and_nothing_is_touched_for_a_repeat(tmp_path: Path) -> None:
    await AtomChannel(tmp_path).send(message(alert("a1")), "k1")
    before = {path: path.stat() for path in tmp_path.iterdir()}
    await AtomChannel(tmp_path).send(message(alert("a1")), "k1")  # another process
    assert {path: path.stat() for path in tmp_path.iterdir()} == before


async def test_the_newest_first_and_only_so_many(tmp_path: Path) -> None:
    channel = AtomChannel(tmp_path, most=5)
    for n in range(9):
        await channel.send(message(alert(f"a{n}"), at=AT + timedelta(minutes=n)), f"k{n}")
    for file in (ALL, file_name("Troops")):
        links = [entry.link.rsplit("/")[-1] for entry in read(tmp_path / file).entries]
        assert links == ["a8", "a7", "a6", "a5", "a4"]


@pytest.mark.parametrize(
    "before", [b"", b"<feed", b"not xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "/etc/passwd">]><x>&e;</x>']
)
async def test_a_file_that_is_no_feed_is_replaced(tmp_path: Path, before: bytes) -> None:
    (tmp_path / ALL).write_bytes(before)
    await AtomChannel(tmp_path).send(message(alert("a1")), "k1")
    assert len(read(tmp_path / ALL).entries) == 1
    assert b"root:" not in (tmp_path / ALL).read_bytes()


async def test_hostile_text_is_text(tmp_path: Path) -> None:
    url = "https://x.example/a b?c=<d>&e=\x1b[2J#ñ"
    title = f"{HOSTILE} ]]> <script>1</script> \x00\ufffe"
    await AtomChannel(tmp_path).send(message(alert("a1", title=title, source=title, url=url)), "k1")
    (entry,) = read(tmp_path / ALL).entries
    assert "<script" not in entry.content[0].value
    assert " " not in entry.link
    await AtomChannel(tmp_path).send(message(alert("a2", url="javascript:alert(1)")), "k2")
    assert not [link for link in read(tmp_path / ALL).entries[0].get("links", ()) if "javascript" in link.href]


@pytest.mark.parametrize(
    ("rule", "start"),
    [
        ("../../etc/passwd", "etc-passwd-"), ("Ñandú & Co", "nandu-co-"), ("国会", "rule-"), ("all", "all-"),
        ("", "rule-"), ("a" * 300, "a" * 60 + "-"), ("CON", "con-"), (".hidden", "hidden-"),
    ],
)  # fmt: skip
def test_file_names_are_safe(rule: str, start: str) -> None:
    name = file_name(rule)
    assert name.startswith(start)
    assert name.endswith(".xml")
    assert "/" not in name
    assert len(name) < 90


def test_rules_that_look_alike_have_their_own_files() -> None:
    assert len({file_name(rule) for rule in ("A b", "a b", "a-b", "á b", "a.b")}) == 5


async def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    channel = AtomChannel(tmp_path, most=50)
    await channel.send(message(alert("start")), "k")

    async def write() -> None:
        for n in range(30):
            await channel.send(message(alert(f"a{n}")), f"k{n}")

    writing = asyncio.create_task(write())
    seen = 0
    while not writing.done():
        root = etree.fromstring((tmp_path / ALL).read_bytes())
        seen = max(seen, len(root.findall(f"{{{NAMESPACE}}}entry")))
        await asyncio.sleep(0)
    await writing
    assert seen > 1
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "feeds").write_text("a file")
    with pytest.raises(SendFailed, match="feeds: "):
        await AtomChannel(tmp_path / "feeds").send(message(alert("a1")), "k1")
