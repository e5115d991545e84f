"""The channel that sends through Apprise."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from pipeline.backends.channels import watched
from pipeline.backends.channels.apprise import AppriseChannel
from pipeline.core.messages.form import Unit
from pipeline.core.messages.split import measure
from pipeline.ports import SendFailed
from pipeline.records import Message, Quote
from tests.builders import alert, message
from tests.contracts.channels.kinds import at, given
from tests.contracts.channels.mail_server import MailServer
from tests.contracts.channels.receivers import HOSTILE, Answering, Hook

SERVICES = {
    "slack": "slack://AAAAAAAAA/BBBBBBBBB/cccccccccccccccccccccccc/#general",
    "slack-blocks": "slack://AAAAAAAAA/BBBBBBBBB/cccccccccccccccccccccccc/#general?blocks=yes",
    "discord": f"discord://123456789012345678/{'abcdefgh' * 9}",
    "discord-embed": f"discord://123456789012345678/{'abcdefgh' * 9}?format=markdown",
    "telegram": "tgram://123456789:abcdefg_hijklmnop/12315544/",
    "telegram-markdown": "tgram://123456789:abcdefg_hijklmnop/12315544/?format=markdown",
    "mattermost": "mmost://localhost/3ccdd113474722377935511fc85d3dd4",
    "zulip": "zulip://bot@org/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/stream",
    "teams": "workflow://host.example/abc1234abc1234abc1234abc1234abc1/sigsigsigsigsig",
    "ntfy": "ntfy://topic",
    "gotify": "gotify://localhost/abcdefghijklmn",
    "matrix": "matrix://token@localhost/?mode=hookshot",
    "matrix-slack": "matrix://token@localhost/?mode=slack",
    "googlechat": "gchat://workspace/key/token",
}
#: What each takes at most: characters, or bytes.
LIMITS = {"discord": 2000, "telegram": 4096, "slack-blocks": 3000, "mattermost": 4000, "ntfy": 4096}
HOSTILE_TITLE = (
    "Minister [reset your password](http://evil.example/x) *bold* _under_ `code` <b>b</b> <http://evil.example|click> "
    "@everyone <!channel> <@U1> @all @here"
)


@pytest.fixture
def served(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> Hook:
    """A web server that gets what is sent to any service."""

    class ToHook(watched.WatchedAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            parts = urlsplit(request.url or "")
            request.url = f"http://127.0.0.1:{hook.port}{parts.path}"
            request.headers["X-Host"] = str(parts.hostname)
            return super().send(request, *args, **kwargs)

    monkeypatch.setattr(watched, "WatchedAdapter", ToHook)
    return hook


def accepting(service: str) -> Answering:
    return Answering(body=b"ok" if service.startswith("slack") else b'{"ok": true, "id": "1", "result": "success"}')


def texts(body: bytes) -> list[str]:
    """Every text of a payload."""
    try:
        found: Any = json.loads(body)
    except ValueError:
        found = parse_qs(body.decode())

    def walk(value: Any) -> list[str]:
        if isinstance(value, str):
            return [value]
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return [text for one in inner for text in walk(one)]

    return walk(found)


async def sent(url: str, one: Message) -> str:
    channel = AppriseChannel(given(url), at, 5)
    answer = await channel.send(one, "k1")
    await channel.close()
    return answer


@pytest.mark.parametrize("service", SERVICES)
async def test_a_title_makes_no_link_and_calls_nobody(served: Hook, service: str) -> None:
    served.next = accepting(service)
    quotes = (Quote(field="text", text="See \x02[here](http://evil.example/y)\x03 <script>1</script> #tag"),)
    await sent(SERVICES[service], message(alert("a1", title=HOSTILE_TITLE, quotes=quotes)))
    (request,) = served.taken
    everything = "\n".join(texts(request.body))
    for raw in (
        "](http://evil",
        "<http://evil",
        "://evil",
        "@everyone",
        "@here",
        "@all",
        "<!channel",
        "<@U1",
        "<b>b",
        "<script",
    ):
        assert raw not in everything, raw
    assert "reset your password" in everything
    assert "https://news.example.org/a1" in everything
    assert "github" not in everything  # Apprise's pictures and links


@pytest.mark.parametrize("service", LIMITS)
async def test_a_long_message_comes_in_parts_that_the_service_takes(served: Hook, service: str) -> None:
    served.next = accepting(service)
    many = [
        alert(f"a{n}", story_id=f"s{n}", title=f"The {n}th [very] *long* title {'of words ' * 9}") for n in range(60)
    ]
    await sent(SERVICES[service], message(*many, kind="summary"))
    bodies = [max(texts(request.body), key=len) for request in served.taken]
    unit: Unit = "bytes" if service == "ntfy" else "utf16"
    assert len(bodies) > 1
    assert all(measure(body, unit) <= LIMITS[service] for body in bodies)
    for number, request in enumerate(served.taken, 1):
        assert f"({number}/{len(bodies)})" in "\n".join(texts(request.body)).replace("\\", "")
    whole = "".join(bodies).replace("\\", "")
    shown = [number for number in range(60) if f"The {number}th" in whole]
    assert shown == list(range(shown[-1] + 1))  # in order, none left out before the last


async def failed(channel: AppriseChannel, one: Message, taken: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    with pytest.raises(SendFailed) as caught:
        await channel.send(one, "k1", taken)
    return caught.value.kind, caught.value.taken


async def test_a_retry_goes_on_after_the_parts_that_were_taken(served: Hook) -> None:
    many = message(*(alert(f"a{n}", story_id=f"s{n}") for n in range(60)), kind="summary")
    channel = AppriseChannel(given(SERVICES["discord"]), at, 5)
    whole = AppriseChannel(given(SERVICES["discord"]), at, 5)
    served.next = accepting("discord")
    await whole.send(many, "k1")
    wanted = [request.body for request in served.taken]
    served.taken.clear()

    taken: tuple[int, ...] = ()
    for parts in range(2):
        served.next = Answering(503)
        assert await failed(channel, many, taken) == ("busy", (parts,))
        # It takes one, and asks to wait: the plugin would do so in place, for centuries.
        served.next = Answering(200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"})
        kind, taken = await failed(channel, many, taken)
        assert (kind, taken) == ("busy", (parts + 1,))
        channel = AppriseChannel(given(SERVICES["discord"]), at, 5)  # also after a restart
    served.next = accepting("discord")
    await channel.send(many, "k1", taken)
    assert [request.body for request in served.taken] == wanted
    await channel.close()
    await whole.close()


async def test_a_part_that_is_still_too_long_is_split_again(hook: Hook) -> None:
    many = message(*(alert(f"a{n}", story_id=f"s{n}") for n in range(60)), kind="summary")
    url = f"discord://123456789012345678/{'abcdefgh' * 9}"
    seen: list[int] = []

    class Shorter(watched.WatchedAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            seen.append(len(json.loads(str(request.body))["content"]))
            hook.next = (
                Answering(400, body=b'{"code": 50035, "message": "BASE_TYPE_MAX_LENGTH"}')
                if seen[-1] > 900
                else Answering()
            )
            request.url = f"http://127.0.0.1:{hook.port}/"
            return super().send(request, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watched, "WatchedAdapter", Shorter)
        await sent(url, many)
    assert seen[0] > 1000
    assert len(hook.taken) > 3
    assert all(len(request.json["content"]) <= 900 for request in hook.taken)


async def test_each_url_goes_on_where_it_was(hook: Hook) -> None:
    other = Hook()
    other.answer(503, Retry_After="30")
    channel = AppriseChannel(given(hook.url, other.url), at, 5)
    with pytest.raises(SendFailed) as caught:
        await channel.send(message(alert("a1")), "k1")
    assert (caught.value.taken, caught.value.kind, caught.value.retry_after) == ((1, 0), "busy", 30)
    other.answer()
    await channel.send(message(alert("a1")), "k1", caught.value.taken)
    assert (len(hook.taken), len(other.taken)) == (1, 1)
    await channel.close()
    other.close()


async def test_receivers_of_one_url_that_took_a_message_do_not_get_it_again(served: Hook) -> None:
    channel = AppriseChannel(given("tgram://123456789:abcdefg_hijklmnop/111/222/"), at, 5)
    answers = [accepting("telegram"), Answering(500)]

    class OneByOne(watched.WatchedAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            served.next = answers.pop(0) if answers else accepting("telegram")
            request.url = f"http://127.0.0.1:{served.port}/"
            return super().send(request, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watched, "WatchedAdapter", OneByOne)
        with pytest.raises(SendFailed):
            await channel.send(message(alert("a1")), "k1")
        await channel.send(message(alert("a1")), "k1")
    assert sorted(request.json["chat_id"] for request in served.taken) == [111, 222]
    await channel.close()


@pytest.mark.parametrize(
    ("service", "answer", "kind", "wait"),
    [
        ("slack", Answering(body=b'{"ok": false, "error": "ratelimited"}'), "busy", None),
        ("slack", Answering(404, body=b"no_service"), "broken", None),
        ("slack", Answering(400, body=b"invalid_token"), "broken", None),
        ("telegram", Answering(400, body=b'{"description": "Bad Request: chat not found"}'), "broken", None),
        ("telegram", Answering(429, body=b'{"parameters": {"retry_after": 35}}'), "busy", 35.0),
        ("telegram", Answering(403), "broken", None),
        ("discord", Answering(429, body=b'{"retry_after": 1.5}'), "busy", 1.5),
        ("discord", Answering(401), "broken", None),
        ("discord", Answering(400), "refused", None),
        ("discord", Answering(302, {"Location": "http://127.0.0.1:9/"}), "broken", None),
        ("matrix", Answering(429, body=b'{"retry_after_ms": 2500}'), "busy", 2.5),
        ("discord", Answering(502), "busy", None),
        ("discord", Answering(504), "unsure", None),
        ("mattermost", Answering(429, {"Retry-After": "Mon, 02 Mar 2026 12:00:40 GMT"}), "busy", 40.0),
    ],
)  # fmt: skip
async def test_what_a_service_answers(
    served: Hook, service: str, answer: Answering, kind: str, wait: float | None
) -> None:
    served.next = answer
    with pytest.raises(SendFailed) as caught:
        await sent(SERVICES[service], message(alert("a1")))
    assert (caught.value.kind, caught.value.retry_after) == (kind, wait), str(caught.value)
    assert len(served.requests) == 1  # no plugin retries by itself


async def test_a_url_that_apprise_does_not_know(hook: Hook) -> None:
    channel = AppriseChannel(given(hook.url, "nonsense://S3CRET@x"), at, 5)
    with pytest.raises(SendFailed, match="does not support URL 2") as caught:
        await channel.send(message(alert("a1")), "k1")
    assert caught.value.kind == "broken"
    assert "S3CRET" not in f"{caught.value} {caught.value.__cause__!r}"


async def test_mail_through_apprise() -> None:
    server = MailServer()
    url = f"mailto://127.0.0.1:{server.port}/?from=a@news.example&to=b@news.example&mode=insecure"
    await sent(url, message(alert("a1", title=f"x\r\nBcc: c@evil.example\r\n{HOSTILE}")))
    (one,) = server.delivered
    assert one.to == ("b@news.example",)
    assert "Bcc" not in one.mail
    assert "<blockquote" in one.text("html")
    server.replies["connect"] = "421 4.7.0 S3CRET"
    with pytest.raises(SendFailed) as caught:
        await sent(url.replace("mailto://", "mailto://user:S3CRET@"), message(alert("a1")))
    assert caught.value.kind in ("unreachable", "busy")
    assert "S3CRET" not in str(caught.value)
    server.close()
