"""Opens the channels of alerts.toml. The libraries of a channel are imported when one of its type is opened."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.backends.channels.file import JsonLinesChannel
from pipeline.backends.channels.secrets import SecretFile, Secrets, filled
from pipeline.backends.channels.terminal import TerminalChannel
from pipeline.core.alerts.read_channels import parse_address
from pipeline.core.alerts.rules import SECURITY, ChannelSpec
from pipeline.core.faults import Fault, Faults
from pipeline.core.messages.form import Voice
from pipeline.ports import Channel, Clock, SendFailed

FILES = ("url_file", "secret_file", "password_file")


@dataclass(frozen=True)
class Place:
    """Where channels are opened. Relative paths start at `directory`; ${NAME} is a variable of `environment`.

    `voices`: how each channel speaks, by its name; the others as `voice`.
    """

    directory: Path
    clock: Clock
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    voice: Voice = field(default_factory=Voice)
    voices: Mapping[str, Voice] = field(default_factory=dict)
    file: str = "alerts.toml"


def open_channels(specs: Iterable[ChannelSpec], place: Place) -> dict[str, Channel]:
    """The channels by name. Raises Faults. Files with secrets are read only when something is sent: without its secret
    a channel is broken, and the others work."""
    channels: dict[str, Channel] = {}
    faults = []
    for spec in specs:
        try:
            channels[spec.name] = open_channel(spec, place)
        except (ValueError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            faults.append(Fault(place.file, f"channels.{spec.name}", reason or type(error).__name__, line=spec.line))
    if faults:
        raise Faults(tuple(faults))
    return channels


def open_channel(spec: ChannelSpec, place: Place) -> Channel:
    """The channel that `spec` describes. Raises OSError, and ValueError, whose message contains no secret."""
    voice = place.voices.get(spec.name, place.voice)
    match spec.type:
        case "terminal":
            return TerminalChannel(voice=voice)
        case "file":
            path = place.directory / (spec.path or "")
            if path.exists() and not path.is_file():
                raise ValueError(f"{path} is not a regular file")
            return JsonLinesChannel(path, spec.max_mb * 2**20 if spec.max_mb else None, voice)
        case "atom":
            folder = place.directory / (spec.path or "")
            if folder.exists() and not folder.is_dir():
                raise ValueError(f"{folder} is not a folder")
            from pipeline.backends.channels.atom import AtomChannel

            return AtomChannel(folder, spec.entries, voice)
        case "webhook":
            return _webhook(spec, place, voice)
        case "mail":
            return _mail(spec, place, voice)
        case _:
            return _apprise(spec, place, voice)


def doubts(specs: Iterable[ChannelSpec], directory: Path, file: str = "alerts.toml") -> list[Fault]:
    """What is doubtful about the files with secrets: missing, empty, or open to others. Each a warning for `check`."""
    found = []
    for spec in specs:
        for key in FILES:
            if (secret := _file(spec, key, directory)) and (doubt := secret.doubt()):
                reason = doubt.removeprefix(f"{key} ")
                found.append(Fault(file, f"channels.{spec.name}.{key}", reason, line=spec.line))
    return found


def _apprise(spec: ChannelSpec, place: Place, voice: Voice) -> Channel:
    from pipeline.backends.channels.apprise import AppriseChannel

    channel = AppriseChannel(_secrets(spec, "url_file", spec.urls, place), place.clock, spec.timeout, voice)
    if spec.url_file is None:
        try:
            channel.open()
        except SendFailed as error:
            raise ValueError(str(error)) from None
    return channel


def _webhook(spec: ChannelSpec, place: Place, voice: Voice) -> Channel:
    from pipeline.backends.channels.signature import secret_of
    from pipeline.backends.channels.webhook import Target, WebhookChannel

    headers = tuple((name, filled(value, place.environment)) for name, value in spec.headers)
    for name, value in headers:
        if not value.isascii() or not value.isprintable():
            raise ValueError(f"the header {name} has a character that no header can have")
    secrets = _secrets(spec, "secret_file", spec.secrets, place)
    if spec.secret_file is None:
        for text in secrets.values():
            secret_of(text)
    target = Target(_secrets(spec, "url_file", spec.urls, place), secrets, headers)
    return WebhookChannel(target, place.clock, spec.timeout, voice)


def _mail(spec: ChannelSpec, place: Place, voice: Voice) -> Channel:
    from pipeline.backends.channels.mail import MailChannel, Server
    from pipeline.backends.channels.mail_message import Letterhead, ascii_domain

    sender, to = parse_address(spec.sender), tuple(filter(None, map(parse_address, spec.to)))
    if sender is None or len(to) != len(spec.to):
        raise ValueError("from or to is not a mail address")
    written = (spec.password,) if spec.password is not None else ()
    password = _secrets(spec, "password_file", written, place) if spec.username else None
    server = Server(
        spec.server,
        spec.port or SECURITY[spec.security],
        spec.security,
        filled(spec.username, place.environment),
        password,
    )
    list_id = spec.list_id or f"{_label(spec.name)}.almenara.{ascii_domain(sender.domain)}"
    return MailChannel(server, Letterhead(spec.name, sender, to, list_id), place.clock, spec.timeout, voice)


def _label(name: str) -> str:
    """A part of a List-Id for the name of a channel."""
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in name.lower()).strip("-")
    return plain or "alerts"


def _secrets(spec: ChannelSpec, key: str, written: tuple[str, ...], place: Place) -> Secrets:
    return Secrets(written, _file(spec, key, place.directory), place.environment)


def _file(spec: ChannelSpec, key: str, directory: Path) -> SecretFile | None:
    path: str | None = getattr(spec, key)
    return SecretFile(key, directory / path) if path is not None else None
