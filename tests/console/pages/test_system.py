"""The page System: state, dead records and their replay, configuration with its faults, audit."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from pipeline.console.desk import Desk
from pipeline.console.pages.system import PLACES
from pipeline.log.reading import read_all
from pipeline.records import AlertRequest, Item
from pipeline.reports.problems.advice import ADVICE
from tests.console.conftest import sent, words_of
from tests.console.newsroom import NOW
from tests.reports.ledgers import delivery, message


async def test_it_shows_what_status_reports(client: httpx.AsyncClient) -> None:
    text = (await client.get("/system")).text
    for words in ("What is wrong now", "almenara run", "relate", "How long alerts take", "Configuration in force"):
        assert words in text


async def test_dead_records_are_shown_and_put_back(client: httpx.AsyncClient, desk: Desk) -> None:
    listed = (await client.get("/system/dead")).text
    assert "the page has &lt;b&gt;no&lt;/b&gt; text" in listed
    one = (await client.get("/system/dead/0")).text
    assert "https://www.news.example.org/world/1" in one
    answer = await sent(client, "/system/dead/replay", {"number": "0"}, page="/system/dead")
    assert answer.headers["location"] == "/system/dead?replayed=1"
    items, _ = await read_all(desk.log, "items", Item)
    assert [item.url for item in items.values()] == ["https://www.news.example.org/world/1"]
    assert "put back" in (await client.get("/system/dead")).text
    assert "replay" in (await client.get("/system/audit")).text


@pytest.mark.parametrize("fields", [{}, {"number": "77"}, {"number": "x"}])
async def test_nothing_is_put_back_without_a_choice(client: httpx.AsyncClient, fields: dict[str, str]) -> None:
    assert (await sent(client, "/system/dead/replay", fields, page="/system/dead")).status_code == 400


async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/system/dead/77")).status_code == 404
    assert (await client.get("/system/dead/x")).status_code == 404


async def test_the_configuration_is_shown_with_its_faults_and_without_secrets(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    text = (await client.get("/system/configuration")).text
    assert "They have no faults." in text
    assert "fetch.timeout" in text
    folder = desk.configuration().folder
    (folder / "alerts.toml").write_text('[[alert]]\nname = "<i>x</i>"\nquery = "("\n')
    desk.forget()
    text = (await client.get("/system/configuration")).text
    assert "alerts.toml" in text
    assert "<i>x</i>" not in text


async def test_problems_lead_to_the_page_that_can_do_something_about_them(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    text = (await client.get("/system")).text
    for address in ("/sources?health=failing", "/system/dead"):
        assert f'class="button small" href="{address}"' in text
    for address, _ in PLACES.values():
        assert (await client.get(address)).status_code == 200


def test_every_kind_of_problem_that_the_console_can_help_with_is_one() -> None:
    assert set(PLACES) < set(ADVICE)


async def test_what_did_not_arrive_is_sent_again(client: httpx.AsyncClient, desk: Desk) -> None:
    assert "did not arrive" not in (await client.get("/alerts")).text
    late = message("m1", "a1", at=NOW - timedelta(days=1)), message("m2", "a1", at=NOW - timedelta(days=20))
    await desk.log.publish([*late, delivery("m1", "given_up"), delivery("m2", "refused")])
    await desk.follower.look()
    assert "1 message did not arrive." in (await client.get("/alerts")).text
    assert "2 messages did not arrive." in (await client.get("/alerts?span=30d")).text
    answer = await sent(client, "/alerts/resend", {"span": "7d", "back": "/alerts"}, page="/alerts")
    assert answer.headers["location"] == "/alerts?done=resend_all"
    asked, _ = await read_all(desk.log, "alert-requests", AlertRequest)
    assert [(one.resend.id, one.again) for one in asked.values() if one.resend] == [("m1", ("t",))]


async def test_faults_of_topics_and_settings_are_said_in_the_language_of_the_reader(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    folder = desk.configuration().folder
    with (folder / "topics" / "troops" / "topic.toml").open("a", encoding="utf-8") as file:
        file.write('[[patterns]]\nall = ["nobody"]\nweight = 0.6\nwithin = "chapter"\n')
    with (folder / "topics" / "troops" / "en.toml").open("a", encoding="utf-8") as file:
        file.write('[strangers]\nterms = ["x"]\n')
    (folder / "almenara.toml").write_text("[fetch]\nfrequency = 1\n", encoding="utf-8")
    client.cookies.set("language", "es")
    answer = await client.get("/system/configuration")
    text = words_of(answer).replace("&#39;", "'")
    for said in (
        "no existe ese ajuste", "no hay ningún concepto 'nobody' (conocidos: troops)", "'chapter' no es una distancia",
        "no es un concepto de topic.toml (añádalo a [concepts] en topic.toml)",
    ):  # fmt: skip
        assert said in text, text
    assert '<span lang="en">' not in answer.text.partition('id="faults"')[2].partition("</section>")[0]
