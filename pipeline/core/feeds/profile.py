"""Reads how a feed and its pages are to be requested, from a [[feed]] of feeds.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pipeline.core.toml_reader import Table, kind_of
from pipeline.core.urls import canonical
from pipeline.core.wording import Text
from pipeline.records import Feed, Profile

PROFILE_KEYS = (
    "user_agent", "headers", "username", "password_env", "password_file", "ca_file", "min_tls", "verify", "proxy",
    "hosts",
)  # fmt: skip
_HOST_KEYS = ("headers", "username", "ca_file", "min_tls", "verify")  # those that concern only the feed's hosts
_TLS = ("1.0", "1.1", "1.2", "1.3")
_FIELD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET = re.compile(r"(?i)authorization|cookie|token|secret|password|api-?key|x-.*-key")
#: Headers on which the client decides, because it must be able to read the answer.
_OURS = frozenset({
    "host", "content-length", "transfer-encoding", "connection", "accept-encoding", "upgrade", "te", "expect", "range",
    "if-none-match", "if-modified-since",
})  # fmt: skip
_ENVIRONMENT = Text(
    'write the secret as "${NAME}", a variable of the environment, so that it is not published to the log'
)


def read_profile(table: Table, url: str | None) -> Profile:
    """The profile in `table`, whose feed is at `url` (None if that is wrong). Adds faults to its reader."""
    found: dict[str, Any] = {
        "user_agent": _line(table, "user_agent"), "headers": _headers(table), "proxy": _proxy(table),
        "min_tls": table.choice("min_tls", _TLS, None), "verify": table.boolean("verify", True),
        "ca_file": _path(table, "ca_file"), **_password(table),
    }  # fmt: skip
    hosts = _hosts(table)
    if url is not None and any(key in table for key in _HOST_KEYS):
        found["hosts"] = tuple(dict.fromkeys((*same_host(url), *hosts)))
        found["plain"] = url.lower().startswith("http:")
    elif hosts:
        table.fault("hosts", "is of no use here", Text("it says where else these are used: {}", ", ".join(_HOST_KEYS)))
    return Profile(**found)


def _line(table: Table, key: str) -> str | None:
    """One line that can be the value of a header."""
    value = table.text(key)
    if value is None:
        return None
    if not value.strip() or any(ord(character) < 32 or ord(character) == 127 for character in value):
        table.fault(key, "must be one line of text", f'{key} = "…"')
        return None
    return value.strip()


def _headers(table: Table) -> dict[str, str]:
    if "headers" not in table:
        return {}
    hint = 'headers = { X-Edition = "international" }'
    if not isinstance(table.values["headers"], Mapping):
        table.fault("headers", Text("must be a table, not {}", kind_of(table.values["headers"])), hint)
        return {}
    headers = table.table("headers")
    for name in headers:
        if not _FIELD.fullmatch(name):
            headers.fault(name, Text("{!r} is not the name of a header", name), hint)
        elif name.lower() in _OURS:
            headers.fault(name, "is set by Almenara itself", "remove it")
        elif name.lower() == "user-agent":
            headers.fault(name, "has its own key", 'user_agent = "…"')
        elif (value := _line(headers, name)) and _SECRET.search(name) and "${" not in value:
            headers.fault(name, "holds a secret", _ENVIRONMENT)
    return {name: str(value).strip() for name, value in headers.values.items()}


def _password(table: Table) -> dict[str, str | None]:
    """User name, and where its password is."""
    if "password" in table:
        hint = Text('password_env = "NAME", a variable of the environment, or password_file = "/run/secrets/…"')
        table.fault("password", "a password does not belong in this file", hint)
    username, name, file = _line(table, "username"), _line(table, "password_env"), _path(table, "password_file")
    if name and not _VARIABLE.fullmatch(name):
        table.fault("password_env", Text("{!r} is not the name of a variable", name), 'password_env = "SITE_PASSWORD"')
    if name and file:
        table.fault("password_file", "password_env says another place", "keep one of them")
    if username and ":" in username:
        table.fault("username", "must not contain a colon", "HTTP basic authentication does not allow it (RFC 7617)")
    if username and not (name or file):
        table.fault("username", "has no password", "add password_env or password_file")
    if (name or file) and not username and "username" not in table:
        table.fault("password_env" if name else "password_file", "has no username", 'username = "…"')
    return {"username": username, "password_env": name, "password_file": file}


def _path(table: Table, key: str) -> str | None:
    value = _line(table, key)
    if value and not value.startswith("/"):
        hint = Text("{}; each machine that fetches needs it", f'{key} = "/etc/almenara/…"')
        table.fault(key, "must be an absolute path", hint)
    return value


def _proxy(table: Table) -> str | None:
    value = _line(table, "proxy")
    if value is None or value == "none":
        return value
    if not re.match(r"https?://[^/]", value):
        table.fault("proxy", Text("{!r} is not a proxy", value), 'http://proxy.example:3128, or "none" for no proxy')
    elif "@" in value and "${" not in value:
        table.fault("proxy", "holds a password", _ENVIRONMENT)
    return value


def _hosts(table: Table) -> tuple[str, ...]:
    found = []
    for number, host in enumerate(table.texts("hosts", hint='hosts = ["www.example.org"]')):
        try:
            found.append(_host(canonical(f"https://{host}/")))
        except ValueError:
            table.fault("hosts", Text("{!r} is not a host", host), 'hosts = ["www.example.org"]', item=number)
    return tuple(found)


def same_host(url: str) -> tuple[str, ...]:
    """The host of `url` with and without `www.`."""
    try:
        host = _host(canonical(url))
    except ValueError:
        return ()
    if not re.search(r"[a-z]", host) or ":" in host or "." not in host:
        return (host,)  # an address, or a single label
    return (host, host.removeprefix("www.") if host.startswith("www.") else f"www.{host}")


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def profile_entry(feed: Feed) -> dict[str, Any]:
    """The keys of feeds.toml that give this profile; without those that have their default."""
    profile, default = feed.profile, Profile()
    kept = {key: value for key in PROFILE_KEYS if (value := getattr(profile, key)) != getattr(default, key)}
    hosts = [host for host in profile.hosts if host not in same_host(feed.url)]
    return {key: value for key, value in kept.items() if key != "hosts"} | ({"hosts": hosts} if hosts else {})
