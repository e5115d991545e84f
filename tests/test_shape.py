"""The shape of the house (ARCHITECTURE.md): who may import whom, what the core may not do, names, the one-way flow."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from pipeline.config.settings import Keep
from pipeline.log.streams import RECORDS, STAGES, declared_streams
from pipeline.stage import Stage

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "agents").rglob("*.py")])
#: What reaches outside, or waits: the core has it handed in.
IMPURE = {
    "asyncio", "os", "socket", "subprocess", "time", "random", "logging", "structlog", "threading", "multiprocessing",
    "httpx", "aiohttp", "sqlite3", "tempfile", "shutil", "requests", "urllib.request", "pipeline.config",
    "pipeline.terminal", "pipeline.ports", "pipeline.backends", "pipeline.assembly", "pipeline.log", "pipeline.reports",
    "pipeline.stages", "pipeline.commands",
}  # fmt: skip


def module(file: Path) -> str:
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def imports(file: Path, top_level: bool = False) -> Iterator[str]:
    """Modules that a file imports; with `top_level`, without those inside functions and for type checking."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped: set[ast.AST] = set()
    if top_level:
        for node in ast.walk(tree):
            guard = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            if guard or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                skipped.update(ast.walk(node))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, parents: set[str]) -> bool:
    return any(name == parent or name.startswith(parent + ".") for parent in parents)


@pytest.mark.parametrize("file", sorted((ROOT / "pipeline" / "core").rglob("*.py")), ids=module)
def test_the_core_is_pure(file: Path) -> None:
    assert not [name for name in imports(file) if within(name, IMPURE)]
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert not [n.lineno for n in ast.walk(tree) if isinstance(n, ast.AsyncFunctionDef | ast.Await)]
    calls = [ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)]
    assert not [call for call in calls if re.search(r"\b(open|now|utcnow|today|read_text|read_bytes|print)$", call)]


def test_no_backend_imports_another() -> None:
    for file in (ROOT / "pipeline" / "backends").rglob("*.py"):
        own = ".".join(module(file).split(".")[:3])
        others = {name for name in imports(file) if name.startswith("pipeline.backends.")}
        assert not {name for name in others if not within(name, {own})}, file


def test_only_wiring_and_commands_name_backends() -> None:
    for file in SOURCES:
        name = module(file)
        if name.startswith(("pipeline.backends", "pipeline.assembly", "pipeline.commands", "pipeline.reports")):
            continue
        assert not [i for i in imports(file) if i.startswith("pipeline.backends")], name


@pytest.mark.parametrize(
    ("library", "only"),
    [
        ("luqum", {"pipeline.core.query.parse"}),
        ("feedparser", {"pipeline.core.feeds.parse"}),
        ("tantivy", {"pipeline.backends.index_tantivy"}),
        ("apprise", {"pipeline.backends.channels"}),
        ("elasticsearch", {"pipeline.backends.index_elastic"}),
        ("httpx", {"pipeline.backends.http", "pipeline.backends.kibana"}),
    ],
)
def test_a_library_is_known_in_one_place(library: str, only: set[str]) -> None:
    users = {module(file) for file in SOURCES if any(within(name, {library}) for name in imports(file))}
    assert users
    assert not {user for user in users if not within(user, only)}


def test_there_are_no_import_cycles() -> None:
    names = {module(file) for file in SOURCES}
    graph = {
        module(file): {name for name in imports(file, top_level=True) if name in names and name != module(file)}
        for file in SOURCES
    }
    TopologicalSorter(graph).prepare()


def test_names_say_what_a_thing_is() -> None:
    parts = {part for file in SOURCES for part in file.relative_to(ROOT).with_suffix("").parts}
    assert not parts & {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"}


def test_every_module_opens_with_what_it_does() -> None:
    for file in SOURCES:
        text = file.read_text(encoding="utf-8")
        if text.strip() and file.name not in {"__init__.py", "__main__.py"}:
            assert ast.get_docstring(ast.parse(text)), file


def test_no_mocks() -> None:
    for file in (ROOT / "tests").rglob("*.py"):
        if file != Path(__file__):
            assert not re.search(r"MagicMock|AsyncMock|\bMock\(|mock\.patch|mocker\.", file.read_text()), file


def stages() -> dict[str, type[Stage]]:
    found = {}
    for name in STAGES:
        loaded = __import__(f"pipeline.stages.{name}", fromlist=["x"])
        [found[name]] = [
            kind
            for kind in vars(loaded).values()
            if isinstance(kind, type) and issubclass(kind, Stage) and kind.__module__ == loaded.__name__
        ]
    return found


def test_the_flow_goes_one_way() -> None:
    """A stage reads what an earlier one writes, or people; the one loop is poll's calendar of re-visits."""
    written = {"feeds"}
    for name, stage in stages().items():
        assert stage.name == name
        read = set(stage.reads) - ({"documents", "alerts"} if name == "poll" else set())
        assert read - {"items-later"} <= written, name
        written |= set(stage.writes)


def test_every_topic_has_a_record_and_one_owner() -> None:
    declared = {topic.name for topic in declared_streams(Keep(), 1.0)}
    assert declared == set(RECORDS)
    for stage in stages().values():
        assert set(stage.reads) | set(stage.writes) <= declared
        for topic, record in stage.reads.items():
            assert RECORDS[topic] is record
    state = [topic for stage in stages().values() for topic in stage.writes if topic in ("feed-state", "known")]
    assert len(state) == len(set(state))


def test_help_is_quick() -> None:
    """`almenara --help` must not import what only some commands need."""
    code = "import sys, pipeline.cli; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & {"trafilatura", "tantivy", "numpy", "httpx", "aiohttp", "feedparser", "pydantic", "lxml"}


def test_the_lock_for_development_holds_the_other_one() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^\S+==[^\\]+", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")
    assert len(pins("requirements.lock")) > 50


def test_the_readme_names_every_command() -> None:
    from pipeline.cli import alerts_app, app, dead_app, feeds_app, kibana_app, streams_app

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    groups = {"": app, "feeds ": feeds_app, "alerts ": alerts_app, "dead ": dead_app, "kibana ": kibana_app}
    groups["streams "] = streams_app
    for prefix, group in groups.items():
        for command in group.registered_commands:
            name = command.name or command.callback.__name__  # type: ignore[union-attr]
            assert f"{prefix}{name}" in readme, name
