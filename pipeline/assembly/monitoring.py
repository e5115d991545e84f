"""Shows how a running pipeline is: heartbeats on the log, health endpoints and metrics, and the heartbeat URL."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import quote

from msgspec.structs import replace

from pipeline import __version__
from pipeline.assembly.backends import clock
from pipeline.assembly.listening import listener_of
from pipeline.assembly.wiring import Pipeline
from pipeline.config.folder import Configuration
from pipeline.config.hashes import hashes_of
from pipeline.config.settings import Settings
from pipeline.core.notification.delivery.attempt import ChannelHealth
from pipeline.log.streams import STAGES
from pipeline.monitoring.channels import ChannelWatch
from pipeline.monitoring.dead_mans_switch import DeadMansSwitch
from pipeline.monitoring.endpoints import endpoints
from pipeline.monitoring.gauges import gauges
from pipeline.monitoring.readiness import not_ready
from pipeline.monitoring.sampling import Sampling
from pipeline.monitoring.state import RUNNING, STOPPING, State
from pipeline.stages.poll import Poll
from pipeline.web.server import serving, url_of


@asynccontextmanager
async def running_monitored(pipeline: Pipeline) -> AsyncIterator[None]:
    """Run the stages, and show how they are, inside. Raises Unavailable if another process has this one's name, or
    listens at the address that was chosen for the endpoints."""
    from agents.heartbeats import Heartbeats
    from agents.processes import this_process

    settings, health = pipeline.configuration.settings, pipeline.driver.health
    me = this_process(pipeline.instance, tuple(stage for stage in STAGES if stage in pipeline.only), clock())
    state = State(
        me.instance, me.stages, me.started, health.problems, _hash_of(lambda: pipeline.configuration),
        lambda: feeds_by_state(pipeline.flow.poll), pipeline.driver.held, settings.health.max_lag,
        channels=lambda: _channels(pipeline),
    )  # fmt: skip
    pipeline.metrics.add(lambda: gauges(state, clock()))
    pipeline.flow.notify.on_tried(pipeline.metrics.delivered)
    sampling = Sampling(state, health, pipeline.lag, pipeline.index.health if pipeline.index else None)
    async with AsyncExitStack() as stack:
        if listener := listener_of(settings.health, "health"):
            await stack.enter_async_context(serving(endpoints(state, pipeline.metrics, clock), listener))
            me = replace(me, health_url=url_of(listener))
        beats = Heartbeats(pipeline.workers, me, health, state.configuration, clock, shared=pipeline.shared)
        await stack.enter_async_context(beats.publishing())
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        await stack.enter_async_context(pipeline.driver.running())
        channels = ChannelWatch(health, lambda: _channels(pipeline))
        jobs = (sampling.run(), channels.run(), _call_url(pipeline, state))
        background = [tasks.create_task(job) for job in jobs]
        state.phase = RUNNING
        try:
            yield
        finally:
            state.phase = STOPPING
            for task in background:
                task.cancel()


def _channels(pipeline: Pipeline) -> Mapping[str, ChannelHealth]:
    """The channels that this process sends to; none while another worker has the alerts."""
    return pipeline.flow.notify.health


async def _call_url(pipeline: Pipeline, state: State) -> None:
    """Call health.heartbeat_url while all is well; until cancelled."""
    settings: Settings = pipeline.configuration.settings
    url = settings.health.heartbeat_url.get_secret_value()
    if not url:
        return
    from pipeline.backends.heartbeat_url import HeartbeatUrl

    address = url.replace("{instance}", quote(state.instance, safe=""))
    call = HeartbeatUrl(address, f"Almenara/{__version__}", settings.fetch.proxy)
    try:
        await DeadMansSwitch(
            call, lambda: not not_ready(state, clock()), settings.health.heartbeat_every, pipeline.metrics.called
        ).run()
    finally:
        await call.close()


def _hash_of(configuration: Callable[[], Configuration]) -> Callable[[], str]:
    """A function that returns the hash of the configuration in force, and computes it only when that changed."""
    known: list[tuple[Configuration, str]] = []

    def hash_now() -> str:
        now = configuration()
        if not known or known[0][0] is not now:
            known[:] = [(now, str(hashes_of(now)))]
        return known[0][1]

    return hash_now


def feeds_by_state(poll: Poll) -> dict[str, int]:
    """How many feeds are ok, failing, new (not polled yet) and disabled."""
    found = Counter({"ok": 0, "failing": 0, "new": 0, "disabled": 0})
    for feed in poll.feeds.values():
        state = poll.states.get(feed.id)
        if feed.removed:
            continue
        if not feed.enabled:
            found["disabled"] += 1
        elif state is None:
            found["new"] += 1
        else:
            found["failing" if state.error else "ok"] += 1
    return dict(found)
