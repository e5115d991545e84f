"""The keys of the console: the one table from which both the help and what console.js does follow."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.console.sections import N_


@dataclass(frozen=True, slots=True)
class Key:
    """A key and what it does. `action`: a function of console.js, else the `data-act` of the button that it presses in
    the item that has the focus, or on the page."""

    key: str
    action: str
    title: str


KEYS = (
    Key("j", "next", N_("Next")),
    Key("k", "previous", N_("Previous")),
    Key("o", "open", N_("Open")),
    Key("v", "original", N_("Open the original page")),
    Key("m", "read", N_("Mark as read or unread")),
    Key("s", "save", N_("Save")),
    Key("f", "follow", N_("Follow")),
    Key("e", "explain", N_("Explain why it is here")),
    Key("c", "compare", N_("Compare what reports say")),
    Key("u", "useful", N_("Useful")),
    Key("x", "noise", N_("Noise")),
    Key("/", "find", N_("Search")),
    Key("?", "help", N_("Keys")),
    Key("Esc", "close", N_("Close")),
)
