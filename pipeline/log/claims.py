"""Claims: the messages by which a worker becomes the owner of a state partition on a broker.

They stand among the records of a state stream. What reads that stream as its owner learns the epochs from them
(backends/log_kafka/epochs.py); for any other reader a claim says nothing.
"""

from __future__ import annotations

import json

import msgspec

from pipeline.stage import Message

CLAIM = "~owner"  # the key of a claim


class _Claim(msgspec.Struct):
    owner: str


def claim_of(owner: str) -> tuple[bytes, bytes]:
    """Key and value of the claim of the worker `owner`."""
    return CLAIM.encode(), json.dumps({"owner": owner}).encode()


def is_claim(message: Message) -> bool:
    """Whether a worker became the owner by this message."""
    if message.key != CLAIM or message.fault:
        return False
    try:
        msgspec.json.decode(message.value or b"", type=_Claim)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True
