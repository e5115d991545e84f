"""What goes wrong on the operator's side while pages are open: each page says what to do, and nothing that was typed or
was in a file is lost."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from pipeline.assembly.console import access_of, desk_of
from pipeline.assembly.deployment import deployment_of
from pipeline.config.folder import Configuration, load
from pipeline.config.settings import Settings
from pipeline.console.app import build
from pipeline.console.desk import Desk
from pipeline.console.safety.users import Users
from pipeline.stage import Unavailable
from tests.console.conftest import browser, words_of
from tests.console.newsroom import NOW
from tests.console.safety.test_late_forms import RULE, _fields, _log_in, _post
from tests.console.safety.test_parts import FAST, PASSWORD
from tests.limits import in_own_process, limit


async def _draft(client: httpx.AsyncClient, rule: str = "") -> dict[str, str]:
    page = await client.get(f"/rules/edit?rule={rule}" if rule else "/rules/edit")
    return {**_fields(page.text), **RULE}


def _alerts(desk: Desk) -> Path:
    return desk.configuration().folder / "alerts.toml"


@asynccontextmanager
async def _console(folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Desk]]:
    configuration = load(folder)
    async with desk_of(deployment_of(configuration.settings), lambda: configuration, lambda: NOW) as desk:
        await desk.follower.look()
        async with browser(build(desk, access_of(configuration.settings))) as client:
            yield client, desk


async def _on_a_full_disk(folder: Path) -> None:
    async with _console(folder) as (client, desk):
        before, form = _alerts(desk).read_bytes(), await _draft(client)
        story = _fields((await client.get("/story/p1")).text)
        limit(resource.RLIMIT_FSIZE, 0)  # nothing can be written to files
        answer = await _post(client, "/rules/edit", form)
        removed = await _post(client, "/rules/remove", {**form, "named": "Port strikes"})
        muted = await _post(client, "/story/p1/mute", {"token": story["token"], "for": "1d"})
        assert (await client.get("/settings")).status_code == 200
        limit(resource.RLIMIT_FSIZE, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
        assert (answer.status_code, removed.status_code, muted.status_code) == (503, 503, 503)
        assert "disk I/O error" in words_of(answer)
        assert "unavailable" in words_of(muted)
        assert RULE["query"].replace('"', "&#34;") in answer.text
        assert _alerts(desk).read_bytes() == before
        assert [one.name for one in folder.iterdir() if one.name.startswith(".")] == []
        assert (await _post(client, "/rules/edit", _fields(answer.text) | RULE)).status_code == 303
        assert (await _post(client, "/story/p1/mute", {"token": story["token"], "for": "1d"})).status_code == 303


def on_a_full_disk(folder: Path) -> None:
    """In a process of its own."""
    asyncio.run(_on_a_full_disk(folder))


def test_what_cannot_be_written_stays_in_the_form(configuration: Configuration) -> None:
    in_own_process(on_a_full_disk, configuration.folder)


@pytest.mark.parametrize("change", ["edited", "broken", "gone", "folder"])
async def test_a_file_that_is_changed_meanwhile_is_not_overwritten(
    client: httpx.AsyncClient, desk: Desk, change: str
) -> None:
    file, form = _alerts(desk), await _draft(client)
    text = {"edited": file.read_text() + "# by hand\n", "broken": "[[alert\n"}.get(change, "")
    file.unlink() if change == "gone" else file.write_text(text)
    if change == "folder":
        file.unlink()
        file.mkdir()
    with capture_logs() as logs:
        answer = await _post(client, "/rules/edit", form)
    assert answer.status_code in (409, 422, 503)
    assert RULE["query"].replace('"', "&#34;") in answer.text
    assert not [line for line in logs if line["log_level"] == "error"]
    if change in ("edited", "broken"):
        assert file.read_text() == text


async def test_a_rule_that_is_saved_twice_is_there_once(client: httpx.AsyncClient, desk: Desk) -> None:
    form = await _draft(client)
    answers = [(await _post(client, "/rules/edit", form)).status_code for _ in range(2)]
    assert answers[0] == 303
    assert answers[1] in (409, 422)
    assert _alerts(desk).read_text().count(RULE["name"]) == 1


@pytest.fixture
def settings(desk: Desk) -> Settings:
    settings = desk.configuration().settings
    Users(settings.console.users_file(settings.data), FAST).put("ana", "editor", PASSWORD)
    return settings


@pytest.mark.parametrize("harm", ["no JSON", "readable by others", "a folder"])
async def test_a_harmed_file_of_users_keeps_everybody_out_and_says_so(
    desk: Desk, settings: Settings, harm: str
) -> None:
    file = settings.console.users_file(settings.data)
    async with browser(build(desk, access_of(settings, FAST))) as client:
        await _log_in(client)
        kept = file.read_bytes()
        if harm == "no JSON":
            file.write_bytes(kept[:20])
        elif harm == "readable by others":
            file.chmod(0o644)
        else:
            file.unlink()
            file.mkdir()
        for path in ("/", "/login", "/api/v1/stories"):
            answer = await client.get(path)
            assert answer.status_code == 503
            assert file.name in answer.text
        if harm == "a folder":
            file.rmdir()
        file.write_bytes(kept)
        file.chmod(0o600)
        assert (await client.get("/settings")).status_code == 200


@pytest.mark.parametrize("harm", ["short", "readable by others", "a folder"])
def test_a_harmed_secret_prevents_the_start_with_advice(settings: Settings, harm: str) -> None:
    access_of(settings, FAST)
    file = settings.data / "console" / "secret"
    if harm == "short":
        file.write_bytes(b"x")
    elif harm == "readable by others":
        file.chmod(0o644)
    else:
        file.unlink()
        file.mkdir()
    with pytest.raises(Unavailable, match="secret"):
        access_of(settings, FAST)
