"""`almenara run` while people edit, empty, delete and rename: what is in force, and what every command says of it."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import signal
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.core.topics.features import BEGINNING, MEANING, sign_names
from pipeline.core.topics.read_verifier import ENCODERS
from pipeline.core.topics.verifier import DIMENSIONS
from tests.agents.test_daemon import ALERT, CHANNEL, Site, alerts, ask, call, configure, running, until
from tests.topic_files import write_topics

pytestmark = pytest.mark.slow

WORDS = ("sentinel", "witness", "said", "number")  # every article of the newsroom has them
RULES = "".join(ALERT.format(word=word) for word in WORDS) + CHANNEL
HEALTH = '\n[health]\nlisten = "127.0.0.1:{port}"\n'


def configured(folder: Path, url: str, port: int) -> Path:
    config = configure(folder, url)
    (config / "almenara.toml").write_text((config / "almenara.toml").read_text() + HEALTH.format(port=port))
    (config / "alerts.toml").write_text(RULES)
    return config


async def refused(config: Path) -> str:
    """Why `status` says that the configuration was refused; "" if it does not."""
    found = [one for one in (await ask(config, "status"))["problems"] if one["part"] == "configuration"]
    return str(found[0]["why"]) if found else ""


async def fetched(url: str) -> tuple[int, str]:
    def get() -> tuple[int, str]:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    return await asyncio.to_thread(get)


async def test_an_emptied_or_deleted_file_is_refused_until_it_is_back_or_accepted(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    async with Site() as site:
        site.published = 1
        config, server = configured(tmp_path, site.url, unused_tcp_port), f"http://127.0.0.1:{unused_tcp_port}"
        rules, feeds = config / "alerts.toml", config / "feeds.toml"
        async with running(config) as daemon:
            await daemon.says("article .* Item0 ")
            rules.write_text("")
            await daemon.says("new configuration rejected.*stays in force")
            await daemon.says(r"alerts\.toml: is empty: without all 4 rules")
            assert "is empty: without all 4 rules" in await refused(config)
            assert "sentinel" in (await call(config, "status"))[1]
            code, body = await fetched(f"{server}/health/ready")
            assert (code, [one["part"] for one in json.loads(body)["not_ready"]]) == (503, ["configuration"])
            metrics = (await fetched(f"{server}/metrics"))[1]
            assert 'almenara_problem{part="configuration",state="refused"} 1.0' in metrics

            site.published = 2  # the old rules go on
            await until(lambda: set(alerts(config)) >= {(word, "1") for word in WORDS})
            rules.unlink()
            await daemon.says(r"alerts\.toml: was deleted")
            daemon.process.send_signal(signal.SIGHUP)
            rules.write_text(RULES)
            await daemon.says("new configuration applied")
            assert await refused(config) == ""

            url = feeds.read_text()
            feeds.write_text("")
            await daemon.says(r"feeds\.toml: is empty: without the only feed")
            site.published = 3
            await until(lambda: ("sentinel", "2") in alerts(config))
            feeds.write_text(url)
            rules.write_text(ALERT.format(word="sentinel") + CHANNEL)
            await daemon.says(r"lost most of its contents: without 3 of the 4 rules")
            assert (await call(config, "accept", "alerts.toml"))[0] == 0
            await until(lambda: len([line for line in daemon.said if "new configuration applied" in line]) == 2)
            assert await refused(config) == ""
            site.published = 4
            await until(lambda: ("sentinel", "3") in alerts(config))
            assert ("witness", "3") not in alerts(config)
            rules.write_text("")
            await daemon.says(r"is empty: without the only rule")
            os.killpg(daemon.process.pid, signal.SIGKILL)
            await daemon.process.wait()
        await starts_only_when_accepted(config)


async def starts_only_when_accepted(config: Path) -> None:
    code, _, err = await call(config, "run")
    assert (code, err.count("is empty")) == (1, 1)
    assert (await call(config, "accept"))[0] == 0
    async with running(config):
        assert (await ask(config, "alerts", "list")) == []


async def test_a_fault_in_a_reload_shows_in_status(tmp_path: Path, unused_tcp_port: int) -> None:
    async with Site() as site:
        config = configured(tmp_path, site.url, unused_tcp_port)
        async with running(config) as daemon:
            (config / "alerts.toml").write_text(RULES.replace('query = "said"', 'query = "said AND"'))
            await daemon.says("new configuration rejected")
            why = await refused(config)
            assert why.startswith("alerts.toml:")
            assert "column 9" in why
            (config / "alerts.toml").write_text(RULES)
            await daemon.says("new configuration applied")
            assert await refused(config) == ""


async def test_renaming_a_rule_with_an_id_repeats_nothing_and_loses_nothing(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    async with Site() as site:
        site.published = 1
        config = configured(tmp_path, site.url, unused_tcp_port)
        rules = config / "alerts.toml"
        renamed = RULES.replace('name = "sentinel"', 'name = "Guard"\nid = "sentinel"')
        renamed = renamed.replace('name = "said"', 'name = "Quotes"')
        async with running(config) as daemon:
            await daemon.says("article .* Item0 ")
            site.published = 3
            await until(lambda: {"1", "2"} <= by_rule(config)["sentinel"])
            rules.write_text(renamed)
            await daemon.says("new configuration applied")
            await daemon.says("history ends.*rule=said.*renamed=Quotes")
            assert not daemon.has_said("history ends.*sentinel")
            site.published = 4
            await until(lambda: "3" in by_rule(config)["sentinel"])
            os.killpg(daemon.process.pid, signal.SIGKILL)
            await daemon.process.wait()
        async with running(config) as daemon:  # the restored state knows the rule by its id, too
            site.published = 5
            await until(lambda: "4" in by_rule(config)["sentinel"])
            await asyncio.sleep(2)
        assert max(Counter(line["id"] for line in lines(config)).values()) == 1
        ours = [(line["url"], line["name"]) for line in lines(config) if line["rule"] == "sentinel"]
        assert len(ours) == len(set(dict(ours))), "an article twice"
        assert {name for _, name in ours} == {"sentinel", "Guard"}
        listed = {rule["name"]: rule for rule in await ask(config, "alerts", "list")}
        assert sum(listed["Guard"]["alerts"].values()) >= len(ours), "those under its former name are counted"


def lines(config: Path) -> list[dict[str, Any]]:
    file = config.parent / "data" / "alerts.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def by_rule(config: Path) -> dict[str, set[str]]:
    """Rule -> articles that the file has of it."""
    found: dict[str, set[str]] = {word: set() for word in (*WORDS, "Quotes")}
    for line in lines(config):
        found[line["rule"]].add(line["url"].rpartition("/")[2])
    return found


async def test_changed_weights_of_a_verifier_decide_about_the_next_article(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    async with Site() as site:
        site.published = 1
        config = configured(tmp_path, site.url, unused_tcp_port)
        rule = ALERT.format(word="watch").replace('query = "', 'query = "topic:')
        (config / "alerts.toml").write_text(rule + CHANNEL)
        weights = config / "topics" / VERIFIER
        write_topics(config, {"watch/topic.toml": WATCH, "watch/en.toml": WATCH_WORDS, VERIFIER: verifier(-3)})
        async with running(config) as daemon:
            await daemon.says("article .* Item0 ")
            weights.write_text(verifier(3))
            await daemon.says("new configuration applied")
            site.published = 2
            await until(lambda: ("watch", "1") in alerts(config))
            assert ("watch", "0") not in alerts(config)
            weights.write_text("damaged = 1\n")
            await daemon.says("new configuration rejected")
            assert "verifier.toml" in await refused(config)
            site.published = 3  # the weights before go on
            await until(lambda: ("watch", "2") in alerts(config))


VERIFIER = "watch/verifier.toml"
WATCH = """
id = "watch"
version = 1
threshold = 0.5
[title]
en = "Watch"
[concepts]
person = "Who is there."
post = "Where."
alarm = "What the examples say."
[slots]
who = ["person"]
where = ["post"]
[verifier]
threshold = 0.5
concepts = []
[[patterns]]
name = "the alarm"
all = ["alarm"]
weight = 0.5
"""
WATCH_WORDS = """
[person]
terms = ["witness"]
[post]
terms = ["sentinel"]
[alarm]
terms = ["klaxon"]
[[must_match]]
text = "The klaxon."
[[must_not_match]]
text = "The sea."
"""


def verifier(bias: float) -> str:
    """A verifier.toml whose weights are 0, but the bias."""
    signs = "".join(f'"{name}" = 0.0\n' for name in sign_names(["who", "where"], []))
    rows = {part: base64.b64encode(bytes(size)).decode() for part, size in DIMENSIONS.items()}
    names = "".join(f'{key} = "{name}"\n' for key, name in {**ENCODERS, "trained-on": "nothing"}.items())
    kinds = (("with-meaning", MEANING, signs), ("with-opening", BEGINNING, signs), (MEANING, MEANING, ""))
    tables = (
        f'[{key}]\nbias = {bias}\n[{key}.signs]\n{own}[{key}.{part}]\nscale = 0.1\nweights = "{rows[part]}"\n'
        for key, part, own in (*kinds, ("opening", BEGINNING, ""))
    )
    return f"{names}{''.join(tables)}"


async def test_a_rule_that_the_console_saves_shows_on_the_next_page(tmp_path: Path, unused_tcp_port: int) -> None:
    async with Site() as site:
        config = configure(tmp_path, site.url)
        settings = (config / "almenara.toml").read_text()
        console = f'\n[console]\nlisten = "127.0.0.1:{unused_tcp_port}"\n'
        (config / "almenara.toml").write_text(settings + console)
        async with running(config), httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_tcp_port}") as client:
            form = (await client.get("/rules/edit?name=Ferries&query=ferry")).text
            named = dict(re.findall(r'<input type="hidden" name="(token|version)" value="([^"]*)"', form))
            fields = {"name": "Ferries", "query": "ferry", "trigger": "article", "enabled": "1", "channels": "file"}
            saved = await client.post("/rules/edit", data={**named, **fields})
            assert saved.status_code == 303, saved.text
            assert "Ferries" in (await client.get("/rules")).text
