"""The parts of the gate: users and their file, sessions, tokens, rates, hosts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from pipeline.console.safety.gate import local_path
from pipeline.console.safety.hosts import is_foreign, is_known
from pipeline.console.safety.rate import Rate
from pipeline.console.safety.sessions import Sessions, secret_of
from pipeline.console.safety.tokens import is_token, new_token
from pipeline.console.safety.users import Users
from pipeline.stage import Unavailable

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FAST = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PASSWORD = "correct horse"


@pytest.fixture
def users(tmp_path: Path) -> Users:
    users = Users(tmp_path / "console" / "users.json", FAST)
    users.put("Ana", "editor", PASSWORD)
    return users


async def test_only_the_right_password_of_a_known_user_is_accepted(users: Users) -> None:
    found = await users.check("ANA", PASSWORD)
    assert found is not None
    assert (found.name, found.role) == ("ana", "editor")
    assert await users.check("ana", PASSWORD + "x") is None
    assert await users.check("ana", "") is None
    assert await users.check("eve", PASSWORD) is None


def test_hashes_are_argon2id_and_only_the_owner_may_read_them(users: Users) -> None:
    text = users.file.read_text()
    assert "$argon2id$" in text
    assert PASSWORD not in text
    assert users.file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_others_may_read_is_refused(users: Users) -> None:
    users.file.chmod(0o644)
    with pytest.raises(Unavailable, match="chmod 600"):
        Users(users.file, FAST).all()


def test_a_damaged_file_is_refused(users: Users) -> None:
    users.file.write_text('{"ana": {"role": "king", "hash": ""}}')
    with pytest.raises(Unavailable, match="cannot be read"):
        users.all()


def test_changes_of_the_file_count_at_once(users: Users) -> None:
    other = Users(users.file, FAST)
    before = users.get("ana")
    other.put("ana", "reader", "another password")
    after = users.get("ana")
    assert before is not None
    assert after is not None
    assert (after.role, after.seal == before.seal) == ("reader", False)
    assert other.remove("ANA")
    assert users.get("ana") is None
    assert not other.remove("ana")


@pytest.mark.parametrize(
    ("name", "password"), [("", PASSWORD), ("a b", PASSWORD), ("../x", PASSWORD), ("ana", "short"), ("ana", "x" * 1001)]
)
def test_a_bad_name_or_password_is_refused(users: Users, name: str, password: str) -> None:
    with pytest.raises(ValueError, match=r"user name|characters"):
        users.put(name, "reader", password)


# -- sessions


def test_a_session_is_read_as_it_was_made_until_it_is_over() -> None:
    sessions = Sessions(b"s" * 32, 3600)
    made = sessions.new(NOW, "ana", "seal")
    cookie = sessions.write(made)
    read = sessions.read(cookie, NOW + timedelta(minutes=59))
    assert read is not None
    assert (read.user, read.secret, read.seal) == ("ana", made.secret, "seal")
    assert sessions.read(cookie, NOW + timedelta(hours=1, seconds=1)) is None
    assert sessions.read(cookie, NOW - timedelta(hours=1)) is None


def test_a_session_of_another_secret_or_changed_is_none() -> None:
    sessions = Sessions(b"s" * 32, 3600)
    cookie = sessions.write(sessions.new(NOW, "ana"))
    assert Sessions(b"t" * 32, 3600).read(cookie, NOW) is None
    for changed in (cookie[:-1], cookie[::-1], "", "x.y", "a" * 5000, cookie.replace(cookie[5], "é")):
        assert sessions.read(changed, NOW) is None


def test_the_secret_is_made_once_and_must_be_private(tmp_path: Path) -> None:
    file = tmp_path / "console" / "secret"
    made = secret_of(file)
    assert secret_of(file) == made
    assert len(made) >= 32
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    with pytest.raises(Unavailable, match="chmod 600"):
        secret_of(file)
    file.write_text("short")
    file.chmod(0o600)
    with pytest.raises(Unavailable, match="too short"):
        secret_of(file)


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_a_token_is_valid_for_its_session_alone(one: bytes, other: bytes) -> None:
    token = new_token(one.hex())
    assert is_token(token, one.hex())
    assert is_token(token, other.hex()) == (one == other)
    assert new_token(one.hex()) != token  # each page has another one


@given(st.text(max_size=60))
def test_other_texts_are_no_tokens(text: str) -> None:
    assert not is_token(text, "00" * 16)


# -- rates


def test_a_rate_lets_a_burst_through_and_then_as_much_as_time_allows() -> None:
    rate = Rate(per_minute=6, burst=3)
    assert [rate.wait("a", NOW) for _ in range(3)] == [0, 0, 0]
    assert rate.wait("a", NOW) == pytest.approx(10)
    assert rate.wait("b", NOW) == 0
    assert rate.wait("a", NOW + timedelta(seconds=10)) == 0
    assert rate.wait("a", NOW + timedelta(seconds=10)) == pytest.approx(10)
    assert rate.wait("a", NOW) > 0  # a clock that goes back gives nothing


# -- hosts


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:8750", True), ("localhost", True), ("[::1]:8750", True), ("news.example.org", True),
        ("NEWS.example.org.:443", True), ("evil.example", False), ("news.example.org.evil.example", False), ("", False),
    ],
)  # fmt: skip
def test_it_answers_to_known_names_only(host: str, known: bool) -> None:
    assert is_known(host, frozenset({"news.example.org"})) is known


HERE = "127.0.0.1:8750"


@pytest.mark.parametrize(
    ("method", "headers", "foreign"),
    [
        ("POST", {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8750"}, False),
        ("POST", {"sec-fetch-site": "none"}, False),
        ("POST", {"sec-fetch-site": "same-site"}, True),  # another port or subdomain
        ("POST", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, True),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, False),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, True),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, True),
        ("POST", {"origin": "http://127.0.0.1:8750"}, False),
        ("POST", {"origin": "http://127.0.0.1:8751"}, True),
        ("POST", {"origin": "https://127.0.0.1:8750"}, True),
        ("POST", {"origin": "http://evil.example"}, True),
        ("POST", {"origin": "null"}, True),
        ("POST", {"origin": "http://["}, True),
        ("POST", {}, False),  # no browser; the token is still needed
        ("GET", {"origin": "http://evil.example"}, False),
    ],
)  # fmt: skip
def test_requests_of_other_sites_are_recognised(method: str, headers: dict[str, str], foreign: bool) -> None:
    assert is_foreign(method, Headers({"host": HERE, **headers}), "http") is foreign


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/", "/"), ("/search?q=a&page=2", "/search?q=a&page=2"), ("//evil.example", "/"), ("/\\evil.example", "/"),
        ("https://evil.example", "/"), ("javascript:alert(1)", "/"), ("", "/"), ("/a\\b", "/"),
        ("/\t/evil.example", "/"),
        ("/\r\nSet-Cookie: a=b", "/"), ("evil", "/"), ("/" + "a" * 9000, "/"),
    ],
)  # fmt: skip
def test_a_login_leads_nowhere_else(address: str, path: str) -> None:
    assert local_path(address) == path
