"""Reads the channels of alerts.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.headerregistry import Address
from urllib.parse import urlsplit

from pipeline.core.alerts.rules import SECURITY, ChannelSpec
from pipeline.core.toml_reader import Table
from pipeline.core.wording import Text

#: The type of a channel -> the keys that it has beside those of all channels.
KEYS: dict[str, tuple[str, ...]] = {
    "terminal": (),
    "file": ("path", "max_mb"),
    "apprise": ("url", "url_file"),
    "webhook": ("url", "url_file", "secret", "secret_file", "headers"),
    "mail": ("server", "security", "username", "password", "password_file", "from", "to", "list_id"),
    "atom": ("path", "entries"),
}
_OF_ALL = ("type", "each", "give_up", "timeout", "template")
_SERVER = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+)(?::(?P<port>\d{1,5}))?")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110: a token
_OWN_HEADERS = ("content-type", "content-length", "host", "transfer-encoding", "user-agent")
_LIST_ID = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")  # RFC 2919
_TEMPLATE = re.compile(r"[\w-][\w.-]*")
_DAY = 86400.0


def read_channel(channels: Table, name: str) -> ChannelSpec | None:
    """The channel `name` of [channels]; None if its type is wrong. Faults are added to the reader."""
    if not isinstance(channels.values[name], Mapping):
        channels.table(name)
        return None
    table = channels.table(name)
    if "type" not in table:
        table.missing("type", "one of " + ", ".join(KEYS))
    kind = table.choice("type", KEYS, None)
    if kind is None:
        return None
    table.only(*_OF_ALL, *KEYS[kind])
    _check(table, kind)
    server, port = _server(table) if kind == "mail" else ("", None)
    return ChannelSpec(
        name=name, type=kind, line=table.line(),
        each=table.boolean("each", False) if "each" in table else None,
        give_up=table.duration("give_up", 7 * _DAY, 60.0, 365 * _DAY),
        timeout=table.duration("timeout", 60.0, 1.0, 3600.0),
        template=_template(table),
        path=table.text("path", required=kind in ("file", "atom"), hint=_path_hint(kind)),
        max_mb=table.integer("max_mb", None, 1),
        entries=table.integer("entries", 100, 1, 10_000),
        urls=_one_or_more(table, "url"), url_file=table.text("url_file"),
        secrets=_one_or_more(table, "secret"), secret_file=table.text("secret_file"),
        headers=_headers(table),
        server=server, port=port, security=table.choice("security", SECURITY, "starttls"),
        username=table.text("username") or "",
        password=table.text("password"), password_file=table.text("password_file"),
        sender=_address(table, "from") if kind == "mail" else "",
        to=_recipients(table) if kind == "mail" else (),
        list_id=_list_id(table),
    )  # fmt: skip


def _check(table: Table, kind: str) -> None:
    """Add a fault for keys that are missing, or exclude each other."""
    if kind in ("apprise", "webhook") and ("url" in table) == ("url_file" in table):
        table.fault("", "needs either url or url_file", "url_file keeps the secret out of this file")
    if kind == "webhook" and ("secret" in table) == ("secret_file" in table):
        table.fault("", "needs either secret or secret_file", "with it the receiver knows who sent: docs/alerts.md")
    if kind == "webhook" and isinstance(table.values.get("url"), list | tuple):
        table.fault("url", "must be one URL", "one channel for each receiver")
    if kind == "webhook" and isinstance(url := table.values.get("url"), str) and "${" not in url:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            table.fault("url", "must begin with https:// or http://")
    if kind == "mail":
        if "password" in table and "password_file" in table:
            table.fault("", "needs either password or password_file", "password_file keeps it out of this file")
        if ("username" in table) != bool({"password", "password_file"} & set(table)):
            table.fault("", "has a username without a password, or a password without a username")
        if table.values.get("security") == "none" and "username" in table:
            table.warn("security", "sends the password unencrypted", 'security = "starttls" or "tls"')


def _one_or_more(table: Table, key: str) -> tuple[str, ...]:
    """A string, or a list of them."""
    value = table.values.get(key)
    if isinstance(value, str):
        return (value,) if table.text(key, required=True) else ()
    return table.texts(key, required=key in table, hint=f'{key} = "…", or ["…", "…"]')


def _headers(table: Table) -> tuple[tuple[str, str], ...]:
    if "headers" not in table:
        return ()
    headers = table.table("headers")
    for name in headers:
        if not _HEADER.fullmatch(name):
            headers.fault(name, "is not the name of an HTTP header")
        elif name.lower() in _OWN_HEADERS or name.lower().startswith("webhook-"):
            headers.fault(name, "is set by Almenara")
    found = [(name, headers.text(name, required=True) or "") for name in headers]
    for name, value in found:
        if not value.isprintable():
            headers.fault(name, "contains a control character")
    return tuple(found)


def _server(table: Table) -> tuple[str, int | None]:
    """Host and port of `server`; no port: that of `security`."""
    text = table.text("server", required=True, hint='server = "smtp.example.org:587"')
    if text is None:
        return "", None
    found = _SERVER.fullmatch(text)
    if not found or (found["port"] and not 0 < int(found["port"]) < 65536):
        table.fault("server", "must be a host, or host:port", 'server = "smtp.example.org:587"')
        return "", None
    return found["host"].strip("[]"), int(found["port"]) if found["port"] else None


def _address(table: Table, key: str) -> str:
    value = table.text(key, required=True, hint=f'{key} = "desk@example.org"') or ""
    _check_address(table, key, value)
    return value


def _recipients(table: Table) -> tuple[str, ...]:
    found = _one_or_more(table, "to")
    if "to" not in table:
        table.missing("to", 'to = ["desk@example.org"]')
    for number, value in enumerate(found):
        _check_address(table, "to", value, number if len(found) > 1 else None)
    return tuple(dict.fromkeys(found))


def _check_address(table: Table, key: str, value: str, item: int | None = None) -> None:
    """Add a fault unless `value` is user@host or "Name <user@host>"."""
    if value and parse_address(value) is None:
        table.fault(key, Text("{!r} is not a mail address", value), 'such as "Desk <desk@example.org>"', item=item)


def parse_address(text: str) -> Address | None:
    """A mail address, with or without a name before it in angle brackets; None if it has another form."""
    found = re.fullmatch(r'\s*(?:"?(?P<name>[^"<>\r\n]*?)"?\s*<(?P<in>[^<>\s]+)>|(?P<bare>[^<>\s]+))\s*', text)
    if found is None or not text.isprintable():
        return None
    spec = found["in"] or found["bare"]
    local, at, domain = spec.rpartition("@")
    if not at or not local or not re.fullmatch(r"[^\s@,;:<>()\[\]]+|\[[0-9A-Fa-f:.]+\]", domain):
        return None
    try:
        return Address(display_name=(found["name"] or "").strip(), username=local, domain=domain)
    except (ValueError, IndexError):
        return None


def _list_id(table: Table) -> str | None:
    value = table.text("list_id")
    if value is not None and not _LIST_ID.fullmatch(value):
        table.fault("list_id", "must be a name with dots", 'list_id = "alerts.example.org"')
    return value


def _template(table: Table) -> str | None:
    value = table.text("template")
    if value is not None and not _TEMPLATE.fullmatch(value):
        table.fault("template", "must be the name of a file in the folder templates", 'template = "short.txt"')
    return value


def _path_hint(kind: str) -> str:
    return Text('path = "feeds", a folder') if kind == "atom" else 'path = "alerts.jsonl"'
