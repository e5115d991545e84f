import copy
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.folder import rules_of
from pipeline.core.faults import Faults
from pipeline.core.tagging.examples import checked_rules
from pipeline.core.topics.judge import evaluate
from pipeline.core.topics.read_rules import rules_hash
from tests.topic_files import topic_files

SHARED: dict[str, Any] = {"soldiers": {"en": ["troops", "soldier*"], "es": ["tropas"]}}
TOPIC: dict[str, Any] = {
    "id": "troops",
    "version": 1,
    "threshold": 0.5,
    "title": {"en": "Troops"},
    "concepts": {"entry": {"en": ["entry"], "es": ["ingreso"]}},
    "patterns": [{"all": ["entry", "soldiers"], "weight": 0.5}],
    "must_match": [{"text": "The entry of troops.", "language": "en"}],
    "must_not_match": [{"text": "The entry of goods.", "language": "en"}],
}


def files(**changes: Any) -> dict[str, Any]:
    topic = copy.deepcopy(TOPIC)
    for path, value in changes.items():
        table: Any = topic
        *ways, last = path.split("__")
        for way in ways:
            table = table[int(way)] if way.isdecimal() else table[way]
        table[last] = value
    made = topic_files({**topic, "id": "troops"}, shared=SHARED)
    made["troops/topic.toml"]["id"] = topic["id"]
    return made


