"""What the health endpoints and metrics are about: this process as of the last sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.core.notification.delivery.attempt import ChannelHealth
from pipeline.ports import Lag
from pipeline.records import Problem

STARTING, RUNNING, STOPPING = "starting", "running", "stopping"

Key = tuple[str, str, int]  # group, stream, partition


@dataclass
class State:
    """`problems`: what is wrong now. `lag`: as of the last sample; `held`: partitions of each group that this worker
    has, empty in embedded mode. `feeds`: how many are in which state."""

    instance: str
    stages: tuple[str, ...]
    started: datetime
    problems: Callable[[], tuple[Problem, ...]]
    configuration: Callable[[], str]
    feeds: Callable[[], Mapping[str, int]]
    held: Callable[[], Mapping[str, int]]
    max_lag: float  # seconds that a record may wait before it counts as late
    phase: str = STARTING
    lag: Mapping[Key, Lag] = field(default_factory=dict)
    channels: Callable[[], Mapping[str, ChannelHealth]] = dict  # those that this process sends to
