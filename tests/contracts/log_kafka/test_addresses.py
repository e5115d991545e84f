"""Addresses of brokers, and options."""

from __future__ import annotations

import pytest

from pipeline.config.addresses import servers_of
from tests.options import kafka_options


@pytest.mark.parametrize(
    ("url", "servers"),
    [
        ("kafka://h", ("h:9092",)),
        ("kafka://h:1", ("h:1",)),
        ("kafka://h1:9092,h2:9093", ("h1:9092", "h2:9093")),
        ("kafka://h1, h2/", ("h1:9092", "h2:9092")),
        ("kafka://10.0.0.1:9092", ("10.0.0.1:9092",)),
        ("kafka://[::1]:9094,[fe80::1]", ("[::1]:9094", "[fe80::1]:9092")),
    ],
)
def test_addresses(url: str, servers: tuple[str, ...]) -> None:
    assert servers_of(url) == servers


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("h:9092", "not the address of a Kafka broker"),
        ("http://h:9092", "not the address of a Kafka broker"),
        ("kafka:///path", "not a host"),
        ("kafka://", "not a host"),
        ("kafka://h1:9092,", "not a host"),
        ("kafka://h/stream", "not a host"),
        ("kafka://::1", "not a host"),
        ("kafka://h:port", "not a port"),
        ("kafka://h:0", "not a port"),
        ("kafka://h:65536", "not a port"),
        ("kafka://h:٣", "not a port"),
        ("kafka://me:secret@h:9092", "credentials do not belong"),
    ],
)
def test_wrong_addresses(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        servers_of(url)
    assert "kafka://HOST:PORT" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_options_do_not_show_the_password() -> None:
    assert "hunter2" not in repr(kafka_options(("h:1",), password="hunter2"))
