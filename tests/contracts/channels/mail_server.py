"""A mail server on loopback (RFC 5321): keeps mails, and answers each command as a test says."""

from __future__ import annotations

import email
import email.policy
import socketserver
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from tests.contracts.channels.receivers import PATIENCE


@dataclass(frozen=True)
class Delivered:
    """A mail that was taken, and its envelope."""

    sender: str
    to: tuple[str, ...]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        found = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        return found

    def text(self, kind: str) -> str:
        part = self.mail.get_body((kind,))
        assert part is not None
        content: str = part.get_content()
        return content


class MailServer:
    """`replies`: what it answers instead of success, by what the command begins with ("RCPT TO:<a@b.example>", ".": the
    end of the mail). `hangs`: before which command it stops until `go` is set. `closes`: at which it hangs up."""

    def __init__(self, tls: ssl.SSLContext | None = None, at_once: bool = False, log_in: bool = False) -> None:
        self.delivered: list[Delivered] = []
        self.commands: list[str] = []
        self.replies: dict[str, str] = {}
        self.hangs = self.closes = "never"
        self.go = threading.Event()
        self.tls, self.at_once, self.log_in = tls, at_once, log_in
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with suppress(OSError, ValueError):  # the client has left
                    _Session(outer, self).run()

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def port(self) -> int:
        port: int = self.server.server_address[1]
        return port

    def close(self) -> None:
        self.go.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class _Session:
    def __init__(self, server: MailServer, handler: Any) -> None:
        self.server, self.socket = server, handler.request
        self.secure = False
        if server.tls and server.at_once:
            self._wrap()
        self.file = self.socket.makefile("rb")
        self.sender = ""
        self.to: list[str] = []

    def run(self) -> None:
        try:
            self._talk()
        finally:  # the socket is another one after STARTTLS
            self.file.close()
            self.socket.close()

    def _talk(self) -> None:
        if not self._answer("connect", "220 mail.example ready"):
            return
        while line := self.file.readline(4096):
            command = line.decode("utf-8").strip()
            self.server.commands.append(command)
            if not self._step(command):
                return

    def _step(self, command: str) -> bool:
        verb = command.split(" ")[0].upper()
        match verb:
            case "EHLO":
                more = ["8BITMIME", "SMTPUTF8", *(["AUTH PLAIN LOGIN"] if self.server.log_in else [])]
                if self.server.tls and not self.secure:
                    more.append("STARTTLS")
                return self._answer(
                    command, "\r\n".join(["250-mail.example", *(f"250-{one}" for one in more), "250 HELP"])
                )
            case "STARTTLS":
                going = self._answer(command, "220 go ahead")
                self._wrap()
                self.file = self.socket.makefile("rb")
                return going
            case "AUTH":
                return self._answer(command, "235 welcome")
            case "MAIL":
                self.sender, self.to = command.split("<")[1].split(">")[0], []
                return self._answer(command, "250 ok")
            case "RCPT":
                if not any(_begins(command, start) for start in self.server.replies):
                    self.to.append(command.split("<")[1].split(">")[0])
                return self._answer(command, "250 ok")
            case "DATA":
                return self._answer(command, "354 go on") and ("DATA" in self.server.replies or self._take())
            case "QUIT":
                self._answer(command, "221 bye")
                return False
            case _:
                return self._answer(command, "250 ok")

    def _take(self) -> bool:
        lines = []
        while (line := self.file.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        if "." not in self.server.replies and self.server.closes != ".":
            self.server.delivered.append(Delivered(self.sender, tuple(self.to), b"".join(lines)))
        return self._answer(".", "250 taken")

    def _answer(self, command: str, success: str) -> bool:
        if _begins(command, self.server.hangs):
            self.server.go.wait(PATIENCE)
        if _begins(command, self.server.closes):
            return False
        found = [reply for start, reply in self.server.replies.items() if _begins(command, start)]
        self.socket.sendall(f"{found[0] if found else success}\r\n".encode())
        return True

    def _wrap(self) -> None:
        assert self.server.tls is not None
        self.socket = self.server.tls.wrap_socket(self.socket, server_side=True)
        self.secure = True


def _begins(command: str, start: str) -> bool:
    return command.lower().startswith(start.lower())