def faults(**changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(Faults) as caught:
        checked_rules(files(**changes))
    assert all(f.hint for f in caught.value.faults)
    return [(f.key, f.reason) for f in caught.value.faults]


def test_a_valid_set() -> None:
    rules = checked_rules(files())
    assert [t.id for t in rules.rules.topics] == ["troops"]
    assert rules.hash == rules_hash(files())
    assert rules.hash != checked_rules(files(threshold=0.4)).hash
    assert rules.rules.languages == ("en", "es")


@pytest.mark.parametrize(
    ("change", "key", "reason"),
    [
        ({"id": "other"}, "id", "is 'other'"),
        ({"version": 0}, "version", "missing or below 1"),
        ({"version": "1"}, "version", "is a text"),
        ({"threshhold": 1}, "threshhold", "unknown key"),
        ({"threshold": 0.9}, "threshold", "0.9 cannot be reached"),
        ({"threshold": True}, "threshold", "is true or false"),
        ({"title": {"es": "Tropas"}}, "title.en", "is missing"),
        ({"title": {"en": "T", "xx": "T"}}, "title.xx", "'xx' is no language code"),
        ({"concepts__entry__qq": ["x"]}, "", "'qq' is no language code"),
        ({"concepts__entry__en": []}, "entry.terms", "is not a list with at least one term"),
        ({"concepts__entry__en": ["a", "a"]}, "entry.terms", "'a' stands twice"),
        ({"concepts__entry__en": ["en*"]}, "entry.terms", "'en*': too short a prefix"),
        ({"concepts__entry__en": ["~entr*"]}, "entry.terms", "'~entr*': cannot read '~entr*'"),
        ({"concepts__entry__en": ["~"]}, "entry.terms", "'~': cannot read '~'"),
        ({"concepts__entry__any": ["~entry"]}, "entry.terms", "'~entry': ~entry has forms in one language only"),
        ({"concepts__entry__en": ["en*ry"]}, "entry.terms", "'en*ry': cannot read 'en*ry'"),
        ({"concepts__entry__en": ["!!"]}, "entry.terms", "'!!': cannot read '!!'"),
        ({"concepts__entry__en": ["{nobody}"]}, "entry.terms", "'{nobody}': there is no concept 'nobody'"),
        ({"concepts__entry__en": ["a <99> b"]}, "entry.terms", "'a <99> b': <99> is no gap"),
        ({"concepts__entry__en": ["a <2>"]}, "entry.terms", "'a <2>' has no word to look for"),
        ({"concepts__entry": {}}, "concepts.entry", "has no terms"),
        ({"concepts__entry": {"source": "rivers"}}, "concepts.entry.source", "no data called 'rivers'"),
        ({"concepts__Entry": {"en": ["x"]}}, "concepts.Entry", "not a name"),
        ({"concepts__idle": {"en": ["x"]}}, "concepts.idle", "is used by no pattern and no other concept"),
        ({"concepts__entry__en": ["{entry} x"]}, "concepts", "built on each other in a circle: troops/entry"),
        ({"patterns": []}, "patterns", "is missing"),
        ({"patterns__0__all": ["entry", "foe"]}, "patterns[1].all", "there is no concept 'foe'"),
        ({"patterns__0__all": []}, "patterns[1].all", "names 0 concepts"),
        ({"patterns__0__unless": ["foe"]}, "patterns[1].unless", "there is no concept 'foe'"),
        ({"patterns__0__weight": 2}, "patterns[1].weight", "is missing, 0, or beyond 1"),
        ({"patterns__0__within": "headline"}, "patterns[1].within", "'headline' is no distance"),
        ({"patterns__0__within": 1}, "patterns[1].within", "1 is no distance"),
        ({"patterns__0__within": ["x"]}, "patterns[1].within", "['x'] is no distance"),
        ({"patterns__0__where": "body"}, "patterns[1].where", "'body' is no part of an article"),
        ({"patterns__0__times": 0}, "patterns[1].times", "0 is not possible here"),
        ({"patterns__0__every": 1}, "patterns[1].every", "1 is not possible here"),
        ({"patterns__0__order": True}, "patterns[1].order", "unknown key"),
        ({"must_match": []}, "must_match", "is missing"),
        ({"must_not_match": [{"language": "en"}]}, "must_not_match[1]", "is empty"),
    ],
)
def test_a_fault_has_its_place(change: dict[str, Any], key: str, reason: str) -> None:
    assert (key, reason) in faults(**change)


def test_all_faults_at_once() -> None:
    found = faults(id="x", version=0, extra=1, patterns__0__where="body", concepts__entry__zz=["x"])
    assert {key for key, _ in found} >= {"id", "version", "extra", "patterns[1].where", ""}


def test_a_failing_example_names_score_and_missing_concept() -> None:
    with pytest.raises(Faults) as caught:
        checked_rules(files(must_match=[{"text": "The entry of goods.", "language": "en"}]))
    (fault,) = caught.value.faults
    assert (fault.file, fault.key) == ("troops/en.toml", "must_match[1]")
    assert "scores 0, threshold 0.5" in fault.reason
    assert "soldiers missing" in fault.hint
    with pytest.raises(Faults, match="because of entry 'entry', soldiers 'troops'"):
        checked_rules(files(must_not_match=[{"text": "The entry of troops.", "language": "en"}]))


def test_no_topics_at_all_is_allowed() -> None:
    """Some want keyword alerts only."""
    rules = checked_rules({})
    assert rules.rules.topics == ()
    assert evaluate(rules, "Senate lets troops in", "", "en") == ()


@pytest.mark.parametrize(
    ("file", "broken"),
    [
        *(("topic", {key: value}) for key in ("title", "concepts", "patterns") for value in ([], "x", 3, ["x"])),
        ("topic", {"concepts": {"entry": 3}}),
        ("en", {"must_match": {"a": 1}}),
        ("en", {"must_match": ["x"]}),
        ("en", {"entry": ["entry"]}),
        ("en", {"entry": {"terms": "entry"}}),
        ("en", {"entry": {"terms": [3]}}),
    ],
)
def test_wrong_shapes_are_faults_not_crashes(file: str, broken: dict[str, Any]) -> None:
    path = f"troops/{file}.toml"
    with pytest.raises(Faults) as caught:
        checked_rules(files() | {path: files()[path] | broken})
    assert path in {fault.file for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("path", "data", "key", "reason"),
    [
        ("troops.toml", TOPIC, "", "is not in the folder of a topic"),
        ("troops/more/en.toml", {}, "", "is not in the folder of a topic"),
        ("troops/english.toml", {}, "", "'english' is no language code"),
        ("troops/fr.toml", {"exit": {"terms": ["sortie"]}}, "exit", "troops/topic.toml declares no such concept"),
        ("strike/en.toml", {"strike": {"terms": ["strike"]}}, "", "is missing"),
        ("_more/concepts.toml", {"concepts": {"soldiers": ""}}, "concepts.soldiers", "also in _more/concepts.toml"),
        ("_more/concepts.toml", {"patterns": []}, "patterns", "unknown key"),
    ],
)
def test_every_file_has_its_place(path: str, data: dict[str, Any], key: str, reason: str) -> None:
    with pytest.raises(Faults) as caught:
        checked_rules(files() | {path: data})
    assert (key, reason) in {(fault.key, fault.reason) for fault in caught.value.faults}


def test_the_example_in_the_guide_holds() -> None:
    guide = Path("docs/topics.md").read_text("utf-8")
    shown = re.findall(r"```toml\n# config/topics/(port-strike/\w+\.toml)\n(.*?)```", guide, re.DOTALL)
    assert len(shown) == 2
    checked_rules({path: tomllib.loads(text) for path, text in shown})


def test_the_shipped_rules_hold_their_examples() -> None:
    rules = rules_of(Path("config"), run_examples=True).rules
    assert len(rules.topics) >= 12
    for topic in rules.topics:
        kinds = [example.matches for example in topic.examples]
        assert min(kinds.count(True), kinds.count(False)) >= 4, topic.id
        assert len({example.language for example in topic.examples}) >= 3, topic.id
    assert rules_of(Path("config")).hash == rules.hash
