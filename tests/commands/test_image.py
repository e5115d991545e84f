"""The Docker image and the package, as far as they can be checked without Docker."""

from __future__ import annotations

import json
import os
import re
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


def test_the_image_asks_the_daemon_for_its_health() -> None:
    [check] = re.findall(r"^HEALTHCHECK .*CMD (.*)$", DOCKERFILE, re.MULTILINE)
    assert json.loads(check) == SERVICES["worker"]["healthcheck"]["test"][1:]


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
