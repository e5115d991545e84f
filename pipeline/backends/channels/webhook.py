"""Posts messages as signed JSON to a web hook of one's own.

The operator configured its address, so it may be in a private network, unlike those that feeds lead to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
import msgspec

from pipeline.backends.channels.failures import LONGEST_WAIT, http_failure, network_failure, status_text
from pipeline.backends.channels.payload import message_json
from pipeline.backends.channels.secrets import Secrets
from pipeline.backends.channels.signature import secret_of, signed
from pipeline.core.messages.form import Voice
from pipeline.core.timing.pace import retry_after
from pipeline.ports import Clock, SendFailed
from pipeline.records import Message

WHO = "web hook"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a web hook is, and how it knows who sent. `headers`: further ones, which may hold secrets."""

    url: Secrets
    secrets: Secrets
    headers: tuple[tuple[str, str], ...] = ()


class WebhookChannel:
    """Each message is one POST; `webhook-id` is its key, so a receiver can recognize a repeat."""

    def __init__(self, target: Target, clock: Clock, timeout: float = 60, voice: Voice | None = None) -> None:
        """`timeout` in seconds, of a whole attempt."""
        self._target, self._clock, self._timeout = target, clock, timeout
        self._voice = voice or Voice()
        # No connection is kept: one that the receiver just closed would make it unsure whether it took the message.
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout), limits=httpx.Limits(max_keepalive_connections=0), follow_redirects=False
        )

    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        url, secrets = _address(self._target.url), _secrets(self._target.secrets)
        try:
            return await self._post(url, secrets, message, key, short=False)
        except SendFailed as failed:
            if failed.kind != "too_long":
                raise
            return await self._post(url, secrets, message, key, short=True)

    def changed(self) -> bool:
        return self._target.url.changed() or self._target.secrets.changed()

    async def close(self) -> None:
        await self._http.aclose()

    async def _post(self, url: httpx.URL, secrets: list[bytes], message: Message, key: str, short: bool) -> str:
        at = self._clock()
        body = msgspec.json.encode(message_json(message, self._voice, short))
        headers = {
            **dict(self._target.headers), "Content-Type": "application/json", "User-Agent": "Almenara",
            **signed(key, at, body, secrets),
        }  # fmt: skip
        progress = _Progress()
        try:
            async with asyncio.timeout(self._timeout):
                request = self._http.build_request(
                    "POST", url, content=body, headers=headers, extensions={"trace": progress.note}
                )
                answer = await self._http.send(request, stream=True)
                await answer.aclose()  # what it says beside the status is not read: it may never end
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise network_failure(WHO, error, self._timeout, progress.sent) from None
        wait = retry_after(answer.headers.get("retry-after"), self._clock(), LONGEST_WAIT)
        if failure := http_failure(WHO, answer.status_code, wait):
            raise failure
        return status_text(answer.status_code)


class _Progress:
    """Notes whether the whole request was written: then the receiver may have taken it."""

    def __init__(self) -> None:
        self.sent = False

    async def note(self, event: str, _: object) -> None:
        if event.endswith("send_request_body.complete"):
            self.sent = True


def _address(url: Secrets) -> httpx.URL:
    (text, *more) = url.values()
    if more:
        raise SendFailed("url_file has more than one URL: a web hook is one address", "broken")
    try:
        found = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise SendFailed("the URL cannot be read", "broken") from None
    if found.scheme not in ("http", "https") or not found.host:
        raise SendFailed("the URL must begin with https:// or http://", "broken")
    return found


def _secrets(secrets: Secrets) -> list[bytes]:
    try:
        return [secret_of(text) for text in secrets.values()]
    except ValueError as error:
        raise SendFailed(f"secret: {error}", "broken") from None
