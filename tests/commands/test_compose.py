"""docker-compose.yml, as far as it can be checked without Docker."""

from __future__ import annotations

import base64
import json
import re
import shlex
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from typer.core import TyperGroup

from pipeline.cli import command_line
from pipeline.config.read_settings import NOT_SETTINGS, PREFIX, load_settings
from pipeline.config.shipped import SHIPPED_CONFIG as SHIPPED
from tests.commands.compose_file import (
    COMPOSE,
    DOCKERFILE,
    HEALTH,
    KEYS,
    LASTING,
    ONCE,
    OURS,
    ROOT,
    SERVICES,
    TEXT,
    VARIABLE,
    filled,
    generated,
    wrong,
)

# -- the file as a whole ----------------------------------------------------------------------------------------------


def test_the_packaged_file_is_the_one_at_the_top() -> None:
    assert SHIPPED.with_name("docker-compose.yml").resolve() == ROOT / "docker-compose.yml"
    assert SHIPPED.resolve() == ROOT / "config"


def test_the_file_has_no_other_parts() -> None:
    parts = {key for key in COMPOSE if not key.startswith("x-")}
    assert parts == {"name", "services", "networks", "volumes"}
    assert all(network in ({"internal": True}, None) for network in COMPOSE["networks"].values())
    assert set(COMPOSE["volumes"].values()) == {None}


@pytest.mark.parametrize("name", SERVICES)
def test_every_key_is_one_of_compose(name: str) -> None:
    service = SERVICES[name]
    assert wrong(service, KEYS) == []
    assert wrong(service.get("healthcheck", {}), HEALTH) == []


def test_networks_and_volumes_are_declared_and_used() -> None:
    assert {network for service in SERVICES.values() for network in service["networks"]} == set(COMPOSE["networks"])
    mounted = [
        mount.split(":")[0]
        for name, service in SERVICES.items()
        for mount in service.get("volumes", ())
        if re.match(r"\w+:", mount)
    ]
    assert sorted(mounted) == sorted(COMPOSE["volumes"])  # each in one service: replicas share none


# -- images and limits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned(name: str) -> None:
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+", filled(SERVICES[name]["image"], generated()))


def test_images_are_of_the_versions_that_tests_run_against() -> None:
    def tested(service: str) -> str:
        pom = (ROOT / "tests" / "services" / "java" / service / "pom.xml").read_text(encoding="utf-8")
        found = re.search(r"<groupId>org\.(?:apache\.kafka|elasticsearch)</groupId>.*?<version>(.*?)<", pom, re.DOTALL)
        assert found
        return found[1]

    elastic = {SERVICES[name]["image"].split(":")[1] for name in ("elasticsearch", "users", "kibana")}
    assert elastic == {tested("elasticsearch")}
    assert SERVICES["kafka"]["image"].split(":")[1].split(".")[:2] == tested("kafka").split(".")[:2]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert "mem_limit" in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    if name in OURS:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_ports_are_bound_to_loopback() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert not [port for port in ports if not port.startswith("127.0.0.1:")]
    assert COMPOSE["networks"]["broker"] == COMPOSE["networks"]["index"] == {"internal": True}
    assert SERVICES["kafka"]["networks"] == ["broker"]  # it asks for no password
    assert {name for name, service in SERVICES.items() if "broker" in service["networks"]} == {"kafka", *OURS} - {
        "dashboards"
    }


def test_lasting_services_have_a_health_check_and_one_shots_none() -> None:
    assert {name for name, service in SERVICES.items() if "healthcheck" in service} == LASTING
    for name in LASTING:
        ours = name in ("worker", "reader")
        test = SERVICES[name]["healthcheck"]["test"]
        assert test == ["CMD", "almenara", "health"] if ours else test[0] == "CMD-SHELL"
    assert {"streams", "feeds", "users", "dashboards"} == ONCE


def test_a_worker_gets_more_time_to_stop_than_it_takes() -> None:
    from agents.in_order import SHUTDOWN
    from agents.member import STOP

    for name in LASTING & set(OURS):
        assert float(SERVICES[name]["stop_grace_period"].removesuffix("s")) >= 2 * (SHUTDOWN + STOP)


def test_workers_can_be_scaled() -> None:
    """Nothing in them may be of one container only: no name, no host name (it is the instance id), no port."""
    for name in LASTING & set(OURS):
        assert not SERVICES[name].keys() & {"hostname", "container_name", "ports"}
        assert "ALMENARA_KAFKA_INSTANCE" not in SERVICES[name]["environment"]
        assert [mount for mount in SERVICES[name]["volumes"] if not mount.endswith(":ro")] == ["/var/lib/almenara"]


