"""Allows connections to public addresses only, and to networks that the operator allows.

Used as aiohttp's `socket_factory`, it checks every address at the moment of connecting: those of names, after each
redirect, and literals, which a resolver hook never sees. So a name that changes its address between check and use
(DNS rebinding) gains nothing.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Address = IPv4Address | IPv6Address

#: Not public, although `is_global` says so in a supported version of Python.
_CLOSED = tuple(
    ip_network(net)
    for net in (
        "192.0.0.0/24",  # IETF protocol assignments; Oracle Cloud's metadata
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "168.63.129.16/32",  # Azure's wire server: a public address that is only reachable from inside
        "2001:db8::/32",  # documentation, RFC 3849
        "3fff::/20",  # documentation, RFC 9637
        "2620:4f:8000::/48",  # AS112 direct delegation, RFC 7534
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all of IPv6 that IANA assigns
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_NUMERIC = re.compile(r"(?i)(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?")

MARK = "address refused"


class Refused(OSError):
    """The address is neither public nor allowed."""


class Guard:
    """Checks addresses. `allow`: networks (CIDR) that are allowed too. Raises ValueError for a malformed one."""

    def __init__(self, allow: Iterable[str] = ()) -> None:
        self._allow = tuple(ip_network(net, strict=False) for net in allow)

    def socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Return an unconnected socket for a result of getaddrinfo. Raises Refused."""
        family, kind, protocol, _, address = info
        self.check(address[0])
        return socket.socket(family, kind, protocol)

    def check(self, address: str) -> None:
        """Raise Refused unless the address may be connected to."""
        if not self.allows(ip_address(address.partition("%")[0])):
            raise Refused(f"{MARK}: {address} is not public")

    def check_host(self, host: str) -> None:
        """Raise Refused for a host that is an address literal which is not allowed, or an obscured one (`0x7f.1`).

        With a proxy, which connects instead of us, this is the only check.
        """
        host = host.strip("[]")
        if ":" in host:
            self.check(host)
        elif _NUMERIC.fullmatch(host):
            try:
                IPv4Address(host)
            except ValueError:
                raise Refused(f"{MARK}: {host[:100]} is an obscured address") from None
            self.check(host)

    def allows(self, address: Address) -> bool:
        """Whether every address that `address` stands for is public or in an allowed network."""
        return all(_public(real) or any(_within(real, net) for net in self._allow) for real in unwrap(address))


def unwrap(address: Address) -> tuple[Address, ...]:
    """The IPv4 addresses that an IPv6 one leads to (mapped, RFC 4291; NAT64, RFC 6052; 6to4, RFC 3056; server and
    client of Teredo, RFC 4380), else itself."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return (address,)


def _public(address: Address) -> bool:
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return not any(_within(address, net) for net in _CLOSED)


def _within(address: Address, net: IPv4Network | IPv6Network) -> bool:
    return address.version == net.version and address in net
