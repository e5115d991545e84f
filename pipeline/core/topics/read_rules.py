"""Reads and validates the topic folders, config/topics/*/*.toml, and reports all faults at once.

A topic is a folder: `topic.toml` declares its concepts and patterns; `es.toml` has its terms and examples in Spanish.
Folders whose names begin with `_` hold concepts that topics share, declared in `concepts.toml`. docs/topics.md
describes the format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.core.faults import Fault, Faults
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.read_concepts import Folder
from pipeline.core.topics.read_topic import read_topic
from pipeline.core.topics.rules import ANY, Concept, Rules
from pipeline.core.topics.spoken import with_languages
from pipeline.core.wording import Text


def read_rules(files: Iterable[TomlFile], *, trained: bool = True) -> Rules:
    """Rules from files named by their path in the configuration, such as `topics/strike/es.toml`. Without `trained`
    the weights of verifiers, verifier.toml, are neither needed nor read. Raises Faults."""
    faults: list[Fault] = []
    files = sorted(files, key=lambda file: file.name)
    folders = _folders(files, faults, trained)
    shared = _shared_keys(folders)
    for folder in folders:
        folder.known = shared | folder.own_keys()
    concepts = {concept.key: concept for folder in folders for concept in folder.read_concepts()}
    topics = tuple(read_topic(folder) for folder in folders if not folder.shared)
    ordered = _in_order(concepts, faults)
    if faults:
        raise Faults(tuple(faults))
    languages = sorted({language for concept in concepts.values() for language in concept.terms} - {ANY})
    return Rules(rules_hash(files), with_languages(topics, ordered, languages), ordered, tuple(languages))


def rules_hash(files: Iterable[TomlFile]) -> str:
    """Hash of what the files say; their layout, and the order of files and of terms, do not matter."""
    content = {file.name.removeprefix("topics/"): _unordered(file.data) for file in files}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:16]


def _unordered(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {name: _unordered(inner, name) for name, inner in value.items()}
    return sorted(value) if key in ("terms", "unless") else value


def _folders(files: Iterable[TomlFile], faults: list[Fault], trained: bool) -> list[Folder]:
    found: dict[str, list[TomlFile]] = {}
    for file in files:
        folders = file.name.removeprefix("topics/").split("/")[:-1]
        if len(folders) == 1:
            found.setdefault(folders[0], []).append(file)
        else:
            hint = Text("a topic is a folder: strike/topic.toml, and strike/es.toml for its Spanish terms")
            faults.append(Fault(file.name, "", "is not in the folder of a topic", hint))
    return [Folder.of(name, members, faults, trained=trained) for name, members in found.items()]


def _shared_keys(folders: Iterable[Folder]) -> dict[str, str]:
    """Name -> key of the shared concepts. Adds a fault for a name that two folders declare."""
    first: dict[str, Folder] = {}
    for folder in folders:
        for name in folder.concepts if folder.shared else ():
            if first.setdefault(name, folder) is not folder:
                place = first[name].main.reader.file.name
                folder.declared.fault(name, Text("is also in {}", place), "give one of them another name")
    return {name: name for name in first}


def _in_order(concepts: Mapping[str, Concept], faults: list[Fault]) -> dict[str, Concept]:
    """The concepts, each after those it refers to. Adds a fault if concepts refer to each other."""
    ordered: dict[str, Concept] = {}
    waiting = dict(concepts)
    while waiting:
        ready = [key for key, concept in waiting.items() if not (concept.needs() & waiting.keys())]
        if not ready:
            reason = Text("need each other, in a circle: {}", ", ".join(sorted(waiting)))
            faults.append(Fault("topics", "concepts", reason, "take one out of the terms of another"))
            break
        for key in ready:
            ordered[key] = waiting.pop(key)
    return ordered
