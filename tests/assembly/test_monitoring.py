"""Where the endpoints listen, and how feeds are counted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pipeline.assembly.listening import listener_of
from pipeline.assembly.monitoring import feeds_by_state
from pipeline.config.read_settings import load_settings
from pipeline.config.settings import Health, Settings
from pipeline.core.faults import Faults
from pipeline.core.timing.pace import Pace
from pipeline.flow import poll_options
from pipeline.records import Feed, FeedState
from pipeline.stage import Unavailable
from pipeline.stages.poll import Poll
from pipeline.web.server import listen
from tests.fakes import FakeFetch, InlinePool

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def health(**environment: str) -> Health:
    return load_settings(Path("none"), environment).health


def test_an_address_that_was_chosen_and_is_taken_prevents_the_start() -> None:
    with listen("127.0.0.1", 0) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Unavailable, match=f"listen = {address}: .*in use.*; choose another address, or off"):
            listener_of(health(ALMENARA_HEALTH_LISTEN=address), "health")


def test_without_a_choice_a_taken_address_only_turns_the_endpoints_off(monkeypatch: pytest.MonkeyPatch) -> None:
    with listen("127.0.0.1", 0) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        default = Health.model_construct(_fields_set=set(), **Health().model_dump() | {"listen": address})
        with capture_logs() as logs:
            assert listener_of(default, "health") is None
    [line] = logs
    assert (line["event"], line["section"], line["log_level"]) == ("not listening", "health", "warning")


@pytest.mark.parametrize("off", ["", "off"])
def test_they_can_be_off(off: str) -> None:
    assert listener_of(health(ALMENARA_HEALTH_LISTEN=off), "health") is None


@pytest.mark.parametrize("address", ["127.0.0.1:0", "localhost:0", "0.0.0.0:0", "[::1]:0"])
def test_addresses_of_both_kinds_can_be_listened_on(address: str) -> None:
    listener = listener_of(health(ALMENARA_HEALTH_LISTEN=address), "health")
    assert listener
    listener.close()


@pytest.mark.parametrize(
    "address", ["8751", "127.0.0.1", "127.0.0.1:99999", "::1:8751", "example.org:80", "[127.0.0.1]:1"]
)
def test_anything_else_is_a_fault_of_the_configuration(address: str) -> None:
    with pytest.raises(Faults, match="not an address to listen on"):
        health(ALMENARA_HEALTH_LISTEN=address)


@pytest.mark.parametrize("url", ["ftp://s3cret.example", "s3cret", "https://", "https://a b/s3cret"])
def test_a_faulty_heartbeat_url_is_not_shown(url: str) -> None:
    with pytest.raises(Faults, match="not an address such as") as caught:
        health(ALMENARA_HEALTH_HEARTBEAT_URL=url)
    assert "s3cret" not in str(caught.value)


def test_a_heartbeat_url_is_no_part_of_what_settings_show() -> None:
    assert "s3cret" not in repr(health(ALMENARA_HEALTH_HEARTBEAT_URL="https://monitoring.example/s3cret"))


def test_feeds_are_counted_by_state() -> None:
    poll = Poll(
        FakeFetch(), InlinePool(), Pace(0, 1), lambda: NOW, random=lambda: 0.5, monotonic=lambda: 0.0,
        options=poll_options(Settings()),
    )  # fmt: skip
    for name in ("fine", "bad", "new", "off", "gone"):
        url = f"https://{name}.example/"
        poll.feeds[name] = Feed(id=name, name=name, url=url, enabled=name != "off", removed=name == "gone")
    for name, error in {"fine": None, "bad": "dns", "off": "dns", "gone": "dns"}.items():
        poll.states[name] = FeedState(feed=name, polled_at=NOW, next_at=NOW, interval=900.0, error=error)
    assert feeds_by_state(poll) == {"ok": 1, "failing": 1, "new": 1, "disabled": 1}
