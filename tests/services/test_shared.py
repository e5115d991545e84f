"""A test run has one server of each kind, none if no test asks, and leaves none behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from tests.services.install import missing

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.slow
ASKING = """
import os, time
from pathlib import Path
import pytest

@pytest.mark.parametrize("number", range(4))
def test_asks(kafka, prefix, number, worker_id):
    note = Path(os.environ["NOTES"], f"{worker_id}-{number}")
    note.with_suffix(".part").write_text(f"{kafka} {prefix}")
    note.with_suffix(".part").rename(note.with_suffix(".note"))
    time.sleep(float(os.environ["SLEEP"]))
"""


def pytest_run(folder: Path, *options: str, sleep: float = 0, **environment: str) -> subprocess.Popen[str]:
    """Run pytest on four tests that ask for the broker and note what they get."""
    (folder / "test_asking.py").write_text(ASKING)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("ALMENARA_TEST_", "PYTEST_"))}
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", *options),
            *("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), str(folder / "test_asking.py")),
        ],
        cwd=ROOT,
        env=own | {"NOTES": str(folder), "SLEEP": str(sleep), "TMPDIR": str(folder)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def notes(folder: Path) -> list[list[str]]:
    return [note.read_text().split() for note in sorted(folder.glob("*.note"))]


def answers(url: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.fixture
def _startable() -> None:
    """Skip unless a run can start servers itself."""
    if reason := missing("kafka"):
        if os.environ.get("ALMENARA_TEST_SERVICES") == "required":
            pytest.fail(reason)
        pytest.skip(f"no real server: Kafka: {reason}")


@pytest.mark.usefixtures("_startable")
def test_workers_share_one_server_which_ends_with_the_run(tmp_path: Path) -> None:
    with pytest_run(tmp_path, "-n", "2", sleep=1) as run:
        output, _ = run.communicate(timeout=120)
    assert run.returncode == 0, output
    given = notes(tmp_path)
    assert len({note.name.split("-")[0] for note in tmp_path.glob("*.note")}) == 2, "both workers had a test"
    assert len({url for url, _ in given}) == 1
    assert len({prefix for _, prefix in given}) == 4
    assert not answers(given[0][0])
    assert not list(tmp_path.glob("almenara-tests-*")), "its data are removed"


@pytest.mark.usefixtures("_startable")
@pytest.mark.parametrize("workers", ["0", "2"])
def test_no_server_outlives_a_run_that_is_killed(tmp_path: Path, workers: str) -> None:
    with pytest_run(tmp_path, "-n", workers, sleep=600) as run:
        try:
            end = time.monotonic() + 120
            while not notes(tmp_path):
                assert time.monotonic() < end
                time.sleep(0.1)
            url = notes(tmp_path)[0][0]
            assert answers(url)
            run.kill()  # the workers live on for a while
            end = time.monotonic() + 30
            while answers(url):
                assert time.monotonic() < end, "still there after 30 s"
                time.sleep(0.1)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)


def test_a_server_that_is_named_is_used(tmp_path: Path) -> None:
    with pytest_run(tmp_path, "-n", "0", ALMENARA_TEST_KAFKA="kafka://192.0.2.1:9092") as run:
        output, _ = run.communicate(timeout=60)
    assert run.returncode == 0, output
    assert {url for url, _ in notes(tmp_path)} == {"kafka://192.0.2.1:9092"}


def test_what_is_missing_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest_run(tmp_path, "-n", "2", PATH="", XDG_CACHE_HOME=str(tmp_path)) as run:
        output, _ = run.communicate(timeout=60)
    assert run.returncode == 0
    [line] = [line for line in output.splitlines() if line.startswith("NOT TESTED: 4 tests ")]
    assert "install" in line
    assert "ALMENARA_TEST_KAFKA" in line


def test_a_skip_is_a_failure_where_servers_are_required(tmp_path: Path) -> None:
    with pytest_run(
        tmp_path, "-n", "0", ALMENARA_TEST_SERVICES="required", PATH="", XDG_CACHE_HOME=str(tmp_path)
    ) as run:
        output, _ = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "4 errors" in output
    assert "allows no skip" in output


@pytest.mark.usefixtures("_startable")
def test_servers_for_developers_stay_until_they_are_stopped(tmp_path: Path) -> None:
    def command(what: str) -> list[str]:
        call = [sys.executable, "-m", "tests.services", what, str(tmp_path / "servers")]
        return subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=True, timeout=240).stdout.split()

    try:
        kafka, elasticsearch = command("start")
        assert answers(kafka)
        assert urllib.request.urlopen(f"{elasticsearch}/_cluster/health").close() is None
        assert command("start") == [kafka, elasticsearch]
    finally:
        assert command("stop") == []
    assert not answers(kafka)
    assert not answers(elasticsearch)
