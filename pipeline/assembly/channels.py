"""Opens the channels of alerts.toml, with how they speak: time zone, links, templates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.assembly.backends import clock, kibana_link
from pipeline.assembly.console_secret import console_secret
from pipeline.config.folder import Configuration
from pipeline.core.faults import Fault
from pipeline.core.messages.form import Voice
from pipeline.ports import Channel
from pipeline.records import Message

if TYPE_CHECKING:
    from pipeline.backends import channels
    from pipeline.backends.channels.preview import Shown


def configured_channels(configuration: Configuration) -> dict[str, Channel]:
    """The channels of alerts.toml by name, opened. Raises Faults."""
    from pipeline.backends import channels

    return channels.open_channels(configuration.alerts.channels.values(), _place(configuration))


def opened_channel(configuration: Configuration, name: str) -> Channel:
    """One channel of alerts.toml. Raises Faults."""
    from pipeline.backends import channels

    spec = configuration.alerts.channels[name]
    return channels.open_channels([spec], _place(configuration))[name]


def preview_messages(configuration: Configuration, name: str, message: Message) -> list[Shown]:
    """What the channel `name` would send for a message. Raises Faults, and SendFailed if the channel is broken."""
    from pipeline.backends.channels.preview import previews

    place, spec = _place(configuration), configuration.alerts.channels[name]
    return list(previews(spec, opened_channel(configuration, name), place.voices.get(name, place.voice), message))


def _place(configuration: Configuration) -> channels.Place:
    """Where channels are opened, and how they speak."""
    from pipeline.backends import channels

    settings, alerts = configuration.settings, configuration.alerts
    url = settings.console.url
    secret = console_secret(settings) if url else b""
    voice = Voice(zone=alerts.reader.zone, kibana=kibana_link(settings), console=url, secret=secret)
    voices = {
        spec.name: replace(voice, template=configuration.templates[spec.template])
        for spec in alerts.channels.values()
        if spec.template is not None
    }
    return channels.Place(settings.data, clock, voice=voice, voices=voices)


def channel_doubts(configuration: Configuration) -> list[Fault]:
    """What is doubtful about the files with secrets of channels, as warnings."""
    from pipeline.backends import channels

    return channels.doubts(configuration.alerts.channels.values(), configuration.settings.data)
