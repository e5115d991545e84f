"""docker-compose.yml, the image and `init --compose`, as far as they can be checked without Docker: they are read, and
their shell parts are run against a small server."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import stat
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from graphlib import TopologicalSorter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from typer.core import TyperGroup

from pipeline import __version__
from pipeline.cli import command_line
from pipeline.commands.check import check
from pipeline.commands.init import environment, init_compose
from pipeline.config.read_settings import NOT_SETTINGS, PREFIX, load_settings
from pipeline.config.shipped import SHIPPED_CONFIG as SHIPPED

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OURS = sorted(name for name, service in SERVICES.items() if service["image"].startswith("${IMAGE:"))
ONCE = {name for name, service in SERVICES.items() if service["restart"] == "no"}
LASTING = set(SERVICES) - ONCE
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?:(:?[-?+])([^}]*))?\}")
DURATION = r"\d+(ms|s|m|h)"
MEMORY = r"\d+[kmg]"
#: Every key that a service has here, and what its value looks like: a slip in a key is seen, as Compose would.
KEYS: dict[str, Any] = {
    "image": str, "restart": r"no|unless-stopped", "command": list, "entrypoint": list, "environment": dict,
    "volumes": list, "networks": list, "ports": list, "profiles": list, "depends_on": dict, "healthcheck": dict,
    "logging": dict, "ulimits": dict, "security_opt": list, "cap_drop": list, "tmpfs": list, "init": bool,
    "read_only": bool, "stop_grace_period": DURATION, "mem_limit": MEMORY,
}  # fmt: skip
HEALTH: dict[str, Any] = {
    "test": list, "interval": DURATION, "timeout": DURATION, "retries": int, "start_period": DURATION,
}  # fmt: skip


def given() -> dict[str, str]:
    """What a new .env sets."""
    return dict(line.split("=", 1) for line in environment().splitlines() if line and not line.startswith("#"))


def filled(value: Any, variables: dict[str, str]) -> Any:
    """`value` as Compose hands it on."""
    if isinstance(value, dict):
        return {key: filled(inner, variables) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, variables) for inner in value]
    if not isinstance(value, str):
        return value
    return VARIABLE.sub(lambda m: variables.get(m[1]) or m[3] or "", value).replace("$$", "$")


def wrong(values: dict[str, Any], forms: dict[str, Any]) -> list[str]:
    """Keys of `values` that are unknown or not of their form."""

    def fits(key: str) -> bool:
        form = forms.get(key)
        if isinstance(form, str):
            return isinstance(values[key], str) and bool(re.fullmatch(form, values[key]))
        return form is not None and type(values[key]) is form

    return [key for key in values if not fits(key)]


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
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+", filled(SERVICES[name]["image"], given()))


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
        assert SERVICES[name]["healthcheck"]["test"][0] == "CMD-SHELL"
    assert {"streams", "users", "dashboards"} == ONCE


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
        text = json.dumps(filled([service["environment"], service.get("command", [])], given()))
        for host in set(re.findall(r"(?:http|kafka)://(\w+):", text)) - {"localhost"}:
            assert set(service["networks"]) & set(SERVICES[host]["networks"]), (name, host)
            assert host in waited_for(name), (name, host)
            found += 1
    assert found > 6


# -- variables, settings, commands ------------------------------------------------------------------------------------


def test_every_variable_is_generated_or_has_a_default() -> None:
    used = {match[1]: match for match in VARIABLE.finditer(TEXT)}
    assert {name for name in used if name not in given() and used[name][2] != ":-"} == set()
    assert set(given()) <= set(used)


def test_no_secret_has_a_default_and_none_stands_in_the_file() -> None:
    for match in VARIABLE.finditer(TEXT):
        if re.search("PASSWORD|KEY|TOKEN|SECRET", match[1]):
            assert match[2] in (None, ":?"), match[0]
    for name, service in SERVICES.items():
        for key, value in service["environment"].items():
            if re.search("PASSWORD|ENCRYPTIONKEY", key):
                assert VARIABLE.fullmatch(value), (name, key)
    demanded = {match[1] for match in VARIABLE.finditer(TEXT) if match[2] == ":?"}
    assert demanded == set(given())  # without .env nothing starts


@pytest.mark.parametrize("name", OURS)
def test_settings_of_our_services_exist(name: str) -> None:
    variables = filled(SERVICES[name]["environment"], given())
    load_settings(Path("none"), variables)  # Faults: no such setting, or a value that is none
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


# -- the shell parts, run ---------------------------------------------------------------------------------------------


@dataclass
class Server:
    """Answers every request with `status`; keeps (method, path, authorization, body)."""

    status: int = 200
    requests: list[tuple[str, str, str, str]] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def server() -> Iterator[Server]:
    kept = Server()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            _, _, encoded = self.headers.get("Authorization", "").partition(" ")
            kept.requests.append((self.command, self.path, base64.b64decode(encoded).decode(), body))
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD = do_PUT = answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        kept.port = http.server_port
        thread = Thread(target=http.serve_forever, args=(0.02,))
        thread.start()
        yield kept
        http.shutdown()
        thread.join()


def shell(script: str, variables: dict[str, str]) -> int:
    """The exit code of `script` as the container would run it."""
    run = subprocess.run(
        ["/bin/bash", "-euc", script], env={"PATH": os.environ["PATH"], **variables}, capture_output=True, timeout=30
    )
    return run.returncode


def test_the_users_are_made(server: Server) -> None:
    service = filled(SERVICES["users"], given())
    assert service["entrypoint"] == ["/bin/bash", "-euc"]
    [script] = service["command"]
    secrets = service["environment"]
    assert shell(script.replace("elasticsearch:9200", f"127.0.0.1:{server.port}"), secrets) == 0
    asked = {(method, login) for method, _, login, _ in server.requests}
    assert asked == {("PUT", f"elastic:{secrets['ELASTIC_PASSWORD']}")}
    made = {path.removeprefix("/_security/"): json.loads(body) for _, path, _, body in server.requests}
    assert made["user/kibana_system/_password"] == {"password": secrets["KIBANA_PASSWORD"]}
    assert made["user/analyst"] == {"password": secrets["ANALYST_PASSWORD"], "roles": ["editor"]}
    worker = SERVICES["worker"]["environment"]
    login = made[f"user/{worker['ALMENARA_ELASTICSEARCH_USERNAME']}"]
    assert login["password"] == secrets["WORKER_PASSWORD"]
    assert filled(worker["ALMENARA_ELASTICSEARCH_PASSWORD"], secrets) == login["password"]
    [role] = login["roles"]
    assert made[f"role/{role}"]["indices"] == [{"names": ["almenara*"], "privileges": ["all"]}]
    assert load_settings(Path("none"), {}).elasticsearch.prefix == "almenara"


def test_users_that_cannot_be_made_stop_the_start(server: Server) -> None:
    service = filled(SERVICES["users"], given())
    server.status = 500
    script = service["command"][0].replace("elasticsearch:9200", f"127.0.0.1:{server.port}")
    assert shell(script, service["environment"]) != 0
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("name", "port", "status", "well"),
    [
        ("elasticsearch", 9200, 200, True),
        ("elasticsearch", 9200, 401, False),
        ("elasticsearch", 9200, 408, False),
        ("kibana", 5601, 302, True),
        ("kibana", 5601, 503, False),
    ],
)
def test_health_checks_tell(server: Server, name: str, port: int, status: int, well: bool) -> None:
    server.status = status
    service = filled(SERVICES[name], given())
    script = service["healthcheck"]["test"][1].replace(f"localhost:{port}", f"127.0.0.1:{server.port}")
    assert (shell(script, {"ELASTIC_PASSWORD": "right"}) == 0) is well
    [(_, _, login, _)] = server.requests
    assert login == ("elastic:right" if name == "elasticsearch" else "")


def test_the_health_check_of_workers_asks_whether_the_lock_s_process_lives(tmp_path: Path) -> None:
    script = filled(SERVICES["worker"]["healthcheck"]["test"][1], {})
    lock = tmp_path / "daemon.lock"
    script = script.replace("/var/lib/almenara/daemon.lock", str(lock))
    assert shell(script, {}) != 0
    lock.write_text(str(os.getpid()))
    assert shell(script, {}) == 0
    gone = subprocess.Popen(["true"])
    gone.wait()
    lock.write_text(str(gone.pid))
    assert shell(script, {}) != 0


# -- almenara init --compose -------------------------------------------------------------------------------------------


def test_init_makes_all_that_compose_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "deploy"
    init_compose(folder)
    said = capsys.readouterr().out
    assert (folder / "docker-compose.yml").read_text(encoding="utf-8") == TEXT
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    check(folder / "config", as_json=True)
    assert json.loads(capsys.readouterr().out)["ok"]
    assert "docker compose up" in said
    written = dict(line.split("=", 1) for line in (folder / ".env").read_text().splitlines() if "=" in line)
    assert written["IMAGE"] == f"almenara:{__version__}"
    assert not [value for key, value in written.items() if key != "IMAGE" and value in said]


def test_init_leaves_alone_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".env").write_text("MINE=1\n")
    (tmp_path / "config").mkdir()
    init_compose(tmp_path)
    assert (tmp_path / ".env").read_text() == "MINE=1\n"
    assert list((tmp_path / "config").iterdir()) == []
    before = (tmp_path / "docker-compose.yml").stat()
    init_compose(tmp_path)
    assert (tmp_path / "docker-compose.yml").stat() == before
    assert capsys.readouterr().out.count("which already exists") == 5


def test_passwords_are_strong_and_of_one_folder() -> None:
    one, other = given(), given()
    secrets = set(one) - {"IMAGE"}
    for name in secrets:
        assert re.fullmatch(r"[A-Za-z0-9]{40,}", one[name]), (
            name
        )  # nothing that a shell, YAML, JSON or a URL would take
        assert one[name] != other[name]
    assert len({one[name] for name in secrets}) == len(secrets)


# -- the image --------------------------------------------------------------------------------------------------------


def test_the_image_is_pinned_and_runs_as_nobody_in_particular() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.1[1-4]\.\d+-slim-\w+", bases[0])
    [user] = re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)
    assert f"useradd --uid {user}" in DOCKERFILE
    assert re.search(r"setuptools==[\d.]+ --hash=sha256:[0-9a-f]{64}", DOCKERFILE)
    installs = re.findall(r"pip\b.* install (.*?)(?: \\| -r|$)", DOCKERFILE, re.MULTILINE)
    assert len(installs) == 3
    assert all("--require-hashes" in options or "--no-index" in options for options in installs)


def test_the_image_s_settings_and_folders_are_those_of_compose() -> None:
    block = re.search(r"^ENV PATH=(.*?)\n(?! )", DOCKERFILE, re.MULTILINE | re.DOTALL)
    assert block
    variables = dict(re.findall(r"(\w+)=(\S+)", block[1]))
    load_settings(Path("none"), {key: value for key, value in variables.items() if key.startswith(PREFIX)})
    for name in OURS:
        mounts = SERVICES[name]["volumes"]
        assert f"./config:{variables['ALMENARA_CONFIG']}:ro" in mounts
        assert variables["ALMENARA_DATA"] in mounts
    assert f"VOLUME {variables['ALMENARA_DATA']}" in DOCKERFILE


def test_the_build_gets_what_it_needs_and_no_secret() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert next(line for line in lines if not line.startswith("#")) == "*"
    sent = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = set(re.findall(r"^COPY (\w[\w.-]*) /", DOCKERFILE, re.MULTILINE))
    assert copied <= sent
    assert {"pyproject.toml", "README.md", "pipeline", "agents", "config", "docker-compose.yml"} <= sent
    assert all((ROOT / name).exists() for name in sent)
    assert not [name for name in sent if name.startswith(".")]


def test_the_package_has_every_file_that_is_no_python() -> None:
    """What pyproject.toml's patterns leave out is missing where the project is installed and not checked out."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    patterns = options["package-data"]["*"]
    files = [
        Path(folder) / name
        for top in ("pipeline", "agents")
        for folder, _, names in os.walk(ROOT / top, followlinks=True)
        for name in names
        if not name.endswith(".py") and "__pycache__" not in folder
    ]
    assert len(files) > 30
    assert not [file for file in files if not any(fnmatch(file.name, pattern) for pattern in patterns)]


def test_nothing_reaches_out_of_the_package() -> None:
    """What lies at the top of the source is found through pipeline/shipped, which an installed package has too."""
    for file in (ROOT / "pipeline").rglob("*.py"):
        depth = len(file.relative_to(ROOT / "pipeline").parts)
        for steps in re.findall(r"__file__\)(?:\.resolve\(\))?\.parents\[(\d+)\]", file.read_text(encoding="utf-8")):
            assert int(steps) < depth, file
