"""Tokens of programs, which send one with every request instead of logging in.

A token is random and long, so that its hash needs no salt and no slow function (unlike a password's).
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from starlette.datastructures import Headers

START = "alm_"  # so that people and scanners of leaked secrets know what it is
_LONGEST = 400


def make_token() -> str:
    """A new token: 256 random bits."""
    return START + secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def sent_token(headers: Headers) -> str | None:
    """The token that a request carries: as Bearer (RFC 6750), or as the password of Basic (RFC 7617), whose name says
    nothing; None without one. What cannot be read is "", which is no token."""
    if (sent := headers.get("authorization")) is None:
        return None
    scheme, _, value = sent[:_LONGEST].partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
