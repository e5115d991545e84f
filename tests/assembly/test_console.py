"""Where the console listens, and that it serves what the configuration in force says, in a process of its own."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from pipeline.assembly.console import configuration_followed, console_listener, console_served
from pipeline.assembly.deployment import deployment_of
from pipeline.config.folder import Configuration, load
from pipeline.config.read_settings import load_settings
from pipeline.config.settings import Console, Settings
from pipeline.stage import Unavailable
from pipeline.web.server import listen, url_of
from tests.console.conftest import token_of
from tests.web.test_certificates import make, trusting


def settings(**environment: str) -> Settings:
    return load_settings(Path("none"), environment)


def test_an_address_that_was_chosen_and_is_taken_prevents_the_start() -> None:
    with listen("127.0.0.1", 0) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Unavailable, match=f"listen = {address}: .*in use.*; choose another address, or off"):
            console_listener(settings(ALMENARA_CONSOLE_LISTEN=address))


def test_without_a_choice_a_taken_address_only_turns_it_off() -> None:
    with listen("127.0.0.1", 0) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        default = Console.model_construct(_fields_set=set(), **Console().model_dump() | {"listen": address})
        with capture_logs() as logs:
            assert console_listener(Settings(console=Console()).model_copy(update={"console": default})) is None
    [line] = logs
    assert (line["event"], line["section"], line["log_level"]) == ("not listening", "console", "warning")


@pytest.mark.parametrize("off", ["", "off"])
def test_it_can_be_off(off: str) -> None:
    assert console_listener(settings(ALMENARA_CONSOLE_LISTEN=off)) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_it_answers_on_a_real_socket_before_anything_was_read(tmp_path: Path, host: str) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    for name in ("almenara.toml", "feeds.toml", "alerts.toml"):
        (folder / name).write_text("")
    configuration = load(folder)
    try:
        listener = listen(host, 0)
    except OSError:
        pytest.skip("this machine has no such address")
    address = url_of(listener)
    async with (
        console_served(deployment_of(configuration.settings), lambda: configuration, listener),
        httpx.AsyncClient(base_url=address, follow_redirects=True) as client,
    ):
        answer = await client.get("/")
        assert answer.status_code == 200
        assert "Almenara" in answer.text
        assert (await client.get("/system")).status_code == 200
        form = {"token": token_of((await client.get("/settings")).text), "language": "es"}
        for origin, status in ((address, 200), (address.replace("http:", "https:"), 403), ("http://evil.example", 403)):
            assert (await client.post("/settings", data=form, headers={"Origin": origin})).status_code == status


async def test_a_changed_configuration_is_noticed_and_a_faulty_one_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.assembly.console.LOOK", 0.05)
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "almenara.toml").write_text("")
    (folder / "alerts.toml").write_text('[reader]\ntime_zone = "Europe/Madrid"\n')
    async with configuration_followed(load(folder)) as in_force:
        assert in_force().alerts.reader.zone == "Europe/Madrid"
        (folder / "alerts.toml").write_text('[reader]\ntime_zone = "Nowhere"\n')
        await asyncio.sleep(0.3)
        assert in_force().alerts.reader.zone == "Europe/Madrid"
        (folder / "alerts.toml").write_text('[reader]\ntime_zone = "Asia/Tokyo"\n')
        for _ in range(60):
            if in_force().alerts.reader.zone == "Asia/Tokyo":
                break
            await asyncio.sleep(0.05)
        assert in_force().alerts.reader.zone == "Asia/Tokyo"


async def test_a_configuration_that_was_just_written_is_taken_when_it_is_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "almenara.toml").write_text("")
    (folder / "alerts.toml").write_text('[reader]\ntime_zone = "Europe/Madrid"\n')
    async with configuration_followed(load(folder)) as in_force:
        before = in_force()
        await in_force.look()
        assert in_force() is before
        (folder / "alerts.toml").write_text('[reader]\ntime_zone = "Asia/Tokyo"\n')
        await in_force.look()
        assert in_force().alerts.reader.zone == "Asia/Tokyo"


def _secure(tmp_path: Path, key: str) -> Configuration:
    folder = tmp_path / "config"
    folder.mkdir()
    for name in ("feeds.toml", "alerts.toml"):
        (folder / name).write_text("")
    files = f'certificate = "{tmp_path}/a.pem"\nkey = "{tmp_path}/{key}"\n'
    (folder / "almenara.toml").write_text(f'data = "{tmp_path}/data"\n[console]\n{files}')
    return load(folder)


async def test_pages_over_https_have_secure_cookies(tmp_path: Path) -> None:
    chain, _ = make(tmp_path, "a")
    configuration, listener = _secure(tmp_path, "a.key"), listen("127.0.0.1", 0)
    async with (
        console_served(deployment_of(configuration.settings), lambda: configuration, listener),
        httpx.AsyncClient(base_url=url_of(listener, tls=True), verify=trusting(chain)) as client,
    ):
        answer = await client.get("/settings")
        assert answer.status_code == 200
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-almenara=")
        assert "; Secure" in cookie
        token = re.search(r'name="token" value="([^"]+)"', answer.text)
        assert token
        origin = {"Origin": url_of(listener, tls=True)}
        form = {"token": token[1], "language": "es"}
        assert (await client.post("/settings", data=form, headers=origin)).status_code == 303
        plain = {"Origin": url_of(listener)}
        assert (await client.post("/settings", data=form, headers=plain)).status_code == 403


async def test_a_wrong_key_prevents_the_start_with_one_message(tmp_path: Path) -> None:
    make(tmp_path, "a")
    make(tmp_path, "b")
    configuration = _secure(tmp_path, "b.key")
    message = r"\[console\] certificate and key: .*b\.key is not the key of .*a\.pem"
    with listen("127.0.0.1", 0) as listener, pytest.raises(Unavailable, match=message):
        async with console_served(deployment_of(configuration.settings), lambda: configuration, listener):
            pass
