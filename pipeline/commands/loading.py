"""Imports commands only when they are used, so that `almenara --help` is quick.

A command is named by a reference "module:function" to a function in pipeline/commands.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

PACKAGE = "pipeline.commands"
#: Plain help: rich alone would take a second to import.
STYLE: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
EXAMPLE = "\n\nExample: "


class LazyGroup(TyperGroup):
    """A group of commands that imports only the command that is invoked."""

    references: Mapping[str, str] = {}

    def add(self, references: Mapping[str, str], groups: Mapping[str, str]) -> None:
        """Add commands (name -> reference) in order. A name of two words belongs to a group; `groups`: their help."""
        self.references = references
        for name, reference in references.items():
            prefix, _, rest = name.partition(" ")
            if not rest:
                self.add_command(TyperCommand(name, short_help=summary(reference)))
            elif prefix not in self.commands:
                inner = {n.removeprefix(f"{prefix} "): r for n, r in references.items() if n.startswith(f"{prefix} ")}
                self.add_command(_group(prefix, groups[prefix], inner))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Replace the placeholder, which has only one line of help, with the real command."""
        if reference := self.references.get(args[0]):
            self.add_command(load_command(args[0], reference))
        return super().resolve_command(ctx, args)


def _group(name: str, help_text: str, references: Mapping[str, str]) -> LazyGroup:
    made = LazyGroup(
        name=name, help=help_text, no_args_is_help=True, rich_markup_mode=None,
        context_settings=STYLE["context_settings"],
    )  # fmt: skip
    made.add(references, {})
    return made


def load_command(name: str, reference: str) -> Any:
    """Import a command; its help and its example come from the docstring."""
    module, function = reference.split(":")
    callback = getattr(import_module(f"{PACKAGE}.{module}"), function)
    text, _, example = (inspect.getdoc(callback) or "").rpartition(EXAMPLE)
    app = typer.Typer(**STYLE)
    app.command(name, help=text, epilog=f"Example: {example}")(callback)
    return typer.main.get_command(app)


def summary(reference: str) -> str:
    """First line of a command's docstring, read from the source because importing it is slow."""
    module, function = reference.split(":")
    spec = find_spec(f"{PACKAGE}.{module}")
    assert spec is not None, reference
    assert spec.origin is not None, reference
    for node in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return (ast.get_docstring(node) or "").partition("\n")[0]
    raise LookupError(f"{reference}: no such function")
