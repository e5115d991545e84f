"""`almenara users …`: who may log in to the console. They are kept in a file of the machine that serves it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, Config
from pipeline.config.read_settings import settings_of
from pipeline.console.safety.users import ROLES, Role, Users
from pipeline.core.faults import did_you_mean
from pipeline.terminal.tables import print_table

Name = Annotated[str, typer.Argument(help="Name of the user: letters, digits and . _ @ + -")]


def list_users(config: Config = CONFIG) -> None:
    """List who may log in to the console, with their roles.

    Example: almenara users list
    """
    users = _users(config)
    if found := users.all():
        print_table(("name", "role", "has"), [(user.name, user.role, ", ".join(user.ways)) for user in found])
    else:
        print(f"no users in {users.file}; add one with `almenara users add NAME`")


def add_user(
    name: Name,
    role: Annotated[str, typer.Option(help="reader: may read; editor: may also decide.")] = "reader",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, for programs.")
    ] = False,
    config: Config = CONFIG,
) -> None:
    """Add a user of the console, or give one another role and password.

    Asks for the password; only its hash (argon2id) is kept. A running console knows the user at once.

    Example: almenara users add ana --role editor
    """
    given, users = _role(role), _users(config)
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked()
    try:
        new = users.put(name, given, password)
    except ValueError as error:
        raise CommandError(str(error)) from None
    print(f"{'added' if new else 'changed'} {name.lower()}, {role}, in {users.file}")


def token(
    name: Name,
    role: Annotated[
        str, typer.Option(help="Role of a program that is no user yet: reader or editor; of a user: the new role.")
    ] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Make the token invalid instead.")] = False,
    config: Config = CONFIG,
) -> None:
    """Make a token for a program that uses the API or reads feeds.

    Prints it once: only its hash is kept. It takes the place of the user's former token.

    Example: almenara users token dashboard --role reader
    """
    users = _users(config)
    if remove:
        if not users.take_token(name):
            raise CommandError(f"{name.lower()} has no token: see `almenara users list`")
        print(f"the token of {name.lower()} is no longer valid")
        return
    given = _role(role) if role else None
    try:
        made = users.give_token(name, given)
    except ValueError as error:
        raise CommandError(str(error)) from None
    print(f"token of {name.lower()}; keep it now, it is not shown again:", file=sys.stderr)
    print(made)


def remove_user(name: Name, config: Config = CONFIG) -> None:
    """Remove a user of the console; open sessions end at once.

    Example: almenara users remove ana
    """
    users = _users(config)
    if not users.remove(name):
        known = [user.name for user in users.all()]
        raise CommandError(f"there is no user {name!r}: {did_you_mean(name, known, 'see `almenara users list`')}")
    print(f"removed {name.lower()}")


def _users(config: Config) -> Users:
    settings = settings_of(config)
    return Users(settings.console.users_file(settings.data))


def _role(name: str) -> Role:
    """The role with this name. Raises CommandError."""
    found = next((role for role in ROLES if role == name), None)
    if found is None:
        raise CommandError(f"{name!r} is no role: {did_you_mean(name, ROLES, 'reader or editor')}")
    return found


def _asked() -> str:
    if not sys.stdin.isatty():
        raise CommandError("there is no terminal to ask for the password at: use --password-stdin")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password
