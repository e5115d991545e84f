"""Sends alerts to the services of Apprise: mail, chat, web hooks."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.backends.channels.cause import Causes, reason_of
from pipeline.backends.channels.thread import ChannelThread
from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.core.alerts.message import body, subject
from pipeline.ports import SendFailed
from pipeline.records import Alert, Message

if TYPE_CHECKING:
    from apprise import NotifyBase


class AppriseChannel:
    """One or more Apprise URLs. An alert counts as sent when every URL accepted it; a retry uses only the others.

    With `kibana_link`, the JSON of a json:// web hook has the link to its alerts as `kibana`.
    """

    def __init__(self, urls: Sequence[str], timeout: float = 15, kibana_link: KibanaLink | None = None) -> None:
        """`timeout` in seconds, to connect and to read. Raises ValueError for a URL that Apprise does not support;
        the message does not contain it."""
        self._services = [_Service.opened(url, timeout, n) for n, url in enumerate(urls, 1)]
        self._kibana_link = kibana_link
        self._thread = ChannelThread()
        self._done: dict[str, set[int]] = {}  # alert -> services that accepted it, while others have not

    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        await self.send_alerts(message.alerts)
        return ""

    def changed(self) -> bool:
        return False

    async def send_alerts(self, alerts: Sequence[Alert]) -> None:
        faults = []
        for number, service in enumerate(self._services):
            left = [alert for alert in alerts if number not in self._done.get(alert.id, ())]
            if not left:
                continue
            fault = await self._thread.run(_notify, service, left, self._kibana_link)
            if fault:
                faults.append(fault)
            else:
                for alert in left:
                    self._done.setdefault(alert.id, set()).add(number)
        if faults:
            raise SendFailed("; ".join(faults))
        for alert in alerts:
            self._done.pop(alert.id, None)

    async def close(self) -> None:
        self._thread.close()


@dataclass(frozen=True)
class _Service:
    """A service of Apprise, and why it did not accept a message."""

    notifier: NotifyBase
    causes: Causes

    @classmethod
    def opened(cls, url: str, timeout: float, number: int) -> _Service:
        import logging

        from apprise import Apprise

        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # at lower levels it logs URLs and payloads
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the first use imports all plugins, one of them imghdr
            notifier = Apprise.instantiate(url, suppress_exceptions=True)
        if notifier is None:
            raise ValueError(f"Apprise does not support URL {number}")
        notifier.socket_connect_timeout = notifier.socket_read_timeout = timeout
        return cls(notifier, Causes(notifier))


def _notify(service: _Service, alerts: Sequence[Alert], kibana_link: KibanaLink | None) -> str | None:
    """Send one message. Returns None, or why it was not accepted, without URL and answer."""
    from apprise import NotifyFormat, NotifyType
    from apprise.plugins.custom_json import NotifyJSON

    notifier, name = service.notifier, service.notifier.service_name
    urgent = any(alert.severity in ("high", "critical") for alert in alerts)
    if kibana_link and isinstance(notifier, NotifyJSON):
        notifier.payload_extras["kibana"] = kibana_link.link(alerts)  # no other channel uses it
    service.causes.begin()
    try:
        taken = notifier.notify(
            title=subject(alerts),
            body=body(alerts, kibana_link),
            notify_type=NotifyType.WARNING if urgent else NotifyType.INFO,
            body_format=NotifyFormat.TEXT,
        )
    except Exception as error:  # plugins raise anything
        return f"{name}: {reason_of(error, notifier.socket_read_timeout)}"
    return None if taken else f"{name}: {service.causes.last}"
