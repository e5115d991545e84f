"""A console with two users."""

from __future__ import annotations

import httpx
import pytest

from pipeline.assembly.console import access_of
from pipeline.config.settings import Settings
from pipeline.console.desk import Desk
from pipeline.console.safety.access import Access
from pipeline.console.safety.users import Users
from tests.console.conftest import sent
from tests.console.safety.test_parts import FAST, PASSWORD


def add_two_users(settings: Settings) -> None:
    """ana, an editor, and ben, a reader."""
    users = Users(settings.console.users_file(settings.data), FAST)
    users.put("ana", "editor", PASSWORD)
    users.put("ben", "reader", PASSWORD)


@pytest.fixture
def settings(desk: Desk) -> Settings:
    """Those of a console with two users."""
    settings = desk.configuration().settings
    add_two_users(settings)
    return settings


@pytest.fixture
def access(settings: Settings) -> Access:
    return access_of(settings, FAST)


async def log_in(client: httpx.AsyncClient, name: str, password: str = PASSWORD, goal: str = "/") -> httpx.Response:
    return await sent(client, "/login", {"name": name, "password": password, "next": goal}, page="/login")
