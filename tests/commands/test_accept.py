"""`almenara accept`, and what other commands say of a configuration that lost most of its rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.contents import contents_of
from pipeline.config.in_force import InForce
from tests.commands.asking import Ask
from tests.config.test_losses import rules


@pytest.fixture
def emptied(config: Path) -> Path:
    """The configuration folder; it held five rules when it was last in force, and now none."""
    (config / "alerts.toml").write_text(rules("Copper", "Tin", "Zinc", "Lead", "Gold"))
    InForce(config.resolve().parent / "data", config).keep(contents_of(config))
    (config / "alerts.toml").write_text("")
    return config


def test_every_command_says_so_until_it_is_accepted(ask: Ask, emptied: Path) -> None:
    why = "is empty: without all 5 rules and the only channel that it had when last in force: Copper, Tin, Zinc"
    checked = ask("check")
    assert checked.code == 1
    assert why in checked.err
    (fault,) = ask("check", "--json").json["faults"]
    assert (fault["file"], fault["hint"]) == (
        "alerts.toml", "put it back, or confirm with `almenara accept alerts.toml`"
    )  # fmt: skip
    for command in (("run",), ("poll", "--once")):
        started = ask(*command)
        assert started.code == 1
        assert started.err.count("is empty") == 1
    assert why in ask("status").out
    problems = {(one["part"], one["state"]): one for one in ask("status", "--json").json["problems"]}
    assert why in problems["configuration", "refused"]["why"]

    shown = ask("accept", "--dry-run")
    assert (shown.code, [name in shown.out for name in ("Copper", "Tin", "Zinc", "Lead", "Gold")]) == (0, [True] * 5)
    assert ask("check").code == 1
    accepted = ask("accept", "alerts.toml")
    assert accepted.code == 0
    assert "- Gold" in accepted.out
    assert ask("accept").out == "nothing is refused\n"
    assert ask("check").code == 0
    assert ask("poll", "--once").code == 0
    assert "configuration" not in {one["part"] for one in ask("status", "--json").json["problems"]}


def test_it_confirms_only_the_files_that_are_named(ask: Ask, emptied: Path) -> None:
    (emptied / "lists").mkdir()
    (emptied / "lists" / "metals.txt").write_text("copper\ntin\n")
    (emptied / "alerts.toml").write_text(rules("Copper", "Tin"))
    ask("accept")
    InForce(emptied.resolve().parent / "data", emptied).keep(contents_of(emptied))
    (emptied / "alerts.toml").unlink()
    (emptied / "lists" / "metals.txt").unlink()
    (loss,) = ask("accept", "config/lists", "--json").json
    assert (loss["file"], loss["how"], loss["lost"]) == ("lists/metals.txt", "deleted", {"names": ["copper", "tin"]})
    (fault,) = ask("check", "--json").json["faults"]
    assert (fault["file"], fault["reason"][:11]) == ("alerts.toml", "was deleted")
    unknown = ask("accept", "feed.toml")
    assert unknown.code == 1
    assert "files that are refused: alerts.toml" in unknown.err


def test_check_says_that_a_renamed_rule_loses_its_history(ask: Ask, emptied: Path) -> None:
    (emptied / "alerts.toml").write_text(rules("Copper mines", "Tin", "Zinc", "Lead", "Gold"))
    checked = ask("check")
    assert checked.code == 0
    assert 'alert "Copper mines": its history as \'Copper\' ends (to keep it, add id = "Copper")' in checked.err
    (warning,) = ask("check", "--json").json["warnings"]
    assert warning["hint"] == 'to keep it, add id = "Copper"'
