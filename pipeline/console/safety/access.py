"""Who may do what: open to whoever is on this machine, or to users with a password or named by a proxy."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Literal

from starlette.datastructures import Headers

from pipeline.console.safety.rate import Rate
from pipeline.console.safety.sessions import Session, Sessions
from pipeline.console.safety.users import Role, Users

#: Routes that change only what belongs to the reader, so that every reader may use them; all others are for editors.
FOR_READERS = frozenset({"login.enter", "logout", "settings.save"})
#: Routes for whoever has the signed link of a message.
FOR_ANYBODY = frozenset({"login.enter", "act.do"})
#: Start of the names of such routes.
OWN = ("kept.", "views.")
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that says who the user is. `header`: with the name; "": it only forwards. `networks`: where it is."""

    header: str = ""
    networks: tuple[str, ...] = ()
    role: Role = "reader"  # of users whom it names and who are not in the file

    def trusts(self, address: str) -> bool:
        """Whether a request from this address comes from the proxy."""
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in ipaddress.ip_network(network) for network in self.networks)


@dataclass(frozen=True, slots=True)
class Who:
    """Who sends a request. `name`: "" without a login. `by`: how it is known."""

    name: str
    role: Role
    by: Literal["machine", "session", "proxy", "token"]


@dataclass(frozen=True)
class Access:
    """The rules. `open`: no login, because only this machine reaches it. `hosts`: names that it answers to."""

    users: Users
    sessions: Sessions
    open: bool
    hosts: frozenset[str] = frozenset()
    proxy: Proxy = Proxy()
    requests: Rate = field(default_factory=lambda: Rate(per_minute=1200, burst=300))  # of one user or address
    secret: bytes = field(default=b"", repr=False)  # of the links in messages
    logins: Rate = field(default_factory=lambda: Rate(per_minute=6, burst=10))  # of one address, and of one name

    def who(self, session: Session | None, headers: Headers, peer: str, token: str | None = None) -> Who | None:
        """Who sends the request; None: nobody known. `token`: that a program sent, which alone counts then. Raises
        Unavailable if the file of users cannot be read."""
        if self.open:
            return Who("", "editor", "machine")
        if token is not None:
            owner = self.users.with_token(token)
            return Who(owner.name, owner.role, "token") if owner else None
        if self.proxy.header and self.proxy.trusts(peer) and (name := headers.get(self.proxy.header, "").strip()):
            user = self.users.get(name)
            return Who(name[:100], user.role if user else self.proxy.role, "proxy")
        user = self.users.get(session.user) if session and session.user else None
        valid = user is not None and session is not None and session.seal == user.seal
        return Who(user.name, user.role, "session") if user and valid else None

    def through_proxy(self, headers: Headers) -> bool:
        """Whether a proxy forwarded a request although the console is open: then it is reached from elsewhere."""
        return self.open and any(name in headers for name in FORWARDED)

    def may(self, who: Who, route: str) -> bool:
        """Whether the user may use a route that changes something."""
        return who.role == "editor" or route in FOR_READERS | FOR_ANYBODY or route.startswith(OWN)
