"""Reads the settings from almenara.toml and environment variables. Reports every fault at once.

`[fetch] timeout` is `ALMENARA_FETCH_TIMEOUT` in the environment, which wins; with `_FILE` appended, the value is read
from that file (for secrets). Durations are numbers of seconds or "90s", "15m", "6h", "7d"; sizes are bytes or "10MB".
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pipeline.config.read_toml import is_there, read_toml
from pipeline.config.settings import Section, Settings
from pipeline.core.faults import Fault, Faults, did_you_mean
from pipeline.core.toml_reader import TomlFile
from pipeline.core.wording import Text

PREFIX = "ALMENARA_"
#: Variables with the prefix that are not settings but control tests and the command line. Those of the test suite
#: (docs/testing.md) have their own prefix.
NOT_SETTINGS = {"ALMENARA_FAILPOINT", "ALMENARA_FAILPOINT_TRACE", "ALMENARA_CONFIG", "ALMENARA_PYTHON"}
TESTS = "ALMENARA_TEST_"
#: The usual names in deployments, for the settings that a deployment must have; those with the prefix win.
SHORT = {"LOG_URL": ("log_url",), "INDEX_URL": ("index_url",), "KIBANA_URL": ("kibana", "url")}
SECRETS = {"password", "api_key", "heartbeat_url"}
_HINT = Text("config/almenara.toml lists all settings")


class _Override(NamedTuple):
    variable: str
    value: str


def load_settings(file: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of `file` (the defaults, if it does not exist), overridden by the environment. Raises Faults."""
    faults: list[Fault] = []
    toml = TomlFile(file.name, {})
    if is_there(file):
        try:
            toml = read_toml(file)
        except Faults as error:
            faults += error.faults
    overrides, more = _from_environment(environment)
    faults += more
    try:
        settings = Settings.model_validate(_merged(toml.data, overrides))
    except ValidationError as error:
        faults += [_fault(toml, details, overrides) for details in error.errors()]
    if faults:
        raise Faults(tuple(faults))
    return settings


def settings_of(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings, with `data` absolute: it is relative to the parent of the configuration folder. Raises Faults."""
    check_exists(folder)
    settings = load_settings(folder / "almenara.toml", environment)
    return settings.model_copy(update={"data": folder.resolve().parent / settings.data})


def check_exists(folder: Path) -> None:
    if not folder.is_dir():
        hint = "create it with `almenara init`, or name another with --config"
        raise Faults((Fault(str(folder), "", "no such folder", hint),))


def setting_paths() -> list[tuple[str, ...]]:
    """The path of every setting: ("data",), ("fetch", "timeout")."""
    paths: list[tuple[str, ...]] = []
    for key, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            paths += [(key, inner) for inner in kind.model_fields]
        else:
            paths.append((key,))
    return paths


def _from_environment(environment: Mapping[str, str]) -> tuple[dict[tuple[str, ...], _Override], list[Fault]]:
    """The values by the path of their setting, and faults for unknown variables."""
    paths = {f"{PREFIX}{'_'.join(path)}".upper(): path for path in setting_paths()}
    found = {path: _Override(name, environment[name]) for name, path in SHORT.items() if name in environment}
    faults = []
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or variable.startswith(TESTS) or variable in NOT_SETTINGS:
            continue
        if variable in paths:
            found[paths[variable]] = _Override(variable, value)
        elif variable.removesuffix("_FILE") in paths:
            try:
                secret = Path(value).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                faults.append(Fault("environment", variable, Text("{}: {}", value, str(error)), "name a readable file"))
            else:
                found[paths[variable.removesuffix("_FILE")]] = _Override(variable, secret)
        else:
            faults.append(Fault("environment", variable, "no such setting", did_you_mean(variable, paths, _HINT)))
    return found, faults


def _merged(values: Mapping[str, Any], overrides: Mapping[tuple[str, ...], _Override]) -> dict[str, Any]:
    merged = {key: dict(value) if isinstance(value, dict) else value for key, value in values.items()}
    for path, override in overrides.items():
        if len(path) == 1:
            merged[path[0]] = override.value
        elif isinstance(section := merged.setdefault(path[0], {}), dict):
            section[path[1]] = override.value
    return merged


def _fault(toml: TomlFile, error: ErrorDetails, overrides: Mapping[tuple[str, ...], _Override]) -> Fault:
    """The fault for an error of pydantic, with its line in the file or its environment variable."""
    path = error["loc"]
    key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
    if error["type"] == "extra_forbidden":
        hint = did_you_mean(key, map(".".join, setting_paths()), _HINT)
        return Fault(toml.name, key, "no such setting", hint, toml.line(path))
    reason = error["msg"].removeprefix("Value error, ")
    # The message never contains secrets or whole sections.
    if not (isinstance(error["input"], dict) or path[-1] in SECRETS or "@" in str(error["input"])):
        reason = Text("{} (given: {!r})", reason, error["input"])
    for where, override in overrides.items():
        if where[: len(path)] == path[: len(where)]:
            name = override.variable if where == path[: len(where)] else key
            return Fault("environment", name, reason)
    return Fault(toml.name, key, reason, line=toml.line(path))
