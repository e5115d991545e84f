"""What the services of Apprise read and take: markup, longest message, and whether there is a title.

What Apprise says of a plugin holds unless a row here knows better: some services show Markdown though Apprise calls
them plain text, and unescaped a title could make a link there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.core.messages.form import Limit, Medium

if TYPE_CHECKING:
    from apprise import NotifyBase

_FORMATS = {
    Medium.PLAIN: "text", Medium.MARKDOWN: "markdown", Medium.DISCORD: "text", Medium.SLACK: "markdown",
    Medium.TELEGRAM: "html", Medium.HTML: "html",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Service:
    """`format`: as Apprise calls it, so that the plugin sends the text as it is. `named`: the title is the name of the
    rule (a topic of Zulip), and what is usually the title stands in the text. `dialect`: what the plugin converts
    Markdown or HTML to, it shall convert: we do not know the service."""

    medium: Medium
    limit: Limit
    format: str
    named: bool = False
    dialect: bool = False


#: Name of the plugin's class -> medium, limit of the text, its unit, limit of a title (0: in the text).
_KNOWN: dict[str, tuple[Medium, int, str, int]] = {
    "NotifyDiscord": (Medium.DISCORD, 2000, "utf16", 0),
    "NotifyFluxer": (Medium.DISCORD, 2000, "utf16", 0),
    "NotifyGuilded": (Medium.DISCORD, 2000, "utf16", 0),
    "NotifyRevolt": (Medium.MARKDOWN, 2000, "utf16", 0),
    "NotifySlack": (Medium.SLACK, 3000, "chars", 0),  # a section of blocks; without blocks more would be cut silently
    "NotifyTelegram": (Medium.TELEGRAM, 4096, "utf16", 0),
    "NotifyMattermost": (Medium.MARKDOWN, 4000, "chars", 0),
    "NotifyRocketChat": (Medium.MARKDOWN, 1000, "chars", 0),
    "NotifyZulip": (Medium.MARKDOWN, 10000, "chars", 0),
    "NotifyWorkflows": (Medium.MARKDOWN, 20000, "bytes", 0),  # Teams: a card of 28 kB
    "NotifyWebexTeams": (Medium.MARKDOWN, 7000, "bytes", 0),
    "NotifyMatrix": (Medium.HTML, 20000, "bytes", 0),  # an event has 64 kB, and holds the text twice
    "NotifyNtfy": (Medium.PLAIN, 4000, "bytes", 200),  # a longer one becomes an attachment
    "NotifyGotify": (Medium.PLAIN, 32768, "chars", 250),
    "NotifyEmail": (Medium.HTML, 1_000_000, "chars", 200),
}
#: Others that count bytes, though Apprise counts characters: a text in Chinese has three times as many.
_BYTES = frozenset(
    f"Notify{name}"
    for name in (
        "DingTalk", "Feishu", "Lark", "WeChat", "WeComBot", "IRC", "Gorush", "Pinglet", "Pushy", "Viber", "Squadcast",
        "Nostr", "Vapid", "SNS",
    )
)  # fmt: skip
_NAMED = {"NotifyZulip": 60}


def service_of(notifier: NotifyBase) -> Service:
    """What the service of an opened Apprise URL reads and takes."""
    kind = type(notifier).__name__
    if row := _KNOWN.get(kind):
        medium, most, unit, title = row
        if (
            kind == "NotifyMatrix" and getattr(notifier, "mode", "") == "slack"
        ):  # the plugin escapes all markup in this mode
            medium = Medium.PLAIN
        if kind == "NotifyWebexTeams":
            most = min(most, int(notifier.body_maxlen))  # a web hook takes less than the API
        return Service(medium, Limit(title, most, unit), _FORMATS[medium], kind in _NAMED)  # type: ignore[arg-type]
    format = str(notifier.resolve_format(None).value)
    medium = {"markdown": Medium.MARKDOWN, "html": Medium.HTML}.get(format, Medium.PLAIN)
    title = int(notifier.title_maxlen) if medium is Medium.PLAIN else 0  # elsewhere a title may be markup, too
    most = int(notifier.body_maxlen) or 32768
    if notifier.overflow_amalgamate_title:
        title = min(title, most // 4)
        most -= title + 2
    dialect = medium is not Medium.PLAIN  # the plugin may have to convert the text, which makes it longer
    limit = Limit(min(title, 250), most * 3 // 4 if dialect else most, "bytes" if kind in _BYTES else "chars")
    return Service(medium, limit, format, dialect=dialect)


def title_of(notifier: NotifyBase, rule: str) -> str:
    """The title for a service whose title names the rule."""
    return rule[: _NAMED[type(notifier).__name__]]
