"""The pages of rules: the list, the editor, trying on the past."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from pipeline.config.edit_rules import RuleFile
from pipeline.console.desk import Desk
from pipeline.console.jobs import KEPT, Job, Jobs, Progress
from pipeline.log.reading import read_all
from pipeline.records import AlertRequest, Request
from pipeline.stage import Unavailable
from tests.console.conftest import sent, words_of
from tests.console.newsroom import NOW
from tests.reports.ledgers import delivery, message, state

STRIKES = "Port strikes"


def folder_of(desk: Desk) -> Path:
    return desk.configuration().folder


def fields(desk: Desk, **changes: str) -> dict[str, str]:
    """A form as the browser sends it."""
    version = RuleFile.read(folder_of(desk)).version
    return {"named": STRIKES, "version": version, "name": STRIKES, "query": "strike OR huelga", "channels": "file",
            "severity": "low", "trigger": "article", "enabled": "1", **changes}  # fmt: skip


async def test_each_rule_with_how_it_does(client: httpx.AsyncClient, desk: Desk) -> None:
    at = NOW - timedelta(hours=2)
    await desk.log.publish([
        state("a1", STRIKES, at=at, mark="useful", message="m1"), state("a2", STRIKES, at=at, mark="noise"),
        state("a3", "Old rule", at=at), message("m1", "a1", rule=STRIKES, at=at),
        delivery("m1", at=at + timedelta(seconds=3)),
    ])  # fmt: skip
    await desk.follower.look()
    text = words_of(await client.get("/rules"))
    assert "2 rules" in text
    assert "Articles with &#34;strike&#34;" in text
    assert "50 % 9–91 %, 2 marks" in text
    assert re.search(r"Last fired 2\s\S+ ago", text), text[text.index("Last fired") :][:80]
    assert "Troops in Latvia" in text
    assert "never" in text
    assert "No longer in alerts.toml Old rule 1" in text


async def test_a_new_rule_from_a_search(client: httpx.AsyncClient, desk: Desk) -> None:
    page = await client.get("/rules/edit?query=harbour%20fire&name=Fires")
    assert ">harbour fire</textarea>" in page.text
    answer = await sent(client, "/rules/edit", fields(desk, named="", name="Fires", query="harbour fire"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/rules?done=saved")
    assert RuleFile.read(folder_of(desk)).rule("Fires") == {
        "name": "Fires", "query": "harbour fire", "severity": "low", "channels": ["file"],
    }  # fmt: skip
    entries, _ = await read_all(desk.log, "control", Request)
    assert [(one.audit.did, one.audit.about) for one in entries.values() if one.audit] == [("new rule", ("Fires",))]


async def test_a_rule_is_changed_and_its_neighbours_stay(client: httpx.AsyncClient, desk: Desk) -> None:
    before = (folder_of(desk) / "alerts.toml").read_text(encoding="utf-8")
    assert (await sent(client, "/rules/edit", fields(desk, query="strike"))).status_code == 303
    after = (folder_of(desk) / "alerts.toml").read_text(encoding="utf-8")
    expected = before.replace(
        'query = "strike OR huelga OR Streik"\nseverity = "high"', 'query = "strike"\nseverity = "low"'
    )
    assert after == expected


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"query": "(strike"}, "column"),
        ({"query": "topic:nothing"}, "nothing"),
        ({"name": "Troops in Latvia"}, "Troops in Latvia"),
        ({"name": ""}, "is missing"),
        ({"budget": "many"}, "budget"),
        ({"channels": "no-such"}, "no-such"),
        ({"query": "<script>alert(1)</script> ("}, "column"),
    ],
)
async def test_faults_stand_in_the_form_and_nothing_is_written(
    client: httpx.AsyncClient, desk: Desk, changes: dict[str, str], said: str
) -> None:
    before = (folder_of(desk) / "alerts.toml").read_bytes()
    answer = await sent(client, "/rules/edit", fields(desk, **changes))
    assert answer.status_code == 422
    assert said in words_of(answer)
    assert "<script>alert" not in answer.text
    assert (folder_of(desk) / "alerts.toml").read_bytes() == before
    checked = await sent(client, "/rules/check", fields(desk, **changes))
    assert said in checked.text
    assert "<html" not in checked.text


async def test_what_a_draft_finds_is_said_while_one_types(client: httpx.AsyncClient, desk: Desk) -> None:
    text = (await sent(client, "/rules/check", fields(desk, query="harbour NEAR/3 fire"))).text
    assert "within three words" in text
    assert "Nothing is wrong" in text


async def test_a_file_that_somebody_else_changed_is_not_overwritten(client: httpx.AsyncClient, desk: Desk) -> None:
    form = fields(desk, query="strike")
    place = folder_of(desk) / "alerts.toml"
    place.write_text(place.read_text(encoding="utf-8") + "# a note\n", encoding="utf-8")
    answer = await sent(client, "/rules/edit", form)
    assert answer.status_code == 409
    assert "changed by somebody else" in words_of(answer)
    assert ">strike</textarea>" in answer.text  # what was typed is still there
    again = re.search(r'name="version" value="(\w+)"', answer.text)
    assert again
    assert (await sent(client, "/rules/edit", form | {"version": again[1]})).status_code == 303
    assert "# a note" in place.read_text(encoding="utf-8")


async def test_a_rule_is_removed(client: httpx.AsyncClient, desk: Desk) -> None:
    form = {"named": STRIKES, "version": RuleFile.read(folder_of(desk)).version}
    assert (await sent(client, "/rules/remove", {**form, "named": "nothing"})).status_code == 400
    assert (await sent(client, "/rules/remove", {**form, "version": "0"})).status_code == 409
    assert (await sent(client, "/rules/remove", form)).status_code == 303
    assert "Port strikes" not in (folder_of(desk) / "alerts.toml").read_text(encoding="utf-8")
    assert (await client.get(f"/rules/edit?rule={STRIKES}")).status_code == 404


async def test_a_draft_is_tried_on_the_past(client: httpx.AsyncClient, desk: Desk) -> None:
    answer = await sent(client, "/rules/backtest", fields(desk, query="huelga", span="7d"))
    assert answer.status_code == 303
    path = answer.headers["location"]
    for _ in range(200):
        text = words_of(await client.get(path))
        if "Articles that match" in text:
            break
        await asyncio.sleep(0.02)
    assert "Articles that match 1 Stories 1 Messages 1" in text
    assert "Huelga de estibadores en Lisboa" in text
    assert "Only the rule in force finds" in text  # it also looks for "strike"
    assert "<html" not in (await client.get(path, headers={"HX-Request": "true"})).text
    assert (await client.get("/rules/backtest/none")).status_code == 404
    assert (await sent(client, "/rules/backtest", fields(desk, query="("))).status_code == 422


async def test_a_channel_is_tested_by_the_stage_that_sends(client: httpx.AsyncClient, desk: Desk) -> None:
    assert (await sent(client, "/rules/channels/file/test", {})).status_code == 303
    assert (await sent(client, "/rules/channels/nothing/test", {})).status_code == 404
    found, _ = await read_all(desk.log, "alert-requests", AlertRequest)
    assert [(one.again, one.resend.kind) for one in found.values() if one.resend] == [(("file",), "test")]


async def test_jobs_are_seen_by_who_started_them_and_forgotten_in_the_end() -> None:
    jobs: Jobs[int] = Jobs()

    async def work(progress: Progress) -> int:
        progress(1, 2)
        return 7

    async def fails(progress: Progress) -> int:
        raise Unavailable("the index is locked")

    async def never(progress: Progress) -> int:
        await asyncio.Event().wait()
        return 0

    one, other = jobs.start("ana", "a", work), jobs.start("ana", "b", fails)
    await _ended(one, other)
    assert (one.result, one.done, other.error) == (7, 1, "the index is locked")
    assert jobs.get(one.id, "ben") is None
    for _ in range(KEPT):
        jobs.start("ana", "c", never)
    assert jobs.get(one.id, "ana") is None
    await jobs.close()


async def _ended(*jobs: Job[int]) -> None:
    for _ in range(100):
        if all(job.ended for job in jobs):
            return
        await asyncio.sleep(0)
