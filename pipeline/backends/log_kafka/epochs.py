"""Recognises stale messages of a state partition, by the claims in it.

A claim is a message; its epoch is its offset + 1, so epochs are unique and rise without any coordination. The owner's
messages carry its epoch. A message with a lower epoch than that of a claim before it is stale: a former owner wrote it.
What no program of ours can have written has epoch 0, whatever its headers say: it must not make the owner's stale.
Epochs of a stream that was deleted and created again start over, so messages carry the id of their stream's topic too
(log.py): those of an owner of the deleted stream are stale, whatever their epoch.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass

from pipeline.log.claims import is_claim
from pipeline.log.messages import Headers, header_number
from pipeline.stage import Message

_RECORD = b'{"v":'  # every record of every version begins with it
Place = tuple[str, int]  # stream, partition
LOOK_BACK = 1000  # offsets read before the start to find the owner, which writes more often than a former one


@dataclass(frozen=True, slots=True)
class Ownership:
    """The ownership of a partition. `incarnation`: the id of the topic when it was claimed."""

    epoch: int
    incarnation: str


class Epochs:
    """The epochs of one partition, collected over any number of reads."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, int]] = []  # (offset, epoch), both rising
        self._low = self._high = 0  # the range of offsets that was read

    def begin(self, start: int) -> int:
        """Return where a read must begin so that stale messages are recognised from `start` on."""
        if not self._low <= start <= self._high:
            self._low = self._high = max(0, start - LOOK_BACK)
            return self._low
        return start

    def see(self, offset: int, epoch: int) -> bool:
        """Note the message at `offset`; return whether it is stale. `epoch` 0: it carries none."""
        self._high = max(self._high, offset + 1)
        if epoch > offset + 1:  # no claim of this stream has it
            return True
        highest = self._before(offset)
        if epoch > highest:
            insort(self._steps, (offset, epoch))
            self._steps = [step for n, step in enumerate(self._steps) if not n or step[1] > self._steps[n - 1][1]]
        return epoch < highest

    def take(self, message: Message, headers: Headers, incarnation: str | None) -> tuple[bool, bool]:
        """Note a message; whether it is a claim, and stale. `incarnation`: the id of the topic there is."""
        stale = is_of_another(incarnation, headers) or self.see(message.at.offset, epoch_of(message, headers))
        return is_claim(message), stale

    def _before(self, offset: int) -> int:
        at = bisect_left(self._steps, (offset, 0))
        return self._steps[at - 1][1] if at else 0


class OwnMessages:
    """Where the messages of this process, as an owner, are in the partitions that it ever claimed."""

    def __init__(self) -> None:
        self._written: dict[Place, int] = {}  # offset of the last one
        self._since: dict[Place, int] = {}  # where the messages up to there begin that are all of this process
        self._alone: dict[Place, bool] = {}

    def claimed(self, place: Place, offset: int) -> None:
        """Note a claim at `offset`."""
        self._alone[place] = self._written.get(place) == offset - 1
        self.note(place, offset)

    def note(self, place: Place, offset: int) -> None:
        """Note a message at `offset`."""
        if self._written.get(place) != offset - 1:
            self._since[place] = offset
        self._written[place] = offset

    def skip(self, place: Place, offset: int) -> int:
        """The first offset from `offset` on whose message is not known to be of this process."""
        own = place in self._written and self._since[place] <= offset <= self._written[place]
        return self._written[place] + 1 if own else offset

    def alone(self, place: Place) -> bool:
        """Whether no other process wrote there between this process's last message and its newest claim."""
        return self._alone.get(place, False)


def is_of_another(incarnation: str | None, headers: Headers) -> bool:
    """Whether the writer owns a stream of this name that was deleted. `incarnation`: the id of the topic there is."""
    return any(name == "incarnation" and value != (incarnation or "").encode() for name, value in headers)


def epoch_of(message: Message, headers: Headers) -> int:
    """The epoch of a message; 0: it carries none."""
    if is_claim(message):
        return message.at.offset + 1
    ours = message.value is None or message.value.startswith(_RECORD)
    return header_number(headers, "epoch")[0] or 0 if ours and not message.fault else 0
