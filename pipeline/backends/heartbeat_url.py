"""Calls the URL of a monitoring service that expects to be called regularly (a dead-man's switch)."""

from __future__ import annotations

import httpx

from pipeline.ports import CallFailed

TIMEOUT = 10.0  # seconds for a call


class HeartbeatUrl:
    """Calls `url` with GET. Errors do not contain it. Close it."""

    def __init__(self, url: str, agent: str, proxy: str = "") -> None:
        self._url = url
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT, headers={"User-Agent": agent}, proxy=proxy or None, trust_env=False
        )

    async def __call__(self) -> None:
        """Call it. Raises CallFailed unless the answer is a success (2xx)."""
        try:
            answer = await self._client.get(self._url)
        except httpx.TimeoutException as error:
            raise CallFailed(f"no answer within {TIMEOUT:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CallFailed(f"no connection ({type(error).__name__})") from error
        if not answer.is_success:
            raise CallFailed(f"HTTP status {answer.status_code}")

    async def close(self) -> None:
        await self._client.aclose()
