"""Sessions: a signed cookie that says who the reader is, and holds the secret of the tokens in forms.

Nothing of it is stored but which were ended, on the log (`Desk.ended`): so every console knows it.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer

from pipeline.console.safety.users import write_private
from pipeline.stage import Unavailable

NAME, SAFE_NAME = "almenara", "__Host-almenara"  # of the cookie; the second one only on HTTPS
RENEW = 86400.0  # seconds after which a session in use gets a new cookie


@dataclass(frozen=True, slots=True)
class Session:
    """A session. `user`: "" before a login. `seal`: that of the user's password. `started`: seconds since 1970."""

    id: str
    secret: str  # of the tokens
    user: str = ""
    seal: str = ""
    started: float = 0.0


class Sessions:
    """Makes and reads the cookies. `lasting`: seconds after which a session ends."""

    def __init__(self, secret: bytes, lasting: float) -> None:
        self._serializer = URLSafeSerializer(secret, salt="almenara session")
        self._lasting = lasting

    @property
    def lasting(self) -> float:
        return self._lasting

    def new(self, now: datetime, user: str = "", seal: str = "") -> Session:
        """A session of its own: after a login, nothing of the one before is valid."""
        return Session(secrets.token_hex(8), secrets.token_hex(16), user, seal, now.timestamp())

    def write(self, session: Session) -> str:
        """The value of the cookie."""
        fields = [session.id, session.secret, session.user, session.seal, int(session.started)]
        return str(self._serializer.dumps(fields))

    def read(self, value: str, now: datetime) -> Session | None:
        """The session of a cookie; None if it was not made here, or is over."""
        try:
            id, secret, user, seal, started = self._serializer.loads(value[:2000])
            session = Session(str(id), str(secret), str(user), str(seal), float(started))
        except (BadSignature, ValueError, TypeError):
            return None
        over = not 0 <= now.timestamp() - session.started + 60 < self._lasting + 60
        return None if over else session


def secret_of(file: Path) -> bytes:
    """The secret in the file, which is made if it does not exist. Raises Unavailable."""
    try:
        if not file.exists():
            write_private(file, secrets.token_hex(32).encode())
        if file.stat().st_mode & 0o077:
            raise Unavailable(f"{file} signs sessions, but others may read it: chmod 600 it")
        found = file.read_bytes().strip()
    except OSError as error:
        raise Unavailable(f"{file}: {error.strerror or os.strerror(error.errno or 0)}") from error
    if len(found) < 32:
        raise Unavailable(f"{file} is too short to sign sessions: delete it, and a new one is made")
    return found
