"""Addresses of our own servers, as they stand in the settings: their form, never who answers. No secret is in one."""

from __future__ import annotations

from urllib.parse import urlsplit

BROKER_PORT = 9092
BROKERS = "write kafka://HOST:PORT, several with commas: kafka://h1:9092,h2:9092"
NODE = "write http://HOST:PORT or https://HOST:PORT, as http://localhost:9200"


def log(url: str) -> str:
    """`url`, where it can be a log_url. Raises ValueError, saying what is wrong."""
    if url.startswith("kafka:"):
        servers_of(url)
    elif url:
        _path(url, "sqlite", f"for a broker {BROKERS}")
    return url


def index(url: str) -> str:
    """`url`, where it can be an index_url. Raises ValueError, saying what is wrong."""
    if url.startswith(("http:", "https:")):
        _node(url)
    elif url:
        _path(url, "tantivy", f"for Elasticsearch {NODE}")
    return url


def servers_of(url: str) -> tuple[str, ...]:
    """("h1:9092", "h2:9093") of kafka://h1,h2:9093. Raises ValueError, saying what is wrong."""
    scheme, _, rest = url.partition("://")
    if scheme != "kafka":
        raise ValueError(f"{url!r} is no address of a Kafka broker: {BROKERS}")
    if "@" in rest:
        raise ValueError(f"credentials do not belong in the URL: set [kafka] username and password, and {BROKERS}")
    return tuple(_server(url, one) for one in rest.rstrip("/").split(","))


def _server(url: str, given: str) -> str:
    host, port = given.strip(), ""
    if host.startswith("[") and "]" in host:  # IPv6
        host, _, port = host.partition("]")
        host, port = f"{host}]", port.removeprefix(":")
    elif ":" in host:
        host, _, port = host.rpartition(":")
    if not host or any(c in host.strip("[]") for c in "/?# ") or (":" in host and not host.startswith("[")):
        raise ValueError(f"{url!r}: {given!r} is no host: {BROKERS}")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{url!r}: {port!r} is no port: {BROKERS}")
    return f"{host}:{port or BROKER_PORT}"


def _node(url: str) -> None:
    if "@" in url:
        raise ValueError(
            f"credentials do not belong in the URL: set [elasticsearch] api_key, or username and password, and {NODE}"
        )
    try:
        parts = urlsplit(url)
        sound = parts.hostname and parts.port
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise ValueError(f"no address of Elasticsearch: {NODE}")


def _path(url: str, scheme: str, otherwise: str) -> None:
    if not url.startswith(f"{scheme}:///") or url == f"{scheme}:///":
        raise ValueError(f"no address: write {scheme}:///PATH for one on this machine; {otherwise}")
