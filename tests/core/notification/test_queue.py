"""Lines over three virtual days, with receivers that fail, hang, are busy, refuse or work, as it comes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.notification.delivery.attempt import Attempt, Waiting
from pipeline.core.notification.delivery.merge import MOST_BYTES, fitting, merged
from pipeline.core.notification.delivery.queue import Queue
from pipeline.core.notification.delivery.retry import Failure
from pipeline.records import Delivery, Message, encode
from tests.builders import alert, message

START = datetime(2026, 3, 2, tzinfo=UTC)
STEP = timedelta(minutes=10)
SPECS = {"chat": ChannelSpec("chat", "apprise", give_up=86400.0 * 4), "file": ChannelSpec("file", "file")}

#: How a receiver is, and for how many steps.
WEATHER = st.lists(
    st.tuples(
        st.sampled_from(["works", "works", "unreachable", "unsure", "taken, but unsure", "busy", "broken"]),
        st.integers(1, 80),
    ),
    min_size=1,
    max_size=12,
)


def notice(n: int, at: datetime) -> Message:
    return message(alert(f"a{n}", story_id=f"s{n}"), id=f"m{n}", channels=("chat", "file"), at=at)


def hours(weather: list[tuple[str, int]]) -> list[str]:
    return [kind for kind, steps in weather for _ in range(steps)]


class Receivers:
    """Two receivers and the log, in virtual time; with kills, after which all is read from the log again."""

    def __init__(self) -> None:
        self.queue = Queue(SPECS)
        self.messages: list[Message] = []
        self.states: dict[str, Delivery] = {}
        self.taken: dict[str, list[tuple[str, tuple[str, ...]]]] = {name: [] for name in SPECS}  # (key, alerts)

    def publish(self, states: list[Delivery]) -> None:
        self.states |= {f"{state.message}/{state.channel}": state for state in states}

    def restart(self) -> None:
        self.queue = Queue(SPECS)
        for state in self.states.values():
            self.queue.put_state(state)
        for one in self.messages:
            self.queue.put(one)
        self.queue.restored()

    def put(self, one: Message) -> None:
        self.messages.append(one)
        self.queue.put(one)

    def work(self, now: datetime, weather: dict[str, str], die: bool = False) -> None:
        """Send what is due; `die`: kill after the first send, before it is noted."""
        for name, line in self.queue.lines.items():
            for _ in range(400):
                attempt = line.next(now)
                if isinstance(attempt, Waiting):  # its body is only on the log
                    wanted = line.without_body()
                    for one in self.messages:
                        if one.id in wanted:
                            line.give_body(one)
                    attempt = line.next(now)
                if not isinstance(attempt, Attempt):
                    break
                self.publish(line.begin(attempt, now))
                kind = weather[name]
                if kind in ("works", "taken, but unsure"):
                    self.taken[name].append((attempt.key, tuple(one.id for one in attempt.message.alerts)))
                if die:
                    self.restart()
                    return
                if kind == "works":
                    self.publish(line.sent(attempt, now))
                else:
                    failure = Failure(kind.rpartition(" ")[2], "no", 240 if kind == "busy" else None)
                    self.publish(line.failed(attempt, failure, now, 0.5))


@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@given(WEATHER, WEATHER, st.sets(st.integers(0, 430), max_size=60), st.integers(0, 3))
def test_nothing_is_lost_and_repeats_have_the_same_key(
    chat: list[tuple[str, int]], file: list[tuple[str, int]], kills: set[int], pace: int
) -> None:
    receivers, made, unsure = Receivers(), 0, False
    forecast = {
        name: [kind for kind, steps in days for _ in range(steps)] for name, days in (("chat", chat), ("file", file))
    }
    for step in range(432):  # three days
        now = START + step * STEP
        weather = {name: kinds[step] if step < len(kinds) else "works" for name, kinds in forecast.items()}
        unsure = unsure or any("unsure" in kind for kind in weather.values())
        if step < 300 and step % 7 <= pace:
            receivers.put(notice(made, now))
            made += 1
        receivers.work(now, weather, die=step in kills)
    for _ in range(100):  # and a day in which all works
        now += 3 * STEP
        receivers.work(now, dict.fromkeys(SPECS, "works"))
    statuses = Counter(state.status for state in receivers.states.values())
    assert set(statuses) <= {"sent", "unsure"}
    assert "unsure" not in statuses or unsure
    assert receivers.queue.waiting() == 0
    for name, taken in receivers.taken.items():
        keys: dict[str, set[str]] = {}
        for key, alerts in taken:
            for one in alerts:
                keys.setdefault(one, set()).add(key)
        arrived = {f"m{n}" for n in range(made) if alert(f"a{n}").id in keys}
        ended = {
            state.message for state in receivers.states.values() if state.channel == name and state.status == "sent"
        }
        assert ended <= arrived
        assert all(len(found) == 1 for found in keys.values())
    assert all(len(alerts) == 1 for _, alerts in receivers.taken["file"])  # it keeps records


def test_after_an_outage_a_chat_gets_few_messages_and_a_burst_is_not_merged() -> None:
    receivers = Receivers()
    for n in range(300):
        receivers.put(notice(n, START))
    receivers.work(START, {"chat": "works", "file": "works"})
    assert len(receivers.taken["chat"]) == 300
    for n in range(300, 600):
        receivers.put(notice(n, START + STEP))
    receivers.work(START + STEP, {"chat": "unreachable", "file": "works"})
    receivers.work(START + 2 * STEP, {"chat": "works", "file": "works"})
    later = receivers.taken["chat"][300:]
    assert len(later) == 4
    assert [one for _, alerts in later for one in alerts] == [alert(f"a{n}").id for n in range(300, 600)]


def test_fifty_thousand_messages_take_bounded_memory() -> None:
    queue = Queue(SPECS)
    for n in range(50_000):
        queue.put(notice(n, START))
    assert queue.waiting() == 100_000
    assert {line.bodies for line in queue.lines.values()} == {300}


def test_a_message_always_fits_into_a_record() -> None:
    big = message(*(alert(f"a{n}", query="x" * 20_000) for n in range(100)))
    small = fitting(big)
    assert len(encode(small)) <= MOST_BYTES
    assert len(small.alerts) + small.held_back == 100
    assert small.reported == big.reported
    assert fitting(small) == small


def test_a_merged_message_counts_what_it_does_not_show() -> None:
    many = [message(*(alert(f"a{m}-{n}") for n in range(40)), id=f"m{m}", held_back=2) for m in range(4)]
    one = merged(many, "chat")
    assert (len(one.alerts), one.held_back, one.channels) == (100, 68, ("chat",))
    assert merged(many, "chat") == one
