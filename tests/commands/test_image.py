"""The Docker image and the package, as far as they can be checked without Docker."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

from pipeline.config.read_settings import PREFIX, load_settings
from tests.commands.compose_file import DOCKERFILE, OURS, ROOT, SERVICES


def test_the_image_is_pinned_and_runs_as_nobody_in_particular() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.1[1-4]\.\d+-slim-\w+", bases[0])
    [user] = re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)
    assert f"useradd --uid {user}" in DOCKERFILE
    installs = re.findall(r"pip\b.* (?:install|wheel) (.*?)(?: \\| -r|$)", DOCKERFILE, re.MULTILINE)
    assert len(installs) == 6
    assert all(re.search("--require-hashes|--no-index|/source", options) for options in installs)


def test_only_the_first_stage_has_a_compiler_and_only_what_has_no_wheel_needs_it() -> None:
    _, build, final = DOCKERFILE.split("\nFROM ")
    assert "gcc" in build
    assert not re.search("gcc|apt-get|pip", final)
    assert set(re.findall(r"--no-binary (\S+)", build)) == {"faust-streaming"}
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    [block] = re.findall(r"^faust-streaming==(?:.*\\\n)+.*[^\\]\n", locked, re.MULTILINE)
    for flags, pattern in (("-n", "p"), ("", "d")):  # what the Dockerfile does with sed
        command = ["sed", *flags.split(), rf"/^faust-streaming==/,/[^\\]$/{pattern}", str(ROOT / "requirements.lock")]
        assert rf"/^faust-streaming==/,/[^\\]$/{pattern}" in build
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert out == (block if pattern == "p" else locked.replace(block, ""))
    needed = {"setuptools", "setuptools-scm", "cython", "wheel"}
    tools = (ROOT / "requirements-build.lock").read_text(encoding="utf-8")
    assert needed <= set(re.findall(r"^([\w-]+)==\S+ \\\n    --hash=sha256:", tools, re.MULTILINE))


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


def test_the_image_asks_the_daemon_for_its_health() -> None:
    [check] = re.findall(r"^HEALTHCHECK .*CMD (.*)$", DOCKERFILE, re.MULTILINE)
    assert json.loads(check) == SERVICES["worker"]["healthcheck"]["test"][1:]


def test_the_build_gets_what_it_needs_and_no_secret() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert next(line for line in lines if not line.startswith("#")) == "*"
    sent = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = {name for names in re.findall(r"^COPY (\w[\w. -]*) /", DOCKERFILE, re.MULTILINE) for name in names.split()}
    assert "requirements-build.lock" in copied
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
