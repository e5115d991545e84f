"""What goes wrong on the operator's side while pages are open: each page says what to do, and nothing that was typed or
was in a file is lost."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from pipeline.assembly.console import access_of
from pipeline.config.settings import Settings
from pipeline.console.app import build
from pipeline.console.desk import Desk
from pipeline.console.safety.users import Users
from pipeline.stage import Unavailable
from tests.console.conftest import browser, words_of
from tests.console.safety.test_late_forms import RULE, _fields, _log_in, _post
from tests.console.safety.test_parts import FAST, PASSWORD


@contextmanager
def full_disk() -> Iterator[None]:
    """Nothing can be written to files of this process."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


async def _draft(client: httpx.AsyncClient, rule: str = "") -> dict[str, str]:
    page = await client.get(f"/rules/edit?rule={rule}" if rule else "/rules/edit")
    return {**_fields(page.text), **RULE}


def _alerts(desk: Desk) -> Path:
    return desk.configuration().folder / "alerts.toml"


async def test_a_rule_that_cannot_be_written_stays_in_the_form(client: httpx.AsyncClient, desk: Desk) -> None:
    before, form = _alerts(desk).read_bytes(), await _draft(client)
    with full_disk():
        answer = await _post(client, "/rules/edit", form)
        removed = await _post(client, "/rules/remove", {**form, "named": "Port strikes"})
    assert (answer.status_code, removed.status_code) == (503, 503)
    assert "File too large" in answer.text
    assert "File too large" in removed.text
    assert RULE["query"].replace('"', "&#34;") in answer.text
    assert _alerts(desk).read_bytes() == before
    assert [one.name for one in _alerts(desk).parent.iterdir() if one.name.startswith(".")] == []
    assert (await _post(client, "/rules/edit", _fields(answer.text) | RULE)).status_code == 303


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


async def test_what_a_full_disk_keeps_from_the_log_is_said(client: httpx.AsyncClient) -> None:
    form = _fields((await client.get("/story/p1")).text)
    with full_disk():
        answer = await _post(client, "/story/p1/mute", {"token": form["token"], "for": "1d"})
        assert (await client.get("/settings")).status_code == 200
    assert answer.status_code == 503
    assert "unavailable" in words_of(answer)
    assert (await _post(client, "/story/p1/mute", {"token": form["token"], "for": "1d"})).status_code == 303
