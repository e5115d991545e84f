"""What the processes report about themselves, and what their silence says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from pipeline.config.hashes import different_parts
from pipeline.core.wording import Text, joined
from pipeline.log.heartbeats import SILENT
from pipeline.records import Heartbeat, Problem
from pipeline.reports.problems.finding import Finding, Seen

FORGOTTEN = timedelta(days=1)  # after the last heartbeat: the process is no longer missed
STARTING = timedelta(seconds=60)  # that a process may take from locking the data folder to its first heartbeat


def newest(beats: Sequence[Heartbeat]) -> dict[str, Heartbeat]:
    """The newest heartbeat of each instance."""
    return {beat.instance: beat for beat in sorted(beats, key=lambda beat: beat.at)}


def live(seen: Seen) -> list[Heartbeat]:
    """The processes that run as far as is known, by instance."""
    return [beat for _, beat in sorted(newest(seen.beats).items()) if state_of(beat, seen) == "running"]


def state_of(beat: Heartbeat, seen: Seen) -> str:
    """`running`, `stopped` in order, `silent`, or `gone`: ended without a word, or silent for long."""
    if beat.stopped:
        return "stopped"
    if seen.embedded and (seen.holder is None or seen.holder.pid != beat.pid):
        return "gone"  # the lock of the data folder is free, or another process has it
    if seen.now - beat.at <= timedelta(seconds=SILENT):
        return "running"
    return "silent" if seen.now - beat.at <= FORGOTTEN else "gone"


def process_problems(seen: Seen) -> Iterator[Finding]:
    """Processes that stopped, are silent or differ from the others, and what the others report."""
    if seen.embedded or not {"log", "workers"} & seen.unreadable.keys():
        yield from _not_running(seen)
    for instance, beat in sorted(newest(seen.beats).items()):
        answered = seen.answers.get(beat.process)
        if state_of(beat, seen) == "silent" and not answered:  # otherwise its answer says why it is silent
            yield _silent(instance, beat, seen)
        if answered is not None or state_of(beat, seen) == "running":
            yield from (_reported(problem, instance) for problem in (beat.problems if answered is None else answered))
    yield from _double(seen)
    yield from _different(live(seen))


def _reported(problem: Problem, worker: str) -> Finding:
    return Finding(problem.part, problem.state, problem.why, problem.since, worker, problem.next_try)


def _not_running(seen: Seen) -> Iterator[Finding]:
    last = max(seen.beats, key=lambda beat: beat.at, default=None)
    since = last.at if last else None
    if not seen.embedded:
        if not any(state_of(beat, seen) in ("running", "silent") for beat in newest(seen.beats).values()):
            yield Finding("daemon", "stopped", _ended(Text("no worker runs"), last), since)
        return
    if seen.holder is None:
        yield Finding("daemon", "stopped", _ended(Text("no daemon runs on {}", seen.data), last), since)
    elif seen.now - seen.holder.since > STARTING and not any(
        beat.pid == seen.holder.pid and not beat.stopped for beat in seen.beats
    ):
        why = Text("process {} has locked {}, and is no daemon that reports how it is", seen.holder.pid, seen.data)
        yield Finding("daemon", "silent", why, seen.holder.since)


def _ended(why: Text, last: Heartbeat | None) -> Text:
    """What is wrong, with what was last heard of a process."""
    if last is None:
        return Text("{}: none has run yet", why)
    moment = f"{last.at:%Y-%m-%d %H:%M:%S} UTC"
    if last.stopped:
        return Text("{}: stopped at {}", why, moment)
    return Text("{}: it ended without a word after {}", why, moment)


def _silent(instance: str, beat: Heartbeat, seen: Seen) -> Finding:
    place = Text("pid {} on {}", beat.pid, beat.host)
    if beat.process in seen.answers:
        why = Text("{} runs, and says nothing is wrong, but none of its heartbeats arrives", place)
    else:
        why = Text("{} reports nothing any more: it hangs, was killed, or cannot reach the log", place)
    return Finding("daemon" if seen.embedded else "worker", "silent", why, beat.at, instance)


def _double(seen: Seen) -> Iterator[Finding]:
    """Two processes under one name: both sent heartbeats after the second had started."""
    found: dict[str, list[Heartbeat]] = {}
    for beat in seen.beats:
        if not beat.stopped and seen.now - beat.at <= timedelta(seconds=SILENT):
            found.setdefault(beat.instance, []).append(beat)
    for instance, beats in sorted(found.items()):
        youngest = max(beats, key=lambda beat: beat.started)
        if others := [beat for beat in beats if beat.process != youngest.process and beat.at > youngest.started]:
            places = joined(", ", (Text("pid {} on {}", beat.pid, beat.host) for beat in (*others, youngest)))
            yield Finding(
                "worker", "double", Text("several processes use this name: {}", places), youngest.started, instance
            )


def _different(running: Sequence[Heartbeat]) -> Iterator[Finding]:
    """Workers whose configuration or version is not that of most others."""
    if len(running) < 2:
        return
    for what in ("version", "configuration"):
        counts = Counter(getattr(beat, what) for beat in running)
        usual = max(counts, key=lambda value: (counts[value], max(_started(running, what, value))))
        same = ", ".join(beat.instance for beat in running if getattr(beat, what) == usual)
        for beat in running:
            own = getattr(beat, what)
            if own == usual:
                continue
            if what == "version":
                why = Text("runs version {}, and {} {}", own, same, usual)
            else:
                why = Text(
                    "runs another configuration than {}: {} differ", same, ", ".join(different_parts(own, usual))
                )
            yield Finding("worker", "different", why, beat.started, beat.instance)


def _started(running: Sequence[Heartbeat], what: str, value: str) -> list[float]:
    return [beat.started.timestamp() for beat in running if getattr(beat, what) == value]
