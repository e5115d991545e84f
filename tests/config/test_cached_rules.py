"""Rules from the cache are the rules of the files."""

import shutil
from pathlib import Path

import pytest

from pipeline.config.cached_rules import COMPILED, TOPICS
from pipeline.config.file_cache import FileCache
from pipeline.config.folder import rules_of
from pipeline.core.faults import Faults
from pipeline.core.tagging.judged import judge_article
from pipeline.core.topics.judge import RuleSet
from tests.builders import STRIKE_TOPIC

ENGLISH = """
[strike]
terms = ["strike*", "{port} workers <3> walk out"]
[port]
terms = ["port"]
unless = ["port wine"]
[[must_match]]
text = "A strike at the port."
[[must_not_match]]
text = "The port."
"""
DUTCH = '[strike]\nterms = ["staking"]\n[port]\nterms = ["haven"]\n'
TEXTS = (("en", "Strike at the port."), ("en", "Port workers now walk out."), ("nl", "Staking in de haven."),
         (None, "Staking in de haven."), ("de", "Strike at the port."))  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config" / "topics" / "strike"
    folder.mkdir(parents=True)
    (tmp_path / "data").mkdir()
    for name, text in {"topic": STRIKE_TOPIC, "en": ENGLISH, "nl": DUTCH}.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return tmp_path / "config"


@pytest.fixture
def cache(tmp_path: Path) -> FileCache:
    return FileCache(tmp_path / "data" / "cache")


def judged(rules: RuleSet) -> list[object]:
    return [judge_article(rules, "", text, language).tags for language, text in TEXTS]


def kinds(cache: FileCache) -> set[str]:
    return {file.name.split("-")[0] for file in cache.folder.iterdir()}


def test_the_second_time_they_come_from_the_cache(config: Path, cache: FileCache) -> None:
    parsed = rules_of(config)
    first, second = rules_of(config, cache=cache), rules_of(config, cache=cache)
    assert kinds(cache) == {TOPICS, COMPILED}
    assert second.stored
    assert parsed.hash == first.hash == second.hash
    assert parsed.rules.topics == second.rules.topics
    assert dict(parsed.rules.concepts) == dict(second.rules.concepts)
    assert judged(parsed) == judged(first) == judged(second)


def test_a_changed_file_is_read_again(config: Path, cache: FileCache) -> None:
    before = rules_of(config, cache=cache)
    (config / "topics" / "strike" / "nl.toml").write_text(DUTCH.replace("haven", "kade"), "utf-8")
    after = rules_of(config, cache=cache)
    assert after.hash != before.hash
    assert judged(after) == judged(rules_of(config)) != judged(before)
    (config / "topics" / "strike" / "nl.toml").write_text("x", "utf-8")
    with pytest.raises(Faults):
        rules_of(config, cache=cache)


@pytest.mark.parametrize(("kind", "content"), [(TOPICS, b""), (COMPILED, b""), (TOPICS, b"\x81\xa1x\x01")])
def test_damaged_files_are_replaced(config: Path, cache: FileCache, kind: str, content: bytes) -> None:
    rules_of(config, cache=cache)
    [file] = cache.folder.glob(f"{kind}-*")
    if content:
        cache.write(kind, file.name.removeprefix(f"{kind}-"), content)  # whole, but something else
    else:
        file.write_bytes(content)
    assert judged(rules_of(config, cache=cache)) == judged(rules_of(config))


def test_files_deleted_meanwhile_are_made_again(config: Path, cache: FileCache) -> None:
    rules_of(config, cache=cache)
    found = rules_of(config, cache=cache)
    shutil.rmtree(cache.folder)
    assert judged(found) == judged(rules_of(config))


def test_no_data_folder_is_made(config: Path, cache: FileCache) -> None:
    cache.folder.parent.rmdir()
    assert judged(rules_of(config, cache=cache)) == judged(rules_of(config))
    assert not cache.folder.parent.exists()
    rules_of(config, cache=cache, create_cache=True)
    assert kinds(cache) == {TOPICS, COMPILED}
