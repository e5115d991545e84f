"""Web hooks are signed as Standard Webhooks says, and their body is documented."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.backends.channels.secrets import SecretFile, Secrets
from pipeline.backends.channels.signature import secret_of, signed
from pipeline.backends.channels.webhook import Target, WebhookChannel
from pipeline.ports import SendFailed
from tests.builders import alert, message
from tests.contracts.channels.kinds import AT, SECRET, at, given
from tests.contracts.channels.receivers import Answering, Hook, Request

OTHER = "whsec_" + base64.b64encode(b"another secret of 32 bytes ......").decode()


def channel(hook: Hook, *secrets: str, timeout: float = 5, url: str = "") -> WebhookChannel:
    return WebhookChannel(Target(given(url or hook.web), given(*(secrets or (SECRET,)))), at, timeout)


def verified(request: Request, secret: str) -> bool:
    """As a receiver checks it, written from the specification alone."""
    content = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mine = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    given = request.headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(f"v1,{mine}", one) for one in given)


def test_the_example_of_the_specification() -> None:
    body = b'{"test": 2432232314}'
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(1614265330, UTC), body, [secret_of(SECRET)])
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("secret", ["plain", "whsec_", "whsec_!!", "whsec_c2hvcnQ=", SECRET.removeprefix("whsec_")])
def test_a_secret_that_is_none(secret: str) -> None:
    with pytest.raises(ValueError, match="a secret must") as caught:
        secret_of(secret)
    assert "c2hvcnQ" not in str(caught.value)


async def test_a_receiver_can_verify_it_with_the_old_and_the_new_secret(hook: Hook) -> None:
    one = channel(hook, SECRET, OTHER)
    await one.send(message(alert("a1", title="Ñandú «1»")), "k1")
    (request,) = hook.taken
    assert verified(request, SECRET)
    assert verified(request, OTHER)
    assert not verified(Request(request.path, request.headers, request.body + b" "), SECRET)
    assert request.headers["webhook-timestamp"] == str(int(AT.timestamp()))
    assert request.headers["content-type"] == "application/json"
    await one.close()


async def test_the_id_is_that_of_the_message_in_every_attempt(hook: Hook) -> None:
    one = channel(hook)
    hook.answer(503)
    with pytest.raises(SendFailed):
        await one.send(message(alert("a1")), "k1.with/dots")
    hook.answer()
    await one.send(message(alert("a1")), "k1.with/dots")
    assert [request.headers["webhook-id"] for request in hook.requests] == ["k1_with_dots"] * 2
    assert hook.requests[0].body == hook.requests[1].body
    await one.close()


async def test_what_the_body_holds(hook: Hook) -> None:
    one = channel(hook)
    fired = alert("a1", topics=("troops",))
    await one.send(message(fired, kind="summary", held_back=7), "k1")
    body = hook.taken[0].json
    assert (body["type"], body["timestamp"]) == ("almenara.summary", "2026-03-02T12:00:00Z")
    data = body["data"]
    assert (data["id"], data["kind"], data["rule"], data["severity"], data["held_back"]) == (
        f"m-{fired.id}", "summary", "Troops", "high", 7,
    )  # fmt: skip
    assert "Title of a1" in data["text"]
    assert data["alerts"][0]["id"] == fired.id
    assert not {"user_agent", "headers", "password_env"} & {k for k, v in data["alerts"][0]["profile"].items() if v}
    await one.close()


async def test_a_receiver_that_finds_it_too_long_gets_less(hook: Hook) -> None:
    many = message(*(alert(f"a{n}", story_id=f"s{n}", branch="word " * 200) for n in range(20)), kind="summary")

    one = channel(hook)
    hook.next = Answering(413)
    with pytest.raises(SendFailed) as caught:
        await one.send(many, "k1")
    assert caught.value.kind == "too_long"
    whole, short = (request.body for request in hook.requests)
    assert len(short) < len(whole) / 3
    assert [row["id"] for row in json.loads(short)["data"]["alerts"]] == [one.id for one in many.alerts]
    await one.close()


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("7200", 7200),
        ("1.5", 1.5),
        ("9" * 25, 86400),
        ("Mon, 02 Mar 2026 15:00:00 GMT", 10800),
        ("Fri, 31 Dec 2099 23:59:59 GMT", 86400),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
async def test_how_long_it_asks_to_wait(hook: Hook, asked: str, wait: float | None) -> None:
    one = channel(hook)
    hook.answer(429, Retry_After=asked)
    with pytest.raises(SendFailed) as caught:
        await one.send(message(alert("a1")), "k1")
    assert (caught.value.kind, caught.value.retry_after) == ("busy", wait)
    await one.close()


async def test_no_redirect_gets_the_body(hook: Hook) -> None:
    other = Hook()
    one = channel(hook)
    for status in (301, 302, 303, 307, 308):
        hook.next = Answering(status, {"Location": f"http://127.0.0.1:{other.port}/"})
        with pytest.raises(SendFailed, match="redirects elsewhere") as caught:
            await one.send(message(alert("a1")), "k1")
        assert caught.value.kind == "broken"
        assert str(other.port) not in str(caught.value)
    assert not other.requests
    other.close()
    await one.close()


async def test_an_answer_that_never_ends_is_not_read(hook: Hook) -> None:
    hook.next = Answering(200, body=b"x" * 50_000_000)
    one = channel(hook, timeout=2)
    assert await one.send(message(alert("a1")), "k1") == "HTTP 200 OK"
    await one.close()


async def test_what_is_answered_while_the_request_is_unread_is_believed(hook: Hook) -> None:
    """A server that refuses early, by the length that is announced."""
    one = channel(hook)
    hook.next = Answering(413)
    huge = message(alert("a1", branch="x" * 3_000_000))
    with pytest.raises(SendFailed) as caught:
        await one.send(huge, "k1")
    assert caught.value.kind == "too_long"
    await one.close()


@pytest.mark.parametrize("url", ["ftp://S3CRET@a.example", "S3CRET", "http://", "http://[S3CRET", "https://a b/S3CRET"])
async def test_an_address_that_is_none(hook: Hook, url: str) -> None:
    one = channel(hook, url=url)
    with pytest.raises(SendFailed) as caught:
        await one.send(message(alert("a1")), "k1")
    assert caught.value.kind in ("broken", "unreachable")
    assert "S3CRET" not in str(caught.value)
    await one.close()


async def test_a_name_that_does_not_exist_is_unreachable(hook: Hook) -> None:
    one = channel(hook, url="http://S3CRET.invalid/")
    with pytest.raises(SendFailed, match="host name cannot be resolved") as caught:
        await one.send(message(alert("a1")), "k1")
    assert caught.value.kind == "unreachable"
    assert "s3cret" not in str(caught.value).lower()
    await one.close()


async def test_a_secret_in_a_file_is_read_again(hook: Hook, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    one = WebhookChannel(Target(given(hook.web), Secrets((), SecretFile("secret_file", file), {})), at, 5)
    await one.send(message(alert("a1")), "k1")
    file.write_text(f"{OTHER}\n{SECRET}\n")
    await one.send(message(alert("a2")), "k2")
    first, second = hook.taken
    assert (verified(first, OTHER), verified(second, OTHER), verified(second, SECRET)) == (False, True, True)
    file.write_text("whsec_S3CRET")
    with pytest.raises(SendFailed) as caught:
        await one.send(message(alert("a3")), "k3")
    assert caught.value.kind == "broken"
    assert "S3CRET" not in str(caught.value)
    await one.close()
