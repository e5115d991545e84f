"""Real brokers that require TLS, certificates or credentials: who gets in, and what the others are shown."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.backends.log_kafka import KafkaLog, KafkaOptions
from pipeline.stage import Unavailable
from tests.conftest import _own
from tests.contracts.logs import everything, names, opened, out
from tests.options import kafka_options
from tests.services.install import installed, jdk
from tests.services.servers import Kafka, free_port

CERTIFICATE = Path(__file__).parents[1] / "data" / "tls" / "localhost.pem"  # key and certificate, self-signed
LISTENERS = {"SASL": "SASL_PLAINTEXT", "TLS": "SSL", "BOTH": "SASL_SSL", "MUTUAL": "SSL"}
PROTOCOLS = LISTENERS | {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT"}
USER, PASSWORD = "almenara", "correct horse"
LOGIN = "org.apache.kafka.common.security.{}LoginModule required"

pytestmark = pytest.mark.slow


def settings(kafka: Kafka, ports: dict[str, int]) -> dict[str, str]:
    plain, controller = kafka._ports()
    open_to_all = {"PLAINTEXT": plain} | ports
    found = {
        "listeners": ",".join(f"{n}://127.0.0.1:{p}" for n, p in (open_to_all | {"CONTROLLER": controller}).items()),
        "advertised.listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in open_to_all.items()),
        "listener.security.protocol.map": ",".join(f"{name}:{kind}" for name, kind in PROTOCOLS.items()),
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(CERTIFICATE),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(CERTIFICATE),
        "listener.name.mutual.ssl.client.auth": "required",
    }
    for name in ("sasl", "both"):
        found[f"listener.name.{name}.plain.sasl.jaas.config"] = (
            f'{LOGIN.format("plain.Plain")} user_{USER}="{PASSWORD}";'
        )
        found[f"listener.name.{name}.scram-sha-256.sasl.jaas.config"] = f"{LOGIN.format('scram.Scram')};"
    return found


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """Listener -> port, of one broker."""
    ports = {name: free_port() for name in LISTENERS}
    kafka = Kafka(tmp_path_factory.mktemp("kafka"))
    kafka.settings |= settings(kafka, ports)
    for running in _own("kafka", kafka):
        command = [str(jdk(17) / "java"), "-cp", f"{installed('kafka') / 'libs'}/*", "kafka.admin.ConfigCommand"]
        command += ["--bootstrap-server", f"127.0.0.1:{running.port}", "--alter", "--entity-type", "users"]
        command += ["--entity-name", USER, "--add-config", f"SCRAM-SHA-256=[password={PASSWORD}]"]
        subprocess.run(command, check=True, capture_output=True)
        yield ports | {"PLAINTEXT": running.port}


def options(ports: dict[str, int], listener: str, **more: Any) -> KafkaOptions:
    return dataclasses.replace(kafka_options((f"127.0.0.1:{ports[listener]}",), prefix=f"{listener}."), **more)


PLAIN = {"mechanism": "PLAIN", "username": USER, "password": PASSWORD}
SCRAM = PLAIN | {"mechanism": "SCRAM-SHA-256"}
TLS = {"tls": True, "ca": CERTIFICATE}


@pytest.mark.parametrize(
    ("listener", "given"),
    [
        ("SASL", PLAIN),
        ("SASL", SCRAM),
        ("TLS", TLS),
        ("BOTH", TLS | PLAIN),
        ("BOTH", TLS | SCRAM),
        ("MUTUAL", TLS | {"certificate": CERTIFICATE, "key": CERTIFICATE}),
    ],
)
async def test_who_gets_in(ports: dict[str, int], listener: str, given: dict[str, Any]) -> None:
    async with opened(options(ports, listener, **given)) as log:
        await log.create()
        start = (await log.ends())["b", 0]
        await log.publish([out("b", "x")])
        assert names(await everything(log, "b", start)) == ["x"]
        await log.groups()


@pytest.mark.parametrize(
    ("listener", "given", "message"),
    [
        ("SASL", PLAIN | {"password": "wrong"}, r"refused user 'almenara': check \[kafka\] username and password"),
        ("SASL", SCRAM | {"username": "nobody"}, r"refused user 'nobody': check \[kafka\] username and password"),
        ("SASL", PLAIN | {"mechanism": "SCRAM-SHA-512"}, r"SCRAM-SHA-512 is not offered there: .*\[kafka\] mechanism"),
        ("SASL", {}, r"closed the connection: does it want TLS, or credentials\? Check \[kafka\] tls and mechanism"),
        ("PLAINTEXT", PLAIN, r"PLAIN is not offered there"),
        ("PLAINTEXT", TLS, r"does (this|its) port speak TLS\?"),
        ("TLS", {}, r"TLS"),
        ("TLS", {"tls": True}, r"certificate is not trusted .*check \[kafka\] ca"),
        ("BOTH", TLS | PLAIN | {"password": ""}, r"refused user 'almenara'"),
        ("BOTH", PLAIN, r"TLS"),
        ("MUTUAL", TLS, r"\[kafka\] .*certificate"),
    ],
)
async def test_the_message_says_why_not(
    ports: dict[str, int], listener: str, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(Unavailable, match=message) as caught:
        await KafkaLog.open(options(ports, listener, **given), ())
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ca": Path("/no/such.pem")}, r"\[kafka\] ca = /no/such.pem: .*No such file"),
        ({"ca": Path(__file__)}, r"\[kafka\] ca = .*Name a readable PEM file"),
        (TLS | {"certificate": Path(__file__)}, r"\[kafka\] certificate = .*belong together"),
    ],
)
async def test_unusable_files(given: dict[str, Any], message: str) -> None:
    with pytest.raises(Unavailable, match=message):
        await KafkaLog.open(kafka_options(("127.0.0.1:1",), **({"tls": True} | given)), ())
