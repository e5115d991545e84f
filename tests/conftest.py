"""The real servers that tests ask for, by fixture; docs/testing.md. A run in which no test asks starts none."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings

from tests.services.install import Failed, Missing, missing
from tests.services.servers import Elasticsearch, Kafka, Server
from tests.services.shared import Shared

# Examples have no deadline: on a busy machine any can take long. Tests of speed measure CPU time instead.
# They are the same in every run, so that a change fails for what it changed; ALMENARA_TEST_RANDOM=1 tries others.
settings.register_profile("almenara", deadline=None, derandomize="ALMENARA_TEST_RANDOM" not in os.environ)
settings.load_profile("almenara")

SHARED = pytest.StashKey[Shared]()
WANTING = "no real server: "  # opens the reason of every test skipped for want of one
S = TypeVar("S", bound=Server)
REQUIRED = os.environ.get("ALMENARA_TEST_SERVICES") == "required"


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", None)
    config.stash[SHARED] = Shared(Path(given["almenara"])) if given else Shared.begin()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """An xdist hook: pass options to a worker before it starts."""
    node.workerinput["almenara"] = str(node.config.stash[SHARED].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if SHARED in config.stash and not hasattr(config, "workerinput"):
        config.stash[SHARED].end()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "figure":  # what a test counted, by `record_property`
                terminalreporter.write_line(value)
    reasons = [report.longrepr[2] for report in terminalreporter.stats.get("skipped", []) if report.longrepr]
    wanting = [reason.split(WANTING, 1)[1] for reason in reasons if WANTING in reason]
    if wanting:
        terminalreporter.write_line(
            f"NOT TESTED: {len(wanting)} tests had no real server: {'; '.join(sorted(set(wanting)))}",
            red=True,
            bold=True,
        )


def _needed(service: str) -> None:
    """Ends the test, by skip or failure, where `service` cannot be started."""
    if reason := missing(service):
        reason = f"{WANTING}{service.title()}: {reason}, or name a server in ALMENARA_TEST_{service.upper()}"
        if REQUIRED:
            pytest.fail(f"{reason} (ALMENARA_TEST_SERVICES=required allows no skip)", pytrace=False)
        pytest.skip(reason)


def _url(config: pytest.Config, service: str) -> str:
    if given := os.environ.get(f"ALMENARA_TEST_{service.upper()}"):
        return given.rstrip("/")
    _needed(service)
    try:
        return config.stash[SHARED].url(service)
    except (Missing, Failed) as reason:
        pytest.fail(f"{service.title()} could not be started: {reason}", pytrace=False)


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> str:
    """The URL of the broker that the run shares; take topic and group names from `prefix`."""
    return _url(pytestconfig, "kafka")


@pytest.fixture(scope="session")
def elasticsearch(pytestconfig: pytest.Config) -> str:
    """The URL of the node that the run shares; take index, alias and template names from `prefix`."""
    return _url(pytestconfig, "elasticsearch")


@pytest.fixture
def prefix(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> str:
    """Opens the names of one test's topics, groups and indices: other tests and runs have others."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:30].strip("-")
    digest = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:8]
    return f"t-{pytestconfig.stash[SHARED].run}-{words}-{digest}."


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Kafka]:
    """A broker of the test's own, running, to be stopped, killed and started again."""
    yield from _own("kafka", Kafka(tmp_path / "kafka"))


@pytest.fixture
def own_elasticsearch(tmp_path: Path) -> Iterator[Elasticsearch]:
    """A node of the test's own, running, to be stopped, killed and started again."""
    yield from _own("elasticsearch", Elasticsearch(tmp_path / "elasticsearch"))


def _own(service: str, server: S) -> Iterator[S]:
    _needed(service)
    with server:
        yield server
