"""`almenara feeds …` and workers, where the log is on a Kafka broker: on a real one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.assembly.deployment import deployment_for
from pipeline.core.feeds.changes import Change
from pipeline.core.feeds.opml import read_opml
from pipeline.log.feeds import publish_changes
from pipeline.ports import Log
from pipeline.records import Feed
from tests.agents.workers import Place, until
from tests.commands.asking import READING_COMMANDS, Ask, Use

pytestmark = pytest.mark.slow

FEED = '[[feed]]\nid = "{0}"\nname = "F"\nurl = "https://example.net/{0}"\n'


def test_feeds_added_are_listed_exported_imported_and_removed(ask: Ask, use: Use, config: Path) -> None:
    (config / "feeds.toml").write_text('[[feed]]\nid = "x"\nname = "X"\nurl = "https://example.net/x"\n')
    use("kafka")
    assert ask("feeds", "list", "--json").out == ""
    assert "published" in ask("feeds", "apply", "--yes").out
    assert [line["feed"]["origin"] for line in ask("feeds", "list", "--json").lines] == ["config"]
    assert (
        "added the-example;"
        in ask("feeds", "add", "https://example.org/rss.xml", "--name", "The Example", "--no-check").out
    )
    again = ask("feeds", "add", "https://example.org/rss.xml", "--no-check")
    assert (again.code, again.out) == (1, "")
    assert ask("feeds", "export", "-o", "all.opml").code == 0
    assert [feed.id for feed in read_opml(Path("all.opml").read_bytes()).feeds] == ["the-example", "x"]
    assert ask("feeds", "remove", "the-example").code == 0
    assert ask("feeds", "remove", "x").code == 0
    assert ask("feeds", "list", "--json").out == ""
    assert "2 added, 0 were already there" in ask("feeds", "import", "all.opml", "--yes").out
    assert "2 feed(s), 0 failing" in ask("feeds", "list").out


def test_another_feeds_toml_leaves_the_feeds_in_production_alone(ask: Ask, use: Use, config: Path) -> None:
    """The reading commands write nothing, whatever folder they use; applying it removes nothing of another seed."""
    use("kafka")
    (config / "feeds.toml").write_text('name = "production"\n' + FEED.format("x") + FEED.format("y"))
    assert ask("feeds", "apply", "--yes", "--json").json["published"]
    ends = deployment_for(config).with_log(lambda log: log.ends())
    (config / "feeds.toml").write_text('name = "laptop"\n' + FEED.format("x") + FEED.format("z"))
    for command in READING_COMMANDS:
        assert ask(*command).code in (0, 1, 3, 5), command  # 3: there is no index
    assert deployment_for(config).with_log(lambda log: log.ends()) == ends
    shown = ask("feeds", "apply", "--yes").out
    assert "+ z" in shown
    assert "= x kept: the same, published by the seed 'production'" in shown
    assert [line["feed"]["id"] for line in ask("feeds", "list", "--json").lines] == ["x", "y", "z"]


def test_a_feed_that_moves_to_another_site_is_listed_once(ask: Ask, use: Use, config: Path) -> None:
    use("kafka")
    sites = [f"https://site{n}.example/rss" for n in range(6)]  # in either partition

    async def move(log: Log) -> None:
        known: Feed | None = None
        for url in sites:
            feed = Feed(id="f", name="F", url=url, origin="cli")
            await publish_changes(log, [Change("changed", feed, known)])
            known = feed

    deployment_for(config).with_log(move, write=True)
    assert [line["feed"]["url"] for line in ask("feeds", "list", "--json").lines] == [sites[-1]]


async def test_a_worker_publishes_no_feeds_and_says_how_its_file_differs(
    tmp_path: Path, kafka: str, elasticsearch: str, prefix: str
) -> None:
    place = Place.made(
        tmp_path / "place", LOG_URL=kafka, INDEX_URL=elasticsearch, ALMENARA_KAFKA_PREFIX=prefix,
        ALMENARA_ELASTICSEARCH_PREFIX=prefix.rstrip("."), feeds='name = "ours"\n' + FEED.format("x"),
    )  # fmt: skip
    assert (await place.almenara("streams", "create"))[0] == 0

    async def listed() -> list[str]:
        _, out, _ = await place.almenara("feeds", "list", "--json")
        return [json.loads(line)["feed"]["id"] for line in out.splitlines()]

    async with place.worker("poll") as worker:
        await worker.says("started")
        assert "no feed is polled: run `almenara feeds apply`" in worker.said
        assert await listed() == []
        code, out, _ = await place.almenara("feeds", "apply", "--yes")
        assert (code, await listed()) == (0, ["x"]), out
        await worker.says("feeds agree")
        (place.folder / "config" / "feeds.toml").write_text('name = "ours"\n' + FEED.format("y"))
        await worker.says("feeds.toml differs from the feeds on the log: added: y; removed: x")
        assert await listed() == ["x"]
        await worker.says("new configuration applied")

        async def shown() -> bool:
            _, out, _ = await place.almenara("status", "--json")
            return ("feeds", "different") in [(one["part"], one["state"]) for one in json.loads(out)["problems"]]

        await until(shown, worker)
    assert worker.process.returncode == 0, worker.said
