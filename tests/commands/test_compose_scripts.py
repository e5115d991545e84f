"""The shell scripts of docker-compose.yml, run against a small server."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from pipeline.config.read_settings import load_settings
from tests.commands.compose_file import SERVICES, filled, generated


@dataclass
class Server:
    """Answers every request with `status`; keeps (method, path, authorization, body)."""

    status: int = 200
    requests: list[tuple[str, str, str, str]] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def server() -> Iterator[Server]:
    kept = Server()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            _, _, encoded = self.headers.get("Authorization", "").partition(" ")
            kept.requests.append((self.command, self.path, base64.b64decode(encoded).decode(), body))
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD = do_PUT = answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        kept.port = http.server_port
        thread = Thread(target=http.serve_forever, args=(0.02,))
        thread.start()
        yield kept
        http.shutdown()
        thread.join()


def shell(script: str, variables: dict[str, str]) -> int:
    """The exit code of `script` as the container would run it."""
    run = subprocess.run(
        ["/bin/bash", "-euc", script], env={"PATH": os.environ["PATH"], **variables}, capture_output=True, timeout=30
    )
    return run.returncode


def test_the_users_are_made(server: Server) -> None:
    service = filled(SERVICES["users"], generated())
    assert service["entrypoint"] == ["/bin/bash", "-euc"]
    [script] = service["command"]
    secrets = service["environment"]
    assert shell(script.replace("elasticsearch:9200", f"127.0.0.1:{server.port}"), secrets) == 0
    asked = {(method, login) for method, _, login, _ in server.requests}
    assert asked == {("PUT", f"elastic:{secrets['ELASTIC_PASSWORD']}")}
    made = {path.removeprefix("/_security/"): json.loads(body) for _, path, _, body in server.requests}
    assert made["user/kibana_system/_password"] == {"password": secrets["KIBANA_PASSWORD"]}
    assert made["user/analyst"] == {"password": secrets["ANALYST_PASSWORD"], "roles": ["editor"]}
    worker = SERVICES["worker"]["environment"]
    login = made[f"user/{worker['ALMENARA_ELASTICSEARCH_USERNAME']}"]
    assert login["password"] == secrets["WORKER_PASSWORD"]
    assert filled(worker["ALMENARA_ELASTICSEARCH_PASSWORD"], secrets) == login["password"]
    [role] = login["roles"]
    assert made[f"role/{role}"]["indices"] == [{"names": ["almenara*"], "privileges": ["all"]}]
    assert load_settings(Path("none"), {}).elasticsearch.prefix == "almenara"


def test_users_that_cannot_be_made_stop_the_start(server: Server) -> None:
    service = filled(SERVICES["users"], generated())
    server.status = 500
    script = service["command"][0].replace("elasticsearch:9200", f"127.0.0.1:{server.port}")
    assert shell(script, service["environment"]) != 0
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("name", "port", "status", "well"),
    [
        ("elasticsearch", 9200, 200, True),
        ("elasticsearch", 9200, 401, False),
        ("elasticsearch", 9200, 408, False),
        ("kibana", 5601, 302, True),
        ("kibana", 5601, 503, False),
    ],
)
def test_health_checks_tell(server: Server, name: str, port: int, status: int, well: bool) -> None:
    server.status = status
    service = filled(SERVICES[name], generated())
    script = service["healthcheck"]["test"][1].replace(f"localhost:{port}", f"127.0.0.1:{server.port}")
    assert (shell(script, {"ELASTIC_PASSWORD": "right"}) == 0) is well
    [(_, _, login, _)] = server.requests
    assert login == ("elastic:right" if name == "elasticsearch" else "")
