"""Changing one rule of alerts.toml keeps all that people wrote around it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.edit_rules import Conflict, RuleFile
from pipeline.core.faults import Faults

TEXT = """\
# What we watch.
[reader]
time_zone = "America/Lima"  # where we sit

[channels.terminal]
type = "terminal"

# -- troops: ask Ana before you change this
[[alert]]
name = "Foreign troops"   # the heading
id = "troops"
query = '''
  troops AND
  congress
'''
severity = "high"
channels = ["terminal"]

[[alert]]
name = "Strikes"
query = "strike"
channels = [
  "terminal",  # for now
]
# the end
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "alerts.toml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "almenara.toml").write_text("", encoding="utf-8")
    return tmp_path


def text_of(folder: Path) -> str:
    return (folder / "alerts.toml").read_text(encoding="utf-8")


def test_only_what_changed_is_written(folder: Path) -> None:
    file = RuleFile.read(folder)
    edit = file.changed("troops", {"severity": "critical", "channels": ["terminal"], "throttle": "10m"})
    alerts, warnings = edit.check()
    assert [(rule.name, rule.severity) for rule in alerts.rules] == [
        ("Foreign troops", "critical"), ("Strikes", "medium"),
    ]  # fmt: skip
    assert warnings == ()
    before = text_of(folder)
    assert edit.save() == RuleFile.read(folder).version != file.version
    expected = before.replace('severity = "high"\nchannels = ["terminal"]\n',
                              'severity = "critical"\nchannels = ["terminal"]\nthrottle = "10m"\n')  # fmt: skip
    assert text_of(folder) == expected


def test_a_key_is_removed_and_a_rule_renamed(folder: Path) -> None:
    edit = RuleFile.read(folder).changed("Strikes", {"name": "Walkouts", "description": None, "query": "walkout"})
    alerts, _ = edit.check()
    assert [rule.name for rule in alerts.rules] == ["Foreign troops", "Walkouts"]
    edit.save()
    assert '"terminal",  # for now' in text_of(folder)
    assert text_of(folder).endswith("# the end\n")


STARTS = (TEXT, "", "# nothing yet", "[reader]\r\ntime_zone = 'UTC'\r\n")


@pytest.mark.parametrize("text", STARTS)
def test_a_rule_is_added_at_the_end(folder: Path, text: str) -> None:
    (folder / "alerts.toml").write_bytes(text.encode())
    query = "one\nor two\n"
    edit = RuleFile.read(folder).changed("", {"name": "New", "query": query, "channels": ["terminal"]})
    alerts, _ = edit.check()
    assert alerts.rules[-1].name == "New"
    edit.save()
    now = (folder / "alerts.toml").read_bytes().decode()
    assert now.startswith(text.rstrip())
    assert tomllib.loads(now)["alert"][-1] == {"name": "New", "query": query, "channels": ["terminal"]}
    assert tomllib.loads(now)["channels"] == {"terminal": {"type": "terminal"}}


def test_a_file_that_is_missing_is_made(folder: Path) -> None:
    (folder / "alerts.toml").unlink()
    edit = RuleFile.read(folder).changed("", {"name": "New", "query": "one", "channels": ["terminal"]})
    edit.check()
    edit.save()
    assert RuleFile.read(folder).rule("new") == {"name": "New", "query": "one", "channels": ["terminal"]}


def test_a_rule_is_removed(folder: Path) -> None:
    edit = RuleFile.read(folder).without("Foreign Troops")
    alerts, _ = edit.check()
    assert [rule.name for rule in alerts.rules] == ["Strikes"]
    edit.save()
    assert "[reader]" in text_of(folder)
    assert "Foreign troops" not in text_of(folder)


def test_a_file_that_changed_meanwhile_is_not_overwritten(folder: Path) -> None:
    edit = RuleFile.read(folder).changed("troops", {"severity": "low"})
    (folder / "alerts.toml").write_text(TEXT + "\n", encoding="utf-8")
    with pytest.raises(Conflict, match="changed meanwhile"):
        edit.save()
    assert text_of(folder) == TEXT + "\n"


@pytest.mark.parametrize(
    ("named", "values", "why"),
    [
        ("troops", {"query": "(troops"}, "column"),
        ("troops", {"severity": "huge"}, "severity"),
        ("troops", {"colour": "red"}, "colour"),
        ("troops", {"name": "Strikes"}, "Strikes"),
        ("troop", {"severity": "low"}, "there is no rule 'troop'"),
        ("", {"name": "strikes", "query": "x"}, "strikes"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(folder: Path, named: str, values: dict[str, Any], why: str) -> None:
    before = text_of(folder)
    with pytest.raises(Faults) as raised:
        RuleFile.read(folder).changed(named, values).check()
    assert any(why in str(fault) for fault in raised.value.faults), raised.value.faults
    assert text_of(folder) == before


def test_a_byte_order_mark_is_no_obstacle(folder: Path) -> None:
    (folder / "alerts.toml").write_text("\ufeff" + TEXT, encoding="utf-8")
    edit = RuleFile.read(folder).changed("Strikes", {"query": "walkout"})
    edit.check()
    edit.save()
    assert RuleFile.read(folder).rule("Strikes")["query"] == "walkout"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('alert = [{name = "Strikes", query = "a"}]\n', "[[alert]]"),
        ("[[alert]\n", "not TOML"),
        ("alert = 3\n", "[[alert]]"),
        (TEXT + "#" * 1_000_000, "by hand"),
    ],
    ids=("inline", "no TOML", "a number", "large"),
)
def test_files_that_cannot_be_edited_here(folder: Path, text: str, why: str) -> None:
    (folder / "alerts.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Faults) as raised:
        RuleFile.read(folder).changed("Strikes", {"query": "b"})
    fault = raised.value.faults[0]
    assert why in f"{fault.reason} {fault.hint}"


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@given(TEXTS)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    edit = RuleFile(Path("nowhere"), TEXT.encode()).changed("troops", {"description": text})
    changed = RuleFile(Path("nowhere"), edit.content)
    assert changed.rule("troops")["description"] == text
    assert changed.rule("Strikes")["channels"] == ["terminal"]
