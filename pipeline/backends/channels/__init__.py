"""Opens the channels of alerts.toml: the terminal, a file, the services of Apprise."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.backends.channels.apprise import AppriseChannel
from pipeline.backends.channels.file import JsonLinesChannel
from pipeline.backends.channels.terminal import TerminalChannel
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.faults import Fault, Faults
from pipeline.ports import Channel


def open_channels(
    alerts: AlertSet,
    directory: Path,
    environment: Mapping[str, str] | None = None,
    file: str = "alerts.toml",
    kibana_link: KibanaLink | None = None,
) -> dict[str, Channel]:
    """The channels by name. Relative paths start at `directory`; alerts get links by `kibana_link`. Raises Faults."""
    variables = os.environ if environment is None else environment
    channels: dict[str, Channel] = {}
    faults = []
    for name, spec in alerts.channels.items():
        try:
            channels[name] = open_channel(spec, directory, variables, kibana_link)
        except (ValueError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            faults.append(Fault(file, f"channels.{name}", reason or type(error).__name__, line=spec.line))
    if faults:
        raise Faults(tuple(faults))
    return channels


def open_channel(
    spec: ChannelSpec, directory: Path, environment: Mapping[str, str], kibana_link: KibanaLink | None = None
) -> Channel:
    """The channel that `spec` describes. Raises OSError, and ValueError, whose message contains no secret."""
    if spec.type == "terminal":
        return TerminalChannel(kibana_link=kibana_link)
    if spec.type == "file":
        path = directory / (spec.path or "")
        if path.exists() and not path.is_file():
            raise ValueError(f"{path} is not a regular file")
        return JsonLinesChannel(path, spec.max_mb * 2**20 if spec.max_mb else None, kibana_link)
    if spec.type != "apprise":
        raise ValueError(f"there are no channels of the type {spec.type}")
    return AppriseChannel(_urls(spec, directory, environment), kibana_link=kibana_link)


def _urls(spec: ChannelSpec, directory: Path, environment: Mapping[str, str]) -> list[str]:
    if spec.url_file is None:
        return [_filled(url, environment) for url in spec.urls]
    try:
        lines = (directory / spec.url_file).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ValueError(f"url_file {spec.url_file}: {error.strerror}") from None
    urls = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not urls:
        raise ValueError(f"url_file {spec.url_file} contains no URL")
    return urls


def _filled(url: str, environment: Mapping[str, str]) -> str:
    """`url` with ${NAME} replaced by the environment variable. Raises ValueError if that is not set."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in environment:
            raise ValueError(f"the environment variable {found[1]} is not set")
        return environment[found[1]]

    return re.sub(r"\$\{(\w+)\}", value, url)
