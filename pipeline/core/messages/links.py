"""Makes the links of a message: to articles, Kibana and the console. They are the only links in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.core.alerts.signed_links import signed
from pipeline.core.messages.content import Link
from pipeline.core.urls import canonical
from pipeline.records import Alert

#: What a reader can say of an alert -> how its link is called.
ACTS = {"useful": "Useful", "noise": "Noise", "mute": "Mute this story for a day", "again": "Send again"}

#: What ends a link early, or is markup, in one of the media.
_RISKY = re.compile(r"[\s<>\"'`()*|\\^{}]")
_END = re.compile(r"[.,!?:;]$")  # taken for the end of a sentence


def address(url: str) -> str:
    """`url` as it is written in every medium; "" if it is no http(s) URL. Without user name and password; the host in
    ASCII (punycode), so that a letter that looks like another shows."""
    try:
        plain = canonical(url)
    except ValueError:
        return ""
    head, tail = plain[: plain.index("://") + 3], plain[plain.index("://") + 3 :]
    escaped = _RISKY.sub(lambda found: quote(found[0], safe=""), tail)
    return head + _END.sub(lambda found: f"%{ord(found[0]):02X}", escaped)


def article_link(url: str) -> Link | None:
    """The link to an article; None if its address cannot be opened."""
    found = address(url)
    return Link("Article", found) if found else None


def kibana(alerts: Sequence[Alert], kibana_link: KibanaLink | None) -> Link | None:
    """The link to the articles of all these alerts in Kibana, where one is configured."""
    return Link("Kibana", kibana_link.link(alerts)) if kibana_link and alerts else None


def acts(url: str, secret: bytes, alert: Alert) -> list[Link]:
    """The links by which a reader says once what became of an alert, where a console and a secret are configured."""
    if not url or not secret:
        return []
    return [Link(name, f"{url.rstrip('/')}/act/{signed(secret, verb, alert)}") for verb, name in ACTS.items()]


def console(url: str, alert: Alert) -> Link | None:
    """The link to an alert in the console, where one is configured."""
    return Link("Console", f"{url.rstrip('/')}/alerts/{quote(alert.id, safe='')}") if url else None
