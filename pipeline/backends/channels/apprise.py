"""Sends messages to the services of Apprise: chats, push services and about a hundred more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pipeline.backends.channels.apprise_service import AppriseService
from pipeline.backends.channels.failures import joined
from pipeline.backends.channels.secrets import Secrets
from pipeline.core.messages.form import Limit, Medium, Voice
from pipeline.ports import Clock, SendFailed
from pipeline.records import Message

SPARE = 2.0  # seconds beyond the time-out until a plugin that does not end is left alone


class AppriseChannel:
    """One or more Apprise URLs, each with its own thread: one that hangs delays no other. `taken` has the number of
    parts of the message that each URL took."""

    def __init__(self, urls: Secrets, clock: Clock, timeout: float = 60, voice: Voice | None = None) -> None:
        """`timeout` in seconds, of a whole attempt."""
        self._urls, self._clock, self._timeout = urls, clock, timeout
        self._voice = voice or Voice()
        self._opened: tuple[str, ...] = ()
        self._services: list[AppriseService] = []

    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        services = self._current()
        before = tuple(taken) if len(taken) == len(services) else (0,) * len(services)
        results = await asyncio.gather(
            *(self._one(service, message, key, done) for service, done in zip(services, before, strict=True))
        )
        failures = [result for result in results if isinstance(result, SendFailed)]
        if failures:
            after = tuple(
                max(done, *result.taken, 0) if isinstance(result, SendFailed) else result[0]
                for result, done in zip(results, before, strict=True)
            )
            raise joined(failures, after)
        return "; ".join(dict.fromkeys(result[1] for result in results if not isinstance(result, SendFailed)))

    def changed(self) -> bool:
        return self._urls.changed()

    async def close(self) -> None:
        for service in self._services:
            service.close()

    def targets(self) -> list[tuple[str, Medium, Limit]]:
        """The services: name, medium and limits. Raises SendFailed (broken)."""
        return [(service.name, *service.writes) for service in self._current()]

    def open(self) -> None:
        """Open the services now. Raises SendFailed (broken), whose text does not contain a URL."""
        self._current()

    def _current(self) -> list[AppriseService]:
        """The services of the URLs as they are now."""
        urls = self._urls.values()
        if urls != self._opened:
            opened = [
                AppriseService(url, number, self._clock, self._timeout, self._voice)
                for number, url in enumerate(urls, 1)
            ]
            for service in self._services:
                service.close()
            self._services, self._opened = opened, urls
        return self._services

    async def _one(
        self, service: AppriseService, message: Message, key: str, taken: int
    ) -> SendFailed | tuple[int, str]:
        """Send to one service: how many parts it took and what it answered, or why it did not take all."""
        try:
            return await asyncio.wait_for(service.send(message, key, taken), self._timeout + SPARE)
        except TimeoutError:
            why = f"{service.name}: no answer within {self._timeout:g} s; it may have taken the message"
            return SendFailed(why, "unsure", taken=(taken,))
        except SendFailed as failed:
            return failed
