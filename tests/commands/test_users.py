"""`almenara users …`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from pipeline.console.safety.users import Users
from tests.commands.asking import Ask


def test_users_are_added_listed_and_removed(ask: Ask, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no users" in ask("users", "list").out
    monkeypatch.setattr("sys.stdin", io.StringIO("a long password\n"))
    assert ask("users", "add", "Ana", "--role", "editor", "--password-stdin").out.startswith("added ana, editor")
    assert ask("users", "list").out.split()[-3:] == ["ana", "editor", "password"]
    file = config.parent / "data" / "console" / "users.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert ask("users", "remove", "ana").code == 0
    assert ask("users", "remove", "ana").code == 1


def test_a_program_gets_a_token_that_is_printed_once(ask: Ask, config: Path) -> None:
    made = ask("users", "token", "Dashboard", "--role", "reader")
    assert (made.code, made.out.startswith("alm_"), "not shown again" in made.err) == (0, True, True)
    users = Users(config.parent / "data" / "console" / "users.json")
    assert (owner := users.with_token(made.out.strip())) is not None
    assert (owner.name, owner.role, owner.ways) == ("dashboard", "reader", ("token",))
    assert ask("users", "list").out.split()[-3:] == ["dashboard", "reader", "token"]
    assert ask("users", "token", "dashboard", "--remove").code == 0
    for arguments in (("dashboard", "--remove"), ("nobody",), ("nobody", "--role", "king")):
        assert ask("users", "token", *arguments).code == 1


@pytest.mark.parametrize(
    ("arguments", "password", "why"),
    [
        (("eve", "--role", "king"), "a long password", "is no role"), (("eve",), "short", "10 to 1000 characters"),
        (("e v e",), "a long password", "no user name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], password: str, why: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    answer = ask("users", "add", "--password-stdin", *arguments)
    assert answer.code == 1
    assert why in answer.err


def test_without_a_terminal_it_asks_for_nothing(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    answer = ask("users", "add", "ana")
    assert answer.code == 1
    assert "--password-stdin" in answer.err
