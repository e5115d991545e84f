"""Hashes of what decides in a configuration, by which processes find out whether theirs is the same."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import msgspec

from pipeline.config.read_settings import SECRETS
from pipeline.config.settings import Section

if TYPE_CHECKING:
    from pipeline.config.folder import Configuration
    from pipeline.core.alerts.firing import AlertSet

#: Sections and settings that may differ between workers: they belong to a machine, or to its way to the servers.
OF_ONE_MACHINE = frozenset(
    {
        ("data",), ("log_url",), ("index_url",), ("health",), ("logs",), ("fetch", "proxy"), ("clean", "processes"),
        ("clean", "memory"), ("clean", "recycle"), ("clean", "window"), ("kafka", "instance"), ("kafka", "session"),
        ("kafka", "watchdog"), ("kafka", "tls"), ("kafka", "ca"), ("kafka", "certificate"), ("kafka", "key"),
        ("kafka", "mechanism"), ("kafka", "username"), ("elasticsearch", "username"), ("elasticsearch", "ca"),
        ("elasticsearch", "timeout"), ("elasticsearch", "writers"), ("kibana", "username"), ("kibana", "ca"),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hashes:
    """Of each part of a configuration, 12 hex digits (SHA-256) that change with everything in it that decides.

    `rules`: topics/. `alerts`: the alert rules that are switched on, and the channels without their secrets.
    `settings`: all except OF_ONE_MACHINE and secrets. `feeds`: feeds.toml, in any order.
    """

    rules: str
    alerts: str
    settings: str
    feeds: str

    def __str__(self) -> str:
        """One text for a Heartbeat: `rules=… alerts=… settings=… feeds=…`."""
        return " ".join(f"{part}={value}" for part, value in asdict(self).items())


def hashes_of(configuration: Configuration) -> Hashes:
    """The hashes of a configuration. The same in every process and on every machine."""
    return Hashes(
        rules=_digest(configuration.rules.hash),
        alerts=_digest(configuration.alerts.hash, *_times(configuration.alerts), *_channels(configuration.alerts)),
        settings=_digest(*_deciding(configuration.settings)),
        feeds=_digest(*sorted(msgspec.json.encode(feed, order="sorted").decode() for feed in configuration.seed.feeds)),
    )


def different_parts(one: str, other: str) -> tuple[str, ...]:
    """The parts, such as `rules`, by which two texts of `str(hashes_of(…))` differ; for any other texts "all" if they
    are not equal."""
    if one == other:
        return ()
    parts, others = (dict(pair.partition("=")[::2] for pair in text.split()) for text in (one, other))
    if parts.keys() != others.keys():
        return ("all",)
    return tuple(part for part in parts if parts[part] != others[part]) or ("all",)


def _times(alerts: AlertSet) -> list[str]:
    """When messages are sent."""
    return [repr(alerts.reader), *(rule.times for rule in alerts.rules if rule.enabled)]


def _channels(alerts: AlertSet) -> list[str]:
    """Without URLs, which hold secrets, and without the places of files, which are of one machine."""
    return [f"{name} {spec.type}" for name, spec in sorted(alerts.channels.items())]


def _deciding(section: Section, around: tuple[str, ...] = ()) -> list[str]:
    found: list[str] = []
    for key in sorted(type(section).model_fields):
        path, value = (*around, key), getattr(section, key)
        if path in OF_ONE_MACHINE or key in SECRETS:
            continue
        found += _deciding(value, path) if isinstance(value, Section) else [f"{'.'.join(path)}={value!r}"]
    return found


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
