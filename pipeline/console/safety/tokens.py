"""Tokens that show that a form was made here for this session (cross-site request forgery).

Each page has another one, so that the size of compressed pages says nothing about it (the attack BREACH): a random
mask, and the secret of the session under it.
"""

from __future__ import annotations

import base64
import hmac
import secrets

FIELD, HEADER = "token", "x-token"
_SIZE = 16


def new_token(secret: str) -> str:
    """A token for the session with this secret (32 hexadecimal digits)."""
    mask = secrets.token_bytes(_SIZE)
    return base64.urlsafe_b64encode(mask + _xor(mask, bytes.fromhex(secret))).decode().rstrip("=")


def is_token(token: str, secret: str) -> bool:
    """Whether the token was made for this session."""
    try:
        packed = base64.urlsafe_b64decode(f"{token[:100]}==")
    except ValueError:
        return False
    if len(packed) != 2 * _SIZE:
        return False
    return hmac.compare_digest(_xor(packed[:_SIZE], packed[_SIZE:]), bytes.fromhex(secret))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
