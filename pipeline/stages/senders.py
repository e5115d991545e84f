"""Sends what waits in the queue: one task for each channel, so that a channel that hangs delays no other and no step.

A sender never waits for a moment itself: `look`, called by the ticks of notify, starts it when something is due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from pipeline import ports
from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.notification.delivery.attempt import Attempt, Waiting
from pipeline.core.notification.delivery.line import Line
from pipeline.core.notification.delivery.queue import Queue
from pipeline.core.notification.delivery.retry import Failure
from pipeline.failpoints import point
from pipeline.records import Delivery, Message
from pipeline.stage import Out, Unavailable

SLOW = 4.0  # seconds of a send, after which its channel counts as failing until it answers
MORE = 10.0  # seconds beyond the channel's own time limit, after which a send is given up from outside
TIMEOUT = ChannelSpec("", "").timeout  # of a channel that is not configured

#: Called after each attempt to send: the channel, the message, and the error if it was not accepted.
Tried = Callable[[str, Message, str | None], None]
Load = Callable[[set[str]], Awaitable[list[Message]]]  # reads messages from the log, by id


class Results:
    """Deliveries on their way to the log. `wake` makes the driver publish them."""

    def __init__(self) -> None:
        self.wake: Callable[[], None] = lambda: None
        self._new: list[Delivery] = []
        self._durable: dict[str, asyncio.Future[None]] = {}

    def __bool__(self) -> bool:
        return bool(self._new or self._durable)

    def add(self, states: Sequence[Delivery]) -> asyncio.Future[None]:
        """Add states. Returns a future that is done when they are on the log."""
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._new += states
        self._durable[delivery_key(states[-1])] = durable
        self.wake()
        return durable

    def take(self) -> list[Out]:
        """What is to be published now."""
        states, self._new = self._new, []
        return [Out("deliveries", delivery_key(state), state) for state in states]

    def settled(self, outs: Sequence[Out]) -> None:
        """These are on the log."""
        for out in outs if self._durable else ():
            if out.stream == "deliveries" and (durable := self._durable.pop(out.key, None)) and not durable.done():
                durable.set_result(None)


class Sender:
    """Sends the messages of one line, one after the other; each result is on the log before the next is sent, so a
    kill repeats at most one."""

    def __init__(self, line: Line, senders: Senders) -> None:
        self.line, self._senders = line, senders
        self.event = asyncio.Event()
        self.using: ports.Channel | None = None  # while it sends
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        senders = self._senders
        while not senders.stopping:
            found = self.line.next(senders.clock())
            if found is None:
                self.event.clear()
                await self.event.wait()
            elif isinstance(found, Waiting):
                await self._load()
            elif await senders.owned():
                await self._deliver(found)
            else:
                self.event.clear()
                await self.event.wait()

    async def _deliver(self, attempt: Attempt) -> None:
        senders = self._senders
        if states := self.line.begin(attempt, senders.clock()):
            await senders.results.add(states)
            if not await senders.owned():  # what was just noted does not count then
                return
        failure = await self._send(attempt)
        now = senders.clock()
        if failure is None:
            states = self.line.sent(attempt, now)
        else:
            states = self.line.failed(attempt, failure, now, senders.jitter())
        senders.tried(self.line.channel, attempt.message, failure.why if failure else None)
        durable = senders.results.add(states) if states else None
        if durable and not senders.stopping:
            await durable

    async def _send(self, attempt: Attempt) -> Failure | None:
        channel = self._senders.channels.get(self.line.channel)
        if channel is None:
            return Failure("broken", "no such channel is configured")
        limit = self._senders.timeout(self.line.channel)
        slow = asyncio.get_running_loop().call_later(SLOW, self._note_slow)
        self.using = channel
        try:
            point("send.before")
            async with asyncio.timeout(limit):
                await channel.send(attempt.message, attempt.key, attempt.taken)
            point("send.after")
        except TimeoutError:
            return Failure("unsure", f"no answer in {limit:g} s")
        except ports.SendFailed as error:
            return Failure(error.kind, str(error), error.retry_after, error.taken)
        except Exception as error:  # an exception of a library must not stop the sender
            return Failure("unreachable", f"{type(error).__name__} in the channel")  # its text may carry the URL
        finally:
            slow.cancel()
            self.using = None
        return None

    def _note_slow(self) -> None:
        """Show that a send has no answer yet: it may take minutes until it is given up."""
        if self.line.health.error is None:
            why = f"no answer for {SLOW:g} s, and still waiting"
            self.line.health = replace(self.line.health, error=why, since=self._senders.clock())

    async def _load(self) -> None:
        """Read bodies that are not in memory from the log."""
        wanted = self.line.without_body()
        try:
            found = await self._senders.load(wanted)
        except Unavailable:
            self.event.clear()
            await self.event.wait()
            return
        for message in found:
            self.line.give_body(message)
        if gone := wanted - {message.id for message in found}:
            await self._senders.results.add(self.line.gone(gone, self._senders.clock()))


class Senders:
    """The senders of all channels. `channels`: by the names that rules use. `jitter`: random numbers from 0 to 1."""

    def __init__(
        self, specs: Mapping[str, ChannelSpec], channels: Mapping[str, ports.Channel], clock: ports.Clock,
        jitter: Callable[[], float],
    ) -> None:  # fmt: skip
        self.channels, self.clock, self.jitter = dict(channels), clock, jitter
        self.queue = Queue(specs)
        self.results = Results()
        self.tried: Tried = lambda channel, message, error: None
        self.load: Load = _nothing
        self.owned: Callable[[], Awaitable[bool]] = _always  # asked before each send: another process may send now
        self.more = MORE
        self.stopping = True
        self.specs = dict(specs)
        self._senders: dict[str, Sender] = {}
        self._retired: list[ports.Channel] = []

    def timeout(self, channel: str) -> float:
        """Seconds after which a send is given up from outside; the channel's own limit is shorter."""
        spec = self.specs.get(channel)
        return (spec.timeout if spec else TIMEOUT) + self.more

    def reload(self, specs: Mapping[str, ChannelSpec], channels: Mapping[str, ports.Channel]) -> None:
        """Use new channels. What waits is tried at once."""
        self._retired += self.channels.values()
        self.channels, self.specs = dict(channels), dict(specs)
        self.queue.reload(specs)
        self._wake_all()

    def forget(self) -> None:
        """Forget what waits, to be restored."""
        self.queue, wake = Queue(self.specs), self.results.wake
        self.results = Results()
        self.results.wake = wake

    def start(self) -> None:
        """Send what waits, from now on."""
        self.stopping = False
        self._wake_all()

    async def stop(self, patience: float) -> None:
        """Begin no further send; those in progress have `patience` seconds."""
        self.stopping = True
        tasks = {sender.task for sender in self._senders.values()}
        sending = {sender.task for sender in self._senders.values() if sender.using}
        try:
            for task in tasks - sending:
                task.cancel()
            if sending:
                await asyncio.wait(sending, timeout=patience)
        finally:
            for task in tasks:
                task.cancel()
            self._senders.clear()
        if tasks:
            await asyncio.wait(tasks)

    def wake(self, channels: Sequence[str]) -> None:
        """Something new waits for these channels."""
        if self.stopping:
            return
        for name in channels:
            sender = self._senders.get(name)
            if sender is None:
                self._senders[name] = Sender(self.queue.line(name), self)
            else:
                sender.event.set()

    async def look(self) -> None:
        """Start senders for which something is due, and close channels that are no longer used. Raises what ended a
        sender, which nothing should."""
        using = {id(sender.using) for sender in self._senders.values()}
        for channel in [one for one in self._retired if id(one) not in using]:
            self._retired.remove(channel)
            await channel.close()
        for sender in self._senders.values():
            if sender.task.done() and not sender.task.cancelled():
                sender.task.result()
        now = self.clock()
        for name, line in self.queue.lines.items():
            if line.health.broken and name in self.channels and self.channels[name].changed():
                self.queue.retry(name)
            when = line.when()
            if when is not None and when <= now:
                self.wake([name])

    def sending(self) -> bool:
        """Whether a send is in progress, or its result is not on the log."""
        return bool(self.results) or any(sender.using for sender in self._senders.values())

    async def close(self) -> None:
        """Close all channels."""
        for channel in (*self._retired, *self.channels.values()):
            await channel.close()

    def _wake_all(self) -> None:
        self.wake([name for name, line in self.queue.lines.items() if line.waiting])


def delivery_key(state: Delivery) -> str:
    """The key of a delivery on its stream."""
    return f"{state.message}/{state.channel}"


async def _always() -> bool:
    return True


async def _nothing(wanted: set[str]) -> list[Message]:
    return []
