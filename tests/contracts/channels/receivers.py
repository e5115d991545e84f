"""What receives messages in tests: a web server, a terminal that breaks. The mail server is in mail_server.py."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOSTILE = "\x1b]0;owned\x07[red]bold\x02 \u202eevil @everyone <!here> [reset](http://evil.example/x) \r\n\x9b31m"
PATIENCE = 20  # seconds after which a receiver that hangs gives up, should a test forget to release it


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    path: str
    headers: dict[str, str]  # lower-case names
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Answering:
    """How the server answers next. `hang`: reads the request, answers when `go` is set; `close`: does not answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    hang: bool = False
    close: bool = False


class Hook:
    """A web server on loopback that keeps every request."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.taken: list[Request] = []  # those that were answered with success
        self.next = Answering()
        self.go = threading.Event()
        self.came = threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                hook.requests.append(request)
                answer = hook.next
                hook.came.set()
                if answer.hang:
                    hook.go.wait(PATIENCE)
                if answer.close:
                    self.close_connection = True
                    return
                if answer.status < 300:
                    hook.taken.append(request)
                try:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body)
                except OSError:  # the sender has left
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def port(self) -> int:
        return self.server.server_port

    @property
    def url(self) -> str:
        """As Apprise writes it, with a secret in every place that can hold one."""
        return f"json://S3CRETuser:S3CRETpass@127.0.0.1:{self.port}/S3CRETpath?-S3CRETquery=S3CRETvalue"

    @property
    def web(self) -> str:
        return f"http://S3CRETuser:S3CRETpass@127.0.0.1:{self.port}/S3CRETpath?S3CRETquery=S3CRETvalue"

    @property
    def bodies(self) -> list[Any]:
        return [request.json for request in self.taken]

    def answer(self, status: int = 200, body: bytes = b"{}", **headers: str) -> None:
        self.next = Answering(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)

    def close(self) -> None:
        self.go.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Broken(io.StringIO):
    broken = False

    def write(self, text: str) -> int:
        if self.broken:
            raise BrokenPipeError(32, "Broken pipe")
        return super().write(text)
