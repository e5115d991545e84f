"""Small real implementations of ports for tests. They keep what they were given, for assertions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from pipeline.ports import NO_PROFILE, FetchFailed, SendFailed
from pipeline.records import Alert, Page, Profile

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
    """Keeps what it was sent. `fails`: how many of the next sends fail; `bad`: ids it never takes."""

    def __init__(self, fails: int = 0, bad: Collection[str] = ()) -> None:
        self.messages: list[list[str]] = []
        self.tried = 0
        self.fails = fails
        self.bad = set(bad)

    async def send(self, alerts: Sequence[Alert]) -> None:
        self.tried += 1
        if self.fails > 0 or self.bad & {alert.id for alert in alerts}:
            self.fails = max(0, self.fails - 1)
            raise SendFailed("not now")
        self.messages.append([alert.id for alert in alerts])

    async def close(self) -> None:
        pass

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
