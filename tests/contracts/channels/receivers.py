"""What receives alerts in tests: a web hook, and a terminal that breaks."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pipeline.ports import Channel
from pipeline.records import Message
from tests.fakes import MemoryChannel

HOSTILE = "\x1b]0;owned\x07[red]bold\x02 \u202eevil @everyone <!here> \r\n\x9b31m"


class Hook:
    """A web hook on loopback that keeps what it is sent. `status` is what it answers next."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.status = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hook.status == 200:
                    hook.bodies.append(json.loads(body))
                self.send_response(hook.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"json://user:secret@127.0.0.1:{self.server.server_port}/hook"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@dataclass
class Opened:
    channel: Channel
    shown: Callable[[], str]
    break_it: Callable[[], None]


class Broken(io.StringIO):
    broken = False

    def write(self, text: str) -> int:
        if self.broken:
            raise BrokenPipeError(32, "Broken pipe")
        return super().write(text)


class Titled:
    def __init__(self, inner: MemoryChannel, titles: list[str]) -> None:
        self.inner, self.titles = inner, titles

    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        answer = await self.inner.send(message, key, taken)
        self.titles += [one.title for one in message.alerts]
        return answer

    def changed(self) -> bool:
        return False

    async def close(self) -> None:
        await self.inner.close()
