"""Channels are read from alerts.toml."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.alerts.read_channels import parse_address
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.faults import Faults
from pipeline.core.toml_reader import TomlFile

HOOK = {"type": "webhook", "url": "https://receiver.example/in", "secret": "whsec_c2VjcmV0"}
MAIL = {"type": "mail", "server": "smtp.example.org", "from": "almenara@example.org", "to": "desk@example.org"}


def read(channels: Any) -> dict[str, ChannelSpec]:
    return dict(parse_alerts(TomlFile("alerts.toml", {"channels": channels}))[0].channels)


@pytest.mark.parametrize(
    ("channels", "key", "says"),
    [
        ([], "channels", "table"),
        ({"c": "terminal"}, "channels.c", "table"),
        ({"c": {}}, "channels.c.type", "missing"),
        ({"c": {"type": "email"}}, "channels.c.type", "mail"),
        ({"c": {"type": "file"}}, "channels.c.path", "missing"),
        ({"c": {"type": "atom"}}, "channels.c.path", "a folder"),
        ({"c": {"type": "atom", "path": "x", "entries": 0}}, "channels.c.entries", "whole number"),
        ({"c": {"type": "file", "path": "x", "max_mb": 0}}, "channels.c.max_mb", "whole number"),
        ({"c": {"type": "terminal", "path": "x"}}, "channels.c.path", "unknown"),
        ({"c": {"type": "terminal", "each": "yes"}}, "channels.c.each", "true or false"),
        ({"c": {"type": "terminal", "give_up": "3 days"}}, "channels.c.give_up", "7d"),
        ({"c": {"type": "terminal", "give_up": "5s"}}, "channels.c.give_up", "from 1m to 365d"),
        ({"c": {"type": "terminal", "template": "../x"}}, "channels.c.template", "folder templates"),
        ({"c": {"type": "apprise"}}, "channels.c", "either"),
        ({"c": {"type": "apprise", "url": "a://b", "url_file": "x"}}, "channels.c", "either"),
        ({"c": {"type": "apprise", "url": [1]}}, "channels.c.url", "list"),
        ({"c": {"type": "apprise", "url": ""}}, "channels.c.url", "empty"),
        ({"c": HOOK | {"url": ["https://a.example", "https://b.example"]}}, "channels.c.url", "one URL"),
        ({"c": HOOK | {"url": "receiver.example/in"}}, "channels.c.url", "https://"),
        ({"c": HOOK | {"secret_file": "x"}}, "channels.c", "either secret or secret_file"),
        ({"c": {"type": "webhook", "url": "https://a.example"}}, "channels.c", "either secret or secret_file"),
        ({"c": HOOK | {"headers": {"X-Token": 5}}}, "channels.c.headers.X-Token", "string"),
        ({"c": HOOK | {"headers": {"X Token": "5"}}}, "channels.c.headers.X Token", "name of an HTTP header"),
        ({"c": HOOK | {"headers": {"Webhook-Id": "5"}}}, "channels.c.headers.Webhook-Id", "set by Almenara"),
        ({"c": HOOK | {"headers": {"X-Token": "a\r\nHost: b"}}}, "channels.c.headers.X-Token", "control"),
        ({"c": MAIL | {"server": "smtp.example.org:smtp"}}, "channels.c.server", "host:port"),
        ({"c": MAIL | {"security": "ssl"}}, "channels.c.security", "starttls"),
        ({"c": MAIL | {"username": "almenara"}}, "channels.c", "without a password"),
        ({"c": MAIL | {"username": "a", "password": "b", "password_file": "c"}}, "channels.c", "either password"),
        ({"c": MAIL | {"to": ["desk@example.org", "nobody"]}}, "channels.c.to", "not a mail address"),
        ({"c": MAIL | {"to": []}}, "channels.c.to", "empty list"),
        ({"c": MAIL | {"from": "a@b.example\r\nBcc: c@d.example"}}, "channels.c.from", "not a mail address"),
        ({"c": MAIL | {"list_id": "alerts"}}, "channels.c.list_id", "dots"),
    ],
)  # fmt: skip
def test_a_fault_in_a_channel(channels: Any, key: str, says: str) -> None:
    with pytest.raises(Faults) as caught:
        read(channels)
    (fault,) = caught.value.faults
    assert fault.key == key
    assert says in str(fault)


def test_channels_as_they_are_read() -> None:
    found = read(
        {
            "hook": HOOK
            | {"secret": ["whsec_bmV3", "whsec_b2xk"], "headers": {"X-Token": "${TOKEN}"}, "timeout": "5s"},
            "mail": MAIL | {"server": "[::1]:2525", "security": "none", "to": ["Desk <a@b.example>", "c@d.example"]},
            "feeds": {"type": "atom", "path": "feeds", "give_up": "2d"},
        }
    )
    hook, mail, feeds = found.values()
    assert (hook.secrets, hook.headers, hook.timeout) == (("whsec_bmV3", "whsec_b2xk"), (("X-Token", "${TOKEN}"),), 5.0)
    assert (mail.server, mail.port, mail.security, mail.sender) == ("::1", 2525, "none", "almenara@example.org")
    assert mail.to == ("Desk <a@b.example>", "c@d.example")
    assert (feeds.records, feeds.entries, feeds.give_up, mail.records) == (True, 100, 2 * 86400.0, False)


def test_no_secret_is_shown_with_a_channel() -> None:
    (spec,) = read(
        {"c": HOOK | {"url": "https://u:PLAIN@a.example/PLAIN", "headers": {"X": "PLAIN"}, "secret": "PLAIN"}}
    ).values()
    (mail,) = read({"c": MAIL | {"username": "PLAIN", "password": "PLAIN"}}).values()
    assert "PLAIN" not in repr(spec) + repr(mail)


def test_a_password_that_would_be_sent_openly_is_a_warning() -> None:
    channel = MAIL | {"security": "none", "username": "a", "password": "${PASSWORD}"}
    (warning,) = parse_alerts(TomlFile("alerts.toml", {"channels": {"c": channel}}))[1]
    assert "unencrypted" in str(warning)


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("desk@example.org", "", "desk@example.org"),
        ("Desk <desk@example.org>", "Desk", "desk@example.org"),
        ('"Foreign, desk" <desk@example.org>', "Foreign, desk", "desk@example.org"),
        ("Redacción Ñ <desk@exámple.org>", "Redacción Ñ", "desk@exámple.org"),
    ],
)
def test_a_mail_address(text: str, name: str, address: str) -> None:
    found = parse_address(text)
    assert found is not None
    assert (found.display_name, found.addr_spec) == (name, address)


@pytest.mark.parametrize("text", ["", "@", "a@", "@b", "a@b c", "a <b@c", "a\nb@c", "<a@b> c", "a,b@c d"])
def test_no_mail_address(text: str) -> None:
    assert parse_address(text) is None