# -- order ------------------------------------------------------------------------------------------------------------


def test_services_wait_for_what_they_need() -> None:
    for name, service in SERVICES.items():
        for needed, how in service.get("depends_on", {}).items():
            fitting = "service_completed_successfully" if needed in ONCE else "service_healthy"
            assert how == {"condition": fitting}, (name, needed)
            assert set(SERVICES[needed].get("profiles", ())) <= set(service.get("profiles", ())), (name, needed)
    TopologicalSorter({name: service.get("depends_on", {}) for name, service in SERVICES.items()}).prepare()


def test_services_reach_what_they_name() -> None:
    """A host in the environment is a service on one of the same networks, and waited for."""

    def waited_for(name: str) -> set[str]:
        needed = set(SERVICES[name].get("depends_on", ()))
        return needed.union(*map(waited_for, needed))

    found = 0
    for name, service in SERVICES.items():
        text = json.dumps(filled([service["environment"], service.get("command", [])], generated()))
        for host in set(re.findall(r"(?:http|kafka)://(\w+):", text)) - {"localhost"}:
            assert set(service["networks"]) & set(SERVICES[host]["networks"]), (name, host)
            assert host in waited_for(name), (name, host)
            found += 1
    assert found > 6


# -- variables, settings, commands ------------------------------------------------------------------------------------


def test_every_variable_is_generated_or_has_a_default() -> None:
    used = {match[1]: match for match in VARIABLE.finditer(TEXT)}
    assert {name for name in used if name not in generated() and used[name][2] != ":-"} == set()
    assert set(generated()) <= set(used)


def test_no_secret_has_a_default_and_none_stands_in_the_file() -> None:
    for match in VARIABLE.finditer(TEXT):
        if re.search("PASSWORD|KEY|TOKEN|SECRET", match[1]):
            assert match[2] in (None, ":?"), match[0]
    for name, service in SERVICES.items():
        for key, value in service["environment"].items():
            if re.search("PASSWORD|ENCRYPTIONKEY", key):
                assert VARIABLE.fullmatch(value), (name, key)
    demanded = {match[1] for match in VARIABLE.finditer(TEXT) if match[2] == ":?"}
    assert demanded == set(generated())  # without .env nothing starts


@pytest.mark.parametrize("name", OURS)
def test_settings_of_our_services_exist(name: str) -> None:
    variables = filled(SERVICES[name]["environment"], generated())
    load_settings(Path("none"), variables)  # Faults: no such setting, or an invalid value
    ours = {key for key in variables if key.startswith(PREFIX)} - NOT_SETTINGS
    assert ours | {"LOG_URL", "INDEX_URL", "KIBANA_URL"} >= set(variables)


@pytest.mark.parametrize("name", OURS)
def test_commands_of_our_services_exist(name: str) -> None:
    assert shlex.split(DOCKERFILE.split("ENTRYPOINT")[1].splitlines()[0].strip(" []")) == ["almenara"]
    command, arguments = command_line(), list(SERVICES[name]["command"])
    while isinstance(command, TyperGroup):
        context = command.context_class(command)
        word, found, arguments = command.resolve_command(context, arguments)  # UsageError: no such command
        assert found is not None
        command = found
    command.make_context(word, arguments)  # UsageError: no such option, or not of its form


def test_kafka_is_configured_whole() -> None:
    variables = {key: str(value) for key, value in SERVICES["kafka"]["environment"].items()}
    assert len(base64.urlsafe_b64decode(variables["CLUSTER_ID"] + "==")) == 16
    listeners = dict(part.split("://") for part in variables["KAFKA_LISTENERS"].split(","))
    advertised = dict(part.split("://") for part in variables["KAFKA_ADVERTISED_LISTENERS"].split(","))
    assert set(listeners) == set(
        dict(p.split(":") for p in variables["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(","))
    )
    assert advertised["PLAINTEXT"].endswith(listeners["PLAINTEXT"])
    assert f"kafka://{advertised['PLAINTEXT']}" == SERVICES["worker"]["environment"]["LOG_URL"]
    assert variables["KAFKA_CONTROLLER_QUORUM_VOTERS"] == f"{variables['KAFKA_NODE_ID']}@{listeners['CONTROLLER']}"
    assert f"kafka:{variables['KAFKA_LOG_DIRS']}" in SERVICES["kafka"]["volumes"]
