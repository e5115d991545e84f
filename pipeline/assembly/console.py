"""Opens the console: beside the stages, or in a process of its own."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import structlog
from argon2 import PasswordHasher

from pipeline.assembly.backends import clock
from pipeline.assembly.console_secret import console_secret
from pipeline.assembly.deployment import Deployment
from pipeline.assembly.listening import listener_of
from pipeline.assembly.looking import looking
from pipeline.config.addresses import listen_address
from pipeline.config.folder import Configuration, Fingerprint, fingerprint, load_to_stay
from pipeline.config.settings import Console, Settings
from pipeline.console.app import build
from pipeline.console.desk import Desk, NothingYet
from pipeline.console.safety.access import Access, Proxy
from pipeline.console.safety.sessions import Sessions
from pipeline.console.safety.users import Users
from pipeline.core.faults import Faults
from pipeline.discovery.find import Found
from pipeline.ports import Clock, Index
from pipeline.records import Feed
from pipeline.stage import Unavailable
from pipeline.web.certificates import Certificate, Told
from pipeline.web.server import Limits, serving, url_of

LOOKING = 60.0  # seconds that the search for feeds at an address may take
LOOK = 2.0  # seconds between looks whether the configuration changed, in a process without stages
LIMITS = Limits(connections=512, answer=None, local=False)  # live updates stay open; it checks hosts itself

Take = Callable[[], Awaitable[None]]

logger = structlog.get_logger("almenara")


@asynccontextmanager
async def console_served(
    deployment: Deployment,
    configuration: Callable[[], Configuration],
    listener: socket.socket | None,
    take: Take | None = None,
    now: Clock = clock,
) -> AsyncIterator[None]:
    """Serve the console on the socket, inside; without one, do nothing. `take`: has the files of the configuration
    looked at. Raises Unavailable."""
    if listener is None:
        yield
        return
    access = access_of(deployment.settings)
    certificate = _certificate(deployment.settings.console)
    limits = replace(LIMITS, tls=certificate)
    async with (
        desk_of(deployment, configuration, now, take) as desk,
        serving(build(desk, access), listener, limits),
    ):
        logger.info("console", address=url_of(listener, tls=certificate is not None), login=not access.open)
        following = [asyncio.create_task(desk.follower.run())]
        if certificate is not None:
            following.append(asyncio.create_task(certificate.follow(clock, _tell)))
        try:
            yield
        finally:
            desk.follower.stop()  # before the server, which waits for its answers
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)


def access_of(settings: Settings, hasher: PasswordHasher | None = None) -> Access:
    """Who may read and decide. Raises Unavailable if nobody could, or everybody on the network."""
    console = settings.console
    users = Users(console.users_file(settings.data), hasher)
    alone = _is_loopback(console.listen) and not console.hosts and not console.proxy_header and not len(users)
    if not alone and not len(users) and not console.proxy_header:
        raise Unavailable(
            f"[console] listen = {console.listen} reaches others, and there are no users: `almenara users add "
            "NAME`, or set proxy_header and proxies, or listen = off"
        )
    secret = console_secret(settings)
    proxy = Proxy(console.proxy_header, console.proxies, console.proxy_role)
    return Access(users, Sessions(secret, console.session), alone, frozenset(console.hosts), proxy, secret=secret)


def _is_loopback(listen: str) -> bool:
    return bool(listen) and ipaddress.ip_address(listen_address(listen)[0]).is_loopback


def _certificate(console: Console) -> Certificate | None:
    if console.certificate and console.key:
        try:
            return Certificate(console.certificate, console.key)
        except ValueError as error:
            raise Unavailable(f"[console] certificate and key: {error}") from error
    if not _is_loopback(console.listen) and not console.proxies:
        hint = "set [console] certificate and key, or put a proxy with TLS before it"
        logger.warning("console without TLS", listen=console.listen, hint=hint)
    return None


def _tell(what: Told, why: str) -> None:
    if what == "renewed":
        logger.info("certificate renewed")
    elif what == "ends":
        logger.warning("certificate ends", why=why)
    else:
        logger.warning("certificate refused", why=why)


@asynccontextmanager
async def desk_of(
    deployment: Deployment, configuration: Callable[[], Configuration], now: Clock = clock, take: Take | None = None
) -> AsyncIterator[Desk]:
    """What the pages read, with its own connections: neither readers nor the stages hold up the other. Raises
    Unavailable."""
    log = await deployment.open_log(write=True)
    try:
        desk = Desk(log, _opens(deployment), configuration, deployment.status, now, _looks(deployment.settings))
        desk.take_configuration = take or desk.take_configuration
        try:
            yield desk
        finally:
            await desk.close()
    finally:
        await log.close()


def _opens(deployment: Deployment) -> Callable[[], Awaitable[Index]]:
    async def open_index() -> Index:
        if not deployment.index.exists():
            raise NothingYet("nothing is indexed yet")
        return await deployment.open_index()

    return open_index


def _looks(settings: Settings) -> Callable[[Feed], Awaitable[Found]]:
    """What finds the feeds at an address: in a thread with a loop of its own, because it also reads them."""

    async def look(feed: Feed) -> Found:
        from pipeline.discovery.find import find

        async with asyncio.timeout(LOOKING), looking(settings) as (looker, _):
            return await find(looker, feed)

    return lambda feed: asyncio.to_thread(asyncio.run, look(feed))


def console_listener(settings: Settings) -> socket.socket | None:
    """The socket of [console] listen, as of `listener_of`."""
    return listener_of(settings.console, "console")


class Followed:
    """The configuration as its folder has it, without faults; for a process that runs no stages."""

    def __init__(self, first: Configuration, seen: Fingerprint) -> None:
        self._held, self._seen = first, seen
        self._looking = asyncio.Lock()

    def __call__(self) -> Configuration:
        return self._held

    async def look(self) -> None:
        """Take what is in the folder now, unless it has faults."""
        async with self._looking:
            now = await asyncio.to_thread(fingerprint, self._held.folder)
            if now != self._seen:
                self._held, self._seen = await asyncio.to_thread(_loaded, self._held.folder, self._held), now


@asynccontextmanager
async def configuration_followed(first: Configuration) -> AsyncIterator[Followed]:
    """The configuration, which is looked at again and again."""
    followed = Followed(first, await asyncio.to_thread(fingerprint, first.folder))

    async def follow() -> None:
        while True:
            await asyncio.sleep(LOOK)
            await followed.look()

    task = asyncio.create_task(follow())
    try:
        yield followed
    finally:
        task.cancel()


def _loaded(folder: Path, otherwise: Configuration) -> Configuration:
    try:
        return load_to_stay(folder)
    except Faults as error:
        logger.error("new configuration rejected", faults=[str(fault) for fault in error.faults][:5])
        return otherwise
