"""Signs web hooks as Standard Webhooks 1.0 says (https://github.com/standard-webhooks/standard-webhooks)."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
LEAST, MOST = 24, 64  # bytes of a secret


def secret_of(text: str) -> bytes:
    """The secret that `text` stands for: whsec_ and base64. Raises ValueError, which does not contain it."""
    if not text.startswith(PREFIX):
        raise ValueError(f"a secret must begin with {PREFIX}")
    try:
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError(f"a secret must be base64 after {PREFIX}") from None
    if not LEAST <= len(secret) <= MOST:
        raise ValueError(f"a secret must have {LEAST} to {MOST} bytes: `echo {PREFIX}$(openssl rand -base64 32)`")
    return secret


def signed(id: str, at: datetime, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The three headers of a message. Each secret signs, so that a receiver may still know only the old one."""
    id = re.sub(r"[^A-Za-z0-9_-]", "_", id)  # no dot, which separates what is signed
    timestamp = str(int(at.timestamp()))
    content = b".".join((id.encode(), timestamp.encode(), body))
    signatures = [base64.b64encode(hmac.digest(secret, content, "sha256")).decode() for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
