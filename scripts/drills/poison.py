"""Messages that no stage can read."""

from __future__ import annotations

import random
from dataclasses import dataclass

from pipeline.records import SCHEMA


@dataclass(frozen=True, slots=True)
class Poison:
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    due: object = None  # on the embedded log, where it is a column


def poisons(dice: random.Random, good: bytes | None) -> list[Poison]:
    """Random bytes, broken JSON, keys that are not UTF-8, bad headers. `good`: the value of a record of that stream."""
    value = good or b'{"v":%d}' % SCHEMA
    return [
        Poison(b"k", dice.randbytes(200)),
        Poison(b"k", b""),
        Poison(b"k", b'{"v":%d,"id":' % SCHEMA),
        Poison(b"k", b'{"v":%d,"id":7,"replayed":"x"}' % SCHEMA),
        Poison(b"k", b"[" * 5000),
        Poison(b"\xff\xfe" + dice.randbytes(6), value),
        Poison(b"\xff\xfe" + dice.randbytes(6), None),
        Poison(None, dice.randbytes(20)),
        Poison(b"k", value, (("due", b"soon"),), due="soon"),
        Poison(b"k", value, (("due", b"9" * 40),), due=2**62),
        Poison(b"k", value, (("epoch", b"\xff"),)),
        Poison(b"k", dice.randbytes(20), (("epoch", b"1"), ("due", b"-1")), due=-1),
    ]
