"""Commands that are imported when they are used."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from pipeline.cli import COMMANDS, GROUPS, command_line
from pipeline.commands.loading import LazyGroup, load_command, summary


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_list_is_the_first_of_the_help(name: str) -> None:
    module, function = COMMANDS[name].split(":")
    text = inspect.getdoc(getattr(import_module(f"pipeline.commands.{module}"), function)) or ""
    line = summary(COMMANDS[name])
    assert text.startswith(f"{line}\n")
    assert line.endswith(".")
    assert len(line) <= 68  # on one line of 80 columns
    command = load_command(name, COMMANDS[name])
    assert command.help.startswith(line)
    assert "Example:" not in command.help
    assert command.epilog.startswith(f"Example: almenara {name}")


def test_every_group_has_help_and_commands() -> None:
    assert {name.split()[0] for name in COMMANDS if " " in name} == set(GROUPS)
    root = command_line()
    for name in GROUPS:
        group = root.commands[name]
        assert isinstance(group, LazyGroup)
        assert group.commands


@pytest.mark.parametrize("reference", ["status:nothing", "check:Fault"])
def test_a_reference_to_nothing_is_an_error(reference: str) -> None:
    with pytest.raises(LookupError, match=reference):
        summary(reference)
