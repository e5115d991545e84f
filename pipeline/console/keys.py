"""The keys of the console: the one table from which both the help and what console.js does follow."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.console.sections import N_


@dataclass(frozen=True, slots=True)
class Key:
    """A key and what it does. `action`: a function of console.js, else the `data-act` of the button that it presses in
    the item that has the focus, or on the page. `missing`: what is said where there is nothing to do it with."""

    key: str
    action: str
    title: str
    missing: str = ""


_NO_LIST = N_("There is no list on this page.")
_NO_ALERT = N_("Only alerts are useful or noise, and there is none here.")


KEYS = (
    Key("j", "next", N_("Next"), _NO_LIST),
    Key("k", "previous", N_("Previous"), _NO_LIST),
    Key("o", "open", N_("Open"), N_("There is nothing here to open. j and k go through a list.")),
    Key("v", "original", N_("Open the original page"), N_("There is no original page of this.")),
    Key("m", "read", N_("Mark as read or unread"), N_("There is nothing here to mark as read.")),
    Key("s", "save", N_("Save"), N_("There is nothing here to save.")),
    Key("f", "follow", N_("Follow"), N_("Only stories can be followed, and there is none here.")),
    Key("e", "explain", N_("Explain why it is here"), N_("There is nothing here to explain.")),
    Key("c", "compare", N_("Compare what reports say"), N_("Nothing to compare: these reports do not differ.")),
    Key("u", "useful", N_("Useful"), _NO_ALERT),
    Key("x", "noise", N_("Noise"), _NO_ALERT),
    Key("/", "find", N_("Search"), N_("There is no search on this page.")),
    Key("?", "help", N_("Keys")),
    Key("Esc", "close", N_("Close")),
)
