"""Writes messages about alerts, as plain text for mail and chat.

Titles and snippets come from the web: control characters are removed, mentions made harmless.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.core.documents.change_words import in_words
from pipeline.core.query.snippets import plain
from pipeline.core.text.tidy import CONTROL
from pipeline.records import Alert

SUBJECT = 150  # characters
LISTED = 20  # alerts in one message
WORDS = 8  # matched words shown

#: What chats read as a mention: @everyone, @here, <!channel>, <@U123>.
_MENTION = re.compile(r"@(?=\w)|<(?=[!@#&])")


def subject(alerts: Sequence[Alert]) -> str:
    """The subject line: severity, rule and title; for several alerts, rules and how many."""
    first = alerts[0]
    if len(alerts) == 1:
        return _cut(f"[{first.severity}] {safe(first.rule)}: {safe(first.title)}", SUBJECT)
    rules = list(dict.fromkeys(safe(alert.rule) for alert in alerts))
    kind = "earlier articles" if all(alert.backlog for alert in alerts) else "alerts"
    return _cut(f"{', '.join(rules)}: {len(alerts)} {kind}", SUBJECT)


def body(alerts: Sequence[Alert], kibana_link: KibanaLink | None = None) -> str:
    """The text: one alert in full, or several as a list; with `kibana_link`, one link to all of them."""
    if len(alerts) == 1:
        return "\n".join([_whole(alerts[0]), *kibana(alerts, kibana_link)])
    lines = []
    if all(alert.backlog for alert in alerts):
        lines.append("These articles were in the feeds on their first poll, or arrived while Almenara was down.\n")
    lines += [_short(alert, with_rule=len({a.rule for a in alerts}) > 1) for alert in alerts[:LISTED]]
    if len(alerts) > LISTED:
        lines.append(f"… and {len(alerts) - LISTED} more")
    return "\n".join([*lines, *kibana(alerts[:LISTED], kibana_link)])


def kibana(alerts: Sequence[Alert], kibana_link: KibanaLink | None) -> list[str]:
    """The line with the link to Kibana, if there is one."""
    return [f"In Kibana: {kibana_link.link(alerts)}"] if kibana_link else []


def _whole(alert: Alert) -> str:
    words = list(dict.fromkeys(safe(span.text) for span in alert.matched))
    lines = [
        safe(alert.title),
        _origin(alert),
        link(alert.url),
        "",
        *(safe(plain(quote.text)) for quote in alert.quotes),
        "",
    ]
    lines += [f"Facts: {safe(line)}" for line in alert.fact_lines]
    if words:
        lines.append(f"Matched: {', '.join(words[:WORDS])}{', …' if len(words) > WORDS else ''}")
    lines.append(f"Because: {safe(alert.branch)}")
    if alert.topics:
        lines.append(f"Topics: {', '.join(map(safe, alert.topics))}")
    if alert.version > 1:
        lines.append(f"Update {alert.version} of an article you were alerted to")
        if said := in_words(alert.changes):
            lines.append(f"Changed: {safe(said)}")
    if alert.duplicate_of:
        lines.append("A copy of another article")
    lines.append(f"Alert {alert.id}")
    return "\n".join(lines)


def _short(alert: Alert, with_rule: bool) -> str:
    rule = f"{safe(alert.rule)}: " if with_rule else ""
    return f"- {rule}{safe(alert.title)}\n  {_origin(alert)}\n  {link(alert.url)}"


def _origin(alert: Alert) -> str:
    moment = alert.published.value if alert.published else alert.first_seen
    prefix = "" if alert.published else "first seen "
    countries = f", on {', '.join(alert.countries[:5])}" if alert.countries else ""
    return f"{safe(alert.source)}, {prefix}{moment:%Y-%m-%d %H:%M} UTC{countries}"


def safe(text: str) -> str:
    """`text` in one line, without control characters and mentions."""
    return _MENTION.sub(lambda found: found[0] + "\u200b", CONTROL.sub(" ", text)).strip()


def link(url: str) -> str:
    """`url` without what could end the link early or hide text in it."""
    return re.sub(r"[\s<>\"]", "", CONTROL.sub("", url))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
