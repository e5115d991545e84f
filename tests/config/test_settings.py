"""The shipped almenara.toml documents every setting, with the default that is in force."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from pipeline.backends.http import HttpOptions
from pipeline.backends.index_elastic import ElasticOptions
from pipeline.backends.log_kafka import KafkaOptions
from pipeline.config.read_settings import setting_paths
from pipeline.config.settings import Clean, Elasticsearch, Fetch, Kafka, Poll, Section, Settings
from pipeline.core.timing.next_poll import Pacing
from pipeline.core.toml_reader import TomlFile
from pipeline.stages.clean import CleanOptions
from pipeline.stages.poll import PollOptions

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


@pytest.mark.parametrize(
    ("options", "section"),
    [
        (CleanOptions, Clean),
        (ElasticOptions, Elasticsearch),
        (HttpOptions, Fetch),
        (KafkaOptions, Kafka),
        (Pacing, Poll),
        (PollOptions, Poll),
    ],
)
def test_options_have_no_defaults_of_their_own_for_settings(options: type, section: type[Section]) -> None:
    settings = [field for field in fields(options) if field.name in section.model_fields]
    assert settings
    assert not [
        field.name for field in settings if field.default is not MISSING or field.default_factory is not MISSING
    ]
