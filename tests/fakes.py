"""Small real implementations of ports for tests. They keep what they were given, for assertions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from pipeline.ports import NO_PROFILE, FetchFailed, SendFailed, SendFailure
from pipeline.records import Message, Page, Profile

T = TypeVar("T")


def page(url: str, body: str | bytes = b"", status: int = 200, content_type: str = "text/html", **more: Any) -> Page:
    """A Page with the boring parts filled in."""
    body = body.encode() if isinstance(body, str) else body
    at = more.pop("fetched_at", datetime(2026, 3, 1, 12, tzinfo=UTC))
    return Page(url=url, status=status, body=body, content_type=content_type, fetched_at=at, **more)


class FakeFetch:
    """Answers from `answers`, by URL: a Page, an error to raise, or a list of them, one per call, repeating the last.
    Any other URL is a host nobody knows. `calls` are the (url, headers) asked for, `profiles` those they came with."""

    def __init__(self, answers: Mapping[str, Page | Exception | list[Page | Exception]] | None = None) -> None:
        self.answers = dict(answers or {})
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.profiles: list[Profile] = []

    async def __call__(self, url: str, headers: Mapping[str, str] | None = None, profile: Profile = NO_PROFILE) -> Page:
        self.calls.append((url, dict(headers or {})))
        self.profiles.append(profile)
        answer = self.answers.get(url, FetchFailed("dns", f"no such host: {url}", temporary=True))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        pass


class InlinePool:
    """Runs each job in place."""

    async def run(self, job: Callable[..., T], *args: Any) -> T:
        return job(*args)

    async def close(self) -> None:
        pass


# -- notify -----------------------------------------------------------------------------------------------------------


class MemoryChannel:
    """Keeps what it was sent. `fails`: how many of the next sends fail, as `kind` says; `bad`: ids of alerts it never
    takes."""

    def __init__(
        self,
        fails: int = 0,
        bad: Collection[str] = (),
        kind: SendFailure = "unreachable",
        retry_after: float | None = None,
    ) -> None:
        self.sent: list[Message] = []
        self.keys: list[str] = []
        self.tried = 0
        self.fails = fails
        self.kind, self.retry_after = kind, retry_after
        self.new_secret = False
        self.bad = set(bad)

    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        self.tried += 1
        if self.fails > 0 or self.bad & {alert.id for alert in message.alerts}:
            self.fails = max(0, self.fails - 1)
            raise SendFailed("not now", self.kind, self.retry_after)
        self.sent.append(message)
        self.keys.append(key)
        return "kept"

    def changed(self) -> bool:
        new, self.new_secret = self.new_secret, False
        return new

    async def close(self) -> None:
        pass

    @property
    def messages(self) -> list[list[str]]:
        """The alerts that each message showed."""
        return [[alert.id for alert in message.alerts] for message in self.sent]

    @property
    def ids(self) -> list[str]:
        """Every alert sent, in order; one sent twice is there twice."""
        return [alert for message in self.messages for alert in message]


class MemoryRobots:
    """Keeps robots.txt files in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def get(self, url: str) -> bytes | None:
        return self.files.get(url)

    def put(self, url: str, value: bytes) -> None:
        self.files[url] = value

    def close(self) -> None:
        pass
