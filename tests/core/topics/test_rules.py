import copy
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.folder import rules_of
from pipeline.core.faults import Faults
from pipeline.core.tagging.examples import checked_rules
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.judge import RuleSet, find_topics
from pipeline.core.topics.read_rules import rules_hash
from tests.topic_files import toml_files, topic_tables

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

UNKNOWN_SOURCE = "must be one of countries, demonyms, years, not 'rivers'"
NOT_A_YEAR = "must be a whole number from -2000 to 100, not a string"


def files(**changes: Any) -> dict[str, Any]:
    topic = copy.deepcopy(TOPIC)
    for path, value in changes.items():
        table: Any = topic
        *ways, last = path.split("__")
        for way in ways:
            table = table[int(way)] if way.isdecimal() else table[way]
        table[last] = value
    made = topic_tables({**topic, "id": "troops"}, shared=SHARED)
    made["troops/topic.toml"]["id"] = topic["id"]
    return made


def check(tables: Mapping[str, Any]) -> RuleSet:
    return checked_rules(toml_files(tables))


def faults(**changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(Faults) as caught:
        check(files(**changes))
    return [(f.key, f.reason) for f in caught.value.faults]


def test_a_valid_set() -> None:
    rules = check(files())
    assert [t.id for t in rules.rules.topics] == ["troops"]
    assert rules.hash == rules_hash(toml_files(files()))
    assert rules.hash != check(files(threshold=0.4)).hash
    assert rules.rules.languages == ("en", "es")


@pytest.mark.parametrize(
    ("change", "key", "reason"),
    [
        ({"id": "other"}, "id", "is 'other'"),
        ({"version": 0}, "version", "must be a whole number, 1 or more, not 0"),
        ({"version": "1"}, "version", "must be a whole number, 1 or more, not a string"),
        ({"threshhold": 1}, "threshhold", "unknown key"),
        ({"threshold": 0.9}, "threshold", "0.9 cannot be reached"),
        ({"threshold": True}, "threshold", "must be a number from 0 to 1, not true or false"),
        ({"title": {"es": "Tropas"}}, "title.en", "is missing"),
        ({"title": {"en": "T", "xx": "T"}}, "title.xx", "'xx' is not a language code"),
        ({"concepts__entry__qq": ["x"]}, "", "'qq' is not a language code"),
        ({"concepts__entry__en": []}, "entry.terms", "is an empty list"),
        ({"concepts__entry__en": ["a", "a"]}, "entry.terms", "'a' is there twice"),
        ({"concepts__entry__en": ["en*"]}, "entry.terms", "'en*': the prefix is too short"),
        ({"concepts__entry__en": ["*ent*"]}, "entry.terms", "'*ent*': cannot read '*ent*'"),
        ({"concepts__entry__en": ["*en try*"]}, "entry.terms", "'*en try*': cannot read '*en'"),
        ({"concepts__entry__en": ["~entr*"]}, "entry.terms", "'~entr*': cannot read '~entr*'"),
        ({"concepts__entry__en": ["~"]}, "entry.terms", "'~': cannot read '~'"),
        ({"concepts__entry__any": ["~entry"]}, "entry.terms", "'~entry': ~entry has forms in one language only"),
        ({"concepts__entry__en": ["en*ry"]}, "entry.terms", "'en*ry': cannot read 'en*ry'"),
        ({"concepts__entry__en": ["!!"]}, "entry.terms", "'!!': cannot read '!!'"),
        ({"concepts__entry__en": ["{nobody}"]}, "entry.terms", "'{nobody}': there is no concept 'nobody'"),
        ({"concepts__entry__en": ["a <99> b"]}, "entry.terms", "'a <99> b': <99> is not a gap"),
        ({"concepts__entry__en": ["a <2>"]}, "entry.terms", "'a <2>' does not begin and end with a word"),
        ({"concepts__entry": {}}, "concepts.entry", "has no terms"),
        (
            {"concepts__entry": {"source": "rivers"}},
            "concepts.entry.source",
            "must be one of countries, demonyms, years, not 'rivers'",
        ),
        ({"concepts__entry": {"source": "years"}}, "concepts.entry.from", "is missing"),
        ({"concepts__entry": {"source": "years", "from": -1, "to": -3}}, "concepts.entry.from", "-1 is after to = -3"),
        ({"concepts__entry": {"source": "years", "from": "x", "to": 0}}, "concepts.entry.from", NOT_A_YEAR),
        ({"concepts__entry": {"source": "countries", "from": -1}}, "concepts.entry.from", "unknown key"),
        ({"concepts__Entry": {"en": ["x"]}}, "concepts.Entry", "is not a name"),
        ({"concepts__idle": {"en": ["x"]}}, "concepts.idle", "is used by no pattern and no other concept"),
        ({"concepts__entry__en": ["{entry} x"]}, "concepts", "need each other, in a circle: troops/entry"),
        ({"patterns": []}, "patterns", "is missing"),
        ({"patterns__0__all": ["entry", "foe"]}, "patterns[1].all", "there is no concept 'foe'"),
        ({"patterns__0__all": []}, "patterns[1].all", "names 0 concepts"),
        ({"patterns__0__unless": ["foe"]}, "patterns[1].unless", "there is no concept 'foe'"),
        ({"patterns__0__weight": 2}, "patterns[1].weight", "must be a number from -1 to 1, not 2"),
        ({"patterns__0__weight": 0}, "patterns[1].weight", "is missing or 0"),
        ({"patterns__0__within": "headline"}, "patterns[1].within", "'headline' is not a distance"),
        ({"patterns__0__within": 1}, "patterns[1].within", "1 is not a distance"),
        ({"patterns__0__within": ["x"]}, "patterns[1].within", "['x'] is not a distance"),
        ({"patterns__0__where": "body"}, "patterns[1].where", "must be one of anywhere, lead, headline, not 'body'"),
        ({"patterns__0__times": 0}, "patterns[1].times", "must be a whole number, 1 or more, not 0"),
        ({"patterns__0__every": 1}, "patterns[1].every", "must be a whole number from 2 to 1000, not 1"),
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
        check(files(must_match=[{"text": "The entry of goods.", "language": "en"}]))
    (fault,) = caught.value.faults
    assert (fault.file, fault.key) == ("troops/en.toml", "must_match[1]")
    assert "scores 0, threshold 0.5" in fault.reason
    assert "soldiers missing" in fault.hint
    with pytest.raises(Faults, match="because of entry 'entry', soldiers 'troops'"):
        check(files(must_not_match=[{"text": "The entry of troops.", "language": "en"}]))


def test_no_topics_at_all_is_allowed() -> None:
    """Some want keyword alerts only."""
    rules = check({})
    assert rules.rules.topics == ()
    assert find_topics(rules, "Senate lets troops in", "", "en") == ()


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
        check(files() | {path: files()[path] | broken})
    assert path in {fault.file for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("path", "data", "key", "reason"),
    [
        ("troops.toml", TOPIC, "", "is not in the folder of a topic"),
        ("troops/more/en.toml", {}, "", "is not in the folder of a topic"),
        ("troops/english.toml", {}, "", "'english' is not a language code"),
        ("troops/fr.toml", {"exit": {"terms": ["sortie"]}}, "exit", "is not a concept of topic.toml"),
        ("strike/en.toml", {"strike": {"terms": ["strike"]}}, "", "is missing"),
        ("_more/concepts.toml", {"concepts": {"soldiers": ""}}, "concepts.soldiers", "is also in _more/concepts.toml"),
        ("_more/concepts.toml", {"patterns": []}, "patterns", "unknown key"),
    ],
)
def test_every_file_has_its_place(path: str, data: dict[str, Any], key: str, reason: str) -> None:
    with pytest.raises(Faults) as caught:
        check(files() | {path: data})
    assert (key, reason) in {(fault.key, fault.reason) for fault in caught.value.faults}


def test_the_example_in_the_guide_holds() -> None:
    guide = Path("docs/topics.md").read_text("utf-8")
    shown = re.findall(r"```toml\n# config/topics/(port-strike/\w+\.toml)\n(.*?)```", guide, re.DOTALL)
    assert len(shown) == 2
    check({path: tomllib.loads(text) for path, text in shown})


def test_the_shipped_rules_hold_their_examples() -> None:
    rules = rules_of(Path("config"), run_examples=True).rules
    assert len(rules.topics) >= 12
    for topic in rules.topics:
        kinds = [example.matches for example in topic.examples]
        assert min(kinds.count(True), kinds.count(False)) >= 4, topic.id
        assert len({example.language for example in topic.examples}) >= 3, topic.id
    assert rules_of(Path("config")).hash == rules.hash


def test_a_fault_has_the_line_of_the_term() -> None:
    tables = {path: data for path, data in files().items() if path != "troops/en.toml"}
    text = b'[entry]\nterms = [\n    "entry",\n    "en*",\n]\n\n[[must_match]]\ntext = "Entry of troops."\n\n[exit]\n'
    with pytest.raises(Faults) as caught:
        checked_rules([*toml_files(tables), TomlFile.parse("troops/en.toml", text)])
    assert [(fault.line, fault.key) for fault in caught.value.faults if fault.file == "troops/en.toml"] == [
        (4, "entry.terms"),
        (10, "exit"),
    ]


def test_a_failing_example_has_its_line() -> None:
    tables = {path: data for path, data in files().items() if path != "troops/en.toml"}
    text = b'[entry]\nterms = ["entry"]\n\n[[must_match]]\ntext = "Entry of troops."\n[[must_match]]\ntext = "No."\n'
    with pytest.raises(Faults) as caught:
        checked_rules([*toml_files(tables | {"troops/fr.toml": {"must_not_match": [{"text": "x"}]}}),
                       TomlFile.parse("troops/en.toml", text)])  # fmt: skip
    assert [(fault.line, fault.key) for fault in caught.value.faults] == [(6, "must_match[2]")]
