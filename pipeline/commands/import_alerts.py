"""`almenara alerts import`: makes alert rules of keyword lists, tables of keywords and rules of ElastAlert 2."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.commands import CommandError
from pipeline.commands.alert_files import read_files
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.config.folder import lists_of
from pipeline.config.read_settings import check_exists
from pipeline.config.read_toml import is_there, read_bytes, read_toml
from pipeline.config.write_file import replace_file
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.faults import Faults
from pipeline.core.importing.imported import Imported, Left, rule_name
from pipeline.core.importing.writing import list_text, written
from pipeline.core.query.leaves import name_parts
from pipeline.core.query.names import NameList, read_names
from pipeline.core.text.tidy import cut
from pipeline.core.toml_reader import TomlFile

TERMINAL = '[channels.terminal]\ntype = "terminal"\n'
SHOWN = 300  # characters of a line


def import_alerts(
    files: Annotated[list[Path], typer.Argument(help="Text, CSV or YAML files; a folder of YAML files; - for input.")],
    channel: Annotated[str, typer.Option(help="The channel of the rules. Default: terminal, or the first.")] = "",
    encoding: Annotated[str, typer.Option(help="Of lists and tables, such as cp1255. Default: found out.")] = "",
    write: Annotated[
        bool, typer.Option("--write", help="Add the rules to alerts.toml instead of printing them.")
    ] = False,
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Make rules of keyword lists, CSV tables and ElastAlert 2 rules.

    Prints the rules as TOML; with --write they are added at the end of alerts.toml, and long lists of keywords become
    files in lists/. For each file it says what could not be carried over, and why. Every rule passes `almenara check`.

    Example: almenara alerts import keywords.csv --channel desk --write
    """
    target = _Target.of(config, channel)
    for name, imported in read_files(files, encoding):
        target.take(name, imported)
    if write and target.rules:
        target.write()
    if as_json:
        print(json.dumps(target.plain(write), ensure_ascii=False))
    else:
        target.show(write)
    if not target.rules:
        raise CommandError("no rule was made")


