"""The users of the console: names, roles and hashes of passwords and tokens, in one file that only its owner may read.

Passwords are hashed with argon2id (RFC 9106). The file is read again when it changes, so that a user who is removed is
out at the next request.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pipeline.console.safety.programs import hash_of, make_token
from pipeline.stage import Unavailable

Role = Literal["reader", "editor"]
ROLES: tuple[Role, ...] = ("reader", "editor")  # an editor may do what a reader may, and decide
SHORTEST, LONGEST = 10, 1000  # characters of a password
AT_ONCE = 2  # passwords that are checked at once: each takes 64 MiB
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


@dataclass(frozen=True, slots=True)
class User:
    """A user. `seal` changes with the password, so that sessions of the former one end. `ways`: in which the user is
    known: password, token."""

    name: str
    role: Role
    seal: str = ""
    ways: tuple[str, ...] = ()


class _Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    role: Role
    hash: str = ""  # of the password; a program has none
    token: str = ""  # hash of it


class Users:
    """The users of one file. Without the file there are no users."""

    def __init__(self, file: Path, hasher: PasswordHasher | None = None) -> None:
        self.file = file
        self._hasher = hasher or PasswordHasher()
        self._entries: dict[str, _Entry] = {}
        self._read: tuple[int, int, int, int] | None = None
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._nobody = ""

    def __len__(self) -> int:
        return len(self._fresh())

    def all(self) -> list[User]:
        """Every user, by name. Raises Unavailable."""
        return [self._user(name, entry) for name, entry in sorted(self._fresh().items())]

    def get(self, name: str) -> User | None:
        """The user with this name. Raises Unavailable."""
        entry = self._fresh().get(name.lower())
        return self._user(name.lower(), entry) if entry else None

    async def check(self, name: str, password: str) -> User | None:
        """The user, if the password is right. An unknown name takes as long as a wrong password. Raises Unavailable."""
        name, entries = name.lower(), self._fresh()
        entry = entries.get(name)
        async with self._gate:
            right = await asyncio.to_thread(
                self._matches, (entry.hash if entry else "") or None, password[: LONGEST + 1]
            )
        return self._user(name, entry) if entry and right else None

    def _matches(self, stored: str | None, password: str) -> bool:
        if stored is None:
            self._nobody = self._nobody or self._hasher.hash(os.urandom(16).hex())
        try:
            return self._hasher.verify(stored or self._nobody, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    # -- changes

    def put(self, name: str, role: Role, password: str) -> bool:
        """Add a user, or change the role and password of one; return whether it is new. Raises ValueError with advice,
        Unavailable."""
        name = name.lower()
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no user name: write letters, digits, and . _ @ + -, at most 64")
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValueError(f"the password must have {SHORTEST} to {LONGEST} characters")
        entries = dict(self._fresh())
        new = name not in entries
        self._write(entries | {name: _Entry(role, self._hasher.hash(password))})
        return new

    def give_token(self, name: str, role: Role | None = None) -> str:
        """A new token for a user, in place of the former one; with a role also for a program that is no user yet. Only
        its hash is kept. Raises ValueError with advice, Unavailable."""
        name, entries = name.lower(), dict(self._fresh())
        entry = entries.get(name)
        if entry is None and role is None:
            raise ValueError(f"there is no user {name!r}: for a program, say its --role")
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no user name: write letters, digits, and . _ @ + -, at most 64")
        token = make_token()
        kept = entry.hash if entry else ""
        self._write(entries | {name: _Entry(role or (entry.role if entry else "reader"), kept, hash_of(token))})
        return token

    def take_token(self, name: str) -> bool:
        """Make the token of a user invalid; return whether there was one. Who has no password is removed. Raises
        Unavailable."""
        name, entries = name.lower(), dict(self._fresh())
        entry = entries.pop(name, None)
        if entry is None or not entry.token:
            return False
        self._write(entries | ({name: _Entry(entry.role, entry.hash)} if entry.hash else {}))
        return True

    def with_token(self, token: str) -> User | None:
        """The user whose token it is. Raises Unavailable."""
        hashed = hash_of(token)
        found = [one for one in self._fresh().items() if one[1].token and hmac.compare_digest(one[1].token, hashed)]
        return self._user(*found[0]) if found else None

    def remove(self, name: str) -> bool:
        """Remove a user; return whether there was one. Raises Unavailable."""
        entries = dict(self._fresh())
        if entries.pop(name.lower(), None) is None:
            return False
        self._write(entries)
        return True

    # -- the file

    def _fresh(self) -> dict[str, _Entry]:
        try:
            found = self.file.stat()
        except FileNotFoundError:
            self._entries, self._read = {}, None
            return self._entries
        except OSError as error:
            raise Unavailable(f"{self.file}: {error.strerror}") from error
        seen = (found.st_mtime_ns, found.st_ino, found.st_size, found.st_mode)
        if seen != self._read:
            if found.st_mode & 0o077:
                raise Unavailable(f"{self.file} holds hashes of passwords, but others may read it: chmod 600 it")
            try:
                self._entries = msgspec.json.decode(self.file.read_bytes(), type=dict[str, _Entry])
            except (OSError, msgspec.MsgspecError) as error:
                raise Unavailable(f"{self.file} cannot be read: {error}") from error
            self._read = seen
        return self._entries

    def _write(self, entries: dict[str, _Entry]) -> None:
        try:
            write_private(self.file, msgspec.json.format(msgspec.json.encode(dict(sorted(entries.items())))))
        except OSError as error:
            raise Unavailable(f"{self.file}: {error.strerror}") from error
        self._read = None

    def _user(self, name: str, entry: _Entry) -> User:
        seal = hashlib.blake2b(entry.hash.encode(), digest_size=6).hexdigest()
        ways = (*(("password",) if entry.hash else ()), *(("token",) if entry.token else ()))
        return User(name, entry.role, seal, ways)


def write_private(file: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # made with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
