"""The certificate of a server: read and checked, and read again when its files are renewed."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

LOOK = 60.0  # seconds between looks at the files
SOON = timedelta(days=14)  # programs that renew certificates do so earlier
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME: ssl.VerifyFlags lacks it

#: What is reported about a certificate, with the reason.
Told = Literal["renewed", "ends", "refused"]
Tell = Callable[[Told, str], None]


class Certificate:
    """A certificate with its chain and its key, PEM files. `context`: for a server, which new connections ask."""

    def __init__(self, chain: Path, key: Path) -> None:
        """Raises ValueError with advice."""
        self._files = chain, key
        self._seen = self._state()
        self.context = _context(chain, key)
        self.ends = _end(chain, self.context)

    def renew(self) -> bool:
        """Take the files if they changed; return whether. Raises ValueError with advice: then the former ones stay."""
        if (state := self._state()) == self._seen:
            return False
        self._seen = state
        checked = _context(*self._files)  # apart: a context that refuses one of them has lost the other
        self.ends = _end(self._files[0], checked)
        self.context.load_cert_chain(*self._files)
        return True

    def warning(self, now: datetime) -> str:
        """What is wrong with its end; "" if nothing is."""
        if self.ends is None or now < self.ends - SOON:
            return ""
        return f"{self._files[0]} {'ended' if now >= self.ends else 'ends'} on {self.ends:%Y-%m-%d at %H:%M} UTC"

    async def follow(self, clock: Callable[[], datetime], tell: Tell) -> None:
        """Look at the files until cancelled, and tell once what is wrong."""
        told = ""
        while True:
            try:
                if await asyncio.to_thread(self.renew):
                    tell("renewed", "")
                wrong = self.warning(clock())
                if wrong and wrong != told:
                    tell("ends", wrong)
                told = wrong
            except ValueError as error:
                tell("refused", str(error))
            await asyncio.sleep(LOOK)

    def _state(self) -> tuple[tuple[int, int], ...]:
        try:
            return tuple((found.st_mtime_ns, found.st_ino) for file in self._files if (found := file.stat()))
        except OSError:
            return ()


def _context(chain: Path, key: Path) -> ssl.SSLContext:
    def password() -> str:
        raise ValueError(f"{key} has a password: give a key without one, that only its owner may read")

    for file in (chain, key):
        try:
            file.open("rb").close()
        except OSError as error:
            raise ValueError(f"{file}: {error.strerror}") from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(chain, key, password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ValueError(f"{key} is not the key of {chain}: both must be from the same renewal") from error
        raise ValueError(f"{chain} and {key} must be a certificate and its key as PEM: {error.reason}") from error
    return context


def _end(chain: Path, server: ssl.SSLContext) -> datetime | None:
    """When the certificate ends, as a client sees it who trusts it; None if no client can."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME) | ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    try:
        client.load_verify_locations(chain)
        there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
        asking, answering = client.wrap_bio(there, back), server.wrap_bio(back, there, server_side=True)
        for side in (asking, answering, asking):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
        found = asking.getpeercert() or {}
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)
    except (ssl.SSLError, OSError, KeyError, ValueError):
        return None
