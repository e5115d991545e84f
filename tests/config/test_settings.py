"""The shipped almenara.toml documents every setting, with the default that is in force."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.config.read_settings import setting_paths
from pipeline.config.settings import Settings
from pipeline.core.toml_reader import TomlFile

SHIPPED = Path(__file__).parents[2] / "config" / "almenara.toml"
#: The shipped file with every setting switched on.
SHOWN = TomlFile.parse("almenara.toml", re.sub(rb"(?m)^# (\w+ = )", rb"\1", SHIPPED.read_bytes())).data


def value_at(values: object, path: tuple[str, ...]) -> object:
    for key in path:
        values = values[key] if isinstance(values, dict) else getattr(values, key)
    return values


@pytest.mark.parametrize("path", setting_paths(), ids=".".join)
def test_the_shipped_file_shows_each_setting_with_its_default(path: tuple[str, ...]) -> None:
    assert value_at(Settings.model_validate(SHOWN), path) == value_at(Settings(), path)
    value_at(SHOWN, path)


def test_the_shipped_file_shows_nothing_else() -> None:
    shown = {(key, inner) for key, table in SHOWN.items() if isinstance(table, dict) for inner in table}
    assert shown | {(key,) for key, value in SHOWN.items() if not isinstance(value, dict)} == set(setting_paths())
