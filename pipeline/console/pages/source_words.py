"""Why a feed cannot be read or loses entries, in words for people; docs/feeds.md explains each."""

from __future__ import annotations

from pipeline.console.sections import N_

HEALTH = {
    "silent": N_("silent"), "failing": N_("failing"), "lossy": N_("loses entries"), "new": N_("not read yet"),
    "ok": N_("works"), "paused": N_("paused"),
}  # fmt: skip
TONES = {"silent": "bad", "failing": "bad", "lossy": "warn", "new": "info", "ok": "good", "paused": ""}

#: Class of an error -> what it means.
ERRORS = {
    "dns": N_("The name of the host leads nowhere. If this lasts, the site may be gone."),
    "connect": N_("The host cannot be reached."),
    "timeout": N_("The host is too slow."),
    "tls": N_("No secure connection is possible, for example because of its certificate."),
    "secret": N_("A variable or file that this source needs is missing here."),
    "proxy": N_("The proxy of this source cannot be reached."),
    "challenge": N_("A firewall answers instead of the site. Ask the site to let Almenara through."),
    "http_401": N_("The site asks for a password."),
    "http_403": N_("The site refuses."),
    "http_406": N_("The site refuses."),
    "http_404": N_("The feed is no longer at this address."),
    "http_410": N_("The feed is no longer at this address."),
    "gone": N_("The feed is no longer at this address."),
    "http_429": N_("The site asks for longer pauses; it is read less often."),
    "not_a_feed": N_("The answer is something else than a feed, such as the home page."),
    "redirects": N_("The address leads round in circles."),
    "refused_address": N_("The address leads into a private network, which is not allowed."),
    "cut_off": N_("The server ends its answer in the middle."),
    "bad_encoding": N_("The answer cannot be read."),
    "protocol": N_("The answer cannot be read."),
    "too_large": N_("The feed is larger than is read."),
    "bad_url": N_("This is not an address of the web."),
}
#: Of a poll, unless it is the class of an error.
OUTCOMES = {
    "ok": N_("read"), "not_modified": N_("nothing new"), "unchanged": N_("nothing new"), "busy": N_("put off"),
}  # fmt: skip
SERVER = N_("The server has a fault (status %(status)s).")
OTHER = N_("It cannot be read.")

#: Reason of a lost entry or page -> what it means.
LOSSES = {
    "repeated": N_("listed twice"), "over_limit": N_("older than the newest 1,000"), "no_text": N_("without text"),
    "truncated": N_("cut off"), "bad_entry": N_("unreadable"), "old": N_("old"), "home_page": N_("the home page"),
    "robots": N_("forbidden by robots.txt"), "challenge": N_("behind a firewall"), "paywall": N_("behind a paywall"),
    "consent_wall": N_("behind a consent dialog"), "login_wall": N_("behind a login"), "http_404": N_("page not found"),
    "http_410": N_("page deleted"), "http_403": N_("page refused"), "needs_javascript": N_("needs JavaScript"),
    "too_short": N_("too short"), "soft_404": N_("page not found"), "section_page": N_("a list of articles"),
    "fetch_timeout": N_("page too slow"), "fetch_connect": N_("page unreachable"), "gone": N_("page removed"),
    "fetch_dns": N_("page unreachable"), "fetch_tls": N_("page without a secure connection"),
    "fetch_redirects": N_("leads round in circles"), "fetch_refused_address": N_("leads into a private network"),
    "fetch_cut_off": N_("cut off"), "robots_unreachable": N_("robots.txt unreachable"), "no_title": N_("no headline"),
    "empty": N_("empty"), "not_html": N_("no text"), "too_large": N_("too large"),
    "pdf_encrypted": N_("encrypted PDF"), "pdf_broken": N_("broken PDF"), "pdf_no_text": N_("scanned PDF"),
    "other_page": N_("about something else"), "other_text": N_("about something else"), "bad_url": N_("bad address"),
    "no_link": N_("without a link"),
}  # fmt: skip


def error_words(error: str) -> tuple[str, str]:
    """The sentence for the class of an error, and the status in it if it names one."""
    if error in ERRORS:
        return ERRORS[error], ""
    if error.startswith("http_5"):
        return SERVER, error.removeprefix("http_")
    return OTHER, ""
