"""A small news site on loopback, for commands that look at addresses."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Pages = dict[str, tuple[int, Mapping[str, str], str]]  # path -> status, headers, body


class NewsSite:
    """Answers from `pages`; any other path is missing. `asked`: the paths in order."""

    def __init__(self, port: int) -> None:
        self.url, self.pages, self.asked = f"http://127.0.0.1:{port}", Pages(), list[str]()

    def put(self, path: str, body: str, kind: str = "text/html", status: int = 200, **headers: str) -> None:
        fields = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.pages[path] = (status, fields, body.replace("{BASE}", self.url))


@contextmanager
def serving() -> Iterator[NewsSite]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            status, headers, body = site.pages.get(self.path, (404, {}, "no"))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body.encode()))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = NewsSite(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def rss(title: str, *numbers: int, more: str = "") -> str:
    """A feed whose entries are an hour apart."""
    now = datetime.now(UTC)
    entries = "".join(
        f"<item><title>Harbour council votes for pier {n}</title><link>{{BASE}}/a{n}</link><guid>{title}{n}</guid>"
        f"<pubDate>{now - timedelta(hours=place + 1):%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
        for place, n in enumerate(numbers)
    )
    return f'<rss version="2.0"><channel><title>{title}</title><link>{{BASE}}/</link>{entries}{more}</channel></rss>'
