"""A server on loopback that speaks HTTP/2 only, with TLS, as the h2 library does."""

from __future__ import annotations

import asyncio
import ssl

import h2.config
import h2.connection
import h2.events

from tests.contracts.fetch.servers import CERTIFICATE, Listener

REFUSALS = {
    "status": b"HTTP/1.1 403 Forbidden\r\ncontent-length: 26\r\n\r\nexpected `h2`, not this one",
    "upgrade": b"HTTP/1.1 426 Upgrade Required\r\nupgrade: h2\r\ncontent-length: 0\r\n\r\n",
    "version": b"HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-length: 0\r\n\r\n",
    "frames": b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\x04\0\x10\0\0\0\x06\0\0@\0",
    "closed": b"",
}


class Http2Server(Listener):
    """Answers `bodies` by path. `refusal`: what who speaks HTTP/1.1 gets, of REFUSALS.

    `seen`: the protocol and path of each request.
    """

    def __init__(self, refusal: str, bodies: dict[str, bytes]) -> None:
        super().__init__()
        self.refusal, self.bodies = refusal, bodies
        self.seen: list[tuple[str, str]] = []

    async def start(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        # With no protocol in common OpenSSL goes on without one.
        context.set_alpn_protocols(["h2"])
        await self.listen(context)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2":
                await self._http2(reader, writer)
            else:
                self.seen.append(("HTTP/1.1", (await reader.readline()).split(b" ")[1].decode()))
                writer.write(REFUSALS[self.refusal])
                await writer.drain()
        except (OSError, IndexError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            try:
                await writer.wait_closed()
            except (OSError, asyncio.CancelledError):
                writer.transport.abort()  # the client does not answer to the end of TLS
                await asyncio.sleep(0)

    async def _http2(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        while data := await reader.read(65_536):
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.RequestReceived) and event.headers and event.stream_id:
                    path = dict(event.headers)[b":path"].decode()
                    self.seen.append(("HTTP/2", path))
                    body = self.bodies.get(path)
                    status = "404" if body is None else "200"
                    connection.send_headers(event.stream_id, [(":status", status), ("content-type", "text/html")])
                    connection.send_data(event.stream_id, body or b"", end_stream=True)
            writer.write(connection.data_to_send())
            await writer.drain()
