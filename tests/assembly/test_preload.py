"""What worker processes share: from the cache it is the same as built."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.assembly.backup import existing_data
from pipeline.assembly.preload import preload, preload_entry
from pipeline.config.settings import Settings
from pipeline.core.places import gazetteer
from pipeline.core.text import date_names
from pipeline.core.topics.judge import parse_rules
from pipeline.stages import tag
from tests.topic_files import topic_files

TOPIC = {
    "id": "t", "version": 1, "threshold": 0.5, "title": {"en": "T"}, "concepts": {"c": {"en": ["troops"]}},
    "patterns": [{"all": ["c"], "weight": 1.0}], "must_match": [{"text": "x"}], "must_not_match": [{"text": "x"}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _loaded() -> Iterator[None]:
    """What this process has loaded, unchanged afterwards."""
    places, names, rules = list(gazetteer._loaded), list(date_names._loaded), dict(tag._rulesets)
    yield
    gazetteer._loaded[:], date_names._loaded[:] = places, names
    tag._rulesets.clear()
    tag._rulesets.update(rules)


def test_the_second_time_it_comes_from_the_cache(tmp_path: Path) -> None:
    rules = parse_rules(topic_files(TOPIC))
    _, folder, key = preload_entry(Settings(data=tmp_path), rules)
    assert Path(folder) == tmp_path / "cache"
    built = gazetteer.load_gazetteer(), date_names.names_anywhere()
    for _ in range(2):  # writes, then reads
        tag._rulesets.clear()
        preload(folder, key)
        assert tag._rulesets[rules.hash].rules.topics == rules.rules.topics
    assert gazetteer._loaded[0] is not built[0]
    assert (gazetteer.load_gazetteer(), date_names.names_anywhere()) == built
    assert {file.name.split("-")[0] for file in Path(folder).iterdir()} == {"rules", "gazetteer", "months"}


def test_without_the_rules_in_the_cache_the_first_article_brings_them(tmp_path: Path) -> None:
    _, folder, key = preload_entry(Settings(data=tmp_path), parse_rules(topic_files(TOPIC)))
    shutil.rmtree(folder)
    tag._rulesets.clear()
    preload(folder, key)
    assert not tag._rulesets


def test_a_command_without_a_data_folder_makes_none(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "none")
    _, folder, _ = preload_entry(settings, parse_rules(topic_files(TOPIC)))
    assert not settings.data.exists()
    assert list(Path(folder).iterdir())
    shutil.rmtree(folder)


def test_the_cache_is_not_data_that_a_restore_would_overwrite(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    settings.data.mkdir()
    preload_entry(settings, parse_rules(topic_files(TOPIC)))
    assert not existing_data(settings.data)
    (settings.data / "log.sqlite").write_text("")
    assert [path.name for path in existing_data(settings.data)] == ["log.sqlite"]
