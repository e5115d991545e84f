"""The settings of a source: all of them, faults beside their fields, and secrets that nobody may send elsewhere."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from pipeline.console.desk import Desk
from pipeline.console.source_form import draft_of
from pipeline.core.feeds.seed import site_key
from pipeline.core.feeds.seed_file import entry_of, read_entry
from pipeline.records import Feed, Profile
from pipeline.stage import Out
from tests.console.conftest import sent

PAGE = "/sources/harbour-post"
FULL: dict[str, Any] = {
    "id": "harbour-post", "name": "Post & Co", "url": "https://harbour.example/all.xml", "language": "en",
    "country": "IE", "groups": ["Sea", "Ports"], "every": 600.0, "enabled": False, "listed_in": "a list, 2026-01-01",
    "ignore_validators": True, "user_agent": "Mozilla/5.0 (compatible)", "username": "reader",
    "headers": {"X-Edition": "world", "Cookie": "s=${FEED_COOKIE}"}, "password_env": "FEED_HARBOUR",
    "ca_file": "/etc/ca.pem", "min_tls": "1.1", "verify": False, "proxy": "none", "hosts": ["cdn.example"],
}  # fmt: skip


def feed_of(desk: Desk) -> Feed:
    return desk.follower.feeds.by_key["harbour-post"]


async def form_of(client: httpx.AsyncClient) -> dict[str, str]:
    """The fields of the form as a browser would send them, without the token."""
    text = (await client.get(PAGE)).text.partition('aria-labelledby="edit"')[2]
    fields = re.findall(r'<input id="[^"]+" name="(\w+)" value="([^"]*)"', text)
    fields += re.findall(r'<input type="hidden" name="(seen)" value="([^"]*)"', text)
    fields += re.findall(r'<input type="checkbox" name="(\w+)" value="(1)" checked', text)
    fields += re.findall(r'<textarea id="headers" name="(headers)"[^>]*>([^<]*)<', text)
    fields += [("min_tls", one) for one in re.findall(r'<option value="([^"]*)" selected>', text)]
    return {name: html.unescape(value) for name, value in fields}


async def hold(desk: Desk, feed: Feed) -> None:
    await desk.log.publish([Out("feeds", feed.id, feed, by=site_key(feed))])
    await desk.follower.look()


def wrong(answer: httpx.Response) -> dict[str, str]:
    """What is wrong, by field."""
    found = re.findall(r'<p class="wrong" id="wrong-(\w+)"[^>]*>([^<]+)</p>', answer.text)
    return {name: html.unescape(" ".join(why.split())) for name, why in found}


def test_every_setting_is_read_as_it_is_written() -> None:
    feed = read_entry(FULL)
    assert read_entry(entry_of(feed)) == feed
    settings, faults = draft_of(feed).settings()
    assert not faults
    entry = {"id": feed.id} | {key: value for key, value in settings.items() if value is not None}
    assert read_entry(entry) == feed
    assert set(entry) == set(FULL)


async def test_the_form_changes_every_setting(client: httpx.AsyncClient, desk: Desk) -> None:
    fields = {**draft_of(read_entry(FULL)).fields, "ignore_validators": "1"}
    answer = await sent(client, f"{PAGE}/edit", fields, page=PAGE)
    assert answer.headers["location"] == f"{PAGE}?done=saved"
    assert feed_of(desk) == replace(read_entry(FULL), origin="cli")
    again = await form_of(client)
    assert again.pop("seen")
    assert again == fields
    await sent(client, f"{PAGE}/edit", await form_of(client), page=PAGE)
    assert feed_of(desk) == replace(read_entry(FULL), origin="cli")


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("name", "", "is missing"), ("url", "nowhere", "address"), ("url", "https://costa.example/rss", "diario-costa"),
        ("country", "Ireland", "not a country code"), ("language", "xx", "not a language code"),
        ("every", "often", "10m"), ("every", "1s", "60"), ("min_tls", "0.9", "1.2"), ("ca_file", "ca.pem", "absolute"),
        ("headers", "nonsense", "no header"), ("headers", "Host: x", "set by Almenara"),
        ("username", "a", "no password"),
        ("headers", "Cookie: abc", "secret"), ("headers", "X-A: ${HOME}", "FEED_"), ("headers", "X-A: ${HOME", "FEED_"),
        ("proxy", "http://10.0.0.1:8080", "not a known proxy"), ("hosts", "a b", "not a host"),
    ],
)  # fmt: skip
async def test_what_is_wrong_stands_beside_its_field(
    client: httpx.AsyncClient, desk: Desk, field: str, value: str, why: str
) -> None:
    before, fields = feed_of(desk), {**await form_of(client), field: value}
    checked = await sent(client, f"{PAGE}/check", fields, page=PAGE)
    saved = await sent(client, f"{PAGE}/edit", fields, page=PAGE)
    assert saved.status_code == 422
    assert set(wrong(checked)) == set(wrong(saved)) == {field}
    assert why in wrong(saved)[field]
    shown = html.escape(value)
    assert f'value="{shown}"' in saved.text or f">{shown}<" in saved.text or field == "min_tls"
    assert feed_of(desk) == before


async def test_all_that_is_wrong_is_said_at_once(client: httpx.AsyncClient) -> None:
    fields = await form_of(client) | {
        "country": "QQ",
        "every": "often",
        "headers": "X-A: ${HOME}",
        "proxy": "http://a:1",
    }
    saved = await sent(client, f"{PAGE}/edit", fields, page=PAGE)
    assert set(wrong(saved)) == {"country", "every", "headers", "proxy"}


async def test_a_source_that_somebody_else_changed_is_not_overwritten(client: httpx.AsyncClient, desk: Desk) -> None:
    fields = await form_of(client)
    await hold(desk, replace(feed_of(desk), name="Harbour Evening Post"))
    answer = await sent(client, f"{PAGE}/edit", {**fields, "country": "IE"}, page=PAGE)
    assert answer.status_code == 409
    assert "Somebody else changed this source" in answer.text
    assert 'value="IE"' in answer.text
    assert (feed_of(desk).name, feed_of(desk).country) == ("Harbour Evening Post", "GB")


SECRET = Profile(
    headers={"Cookie": "s=${MINISTRY}"}, username="a", password_file="/run/secrets/ministry",
    hosts=("harbour.example", "www.harbour.example"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"country": "IE"}, set()), ({"headers": "", "username": "", "password_file": ""}, set()),
        ({"url": "https://harbour.example/new"}, set()),
        ({"url": "https://evil.example/"}, {"headers", "password_file"}),
        ({"url": "http://harbour.example/rss"}, {"headers", "password_file"}),
        ({"hosts": "evil.example"}, {"headers", "password_file"}), ({"verify": ""}, {"headers", "password_file"}),
        ({"headers": "X-A: ${MINISTRY} ${ALMENARA_CONSOLE_SECRET}"}, {"headers"}),
        ({"password_file": "/run/secrets/telegram"}, {"password_file"}),
        ({"password_file": "/run/secrets/feed_/../telegram"}, {"password_file"}),
        ({"password_file": "/run/secrets/feed_ministry"}, set()),
        ({"password_file": "", "password_env": "HOME"}, {"password_env"}),
    ],
)  # fmt: skip
async def test_secrets_go_nowhere_but_where_the_operator_sends_them(
    client: httpx.AsyncClient, desk: Desk, changes: dict[str, str], faults: set[str]
) -> None:
    await hold(desk, replace(feed_of(desk), profile=SECRET))
    fields = {**await form_of(client), **changes}
    answer = await sent(client, f"{PAGE}/edit", {key: value for key, value in fields.items() if value}, page=PAGE)
    assert set(wrong(answer)) == faults
    assert answer.status_code == (422 if faults else 303)


async def test_a_proxy_of_another_source_may_be_used(client: httpx.AsyncClient, desk: Desk) -> None:
    proxy = "http://proxy.example:3128"
    await hold(desk, replace(desk.follower.feeds.by_key["hafenblatt"], profile=Profile(proxy=proxy)))
    await sent(client, f"{PAGE}/edit", {**await form_of(client), "proxy": proxy}, page=PAGE)
    assert feed_of(desk).profile.proxy == proxy
