"""Caches the compiled topic rules in the data folder until their files change."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from pipeline.config.file_cache import FileCache, program_key
from pipeline.config.read_toml import read_bytes
from pipeline.core.faults import Faults
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.compiled import DamagedRules, encode_topics
from pipeline.core.topics.judge import RuleSet, parse_rules, stored_rules

# Kinds of cached files.
TOPICS = "topics"  # parsed rules: small, read at every start
COMPILED = "rules"  # compiled terms


def cached_rules(folder: Path, names: list[str], cache: FileCache, *, create: bool) -> RuleSet | None:
    """The rules in the files `names` of the configuration folder. Raises Faults.

    None if a file cannot be read, or if there is no cache and `create` is false.
    """
    if not create and not cache.folder.parent.is_dir():
        return None
    try:
        contents = {name: read_bytes(folder / name, name) for name in names}
    except Faults:
        return None
    key = _key_of(contents)
    found = _found(cache, key, contents)
    if found is None:
        found = parse_rules(TomlFile.parse(name, content) for name, content in contents.items())
        store_rules(found, cache)
        cache.write(TOPICS, key, encode_topics(found.rules))
    return found


def store_rules(rules: RuleSet, cache: FileCache) -> str:
    """Write the compiled rules to the cache unless they are there; return their key."""
    key = _compiled_key(rules.hash)
    if not cache.has(COMPILED, key):
        cache.write(COMPILED, key, rules.encoded())
    return key


def _found(cache: FileCache, key: str, contents: Mapping[str, bytes]) -> RuleSet | None:
    topics = cache.read(TOPICS, key)
    if topics is None:
        return None

    def compiled() -> bytes:
        data = cache.read(COMPILED, _compiled_key(ruleset.hash))
        return data or parse_rules(TomlFile.parse(*item) for item in contents.items()).encoded()

    try:
        ruleset = stored_rules(compiled, topics)
    except DamagedRules:
        return None
    return ruleset if cache.has(COMPILED, _compiled_key(ruleset.hash)) else None


def _compiled_key(rules_hash: str) -> str:
    return f"{rules_hash}-{program_key()}"


def _key_of(contents: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256(program_key().encode())
    for name, content in sorted(contents.items()):
        digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:24]
