"""Checks the form of addresses: log_url and index_url, which must not contain credentials, and where to listen."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

BROKER_PORT = 9092
OFF = "off"
_BROKERS = "write kafka://HOST:PORT, several with commas: kafka://h1:9092,h2:9092"
_NODE = "write http://HOST:PORT or https://HOST:PORT, such as http://localhost:9200"


def log(url: str) -> str:
    """Return `url` if it is a valid log_url. Raises ValueError with the reason."""
    if url.startswith("kafka:"):
        servers_of(url)
    elif url:
        _check_path(url, "sqlite", f"for a broker, {_BROKERS}")
    return url


def index(url: str) -> str:
    """Return `url` if it is a valid index_url. Raises ValueError with the reason."""
    if url.startswith(("http:", "https:")):
        _check_node(url)
    elif url:
        _check_path(url, "tantivy", f"for Elasticsearch, {_NODE}")
    return url


def servers_of(url: str) -> tuple[str, ...]:
    """The servers of a log_url: ("h1:9092", "h2:9093") for kafka://h1,h2:9093. Raises ValueError with the reason."""
    scheme, _, rest = url.partition("://")
    if scheme != "kafka":
        raise ValueError(f"{url!r} is not the address of a Kafka broker: {_BROKERS}")
    if "@" in rest:
        raise ValueError(f"credentials do not belong in the URL: set [kafka] username and password, and {_BROKERS}")
    return tuple(_server(url, server.strip()) for server in rest.rstrip("/").split(","))


def listen(address: str) -> str:
    """Return `address`, HOST:PORT, or "" for none ("off" too). HOST is an IP address. Raises ValueError."""
    if address in ("", OFF):
        return ""
    listen_address(address)
    return address


def listen_address(address: str) -> tuple[str, int]:
    """The host and port of HOST:PORT; an IPv6 address stands in brackets. Raises ValueError with the reason."""
    host, _, port = address.rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        version = ip_address(bare).version
        valid = port.isascii() and port.isdigit() and int(port) < 65536 and (version == 6) == (bare != host)
    except ValueError:
        valid = False
    if not valid:
        raise ValueError('not an address to listen on: write IP:PORT, such as 127.0.0.1:8751, or "off"')
    return bare, int(port)


def _server(url: str, server: str) -> str:
    host, port = server, ""
    if host.startswith("[") and "]" in host:  # IPv6
        host, _, port = host.partition("]")
        host, port = f"{host}]", port.removeprefix(":")
    elif ":" in host:
        host, _, port = host.rpartition(":")
    if not host or any(c in host.strip("[]") for c in "/?# ") or (":" in host and not host.startswith("[")):
        raise ValueError(f"{url!r}: {server!r} is not a host: {_BROKERS}")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{url!r}: {port!r} is not a port: {_BROKERS}")
    return f"{host}:{port or BROKER_PORT}"


def _check_node(url: str) -> None:
    if "@" in url:
        raise ValueError(
            f"credentials do not belong in the URL: set [elasticsearch] api_key, or username and password, and {_NODE}"
        )
    try:
        parts = urlsplit(url)
        valid = parts.hostname and parts.port
    except ValueError:
        valid = False
    if not valid or parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise ValueError(f"not an address of Elasticsearch: {_NODE}")


def _check_path(url: str, scheme: str, otherwise: str) -> None:
    if not url.startswith(f"{scheme}:///") or url == f"{scheme}:///":
        raise ValueError(f"not an address: write {scheme}:///PATH for a file on this machine; {otherwise}")
