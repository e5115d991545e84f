"""Options of connections to a broker: addresses, TLS, credentials; and what to check when connecting fails."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import errors
from aiokafka.conn import create_conn
from aiokafka.protocol.metadata import MetadataRequest

from pipeline.stage import Unavailable

PATIENCE = 10.0  # seconds for a connection, and for an answer to one request
PROBE = 3.0  # seconds for an answer when looking for the reason of a failure
FINISH = 1.0  # seconds in which a client that is cancelled while it connects may still get its answer


@dataclass(frozen=True, slots=True)
class KafkaOptions:
    """The addresses of the servers, and the settings of [kafka]."""

    servers: tuple[str, ...]  # HOST:PORT
    prefix: str  # of topics and consumer groups
    replication: int
    tls: bool
    ca: Path | None
    certificate: Path | None
    key: Path | None
    mechanism: str
    username: str
    password: str = field(repr=False)


def arguments(options: KafkaOptions) -> dict[str, Any]:
    """The arguments of every aiokafka client. Raises Unavailable when a TLS file cannot be read."""
    return {
        "bootstrap_servers": list(options.servers),
        "client_id": "almenara",
        "request_timeout_ms": int(PATIENCE * 1000),
        "metadata_max_age_ms": 60_000,
        **_security(options),
    }


def _security(options: KafkaOptions) -> dict[str, Any]:
    found: dict[str, Any] = {
        "security_protocol": ("SASL_" if options.mechanism else "") + ("SSL" if options.tls else "PLAINTEXT")
    }
    if options.tls:
        found["ssl_context"] = tls_context(options)
    if options.mechanism:
        found |= {
            "sasl_mechanism": options.mechanism,
            "sasl_plain_username": options.username,
            "sasl_plain_password": options.password,
        }
    return found


def tls_context(options: KafkaOptions) -> ssl.SSLContext:
    """The TLS context for the certificates of [kafka]. Raises Unavailable, naming the wrong setting."""
    try:
        context = ssl.create_default_context(cafile=options.ca)
    except (OSError, ssl.SSLError) as error:
        raise Unavailable(f"[kafka] ca = {options.ca}: {error}. Name a readable PEM file") from error
    if options.certificate:
        try:
            context.load_cert_chain(options.certificate, options.key)
        except (OSError, ssl.SSLError) as error:
            files = f"certificate = {options.certificate}, key = {options.key}"
            raise Unavailable(f"[kafka] {files}: {error}. Name readable PEM files that belong together") from error
    return context


async def connected(start: Coroutine[Any, Any, None]) -> None:
    """Await the `start` of a client. If cancelled, let it get its first answer, so that the caller can stop it.

    aiokafka closes its first connection when the answer is there, and leaves it open when cancelled before that.
    """
    starting = asyncio.ensure_future(start)
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait([starting], timeout=FINISH)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        raise


@contextmanager
def named_errors(options: KafkaOptions) -> Iterator[None]:
    """Turn errors of Kafka and the network into Unavailable."""
    try:
        yield
    except (TimeoutError, errors.KafkaError, OSError) as error:
        raise unavailable(options, error) from error


def unavailable(options: KafkaOptions, error: BaseException) -> Unavailable:
    return Unavailable(f"{place(options)}: {_words(error)}")


def place(options: KafkaOptions) -> str:
    return f"Kafka at {','.join(options.servers)}"


def _words(error: BaseException) -> str:
    """The error as text: its name, and its message if it has one."""
    if isinstance(error, errors.KafkaConnectionError | errors.NodeNotReadyError):
        return "no connection: is the broker running?"
    text = str(error)
    if isinstance(error, asyncio.TimeoutError) and not text:
        return "no answer"
    name = type(error).__name__
    return text if name in text else f"{name} {text}".strip()


async def cause(options: KafkaOptions) -> str:
    """Why no server can be used, and what to check. Connects to each again: clients do not report the reason."""
    causes = await asyncio.gather(*(_cause(options, server) for server in options.servers))
    return "; ".join(f"{server}: {why}" for server, why in zip(options.servers, causes, strict=True))


async def _cause(options: KafkaOptions, server: str) -> str:
    host, _, port = server.rpartition(":")
    connection = None
    try:
        async with asyncio.timeout(PROBE):
            connection = await create_conn(
                host.strip("[]"), int(port), request_timeout_ms=int(PROBE * 1000), **_security(options)
            )
            await connection.send(MetadataRequest([]))
    except ssl.SSLCertVerificationError as error:
        return (
            f"its certificate is not trusted ({error.verify_message}): check [kafka] ca, and the host's name in log_url"
        )
    except ssl.SSLError as error:
        return f"TLS failed ({error.reason}): does this port speak TLS? Check [kafka] tls, certificate and the port"
    except (errors.UnsupportedSaslMechanismError, errors.IllegalSaslStateError) as error:
        return f"{options.mechanism} is not offered there: check [kafka] mechanism and the port ({_words(error)})"
    except (errors.SaslAuthenticationFailed, errors.AuthenticationFailedError):
        return f"it refused user {options.username!r}: check [kafka] username and password"
    except errors.KafkaConnectionError:
        want, check = ("a certificate of yours", "certificate") if options.tls else ("TLS", "tls")
        return f"it closed the connection: does it want {want}, or credentials? Check [kafka] {check} and mechanism"
    except (TimeoutError, errors.KafkaError) as error:
        return f"{_words(error)}: is this a Kafka broker, and does its port speak TLS? Check log_url and [kafka] tls"
    except OSError as error:
        why = error.strerror or str(error) or type(error).__name__
        return f"{why}: is the broker running{', and does its port speak TLS' if options.tls else ''}? Check log_url"
    finally:
        if connection is not None:
            connection.close()
    return "it answers now: try again"
