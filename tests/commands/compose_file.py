"""The shipped docker-compose.yml and Dockerfile, read for tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from pipeline.commands.init import environment

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
    "image": str, "hostname": r"[a-z]+", "restart": r"no|unless-stopped", "command": list, "entrypoint": list,
    "environment": dict, "volumes": list, "networks": list, "ports": list, "profiles": list, "depends_on": dict,
    "healthcheck": dict, "logging": dict, "ulimits": dict, "security_opt": list, "cap_drop": list, "tmpfs": list,
    "init": bool, "read_only": bool, "stop_grace_period": DURATION, "mem_limit": MEMORY,
}  # fmt: skip
HEALTH: dict[str, Any] = {
    "test": list, "interval": DURATION, "timeout": DURATION, "retries": int, "start_period": DURATION,
}  # fmt: skip


def generated() -> dict[str, str]:
    """The variables of a new .env."""
    return dict(line.split("=", 1) for line in environment().splitlines() if line and not line.startswith("#"))


def filled(value: Any, variables: dict[str, str]) -> Any:
    """`value` with its variables substituted, as Compose does it."""
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
