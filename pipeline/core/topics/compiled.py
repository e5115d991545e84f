"""Encodes compiled rules as bytes, so that another process or the next start need not parse and compile them.

The bytes are plain data as msgpack, decoded with types: nothing in them is executed. They repeat the names of
concepts and every worker process gets them all, so they are compressed, to a quarter.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

import msgspec

from pipeline.core.topics.compile import compile_data
from pipeline.core.topics.lexicon import Lexicon, LexiconData
from pipeline.core.topics.rules import Concept, Rules, TopicRule

FAST = 1  # level of compression: the best one saves another sixth and takes four times as long

T = TypeVar("T")


class DamagedRules(ValueError):
    """The bytes are not encoded rules."""


class _Topics(msgspec.Struct, array_like=True):
    hash: str
    topics: tuple[TopicRule, ...]
    languages: tuple[str, ...]


class _Rules(msgspec.Struct, array_like=True):
    """Each part is msgpack, decoded when needed; all but the topics are compressed."""

    topics: bytes
    concepts: bytes
    lexicons: dict[str, bytes]


def encode_topics(rules: Rules) -> bytes:
    """The rules without concepts and lexicons, encoded."""
    return msgspec.msgpack.encode(_Topics(rules.hash, rules.topics, rules.languages))


def encode_rules(rules: Rules) -> bytes:
    """The rules with concepts and the lexicon of each language, encoded."""
    compiled = {code: msgspec.msgpack.encode(compile_data(rules, code)) for code in rules.languages}
    lexicons = {code: zlib.compress(data, FAST) for code, data in compiled.items()}
    concepts = zlib.compress(msgspec.msgpack.encode(dict(rules.concepts)), FAST)
    return msgspec.msgpack.encode(_Rules(encode_topics(rules), concepts, lexicons))


def _decode(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise DamagedRules(str(error)) from error


def _decompress(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error as error:
        raise DamagedRules(str(error)) from error


class StoredRules:
    """Rules decoded from the bytes of `encode_rules`, which `load` returns when first needed. Every method raises
    DamagedRules if they are damaged."""

    def __init__(self, load: Callable[[], bytes]) -> None:
        self._load = load

    @property
    def data(self) -> bytes:
        """The bytes, loaded again each time: they are large and not kept."""
        return self._load()

    @cached_property
    def _parts(self) -> _Rules:
        return _decode(self._load(), _Rules)

    @cached_property
    def concepts(self) -> Mapping[str, Concept]:
        return _decode(_decompress(self._parts.concepts), dict[str, Concept])

    def rules(self, topics: bytes | None) -> Rules:
        """The rules. With `topics`, from `encode_topics`, nothing is loaded yet. Concepts are decoded when used."""
        found = _decode(self._parts.topics if topics is None else topics, _Topics)
        return Rules(found.hash, found.topics, _Concepts(self), found.languages)

    def lexicon(self, language: str | None) -> Lexicon | None:
        """The lexicon for a language; None if not stored."""
        data = self._parts.lexicons.pop(language or "", None)  # asked for once; the bytes are no longer needed
        return Lexicon.of(_decode(_decompress(data), LexiconData)) if data is not None else None


class _Concepts(Mapping[str, Concept]):
    def __init__(self, stored: StoredRules) -> None:
        self._stored = stored

    def __getitem__(self, key: str) -> Concept:
        return self._stored.concepts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored.concepts)

    def __len__(self) -> int:
        return len(self._stored.concepts)
