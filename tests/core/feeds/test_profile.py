"""How a feed of feeds.toml is to be requested."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.faults import Faults
from pipeline.core.feeds.seed_file import parse_seed
from pipeline.core.toml_reader import TomlFile
from pipeline.records import Feed, Profile, decode, encode

BASE = {"id": "a", "name": "A", "url": "https://www.a.example/rss"}
HOSTS = ("www.a.example", "a.example")


def profile(**keys: Any) -> Profile:
    (feed,) = parse_seed(TomlFile("feeds.toml", {"feed": [BASE | keys]})).feeds
    assert decode(Feed, encode(feed)) == feed
    return feed.profile


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, Profile()),
        ({"user_agent": "Reader/1 (+https://b.example)"}, Profile(user_agent="Reader/1 (+https://b.example)")),
        ({"headers": {"X-Edition": "world"}}, Profile(headers={"X-Edition": "world"}, hosts=HOSTS)),
        ({"headers": {"Cookie": "a=${SITE}"}}, Profile(headers={"Cookie": "a=${SITE}"}, hosts=HOSTS)),
        ({"username": "me", "password_env": "SITE"}, Profile(username="me", password_env="SITE", hosts=HOSTS)),
        ({"username": "me", "password_file": "/run/s"}, Profile(username="me", password_file="/run/s", hosts=HOSTS)),
        ({"ca_file": "/etc/ca.pem"}, Profile(ca_file="/etc/ca.pem", hosts=HOSTS)),
        ({"min_tls": "1.1"}, Profile(min_tls="1.1", hosts=HOSTS)),
        ({"verify": False}, Profile(verify=False, hosts=HOSTS)),
        ({"verify": False, "hosts": ["cdn.a.example"]}, Profile(verify=False, hosts=(*HOSTS, "cdn.a.example"))),
        ({"verify": False, "url": "http://127.0.0.1:8/f"}, Profile(verify=False, hosts=("127.0.0.1",), plain=True)),
        ({"verify": False, "url": "https://[::1]/f"}, Profile(verify=False, hosts=("::1",))),
        ({"proxy": "http://proxy.example:3128"}, Profile(proxy="http://proxy.example:3128")),
        ({"proxy": "http://me:${WORD}@proxy.example:3128"}, Profile(proxy="http://me:${WORD}@proxy.example:3128")),
        ({"proxy": "none"}, Profile(proxy="none")),
    ],
)
def test_keys(keys: dict[str, Any], expected: Profile) -> None:
    assert profile(**keys) == expected


@pytest.mark.parametrize(
    ("keys", "key", "reason"),
    [
        ({"user_agent": "a\nb"}, "user_agent", "one line"),
        ({"headers": "X: a"}, "headers", "must be a table"),
        ({"headers": {"X Y": "a"}}, "headers.X Y", "not the name of a header"),
        ({"headers": {"X": "a\r\nY: b"}}, "headers.X", "one line"),
        ({"headers": {"X": 5}}, "headers.X", "must be a string"),
        ({"headers": {"Host": "b"}}, "headers.Host", "set by Almenara"),
        ({"headers": {"If-None-Match": "b"}}, "headers.If-None-Match", "set by Almenara"),
        ({"headers": {"User-Agent": "b"}}, "headers.User-Agent", "its own key"),
        ({"headers": {"Authorization": "Bearer abc"}}, "headers.Authorization", "holds a secret"),
        ({"headers": {"X-Api-Key": "abc"}}, "headers.X-Api-Key", "holds a secret"),
        ({"username": "me", "password": "p"}, "password", "does not belong in this file"),
        ({"username": "me"}, "username", "has no password"),
        ({"password_env": "P"}, "password_env", "has no username"),
        ({"username": "me", "password_env": "$P"}, "password_env", "not the name of a variable"),
        ({"username": "a:b", "password_env": "P"}, "username", "colon"),
        ({"username": "me", "password_env": "P", "password_file": "/p"}, "password_file", "another place"),
        ({"username": "me", "password_file": "p"}, "password_file", "absolute path"),
        ({"ca_file": "ca.pem"}, "ca_file", "absolute path"),
        ({"min_tls": "1.4"}, "min_tls", "must be one of"),
        ({"min_tls": 1.1}, "min_tls", "must be one of"),
        ({"verify": "no"}, "verify", "true or false"),
        ({"proxy": "proxy.example:3128"}, "proxy", "not a proxy"),
        ({"proxy": "http://me:word@proxy.example"}, "proxy", "holds a password"),
        ({"hosts": ["a.example"]}, "hosts", "of no use"),
        ({"verify": False, "hosts": ["a b"]}, "hosts", "not a host"),
    ],
)
def test_faults(keys: dict[str, Any], key: str, reason: str) -> None:
    with pytest.raises(Faults) as caught:
        parse_seed(TomlFile("feeds.toml", {"feed": [BASE | keys]}))
    found = {fault.key: fault.reason for fault in caught.value.faults}
    assert reason in found[f"feed[1].{key}"]


def test_a_fault_names_its_line() -> None:
    text = (
        b'[[feed]]\nid = "a"\nname = "A"\nurl = "https://a.example/rss"\nmin_tls = "2"\n[feed.headers]\nCookie = "a"\n'
    )
    with pytest.raises(Faults) as caught:
        parse_seed(TomlFile.parse("feeds.toml", text))
    assert [(fault.key, fault.line) for fault in caught.value.faults] == [
        ("feed[1].headers.Cookie", 7), ("feed[1].min_tls", 5),
    ]  # fmt: skip