@dataclass
class _Target:
    """alerts.toml and what is added to it."""

    folder: Path
    file: TomlFile
    text: str
    channel: str
    lists: dict[str, NameList]
    rules: list[Mapping[str, Any]] = field(default_factory=list)
    new_lists: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)  # name -> entries and their source
    toml: list[str] = field(default_factory=list)
    left: list[tuple[str, Left]] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path, channel: str) -> _Target:
        """Raises Faults; CommandError if there is no such channel."""
        check_exists(folder)
        place = folder / "alerts.toml"
        there = is_there(place)
        file = read_toml(place) if there else TomlFile("alerts.toml", {})
        text = read_bytes(place).decode("utf-8-sig") if there else ""
        known = [*file.data.get("channels", {})]
        if channel and channel not in known:
            raise CommandError(f"there is no channel {channel!r}; alerts.toml has: {', '.join(known) or 'none'}")
        chosen = channel or ("terminal" if "terminal" in known or not known else known[0])
        return cls(folder, file, text, chosen, lists_of(folder))

    @property
    def defines_terminal(self) -> bool:
        return self.channel not in self.file.data.get("channels", {})

    def take(self, source: str, imported: Imported) -> None:
        """Add the rules of one file that pass `check`; list the others."""
        self.left += [(source, left) for left in dict.fromkeys(imported.left)]
        renamed = {name: self._list(name, entries, source) for name, entries in imported.lists.items()}
        made = []
        for rule in imported.rules:
            query = str(rule.get("query", ""))
            for old, new in renamed.items():
                query = query.replace(f"@{old}", f"@{new}")
            rule = {**rule, "query": query}
            if self._is_there(rule):
                self.left.append((source, Left(str(rule["name"]), "is in alerts.toml already")))
                continue
            rule = {**rule, "name": self._free_name(str(rule["name"]), source)}
            if why := self._fault(rule):
                self.left.append((source, Left(str(rule["name"]), why)))
                continue
            made.append(rule)
            self.rules.append(rule)
        if made:
            self.toml.append(written(made, [self.channel], Path(source).name))

    def _list(self, name: str, entries: tuple[str, ...], source: str) -> str:
        """The name of the list of these entries: one that is free, or has the same entries."""
        free, number = name, 2
        parsed, _ = read_names(free, "\n".join(entries), name_parts)
        while free in self.lists and self.lists[free].hash != parsed.hash:
            free, number = f"{name}-{number}", number + 1
        if free not in self.lists:
            self.lists[free], _ = read_names(free, "\n".join(entries), name_parts)
            self.new_lists[free] = (entries, Path(source).name)
        return free

    def _is_there(self, rule: Mapping[str, Any]) -> bool:
        rules = (*self.file.data.get("alert", ()), *self.rules)
        squeezed = " ".join(str(rule["query"]).split())
        return any(
            known.get("name") == rule["name"] and " ".join(str(known.get("query", "")).split()) == squeezed
            for known in rules
        )

    def _free_name(self, name: str, source: str) -> str:
        rules = (*self.file.data.get("alert", ()), *self.rules)
        taken = {str(known[key]).casefold() for known in rules for key in ("name", "id") if key in known}
        free, number = name, 2
        while free.casefold() in taken:
            free, number = rule_name(f"{name[:70]} ({number})"), number + 1
        if free != name:
            self.left.append((source, Left(f"the name {name}", f"is taken; the rule is called {free}")))
        return free

    def _fault(self, rule: Mapping[str, Any]) -> str:
        """Why `check` would refuse the rule, or ""."""
        text = f'[channels.{json.dumps(self.channel)}]\ntype = "terminal"\n{written([rule], [self.channel])}'
        try:
            parse_alerts(TomlFile.parse("alerts.toml", text.encode()), lists=self.lists)
        except Faults as error:
            return "; ".join(f"{fault.reason}" + (f" ({fault.hint})" if fault.hint else "") for fault in error.faults)
        return ""

    # -- results

    def output(self) -> str:
        """What is added to alerts.toml."""
        parts = [TERMINAL, *self.toml] if self.defines_terminal else self.toml
        return "\n".join(parts)

    def write(self) -> None:
        """Add the rules to alerts.toml, and write new lists. Raises Faults if that would make the file invalid."""
        gap = "" if not self.text else "\n" if self.text.endswith("\n") else "\n\n"
        added = gap + self.output()
        if "\r\n" in self.text:
            added = added.replace("\n", "\r\n")
        whole = (self.text + added).encode()
        parse_alerts(TomlFile.parse("alerts.toml", whole), lists=self.lists)
        for name, (entries, source) in self.new_lists.items():
            (self.folder / "lists").mkdir(exist_ok=True)
            replace_file(self.folder / "lists" / f"{name}.txt", list_text(name, entries, source).encode())
        replace_file(self.folder / "alerts.toml", whole)

    def plain(self, wrote: bool) -> dict[str, Any]:
        return {
            "rules": [dict(rule) for rule in self.rules], "toml": self.output() if self.rules else "",
            "lists": {name: len(entries) for name, (entries, _) in self.new_lists.items()},
            "left": [{"file": source, **asdict(left)} for source, left in self.left],
            "written": wrote and bool(self.rules),
        }  # fmt: skip

    def show(self, wrote: bool) -> None:
        if self.rules and not wrote:
            print(self.output(), end="")
        for source in dict.fromkeys(source for source, _ in self.left):
            typer.echo(f"{source}: not carried over, or carried over with a change:", err=True)
            for left in (left for one, left in self.left if one == source):
                place = f"{left.place}: " if left.place else ""
                line = f"  {place}{left.what}: {left.why}"
                typer.echo(cut(line, SHOWN), err=True)
        lists = ", ".join(f"lists/{name}.txt ({len(entries)} names)" for name, (entries, _) in self.new_lists.items())
        more = f"; {'wrote' if wrote else '--write also writes'} {lists}" if lists else ""
        done = f"added to {self.folder / 'alerts.toml'}" if wrote and self.rules else "made"
        typer.echo(f"{len(self.rules)} rule(s) {done}, for the channel {self.channel}{more}", err=True)
