"""The process of the console is killed while it does what an editor asked: all of it is done or nothing, and the pages
of the next process say which. Whoever asks again does no harm."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from lxml import html

from pipeline.assembly.backends import clock
from pipeline.assembly.console import access_of, desk_of
from pipeline.assembly.deployment import Deployment
from pipeline.config.folder import Configuration, load
from pipeline.console.app import build
from pipeline.log.reading import read_all
from pipeline.records import AlertRequest, Request, StoryRequest
from tests.console.conftest import browser, sent, words_of
from tests.console.safety.test_late_forms import RULE, _fields, _post
from tests.reports.ledgers import state
from tests.services.servers import free_port

pytestmark = pytest.mark.slow
Act = Callable[[httpx.AsyncClient], Coroutine[Any, Any, httpx.Response]]


@contextmanager
def console(configuration: Configuration, failpoint: str = "") -> Iterator[str]:
    """The console in a process of its own, which is killed where `failpoint` says. Yields its address."""
    port = free_port()
    environment = {"ALMENARA_FAILPOINT": failpoint, "ALMENARA_CONSOLE_LISTEN": f"127.0.0.1:{port}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "console", "--config", str(configuration.folder)],
        env=os.environ | environment, start_new_session=True, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr
    try:
        for line in process.stderr:
            if "console" in line and str(port) in line:
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.stderr.close()
        code = process.wait(30)
    assert code == (-signal.SIGKILL if failpoint else 0)


async def save_rule(client: httpx.AsyncClient) -> httpx.Response:
    form = {**_fields((await client.get("/rules/edit")).text), **RULE}
    return await _post(client, "/rules/edit", form)


async def mark(client: httpx.AsyncClient) -> httpx.Response:
    return await sent(client, "/alerts/mark", {"alert": "a1", "verdict": "useful"})


async def split(client: httpx.AsyncClient) -> httpx.Response:
    return await sent(client, "/story/p1/split", {"article": "p3"})


#: Where it is killed, at what, and whether it is then done: the request, the rule, the entry of the audit.
CASES = [
    (mark, "request.asked", (False, False, False)), (mark, "request.published", (True, False, True)),
    (split, "request.asked", (False, False, False)), (split, "request.published", (True, False, True)),
    (save_rule, "request.asked", (False, False, False)), (save_rule, "request.published", (False, False, True)),
    (save_rule, "config.written", (False, False, True)), (save_rule, "config.replaced", (False, True, True)),
]  # fmt: skip


@pytest.mark.parametrize(("act", "place", "done"), CASES)
async def test_what_was_asked_is_done_or_not(
    configuration: Configuration, deployment: Deployment, act: Act, place: str, done: tuple[bool, bool, bool]
) -> None:
    asked, written, audited = done
    file = configuration.folder / "alerts.toml"
    before, log = file.read_bytes(), await deployment.open_log(write=True)
    await log.publish([state("a1", article="p1", story="p1")])
    with console(configuration, f"{place}:1") as home:
        async with httpx.AsyncClient(base_url=home, timeout=20) as client:
            with pytest.raises(httpx.TransportError):
                await act(client)
    names = [rule["name"] for rule in tomllib.loads(file.read_text(encoding="utf-8"))["alert"]]
    assert (RULE["name"] in names) == written
    assert written or file.read_bytes() == before
    marks = (await read_all(log, "alert-requests", AlertRequest))[0]
    splits = (await read_all(log, "story-requests", StoryRequest))[0]
    entries = (await read_all(log, "control", Request))[0]
    assert (bool(marks or splits), bool(entries)) == (asked, audited)
    await log.close()
    now = load(configuration.folder)
    async with (
        desk_of(deployment, lambda: now, clock) as desk, browser(build(desk, access_of(now.settings))) as client,
    ):  # fmt: skip
        await desk.follower.look()
        assert (RULE["name"] in words_of(await client.get("/rules"))) == written
        (main,) = html.fromstring((await client.get("/system/audit")).text).iter("main")
        trail, did = str(main.xpath("string()")), RULE["name"] if act is save_rule else act.__name__
        assert ("Nothing yet" in trail) == (not audited)
        assert did in trail or not audited
        assert (await act(client)).status_code == (422 if written else 303)  # who asks again
    tomllib.loads(file.read_text(encoding="utf-8"))
